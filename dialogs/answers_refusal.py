"""Passing a question over, or refusing to be asked.

Rule: whole replies only. "Skip" passes an optional question and declines one that must be answered; "nothing" and 没有
are answers wherever they can be one.
"""

import re
from typing import Final

from dialogs.answers_fold import trim
from dialogs.answers_question import DECLINED, SKIPPED, Question, Reading
from dialogs.answers_reply_words import DECLINE, NO, NOTHING, SKIP, UNWILLING

_LONGEST: Final = 60  # Characters; a longer reply says more than that it refuses.
_POLITE: Final = re.compile(
    r"\A(?:(?:please|sorry|just|hi|ok|hey|well|oh|can you|could you|请|麻烦|抱歉|不好意思|唉|哎|那|就|我)[\W_]*)+"
    r"|(?:[\W_]*(?:please|pls|plz|thanks|thank you|sorry|now|ok|mate|already|for now|吧|了吧|啊|哈|哦|呢|呀|嘛|谢谢"
    r"|好吗|行吗|行不行|好不好))+\Z"
)
_PUNCTUATION: Final = re.compile(r"[^\w\s'/-]+")


def read_refusal(asked: Question, folded: str) -> Reading | None:
    """A reading "skipped" or "declined", or None where the reply refuses nothing."""
    if len(folded) > _LONGEST:
        return None
    whole = trim(folded)
    plain = _PUNCTUATION.sub("", whole)
    for words in (whole, plain, _POLITE.sub("", whole)):
        reading = _refusal(asked, words)
        if reading is not None:
            return reading
    return None


def _refusal(asked: Question, words: str) -> Reading | None:
    if asked.optional and asked.type != "yes_no" and words in NOTHING and not _answers(asked, words):
        return SKIPPED
    if asked.type == "yes_no" and (words in NO or _POLITE.sub("", words) in NO):
        return None
    if words in SKIP:
        return SKIPPED if asked.optional else DECLINED
    if words in DECLINE or (asked.type not in {"text", "yes_no"} and words in UNWILLING):
        return DECLINED
    return None


def _answers(asked: Question, words: str) -> bool:
    """ "None" of several options is an answer: none of them."""
    return asked.type == "multi_choice" and words == "none"
