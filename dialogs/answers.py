"""Reading an answer: "9", "９分", "九", "👍", "很满意", "6, the rider was rude".

Rule: understand whatever a person would understand, and guess nothing. What may mean two things is "unsure", and is
asked again; a number that counts minutes or parcels is no score; what was written beside the answer comes back as
`rest`. Nothing here raises on any text, and only the first 2,000 characters of one are searched for an answer.
"""

import re
from dataclasses import replace
from typing import Final

from dialogs.answers_choice import by_label, one_label, read_choice
from dialogs.answers_fold import LIMIT, fold, trim
from dialogs.answers_levels import read_level
from dialogs.answers_multi_choice import read_multi_choice
from dialogs.answers_quantity import read_number
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
    QuestionError,
    Reading,
    Value,
    number_value,
    option_value,
    question,
)
from dialogs.answers_refusal import read_refusal
from dialogs.answers_scales import read_scale
from dialogs.answers_stop import help_words, is_help, is_start, is_stop, start_words, stop_words
from dialogs.answers_symbols import sentiment
from dialogs.answers_yes_no import read_yes_no

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
    "QuestionError",
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


def read_answer(question: Question, text: str, payload: str | None = None) -> Reading:
    """Read a reply to `question`. `payload` is that of the button pressed, if one was; it counts before the text.

    A payload is the plain answer: the number, "yes" or "no", the option's value (several with commas between), "skip".
    One that says nothing here is put aside, and the text is read. Never raises; see `Reading` for what comes back.
    """
    if payload is not None:
        pressed = _read_payload(question, payload)
        if pressed is not None:
            return pressed
    ready = question.exact.get(text)
    return ready if ready is not None else _read(question, text)


def _read_payload(question: Question, payload: str) -> Reading | None:
    ready = None if question.options else question.exact.get(payload)
    if ready is not None:
        return ready if ready.how == "exact" else replace(ready, how="exact")
    values = [option.value for option in question.options]
    if question.type in CHOICES and payload in values:
        return Reading(option_value(question, values.index(payload)), "exact")
    if question.type == "multi_choice" and payload and set(payload.split(",")) <= set(values):
        pressed = payload.split(",")
        return Reading(tuple(value for value in values if value in pressed), "exact")
    if question.type == "yes_no" and payload.casefold() in _TRUTHS:
        return Reading(_TRUTHS[payload.casefold()], "exact")
    if question.type == "text":
        return read_refusal(question, fold(payload[:LIMIT]))
    reading = question.exact.get(payload) or _read(question, payload)
    return replace(reading, how="exact") if reading.how == "read" else reading if reading.how != "none" else None


_TRUTHS: Final = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


def _read(question: Question, text: str) -> Reading:
    stripped = text.strip()
    ready = question.exact.get(stripped)
    if ready is not None:
        return ready
    folded = fold(stripped[:LIMIT])
    if not folded.strip():
        return NONE
    if question.type == "text":
        return read_refusal(question, folded) or Reading(stripped, "exact")
    labelled = by_label(question, trim(folded)) if question.labels else None
    if labelled is not None:
        return Reading(option_value(question, labelled), "exact")
    return read_refusal(question, folded) or _read_by_type(question, stripped, folded)


def _read_by_type(question: Question, text: str, folded: str) -> Reading:
    match question.type:
        case "yes_no":
            return read_yes_no(text, folded)
        case "choice":
            return read_choice(question, text, folded)
        case "multi_choice":
            return read_multi_choice(question, text, folded)
        case "number":
            return read_number(question, text, folded)
        case _:
            return _read_score(question, text, folded)


def _read_score(question: Question, text: str, folded: str) -> Reading:
    """A score as a number, as a label of the scale, in words, or as a thumb or a face."""
    reading = read_scale(question, text, folded)
    if reading.how == "unsure" and question.type in {"csat", "ces"}:
        return _said_twice(question, text, folded) or UNSURE
    if reading.how != "none":
        return reading
    if question.labels:
        at = one_label(question, folded)
        if at is not None:
            return UNSURE if at < 0 else Reading(option_value(question, at), "read")
    feeling = sentiment(trim(folded))
    if feeling is not None:
        return _felt(question, feeling)
    return read_level(question, text, folded)


_DIGITS: Final = re.compile(r"[0-9]+")


def _said_twice(question: Question, text: str, folded: str) -> Reading | None:
    """A level in words with its number beside it: 非常满意 5."""
    numbers = set(_DIGITS.findall(folded))
    reading = read_level(question, text, _DIGITS.sub(" ", folded))
    return replace(reading, rest="") if numbers == {str(reading.value)} else None


def _felt(question: Question, feeling: float) -> Reading:
    """A thumb or a face is the end or the middle of a satisfaction scale; on other scales it is no number."""
    low, high = question.minimum, question.maximum
    if question.type != "csat" or low is None or high is None:
        return UNSURE
    value = low + (high - low) * feeling
    return Reading(number_value(value), "read") if question.allows(value) else UNSURE
