"""Every sentence that is in no script: present, alike in both languages, and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialogs.texts import LANGUAGES, keys, spoken, text

ROOT = Path(__file__).parents[2]
# The areas whose readers are built; a key of these that nothing names is left over.
SETTLED = ("dialog", "intake", "script")


def test_every_language_has_the_same_keys() -> None:
    assert {language: sorted(keys(language)) for language in LANGUAGES} == {
        language: sorted(keys("en")) for language in LANGUAGES
    }


@pytest.mark.parametrize("key", sorted(keys("en")))
def test_a_sentence_has_the_same_fields_in_every_language(key: str) -> None:
    assert {language: keys(language)[key] for language in LANGUAGES} == dict.fromkeys(LANGUAGES, keys("en")[key])


@pytest.mark.parametrize("key", sorted(keys("en")))
def test_a_sentence_is_filled_in(key: str) -> None:
    for language in LANGUAGES:
        said = text(key, language, **dict.fromkeys(keys("en")[key], "⟦x⟧"))
        assert said.strip()
        assert "{" not in said


def test_a_key_of_a_settled_area_is_used_somewhere() -> None:
    named: set[str] = set()
    begun: set[str] = {"-"}
    for folder in ("dialogs", "bot"):
        for path in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.html")]:
            named |= set(re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", path.read_text(encoding="utf-8")))
            begun |= set(re.findall(r"""f["']([a-z]+\.[a-z_]+)\{""", path.read_text(encoding="utf-8")))
    settled = [key for key in keys("en") if key.partition(".")[0] in SETTLED]
    assert [key for key in settled if key not in named and not key.startswith(tuple(begun))] == []


def test_chinese_sentences_are_chinese_and_english_ones_are_not() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    bare = {
        key: [text(key, language, **dict.fromkeys(keys("en")[key], "")) for language in LANGUAGES] for key in keys("en")
    }
    assert [key for key, (english, _) in bare.items() if han.search(english)] == []
    assert [
        key for key, (_, chinese) in bare.items() if re.search("[A-Za-z]{3}", chinese) and not han.search(chinese)
    ] == []


def test_a_missing_key_is_named() -> None:
    with pytest.raises(KeyError, match=r"dialog\.nowhere"):
        text("dialog.nowhere", "en")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(KeyError, match="answer"):
        text("dialog.corrected", "en")


def test_what_is_filled_in_is_not_read_as_a_template() -> None:
    assert "{brand} {{ x }}" in text("dialog.corrected", "en", answer="{brand} {{ x }}")


REGIONS = [("zh-TW", "zh"), ("zh_Hans", "zh"), ("EN-gb", "en"), ("fr", "en"), ("", "en")]


@pytest.mark.parametrize(("asked", "given"), REGIONS)
def test_a_language_motline_does_not_speak_falls_back(asked: str, given: str) -> None:
    assert spoken(asked) == given
