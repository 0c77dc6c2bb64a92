"""Finding the numbers in a folded text: 9, 1,200, -5, 3.5万, 一百二十, twenty-five.

Rule: this file says which numbers stand where, never what they mean. What only looks like a number (a date, a time, a
phone number, the 8 of an iphone8) is a `Mention` without a value, so that nobody takes a part of it for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_MENTIONS: Final = 40  # A text with more numbers than this is a list or a log, not an answer.
_LARGEST: Final = 15  # Digits; beyond this a float would no longer be the number that was written.

_HAN_DIGITS: Final = {
    **dict(zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖两", (1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True)),
}
_HAN_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_HAN_SECTIONS: Final = {"万": 10_000, "亿": 100_000_000}
_HAN: Final = "".join(_HAN_DIGITS) + "".join(_HAN_UNITS) + "".join(_HAN_SECTIONS)

_WORDS: Final = {
    **{
        word: at
        for at, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        )
    },
    **{word: at for at, word in enumerate(["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"], 11)},
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    **{
        word: at * 10
        for at, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
    },
    "nil": 0,
    "nought": 0,
    "naught": 0,
    "dozen": 12,
    # Slips of the finger. Nothing nearer to another word: "nice" is not nine, "there" is not three.
    "eigth": 8,
    "eigh": 8,
    "eght": 8,
    "eihgt": 8,
    "ieght": 8,
    "sevn": 7,
    "sevin": 7,
    "sevem": 7,
    "thre": 3,
    "threee": 3,
    "foru": 4,
    "fiv": 5,
    "nien": 9,
    "niine": 9,
    "tenn": 10,
    "fourty": 40,
    "ninty": 90,
    "twelv": 12,
}
_MULTIPLIERS: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_ANY_WORD: Final = "|".join(sorted([*_WORDS, *_MULTIPLIERS], key=len, reverse=True))

_MENTION: Final = re.compile(
    rf"""
    (?P<no_number>
        https?://\S+ | www\.\S+ | [\w.+-]{{1,64}}@[\w.-]+
      | \+\d[\d\s().-]{{5,}}\d | \b0?\d{{2,4}}[-.\s]\d{{3,4}}[-.\s]\d{{3,4}}\b           # phones
      | \d{{1,4}}([-/.])\d{{1,2}}\2\d{{1,4}} | \d{{4}}年\d{{1,2}}月(?:\d{{1,2}}[日号])? | \d{{1,2}}月\d{{1,2}}[日号]?
      | \d{{1,2}}:\d{{2}}(?::\d{{2}})? | \d{{1,2}}\s?[ap]\.?m\b\.?
      | (?:\d{{1,2}}|[{_HAN}]{{1,3}})点(?:\d{{1,2}}分?(?!\d)|[{_HAN}]{{1,3}}分|半|钟|多|左右|前|后|之前|之后|才|到|送
      |来|取)
      | (?<![a-z_])(?!(?:nps|score|rating|option|number|no)[-_]\d)[a-z_]+[-_]?\d[a-z0-9_]*
      | \d{{1,2}}(?:st|nd|rd|th)\b | (?<![a-z])(?:{_ANY_WORD})(?:th|s)\b | \bhalf\s(?:an?\s)?(?:{_ANY_WORD})
      | (?<![a-z])(?:{_ANY_WORD})\spoint\s(?:{_ANY_WORD})(?![a-z])
      | (?:好几|数|几)[十百千万]+ | [上成][百千万]+ | [0-9{_HAN}]*[十百千万0][几来多余][十百千万个]*
    )
  | (?P<han>
        (?!一[共起般直下定样些切致边旦律旁向再])(?<![统唯])负?(?:\d+\.\d+\s?[百千万亿]+
        | \d*[{_HAN}][0-9{_HAN}]*)(?:点[零〇一二三四五六七八九]+(?![分十百{_HAN}]))?
    )
  | (?P<digits>
        (?<![a-z0-9_])(?:(?<![\w)\].%])-|负)?(?:\d{{1,3}}(?:,\d{{3}})+(?![\d,]\d|\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+
    )(?:\s?(?P<times>k(?![a-z])|(?:hundred|thousand|million)\b))?
  | (?P<words>
        (?<![a-z])(?:an?\s(?=hundred|thousand|million|dozen))?
        (?:{_ANY_WORD})(?:(?:\s+and)?[\s-]+(?:{_ANY_WORD})(?![a-z]))*(?:(?=-?ish\b)|(?![a-z]))
    )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A number at `start`..`end` of the folded text. `value` is None for what only looks like one, or like several."""

    start: int
    end: int
    value: float | None
    kind: str  # "digits", "han", "words" or "no_number"


def mentions(folded: str) -> Iterator[Mention]:
    """The numbers of a folded text in order, at most `MOST_MENTIONS`."""
    for count, match in enumerate(_MENTION.finditer(folded)):
        if count == MOST_MENTIONS:
            return
        yield _mention(match)


def _mention(match: re.Match[str]) -> Mention:
    start, end = match.span()
    if match["digits"] is not None:
        return Mention(start, end, _digits(match["digits"], match["times"] or ""), "digits")
    if match["han"] is not None:
        return Mention(start, end, han_number(match["han"]), "han")
    if match["words"] is not None:
        return Mention(start, end, _english(match["words"]), "words")
    return Mention(start, end, None, "no_number")


def _digits(digits: str, times: str) -> float | None:
    plain = digits.replace(",", "").replace("负", "-")
    if len(plain) > _LARGEST:
        return None
    return float(plain) * {"": 1, "k": 1_000, **_MULTIPLIERS}[times]


def han_number(text: str) -> float | None:
    """The value of a Chinese numeral, or None where it is not one number: 七八 (seven or eight), 百, 十百.

    Both ways of writing are read, by units (一百二十, also 一百二 and 3万5) and digit by digit (一二三).
    """
    sign = -1 if text.startswith("负") else 1
    body, _, decimals = text.removeprefix("负").partition("点")
    if "." in body:
        whole: float | None = _decimal_times(body)
    elif any(unit in body for unit in (*_HAN_UNITS, *_HAN_SECTIONS)):
        whole = _by_units(body)
    else:
        whole = _by_digits(body)
    if whole is None or not decimals:
        return whole if whole is None else sign * whole
    return sign * float(f"{int(whole)}." + "".join(str(_HAN_DIGITS[digit]) for digit in decimals))


def _decimal_times(body: str) -> float | None:
    number = body.rstrip("百千万亿 ")
    if len(body) > _LARGEST:
        return None
    value = float(number)
    for unit in body[len(number) :].strip():
        value *= _HAN_UNITS.get(unit, 0) or _HAN_SECTIONS[unit]
    return round(value, 6)


def _by_digits(body: str) -> float | None:
    digits = [_HAN_DIGITS.get(character, -1) for character in body]
    if len(body) > _LARGEST:
        return None
    if -1 in digits:
        digits = [int(character) if value < 0 else value for character, value in zip(body, digits, strict=True)]
    elif len(digits) == 2 and digits[1] - digits[0] == 1 and digits[0]:
        return None  # 七八: seven or eight
    return float("".join(map(str, digits)))


def _by_units(body: str) -> float | None:
    """一百二十万三千 as (100 + 20) * 10,000 + 3,000; a last digit counts tenths of the unit before it (一百二: 120)."""
    if len(body) > _LARGEST or body[0] in "百佰千仟万亿":
        return None
    total = section = 0
    digits = ""
    unit_before = 1
    for character in body:
        if character in _HAN_SECTIONS:
            section = (section + int(digits or 0)) * _HAN_SECTIONS[character]
            total, section, digits, unit_before = total + section, 0, "", _HAN_SECTIONS[character]
        elif character in _HAN_UNITS:
            if digits in {"", "0"} and not (character in "十拾" and section == 0 and total == 0):
                return None
            if len(digits.lstrip("0")) > 1 and body[0] not in "0123456789":
                return None  # 二三十: twenty or thirty
            section += int(digits or 1) * _HAN_UNITS[character]
            digits, unit_before = "", _HAN_UNITS[character]
        else:
            digits += character if character.isascii() else str(_HAN_DIGITS[character])
    if len(digits) == 1 and unit_before > 10:
        return float(total + section + int(digits) * unit_before // 10)
    if len(digits.lstrip("0")) > 1 and not body[-1].isascii():
        return None  # 十七八: seventeen or eighteen
    return float(total + section + int(digits or 0))


def _english(text: str) -> float | None:
    """The value of English number words, or None where they are several numbers: "seven eight"."""
    total = current = 0
    last = 0  # The smallest place that is already filled.
    words = [word for word in re.split(r"[\s-]+", text) if word not in {"and", "a", "an"}]
    for word in words:
        if word in _MULTIPLIERS:
            scale = _MULTIPLIERS[word]
            total, current = (total, (current or 1) * 100) if scale == 100 else (total + (current or 1) * scale, 0)
            last = 0
        elif last == 0 or (last >= 20 and _WORDS[word] < 10 and _WORDS[word]):
            current += _WORDS[word]
            last = _WORDS[word] or 1
        else:
            return None
    # "hundred hundred hundred …" is beyond what a float holds.
    return float(total + current) if total + current < 10**_LARGEST else None
