"""Every sentence that stands in no script, in every language Motline itself speaks.

Rule: a sentence is data, in `texts/<language>/<area>.yml`, one `key: sentence` a line; its name in code is
"<area>.<key>". To add one, write it into both languages; `{name}` marks what is filled in. What is filled in is never
read as a template again. A key that is missing anywhere is an error that names it, never a silent fallback.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "zh")

#: Fixed text and the names of fields by turns: ("Hello ", "name", ", welcome").
Sentence: TypeAlias = tuple[str, ...]

_FIELD = re.compile(r"\{([a-z_]+)\}")


def text(key: str, language: str, /, **fields: object) -> str:
    """The sentence "<area>.<key>" in `language`, its fields filled in.

    A language Motline does not speak ("fr") is answered in English, a regional one ("zh-TW") in its main form.
    Raises KeyError that names the key, or the field that was not given.
    """
    sentence = _sentences(spoken(language)).get(key)
    if sentence is None:
        raise KeyError(f"no text {key!r} in dialogs/texts/{spoken(language)}; add it there")
    if len(sentence) == 1:
        return sentence[0]
    try:
        return "".join(part if at % 2 == 0 else str(fields[part]) for at, part in enumerate(sentence))
    except KeyError as missing:
        raise KeyError(f"text {key!r} needs the field {missing}") from None


def spoken(language: str) -> str:
    """The language of Motline's own that serves a customer of `language`: "zh-TW" is "zh", "fr" is "en"."""
    main = language.replace("_", "-").partition("-")[0].lower()
    return main if main in LANGUAGES else LANGUAGES[0]


def keys(language: str) -> dict[str, frozenset[str]]:
    """Every key of a language, with the names of its fields."""
    return {key: frozenset(sentence[1::2]) for key, sentence in _sentences(language).items()}


@cache
def _sentences(language: str) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for path in sorted((FOLDER / language).glob("*.yml")):
        loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {}
        for key, sentence in loaded.items():
            if not isinstance(sentence, str) or not sentence.strip():
                raise ValueError(f"{path}: {key!r} has no sentence; write one, in quotes where it holds ': '")
            found[f"{path.stem}.{key}"] = tuple(_FIELD.split(sentence.strip()))
    return found
