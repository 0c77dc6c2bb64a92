"""Word lists: the business's own lines over the shipped ones, and mistakes named with file, line and fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs.unhappy import Mood, Reader
from dialogs.unhappy_weights import shipped_weights
from dialogs.unhappy_words import WordsError, load_words, shipped_words

ROOT = Path(__file__).parents[2]


def read(tmp_path: Path, lines: str, text: str) -> Mood:
    path = tmp_path / "words.txt"
    path.write_text(lines, encoding="utf-8")
    return Reader(shipped_weights(), load_words(path)).read(text)


def test_a_topic_of_ones_own_is_found(tmp_path: Path) -> None:
    mood = read(tmp_path, "language zh\n[topic 会员]\n会员卡\n积分\n", "积分一直没到账")
    assert mood.topics[0] == "会员"


def test_a_keyword_may_be_taken_out(tmp_path: Path) -> None:
    assert "waiting" in Reader(shipped_weights(), shipped_words()).read("in line for lunch").topics
    assert "waiting" not in read(tmp_path, "language en\n[topic waiting]\n-in line\n", "in line for lunch").topics


def test_a_short_answer_of_ones_own_decides_the_whole_message(tmp_path: Path) -> None:
    assert read(tmp_path, "language en\n[short]\nwobbly = -3\n", "Wobbly!").unhappy > 0.9
    assert read(tmp_path, "language en\n[short]\nwobbly = 0\n", "Wobbly!").unhappy < 0.2


def test_an_emoji_of_ones_own_counts(tmp_path: Path) -> None:
    assert read(tmp_path, "language any\n[emoji]\n🥔 = -3\n", "🥔").unhappy > 0.9
    assert read(tmp_path, "language any\n[emoji]\n🥔 = 3\n", "🥔").unhappy < 0.1


def test_a_phrase_of_ones_own_always_escalates_unless_it_is_waived(tmp_path: Path) -> None:
    lines = "language en\n[always person]\nsend the boss\n[waivers]\nplease never\n"
    assert read(tmp_path, lines, "send the boss").always
    assert not read(tmp_path, lines, "please never send the boss").always


def test_traditional_characters_match_what_is_written_in_simplified(tmp_path: Path) -> None:
    why = read(tmp_path, "language zh\n", "餐廳很髒，等了兩個小時").why
    assert "脏" in why
    assert any("等了" in word for word in why)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[polarity]\nbad = -3\n", "words.txt:1: '\\[polarity\\]' stands before|words.txt:2: 'bad = -3' stands before"),
        ("language fr\n", "words.txt:1: no language 'fr'"),
        ("language en\n[topics price]\n", "words.txt:2: no section '\\[topics price\\]'"),
        ("language en\n[polarity]\nbad\n", "words.txt:3: '' is no value"),
        ("language en\n[polarity]\nbad = -9\n", "words.txt:3: -9 is outside -3 to 3"),
        ("language en\n[topic price]\nbill = 2\n", "words.txt:3: .*takes phrases alone"),
        ("language en\n[polarity]\n-nosuchword\n", "words.txt:3: 'nosuchword' is not in"),
        ("language en\n[short]\n-nosuchword\n", "words.txt:3: 'nosuchword' is not in"),
    ],
)
def test_a_line_that_cannot_be_read_names_file_line_and_fix(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(WordsError, match=said):
        read(tmp_path, lines, "x")


def test_a_missing_word_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="nosuch"):
        load_words(tmp_path / "nosuch.txt")


def test_every_topic_stands_in_both_languages() -> None:
    words = shipped_words()
    assert set(words.zh.topics) == set(words.en.topics)
    assert len(words.topic_names()) == 10


def test_the_documents_name_every_section_and_topic() -> None:
    text = (ROOT / "docs" / "unhappy.md").read_text(encoding="utf-8")
    for section in (
        "always",
        "not always",
        "waivers",
        "short",
        "negators",
        "fillers",
        "but",
        "polarity",
        "neutral",
        "facts",
        "past",
        "now",
        "emoji",
    ):
        assert f"[{section}" in text, section
    for topic in shipped_words().topic_names():
        assert topic in text, topic


@pytest.mark.parametrize(
    ("section", "line", "text"),
    [
        ("mends", "glorped it", "the screen was cracked but they glorped it"),
        ("asks", "gimme the", "gimme the cancellation form for the slow lane"),
    ],
)
def test_what_mends_or_asks_makes_a_brief_text_less_unhappy(tmp_path: Path, section: str, line: str, text: str) -> None:
    plain = Reader(shipped_weights(), shipped_words()).read(text)
    assert read(tmp_path, f"language en\n[{section}]\n{line}\n", text).unhappy < plain.unhappy


def test_what_only_looks_like_a_question_is_no_request(tmp_path: Path) -> None:
    text = "wherefore is this so slow"
    asked = read(tmp_path, "language en\n[asks]\nwherefore is\n", text)
    scolded = read(tmp_path, "language en\n[asks]\nwherefore is = -1\n", text)
    assert scolded.unhappy > asked.unhappy


def test_a_fact_complains_only_beside_a_complaint_behind_a_but_or_behind_praise(tmp_path: Path) -> None:
    lines = "language en\n[facts]\nfor a fortnight = -2\n"
    assert "for a fortnight" not in read(tmp_path, lines, "we were in the flat for a fortnight").why
    assert "for a fortnight" not in read(tmp_path, lines, "we were there for a fortnight, lovely").why
    assert "for a fortnight" in read(tmp_path, lines, "lovely shop, they kept it for a fortnight").why
    assert "for a fortnight" in read(tmp_path, lines, "rude man, they kept it for a fortnight").why
    assert "for a fortnight" in read(tmp_path, lines, "they sent it but it took them for a fortnight").why


def test_a_trouble_of_the_past_is_forgotten_where_something_better_follows(tmp_path: Path) -> None:
    lines = "language en\n[past]\nback then\n[now]\nas of june\n"
    text = "back then the staff were rude, lovely people as of june"
    assert "rude" not in read(tmp_path, lines, text).why
    assert "rude" in read(tmp_path, "language en\n", text).why
    assert "rude" in read(tmp_path, lines, "back then they were lovely, as of june the staff are rude").why


@pytest.mark.parametrize(
    ("text", "praised"),
    [
        ("没过两天又坏了", False),
        ("书没折角也没破损", True),
        ("一句废话没有", True),
        ("没有理由不满意", True),
    ],
)
def test_what_a_negator_reaches(tmp_path: Path, text: str, praised: bool) -> None:
    why = read(tmp_path, "language zh\n", text).why
    assert any(word.startswith("+") for word in why) == praised, why


@pytest.mark.parametrize("page", ["docs/unhappy.md", "docs/zh/unhappy.md"])
def test_the_words_that_the_documents_show_can_be_read(page: str, tmp_path: Path) -> None:
    _, _, rest = (ROOT / page).read_text("utf-8").partition("```\nlanguage zh\n")
    shown = "language zh\n" + rest.partition("```")[0]
    assert read(tmp_path, shown, "会员卡积分少了").topics == ("会员",)
    assert read(tmp_path, shown, "叫你们店长").always
