"""What a question accepts and what a reading of an answer says.

Rule: these are values. A `Question` is compiled once, when its script is loaded, and never changes; what can be
answered without reading anything stands ready in `Question.exact`, so that a plain "9" costs one lookup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from dialogs.answers_fold import bare
from dialogs.answers_reply_words import NO, YES
from dialogs.phrases import PhraseError, phrase

Value: TypeAlias = int | float | str | bool | tuple[str, ...] | None
How: TypeAlias = Literal["exact", "read", "unsure", "none", "skipped", "declined"]

SCALES: Final = frozenset({"nps", "csat", "ces", "rating"})
NUMERIC: Final = SCALES | {"number"}
CHOICES: Final = frozenset({"choice", "multi_choice"})
TYPES: Final = NUMERIC | CHOICES | {"yes_no", "text"}

# NPS: Reichheld 2003, 0-10. CSAT: 1-5. CES 2.0: agreement that it was easy, 1-7.
_RANGES: Final[Mapping[str, tuple[int, int]]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
_READY_NUMBERS: Final = 200  # A wider range is not laid out in advance; its numbers are read one by one.


class QuestionError(PhraseError):
    """A question that cannot be asked; it names the value and the fix."""


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: the value that is stored, and what customers see for it, in every language."""

    value: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says.

    `value` is set exactly when `how` is "exact" (the words of the question themselves: a number, a label, a button) or
    "read" (understood, however it was put). "unsure": an attempt at an answer that may mean several things, or is
    out of range; ask again. "none": nothing in it answers the question. "skipped": passed over, the question being
    optional. "declined": the customer does not want to answer; do not ask again. `rest` is what was written beside
    the answer, as it was written, "" when there was nothing more; it is "" wherever `value` is None.
    """

    value: Value
    how: How
    rest: str = ""


NONE: Final = Reading(None, "none")
UNSURE: Final = Reading(None, "unsure")
SKIPPED: Final = Reading(None, "skipped")
DECLINED: Final = Reading(None, "declined")


@dataclass(frozen=True, slots=True)
class Question:
    """What a collect step asks. Build it with `question()`, which fills in and checks the ranges."""

    type: str
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True
    options: tuple[Option, ...] = ()
    optional: bool = False
    # Compiled: answers that need no reading, and (folded label, index of its option).
    exact: Mapping[str, Reading] = field(init=False, repr=False, compare=False)
    labels: tuple[tuple[str, int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        labels = {(bare(label), at): None for at, option in enumerate(self.options) for label in option.labels}
        object.__setattr__(self, "labels", tuple(pair for pair in labels if pair[0]))
        object.__setattr__(self, "exact", _exact_answers(self))

    def allows(self, number: float) -> bool:
        """Whether a number is within the range, and whole where it must be."""
        return (
            (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (not self.whole or number == int(number))
        )


def question(
    type: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    whole: bool | None = None,
    options: tuple[Option, ...] = (),
    optional: bool = False,
) -> Question:
    """A question of the given type, its range filled in: nps 0-10, csat 1-5, ces 1-7, whole numbers on every scale.

    Raises QuestionError, naming the value and the fix, for an unknown type, a range that is empty or missing, or
    options that are missing or repeat a value.
    """
    low, high = _RANGES.get(type, (minimum, maximum))
    plain = Question(
        type,
        low if minimum is None else minimum,
        high if maximum is None else maximum,
        type in SCALES if whole is None else whole,
        (),
        optional,
    )
    _check(plain, options)
    return replace(plain, options=options)


def _check(made: Question, options: tuple[Option, ...]) -> None:
    if made.type not in TYPES:
        raise QuestionError(phrase("script.type_unknown", kind=repr(made.type), known=tuple(sorted(TYPES))))
    if made.type == "rating" and (made.minimum is None or made.maximum is None):
        raise QuestionError(phrase("script.range_missing", ends="minimum and maximum"))
    if made.minimum is not None and made.maximum is not None and made.minimum >= made.maximum:
        raise QuestionError(phrase("script.range_empty", low=made.minimum, high=made.maximum))
    if made.type in CHOICES and not options:
        raise QuestionError(phrase("script.options_missing", kind=made.type))
    values = [option.value for option in options]
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise QuestionError(phrase("script.option_twice", value=repr(repeated[0])))
    if made.type in NUMERIC:
        for value in values:
            _check_number(made, value)


def _check_number(made: Question, value: str) -> None:
    try:
        fits = made.allows(float(value))
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise QuestionError(phrase("script.option_number", value=repr(value), kind=made.type))


def number_value(number: float) -> int | float:
    """The number as it is stored: an int where it is whole."""
    return int(number) if number == int(number) else number


def option_value(asked: Question, at: int) -> Value:
    """The value of an option: its number where the question asks for one, else its own text."""
    value = asked.options[at].value
    if asked.type in NUMERIC:
        return number_value(float(value))
    return (value,) if asked.type == "multi_choice" else value


def _yes_no_answers() -> dict[str, Reading]:
    ready: dict[str, Reading] = {}
    for words, value in ((YES, True), (NO, False)):
        ready |= dict.fromkeys((*words, *(word.capitalize() for word in words)), Reading(value, "read"))
    plain = {"yes": True, "Yes": True, "YES": True, "是": True, "no": False, "No": False, "NO": False, "否": False}
    return ready | {word: Reading(value, "exact") for word, value in plain.items()}


def _exact_answers(asked: Question) -> dict[str, Reading]:
    if asked.type == "yes_no":
        return _yes_no_answers()
    ready: dict[str, Reading] = {}
    ambiguous: set[str] = set()
    for at, option in enumerate(asked.options):
        reading = Reading(option_value(asked, at), "exact")
        for label in option.labels:
            if ready.setdefault(label, reading) != reading:
                ambiguous.add(label)
    for label in ambiguous:
        del ready[label]
    if asked.type in NUMERIC and asked.minimum is not None and asked.maximum is not None:
        low, high = int(-(-asked.minimum // 1)), int(asked.maximum // 1)
        if high - low <= _READY_NUMBERS:
            for number in range(low, high + 1):
                ready[str(number)] = Reading(number, "exact")
    return ready
