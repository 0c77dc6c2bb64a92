"""Sentences known again by their English words, where somebody else made them or they were kept as words.

Rule: a sentence is known by all of it, never by a part; what is filled in comes out as it stands there. Of two that
fit, the one that stands first in its file counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from dialogs.texts import keys, text

_WORD: Final = r"[\w']+"


def recognized(told: str, *areas: str, words: Collection[str] = ()) -> tuple[str, dict[str, str]] | None:
    """The key and the fields of an English sentence of these areas; None for none of theirs.

    The fields named in `words` are one word each, so that they take in no sentence before them.
    """
    for key, pattern in _patterns(areas, frozenset(words)):
        match = pattern.fullmatch(told)
        if match is not None:
            return key, match.groupdict()
    return None


def told_again(told: str, area: str, language: str) -> str:
    """An English sentence of this area in `language`; what is none of it as it stands."""
    found = recognized(told, area)
    return text(found[0], language, **found[1]) if found is not None else told


@cache
def _patterns(areas: tuple[str, ...], words: frozenset[str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence as what it looks like filled in."""

    def field(match: re.Match[str]) -> str:
        return rf"(?P<{match[1]}>{_WORD if match[1] in words else '.+'})"

    found = []
    for key, fields in keys("en").items():
        if key.partition(".")[0] in areas:
            shape = re.escape(text(key, "en", **{name: f"\0{name}\0" for name in fields}))
            made = re.sub("\0([a-z_]+)\0", field, shape.replace("\\\0", "\0"))
            found.append((key, re.compile(made, re.DOTALL)))
    return tuple(found)
