"""Reading a number: how many, how much, how long.

Rule: one number in the reply is the answer, whatever it counts; two are unsure, and so is what says more or less than a
number, or only about how many (十几, "a few", 7-8).
"""

import re
from typing import Final

from dialogs.answers_fold import rest_of, trim
from dialogs.answers_numbers import mentions
from dialogs.answers_question import NONE, UNSURE, Question, Reading, number_value

_UNIT: Final = re.compile(
    r"\s*-?(?:%|[个次天人位岁元块件份单只张年月周楼米斤度秒杯瓶盒条家种样]|分钟?|小时|公里|个?多?(?:小时|月|星期|人)"
    r"|minutes?\b|mins?\b|hours?\b|hrs?\b|days?\b|weeks?\b|months?\b|years?\b|yrs?\b"
    r"|times?\b|people\b|persons?\b|items?\b|orders?\b|dollars?\b|bucks\b|pounds?\b|euros?\b|yuan\b|rmb\b|km\b|kg\b"
    r"|miles?\b)?(?:左右|吧|了|\s?or\sso|\s?please|-?ish)?"
)
_LEADING: Final = re.compile(
    r"(?:(?:i'd say|i think|i guess|about|around|approximately|roughly|maybe|probably|only|just|we had|we have"
    r"|i have|there (?:were|are)|it was|it's|we are|we were|exactly|[$¥€£]|"
    r"大概|大约|差不多|我们?|一共|总共|共|有|是|只有|可能|约|花了|等了)\s*)+\Z"
)
_INEXACT: Final = re.compile(
    r"(?:\b(?:more|less|fewer) than|\bover|\bunder|\bat (?:least|most)|\bup to|\balmost|\bnearly|\bbetween|\bnot"
    r"|[<>≤≥]|不到|超过|至少|最多|将近|接近|不止|不是)\s*\Z"
)
_INEXACT_AFTER: Final = re.compile(r"\s*(?:\+|plus\b|or (?:more|less)\b|以[上下内]|多|几|来个|余)")
_NO_COUNT: Final = re.compile(
    r"none|nobody|no one|not a single one|not any|一个都?没有|一次都?没有|没有|没|无|从来没有|never"
)


def read_number(asked: Question, text: str, folded: str) -> Reading:
    """The one number of the reply. "None" is 0 where the range begins at 0."""
    found = list(mentions(folded))
    if not found:
        zero = asked.minimum == 0 and _NO_COUNT.fullmatch(trim(folded))
        return Reading(0, "read") if zero else NONE
    if len(found) > 1 and len({mention.value for mention in found}) > 1:
        return UNSURE
    mention = found[0]
    before = folded[max(0, mention.start - 40) : mention.start]
    if mention.value is None or _INEXACT.search(before) or _INEXACT_AFTER.match(folded, mention.end):
        return UNSURE
    if not asked.allows(mention.value):
        return UNSURE
    leading = _LEADING.search(folded, max(0, mention.start - 40), mention.start)
    unit = _UNIT.match(folded, mention.end)
    start = leading.start() if leading else mention.start
    return Reading(number_value(mention.value), "read", rest_of(text, start, unit.end() if unit else mention.end))
