"""Reading a choice of several: "1,3", "13", 1和3, "all except 2", "none", labels with "and" between them.

Rule: every part must be understood, or be comment; one part that may be two things makes the whole unsure. The value
lists the chosen options in the question's own order.
"""

import re
from typing import Final

from dialogs.answers_choice import by_label, mentioned, one_option
from dialogs.answers_fold import rest_of, trim
from dialogs.answers_question import NONE, UNSURE, Question, Reading

_SEPARATOR: Final = re.compile(
    r"[,.;、/&+|\n]+|\band\b|\bplus\b|\balso\b|\bas well as\b|以及|还有|另外|和|跟|与|及|加上?", re.ASCII
)
_ALL: Final = re.compile(
    r"all(?: of (?:them|it|the above|these|those))?|all (?:the )?(?:above|options)|everything|every one|the lot"
    r"|all (?:\d|two|three|four|five)"
    r"|都(?:是|有|选|要|可以)?|全部(?:都?是|都?选)?|全都?(?:是|要|选)?|所有(?:的|选项)?|以上(?:都是|全部|所有|全是"
    r"|皆是)|全选|都选|每个都?是?|通通|统统"
)
_NONE: Final = re.compile(
    r"none(?: of (?:them|it|the above|these|those|the options))?|neither(?: of them)?|no(?:ne)?|nothing|nope|not any"
    r"|都没有?|都不是|都不|以上都?(?:没有|不是|无)|以上皆非|一个都?(?:没有|不是)|全都?(?:没有|不是)|没有|无|没|没有一个"
)
_EXCEPT: Final = re.compile(
    r"(?:all|everything|都|全部)(?: of them)? ?(?:except(?: for)?|but|apart from|besides|bar|other than"
    r"|除了) ?(?P<after>.+)"
    r"|除了?(?P<between>.+?)(?:以外|之外|外)?[, ]?(?:其他|其它|其余|别的)?(?:的)?(?:都是?|全都?是?|全部|都选)"
)
_RANGE: Final = re.compile(r"(?P<low>\d{1,2}) ?(?:to|through|到|至) ?(?P<high>\d{1,2})")
_DASHED: Final = re.compile(r"\d{1,2} ?[-~] ?\d{1,2}")
_DIGITS_ONLY: Final = re.compile(r"[\d\s]+")
_HAN_RUN: Final = re.compile(r"[一二三四五六七八九]{2,9}")
_HAN_DIGIT: Final = {digit: str(at) for at, digit in enumerate("一二三四五六七八九", 1)}
_LETTER_RUN: Final = re.compile(r"[A-Z]{2,9}")


def read_multi_choice(asked: Question, text: str, folded: str) -> Reading:
    """The options that were chosen; an empty tuple for "none of them"."""
    words = trim(folded)
    at = by_label(asked, words)
    if at is not None:
        return _chosen(asked, {at}, "", exact=(asked.options[at].value,))
    count = len(asked.options)
    if _ALL.fullmatch(words) or (words == "both" and count == 2):
        return _chosen(asked, set(range(count)), "")
    if _NONE.fullmatch(words):
        return Reading((), "read")
    except_for = _EXCEPT.fullmatch(words)
    if except_for:
        left_out = _places(asked, except_for["after"] or except_for["between"])
        return _chosen(asked, set(range(count)) - left_out, "") if left_out else UNSURE
    run = _run(asked, text, words)
    if run is not None:
        return _chosen(asked, run, "") if run else UNSURE
    return _from_parts(asked, text, folded)


def _chosen(asked: Question, places: set[int], rest: str, exact: tuple[str, ...] | None = None) -> Reading:
    if exact is not None:
        return Reading(exact, "exact", rest)
    return Reading(tuple(option.value for at, option in enumerate(asked.options) if at in places), "read", rest)


def _places(asked: Question, words: str) -> set[int]:
    """The places of the options that a list names; empty where a part of it is no option."""
    places = [one_option(asked, part) for part in _SEPARATOR.split(words) if trim(part)]
    return set() if None in places or -1 in places else {at for at in places if at is not None}


def _run(asked: Question, text: str, words: str) -> set[int] | None:
    """The options of "1 3", "13", 一三, "AC" and "1 to 3"; empty where they are not clear, None where it is no run."""
    count = len(asked.options)
    span = _RANGE.fullmatch(words)
    if span:
        low, high = int(span["low"]), int(span["high"])
        return set(range(low - 1, high)) if 1 <= low < high <= count else set()
    if _DASHED.fullmatch(words):
        return set()  # 1-3: from one to three, or one and three
    if _LETTER_RUN.fullmatch(text.strip()):
        numbers = [ord(letter) - ord("A") + 1 for letter in text.strip()]
        return _listed(numbers, count) or None
    if _HAN_RUN.fullmatch(words):
        words = "".join(_HAN_DIGIT[digit] for digit in words)
    if not _DIGITS_ONLY.fullmatch(words) or len(words) > 40:
        return None
    parts = words.split()
    if len(parts) == 1 and len(words) > 1 and not int(words) <= count:
        parts = list(words) if count <= 9 else []
    return _listed([int(part) for part in parts], count)


def _listed(numbers: list[int], count: int) -> set[int]:
    """Places from 0; empty where a number is not on the list or stands twice."""
    fits = len(set(numbers)) == len(numbers) and all(1 <= number <= count for number in numbers)
    return {number - 1 for number in numbers} if fits else set()


def _from_parts(asked: Question, text: str, folded: str) -> Reading:
    whole = one_option(asked, folded)
    if whole is not None and whole >= 0:
        return _chosen(asked, {whole}, "")
    places: set[int] = set()
    start = end = beside = 0
    for low, high in _parts(folded):
        at = one_option(asked, folded[low:high])
        if at == -1:
            return UNSURE
        if at is None:
            beside += 1
            continue
        if not places:
            start = low
        places.add(at)
        end = high
    if places and beside <= 1:
        return _chosen(asked, places, rest_of(text, start, end) if beside else "")
    return _mentioned(asked, text, folded) if whole is None else UNSURE


def _parts(folded: str) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    low = 0
    for match in _SEPARATOR.finditer(folded):
        parts.append((low, match.start()))
        low = match.end()
    parts.append((low, len(folded)))
    return [(low, high) for low, high in parts if trim(folded[low:high])][:40]


def _mentioned(asked: Question, text: str, folded: str) -> Reading:
    found = mentioned(asked, folded)
    if not found:
        return NONE
    if re.search(r"\b(?:not|no|except|isn't|wasn't|never)\b|不|没|除了", folded):
        return UNSURE
    return _chosen(asked, set(found), text.strip())
