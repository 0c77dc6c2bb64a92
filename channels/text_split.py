"""Cut a text to a length without harming it: in a platform's unit, at the kindest place, never inside a character.

Rule: a cut falls between what a reader sees as characters. Combining marks, emoji joined by U+200D, skin tones, flags,
keycaps and composed Hangul stay whole (the parts of Unicode's UAX #29 that occur in chat), unless one such character
alone is longer than a whole message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

Unit = Literal["characters", "utf16", "bytes"]

_CJK: Final = "\u2e80-\u2fdf\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING: Final = "”’\"')\\]）」』】》〉"
# An ASCII mark ends a sentence only before a space: "3.5", "a.b/?c=d" and "U.S.A" are not cut.
# Begun at the first mark of a row alone, and taken whole: a row of ten thousand dots is looked through once.
_SENTENCE = re.compile(rf"[。！？…][。！？…]*[{_CLOSING}]*|(?<![.!?])[.!?]++[{_CLOSING}]*+(?=\s)")
_PARAGRAPH = re.compile(r"(?=\n[ \t]*\n)")
_LINE = re.compile(r"(?=\n)")
# Chinese has no spaces: after a clause's mark, or between two characters where no closing mark would begin a line.
_CLAUSE = re.compile(r"[，、；：,;](?=\s|[^\x00-\x7f])")
_WORD = re.compile(rf"(?=\s)|[{_CJK}](?=[{_CJK}\w])|[，、；：。！？）」』】》](?=[^，、；：。！？）」』】》…”’])")
# (where to cut, the least share of the room that the part must then fill)
_KINDEST: Final = ((_PARAGRAPH, 0.3), (_LINE, 0.5), (_SENTENCE, 0.3), (_CLAUSE, 0.6), (_WORD, 0.0))

_ZWJ: Final = "\u200d"
_LONGEST_CLUSTER: Final = 64


def measured(text: str, unit: Unit) -> int:
    """Length in `unit`s; lone surrogates count as what they would take."""
    match unit:
        case "characters":
            return len(text)
        case "utf16":
            return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "bytes":
            return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def split(text: str, limit: int, unit: Unit) -> list[str]:
    """Parts of at most `limit` units each; only white space at the seams is lost. Empty for a blank text."""
    return list(_split(text, limit, unit))


def clipped(text: str, length: int) -> str:
    """The text in at most `length` characters, ended by an ellipsis where something was cut off."""
    if len(text) <= length:
        return text
    return text[: _whole(text, 0, max(length - 1, 0))].rstrip() + "…"


def _split(text: str, limit: int, unit: Unit) -> Iterator[str]:
    start, end = 0, len(text.rstrip())
    while True:
        while start < end and text[start].isspace():
            start += 1
        if start >= end:
            return
        furthest = start + _room(text[start : start + limit], limit, unit)
        if furthest >= end:
            yield text[start:end]
            return
        cut = _kindest(text, start, furthest)
        yield text[start:cut].rstrip()
        start = cut


def _room(window: str, limit: int, unit: Unit) -> int:
    """How many code points of `window` fit into `limit` units; at least one, so that splitting always goes on."""
    match unit:
        case "characters":
            return max(1, min(len(window), limit))
        case "bytes":
            encoded = window.encode("utf-8", "surrogatepass")
            cut = min(limit, len(encoded))
            while cut < len(encoded) and encoded[cut] & 0xC0 == 0x80:
                cut -= 1
            return max(1, len(encoded[:cut].decode("utf-8", "surrogatepass")))
        case "utf16":
            encoded = window.encode("utf-16-le", "surrogatepass")
            cut = min(limit * 2, len(encoded))
            if cut < len(encoded) and 0xD8 <= encoded[cut - 1] <= 0xDB:
                cut -= 2
            return max(1, len(encoded[:cut].decode("utf-16-le", "surrogatepass")))


def _kindest(text: str, start: int, furthest: int) -> int:
    """Where to cut in (start, furthest]; what follows `furthest` is looked at, but not taken."""
    window = text[start : furthest + 1]
    room = furthest - start
    for pattern, share in _KINDEST:
        ends = [match.end() for match in pattern.finditer(window) if match.end() <= room]
        for end in reversed(ends[-8:]):
            if end > room * share and _between(text, start + end):
                return start + end
    return _whole(text, start, furthest)


def _whole(text: str, start: int, furthest: int) -> int:
    """The last place at or before `furthest` that is between two characters; `furthest` where there is none."""
    for cut in range(furthest, max(start, furthest - _LONGEST_CLUSTER), -1):
        if _between(text, cut):
            return cut
    return furthest


def _between(text: str, cut: int) -> bool:
    """Whether a cut before `text[cut]` leaves every character whole."""
    if cut <= 0 or cut >= len(text):
        return True
    before, after = text[cut - 1], text[cut]
    if after < "\u0300":
        return not (before == "\r" and after == "\n")
    if before == _ZWJ or _extends(after):
        return False
    if _is_flag_letter(after) and _is_flag_letter(before):
        return _flag_letters_before(text, cut) % 2 == 0
    return not _composes_hangul(before, after)


def _extends(character: str) -> bool:
    return (
        character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or unicodedata.category(character)[0] == "M"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, cut: int) -> int:
    start = cut
    while start > 0 and _is_flag_letter(text[start - 1]):
        start -= 1
    return cut - start


def _composes_hangul(before: str, after: str) -> bool:
    """A vowel or a final consonant (U+1160–11FF) goes with the letter or syllable before it."""
    if "\u1160" <= after <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return "\u1100" <= before <= "\u115f" and ("\u1100" <= after <= "\u115f" or "\uac00" <= after <= "\ud7a3")
