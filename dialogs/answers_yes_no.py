"""Yes or no, in all usual spellings.

Rule: whole clauses only, looked up. A clause that two people would take differently ("no problem", 不错, "maybe") is
unsure, whatever it begins with.
"""

import re
from typing import Final

from dialogs.answers_fold import rest_of, trim
from dialogs.answers_question import NONE, UNSURE, Reading
from dialogs.answers_reply_words import NO, UNDECIDED, YES
from dialogs.answers_symbols import tick

_CLAUSE: Final = re.compile(
    r"(?:(?!\b(?:but|because|cos|cuz|although|though|except|since|however)\b|但是?|不过(?!了?$)|可是|只是|因为)"
    r"[^,.;!?、。:\n()~…])+"
)
# 没收到, 不太好, 还没送到: short enough to be the answer itself.
_SHORT_NO: Final = re.compile(r"(?:还|都|也|我|完全|根本|从来)*(?:没有?|不|未)[^\W不没]{1,4}(?:过|了|呢|啊|的|吧)?")
_NOT_A_NO: Final = re.compile(
    r"不(?:错|客气|好意思|太?确定|太?清楚|太?知道|一定|好说|过|仅|但|得不|要紧|管|论|止|光|只|如|断|久|同)"
    r"|没有?(?:事|关系|问题|错|准|啥|什么)|[吗么呢]$"
)
_BEGINNING: Final = re.compile(
    r"(?P<yes>(?:yes|yeah|yep|yup|yea|sure|of course|definitely|absolutely)\s+(?=\w)|(?:是的|对的|对|嗯+|好的|有的"
    r"|可以的)\s*(?=\w))"
    r"|(?P<no>(?:no|nope|nah)\s+(?=(?:i|it|he|she|they|we|my|the|you|not|never|still|there|nobody|nothing)\b)"
    r"|(?:不是的?|没有|不|没)\s+(?=\w))"
)
_EMPHASIS: Final = frozenset({"definitely", "absolutely", "of course", "sure"})
_COURTESY: Final = re.compile(r"(?:\s*(?:thanks|thank you|thx|please|pls|谢谢|[呢呀啊哦噢啦喔哈嘛]))+\Z")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_SHORT: Final = 60  # Characters within which a yes or no that does not come first is still the answer.


def read_yes_no(text: str, folded: str) -> Reading:
    """True, False, or "unsure" where the reply leaves it open."""
    whole = trim(folded)
    if whole in UNDECIDED or _torn(folded):
        return UNSURE
    symbol = _symbol(folded)
    verdict = _verdict(whole)
    if verdict is None:
        return _by_clauses(text, folded, symbol)
    return Reading(verdict, "read") if symbol in {None, verdict} else UNSURE


def _by_clauses(text: str, folded: str, symbol: bool | None) -> Reading:
    clauses = [match for match in _CLAUSE.finditer(folded) if trim(match[0])]
    said = [(at, *answer) for at, match in enumerate(clauses) if (answer := _answer(match)) is not None]
    verdicts = {verdict for _, verdict, _ in said} | ({symbol} - {None})
    if len(verdicts) > 1:
        return UNSURE
    if not said:
        if symbol is not None:
            return Reading(symbol, "read", rest_of(text, 0, 0))
        return UNSURE if any(trim(match[0]) in UNDECIDED for match in clauses) else NONE
    at, verdict, end = said[0]
    if at and len(folded) > _SHORT:
        return UNSURE
    return Reading(verdict, "read", rest_of(text, clauses[at].start(), end))


def _answer(clause: re.Match[str]) -> tuple[bool, int] | None:
    """What a clause says, and where in the text its saying so ends."""
    verdict = _verdict(trim(clause[0]))
    if verdict is not None:
        return verdict, clause.end()
    offset = len(clause[0]) - len(clause[0].lstrip())
    beginning = _BEGINNING.match(clause[0], offset)
    if beginning is None or trim(clause[0]) in UNDECIDED:
        return None
    first, more = beginning["yes"] is not None, _verdict(trim(clause[0][beginning.end() :]))
    if more is None:
        return first, clause.start() + beginning.end()
    if more == first or trim(beginning[0]) in _EMPHASIS:
        return more, clause.end()  # yes, yes; absolutely not
    return None


def _verdict(words: str) -> bool | None:
    spellings = (words, _STRETCHED.sub(r"\1", words), _STRETCHED.sub(r"\1\1", words), _COURTESY.sub("", words))
    for spelling in spellings:
        if spelling in YES:
            return True
        if spelling in NO:
            return False
    if len(words) <= 12 and _SHORT_NO.fullmatch(words) and words not in UNDECIDED and not _NOT_A_NO.search(words):
        return False
    return tick(words)


def _symbol(folded: str) -> bool | None:
    marks = "".join(mark for mark in folded if not mark.isalnum() and tick(mark) is not None)
    return tick(marks) if marks else None


def _torn(folded: str) -> bool:
    """Whether the symbols of a reply say yes and no at once."""
    return len({tick(mark) for mark in folded if not mark.isalnum()} - {None}) > 1
