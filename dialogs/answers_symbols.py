"""Answers without words: stars, thumbs, ticks and faces, in folded text (skin tones and variants are gone there).

Rule: a symbol is read only where everybody reads it alike. A smile may be a 4, a 5 or good manners, so it is no answer.
"""

import re
from collections.abc import Mapping
from typing import Final

_STARS: Final = re.compile(r"(?P<full>(?:[⭐★🌟]\s?)+)?(?P<empty>(?:☆\s?)+)?")
_STARS_SOMEWHERE: Final = re.compile(r"[⭐★🌟☆]")
_UP: Final = "👍"
_DOWN: Final = "👎"
YES: Final = frozenset("👍✅✔☑👌🆗⭕💯🙆")
NO: Final = frozenset("👎❌✖🙅✗✘❎🚫")
_THUMBS_IN_WORDS: Final[Mapping[str, str]] = {
    "thumbs up": _UP,
    "thumbs down": _DOWN,
    "thumb up": _UP,
    "thumb down": _DOWN,
}
# Only the ends and the middle of the usual five faces; those between are not agreed upon.
_FELT: Final[Mapping[str, float]] = {
    _UP: 1,
    _DOWN: 0,
    **dict.fromkeys("😡🤬😠", 0),
    **dict.fromkeys("😐😑", 0.5),
    **dict.fromkeys("😍🤩🥰", 1),
}


def stars(folded: str, maximum: float | None) -> tuple[int, int, float] | None:
    """(start, end, number) of a row of stars, ★★★☆☆ as 3; the number is -1 where it cannot be told."""
    first = _STARS_SOMEWHERE.search(folded)
    if first is None:
        return None
    match = _STARS.match(folded, first.start())
    if match is None:
        return None
    start, end = match.span()
    full = sum(not mark.isspace() for mark in match["full"] or "")
    empty = sum(not mark.isspace() for mark in match["empty"] or "")
    half = folded[end : end + 2] == ".5"
    fits = full + empty == maximum if empty else maximum == 5 or (maximum or 0) >= full > 5
    again = _STARS_SOMEWHERE.search(folded, end) is not None
    return start, end, full if full and fits and not half and not again else -1


def sentiment(symbols: str) -> float | None:
    """0 for a thumb down or rage, 0.5 for a straight face, 1 for a thumb up or delight; None for anything else.

    Symbols that contradict each other are -1.
    """
    marks = {mark for mark in _THUMBS_IN_WORDS.get(symbols, symbols) if not mark.isspace()}
    values = {_FELT.get(mark) for mark in marks}
    if not values or None in values:
        return None
    return values.pop() if len(values) == 1 else -1


def tick(symbols: str) -> bool | None:
    """Yes or no of a text made only of ticks, crosses and thumbs; None where they do not agree."""
    marks = {mark for mark in _THUMBS_IN_WORDS.get(symbols, symbols) if not mark.isspace()}
    if not marks:
        return None
    return True if marks <= YES else False if marks <= NO else None
