"""Passing a question over, or refusing to be asked.

Rule: whole replies only. "Skip" passes an optional question and declines one that must be answered; "nothing" and 没有
are answers wherever they can be one.
"""

import re
from typing import Final

from dialogs.answers_alone import HINT, is_wish
from dialogs.answers_fold import fold, trim
from dialogs.answers_question import DECLINED, SKIPPED, Question, Reading
from dialogs.answers_reply_words import ALONE, DECLINE, NO, NOTHING, PEACE, SKIP, UNWILLING

_LONGEST: Final = 80  # Characters; a longer reply says more than that it refuses.
_POLITE: Final = re.compile(
    r"\A(?:(?:please|sorry|just|hi|ok|hey|well|oh|can you|could you|请|麻烦|抱歉|不好意思|唉|哎|那|就|我)[\W_]*)+"
    r"|(?:[\W_]*(?:please|pls|plz|thanks|thank you|sorry|now|ok|mate|already|for now|吧|了吧|啊|哈|哦|呢|呀|嘛|谢谢"
    r"|好吗|行吗|行不行|好不好))+\Z"
)
_NO_NEED: Final = re.compile(r"不用|不必|不需要|无需")
_CLAUSES: Final = re.compile(r"[,，、.。!！?？;；~～\n]+")
_PUNCTUATION: Final = re.compile(r"[^\w\s'/-]+")


def wants_peace(text: str) -> bool:
    """Whether a text that nobody asked for says, as a whole, that its writer wants to be left alone."""
    return len(text) <= _LONGEST and any(words in PEACE or _is_wish(words) for words in _forms(fold(text)))


def wants_alone(text: str) -> bool:
    """Whether a text says as a whole, whatever was asked, that its writer wants to be left alone, and nothing else."""
    return len(text) <= _LONGEST and any(_is_wish(words) for words in _forms(fold(text)))


def wants_alone_too(text: str) -> bool:
    """Whether one clause of a text that says other things as well wants its writer to be left alone."""
    if len(text) > _LONGEST or HINT.search(text.lower()) is None:
        return False
    return any(wants_alone(clause) for clause in _CLAUSES.split(text) if clause.strip())


def before_wish(text: str) -> tuple[str, str] | None:
    """A short answer and the wish to be left alone behind it, as in "6 别再发了"; None where there are not both."""
    if len(text) > _LONGEST:
        return None
    answer, _, wish = text.strip().partition(" ")
    return (answer, wish) if wish and HINT.search(wish.lower()) and wants_alone(wish) else None


def read_refusal(asked: Question, folded: str) -> Reading | None:
    """A reading "skipped" or "declined", or None where the reply refuses nothing."""
    if len(folded) > _LONGEST:
        return None
    for words in _forms(folded):
        reading = _refusal(asked, words)
        if reading is not None:
            return reading
    return None


def _forms(folded: str) -> tuple[str, str, str]:
    """A reply as it is, without its punctuation, and without what politeness adds."""
    whole = trim(folded)
    return whole, _PUNCTUATION.sub("", whole), _POLITE.sub("", whole)


def _refusal(asked: Question, words: str) -> Reading | None:
    if asked.optional and asked.type != "yes_no" and words in NOTHING and not _answers(asked, words):
        return SKIPPED
    if asked.type == "yes_no" and (words in NO or _POLITE.sub("", words) in NO):
        return None
    if words in SKIP:
        return SKIPPED if asked.optional else DECLINED
    if words in DECLINE or (_is_wish(words) and not _answers_offer(asked, words)):
        return DECLINED
    if asked.type not in {"text", "yes_no"} and words in UNWILLING:
        return DECLINED
    return None


def _is_wish(words: str) -> bool:
    return words in ALONE or is_wish(words)


def _answers_offer(asked: Question, words: str) -> bool:
    """不需要回访 is a no to whether somebody may call, and may be the option that says so."""
    return asked.type in {"yes_no", "choice", "multi_choice"} and _NO_NEED.search(words) is not None


def _answers(asked: Question, words: str) -> bool:
    """ "None" of several options is an answer: none of them."""
    return asked.type == "multi_choice" and words == "none"
