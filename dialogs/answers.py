"""Reading an answer: "9", "９分", "九", "👍", "很满意", "6, the rider was rude".

Rule: understand whatever a person would understand, and guess nothing. What may mean two things is "unsure" and is asked
again; a number that counts minutes or parcels is no score; what was written beside the answer comes back as `rest`.
Nothing here raises on any text, and only the first 2,000 characters of one are searched for an answer.
"""

from dialogs.answers_fold import LIMIT, bare
from dialogs.answers_question import (
    CHOICES,
    DECLINED,
    NONE,
    NUMERIC,
    SCALES,
    SKIPPED,
    TYPES,
    UNSURE,
    How,
    Option,
    Question,
    Reading,
    Value,
    question,
)
from dialogs.answers_stop import help_words, is_help, is_start, is_stop, start_words, stop_words

__all__ = [
    "CHOICES",
    "DECLINED",
    "LIMIT",
    "NONE",
    "NUMERIC",
    "SCALES",
    "SKIPPED",
    "TYPES",
    "UNSURE",
    "How",
    "Option",
    "Question",
    "Reading",
    "Value",
    "help_words",
    "is_help",
    "is_start",
    "is_stop",
    "question",
    "read_answer",
    "start_words",
    "stop_words",
]

_YES_NO = {"yes": True, "y": True, "是": True, "是的": True, "no": False, "n": False, "不是": False, "没有": False}


def read_answer(question: Question, text: str, payload: str | None = None) -> Reading:
    """Read a reply to `question`. `payload` is that of the button pressed, if one was; it counts before the text."""
    ready = question.exact.get(text if payload is None else payload)
    if ready is not None:
        return ready
    stripped = text.strip()
    if not stripped:
        return NONE
    if question.type == "text":
        return Reading(stripped, "exact")
    word = bare(text)
    if question.type == "yes_no":
        return Reading(_YES_NO[word], "exact") if word in _YES_NO else NONE
    for label, at in question.labels:
        if label == word:
            return Reading(question.options[at].value, "exact")
    return question.exact.get(word, NONE)
