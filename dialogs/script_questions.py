"""What a collect step asks: its type, range, options, buttons, and which answers count as a low score.

Rule: a question that can be refused is refused here, when its script is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from math import floor
from typing import Any, Final

from dialogs.answers import CHOICES, SCALES, TYPES, Option, Question, QuestionError, question
from dialogs.effects import SayChoice
from dialogs.phrases import Phrase, phrase
from dialogs.script_problems import did_you_mean
from dialogs.script_reader import Reader
from dialogs.script_yaml import Mapping, Node, Scalar, Sequence
from dialogs.texts import text

#: Types that scripts may name one day; they are refused until they are built.
LATER_TYPES: Final = ("date", "phone", "email", "photo", "consent", "matrix")
KEYS: Final = ("type", "options", "labels", "min", "max", "whole")
_MOST_BUTTONS: Final = 11
_MOST_OPTIONS: Final = 50
_LONGEST_LABEL: Final = 80

# Up to here a score is low: NPS's detractors (Reichheld 2003), CSAT's two lowest boxes, CES 2.0's three "disagree".
_LOW: Final = {"nps": 6.0, "csat": 2.0, "ces": 3.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """The compiled question with its buttons by language; `values[i]` is what button i means.

    `lines` are where the words of its options stand.
    """

    question: Question
    buttons: Map[str, tuple[SayChoice, ...]]
    values: tuple[Any, ...]
    low_at: float | None
    lines: Map[str, int]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """An option as it was written: its line, its value, its title by language, other words for it."""

    line: int
    value: str
    titles: Map[str, str]
    also: tuple[str, ...] = ()

    def option(self) -> Option:
        return Option(self.value, tuple(dict.fromkeys((*self.titles.values(), self.value, *self.also))))


def read_question(reader: Reader, step: Mapping, optional: bool) -> Asked | None:
    """The question of a collect step; None with the reasons in the findings."""
    kind = _type(reader, step)
    if kind is None:
        return None
    _fitting_keys(reader, step, kind)
    low, high = (_number(reader, step, key) for key in ("min", "max"))
    whole = reader.yes_no(step.items["whole"], "whole") if "whole" in step.items else None
    key = "options" if kind in CHOICES else "labels"
    labelled = _labelled(reader, step.items[key], key) if key in step.items else ()
    try:
        made = question(
            kind,
            minimum=low,
            maximum=high,
            whole=whole,
            options=tuple(item.option() for item in labelled),
            optional=optional,
        )
    except QuestionError as error:
        reader.findings.add(step.lines.get(key, step.lines.get("type", step.line)), _in_a_script(error.phrase))
        return None
    values = _values(made, labelled)
    buttons = {language: _buttons(made, values, labelled, language) for language in reader.languages}
    lines = {label: item.line for item in reversed(labelled) for label in item.option().labels}
    return Asked(made, buttons, values, _low_at(made), lines)


def _in_a_script(said: Phrase) -> Phrase:
    """The ends of a range by the names that they have in a script."""
    return said.having(ends=phrase("script.min_and_max")) if said.key == "script.range_missing" else said


def _type(reader: Reader, step: Mapping) -> str | None:
    if "type" not in step.items:
        reader.findings.error(step.line, "script.type_missing", known=tuple(sorted(TYPES)))
        return None
    kind = reader.word(step.items["type"], "type")
    if kind is None or kind in TYPES:
        return kind
    if kind in LATER_TYPES:
        fix = phrase("script.fix_yes_no" if kind == "consent" else "script.fix_text")
        reader.findings.error(step.lines["type"], "script.later_type", kind=kind, fix=fix)
    else:
        hint = did_you_mean(kind, sorted(TYPES))
        reader.findings.error(step.lines["type"], "script.unknown_word", what="type", word=kind, hint=hint)
    return None


def _fitting_keys(reader: Reader, step: Mapping, kind: str) -> None:
    fits = {
        "options": kind in CHOICES,
        "labels": kind in SCALES,
        "min": kind in ("rating", "number"),
        "max": kind in ("rating", "number"),
        "whole": kind == "number",
    }
    for key, allowed in fits.items():
        if key in step.items and not allowed:
            fixed_range = kind in ("nps", "csat", "ces")
            fix = phrase("script.fix_rating" if fixed_range else "script.fix_remove")
            reader.findings.error(step.lines[key], "script.key_not_of_type", key=key, kind=kind, fix=fix)


def _number(reader: Reader, step: Mapping, key: str) -> float | None:
    return reader.number(step.items[key], key) if key in step.items else None


def _labelled(reader: Reader, node: Node, what: str) -> tuple[_Labelled, ...]:
    """`{food: {en: Food, zh: 菜品}}`, or a list of `{value: food, en: Food, zh: 菜品, also: [meal]}`."""
    found: list[_Labelled | None] = []
    match node:
        case Mapping():
            found = [_option(reader, value, titles, what) for value, titles in node.items.items()]
        case Sequence():
            found = [_listed(reader, item, what) for item in node.items]
        case Scalar():
            reader.findings.error(node.line, "script.options_shape", what=what, example="food: {en: Food, zh: 菜品}")
    if len(found) > _MOST_OPTIONS:
        reader.findings.error(node.line, "script.options_many", what=what, count=len(found), most=_MOST_OPTIONS)
    return tuple(item for item in found if item is not None)


def _listed(reader: Reader, node: Node, what: str) -> _Labelled | None:
    if isinstance(node, Scalar):
        return _option(reader, node.text, node, what)
    item = reader.mapping(node, what)
    if item is None:
        return None
    if "value" not in item.items:
        reader.findings.error(item.line, "script.option_value", what=what)
        return None
    value = reader.word(item.items["value"], "value")
    also = reader.words(item.items["also"], "also") if "also" in item.items else ()
    inner = ("value", "also")
    titles = Mapping(
        item.line,
        {key: child for key, child in item.items.items() if key not in inner},
        {key: line for key, line in item.lines.items() if key not in inner},
    )
    return _option(reader, value, titles, what, also) if value is not None else None


def _option(reader: Reader, value: str, node: Node, what: str, also: tuple[str, ...] = ()) -> _Labelled | None:
    texts = reader.texts(node, f"{what} {value}")
    if texts is None:
        return None
    titles = {language: one.source.strip() for language, one in texts.by_language.items()}
    for language, one in texts.by_language.items():
        if one.fixed is None:
            reader.findings.error(node.line, "script.label_filled", what=f"{what} {value}", marks="{{ }}")
        elif len(one.source) > _LONGEST_LABEL:
            reader.findings.error(
                node.line,
                "script.label_long",
                what=f"{what} {value}",
                language=language,
                count=len(one.source),
                most=_LONGEST_LABEL,
            )
    return _Labelled(node.line, value, titles, also)


def _values(made: Question, labelled: tuple[_Labelled, ...]) -> tuple[Any, ...]:
    if made.type == "yes_no":
        return (True, False)
    if made.type in CHOICES:
        return tuple(item.value for item in labelled)
    if made.type in SCALES and made.minimum is not None and made.maximum is not None:
        points = range(int(made.minimum), int(made.maximum) + 1)
        return tuple(points) if len(points) <= _MOST_BUTTONS else ()
    return ()


def _buttons(
    made: Question, values: tuple[Any, ...], labelled: tuple[_Labelled, ...], language: str
) -> tuple[SayChoice, ...]:
    titles = {item.value: item.titles[language] for item in labelled}
    return tuple(
        SayChoice(at, _payload(value), _title(made, _payload(value), titles, language))
        for at, value in enumerate(values)
    )


def _payload(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _title(made: Question, value: str, titles: Map[str, str], language: str) -> str:
    if made.type == "yes_no":
        return text("dialog.yes", language) if value == "yes" else text("dialog.no", language)
    if made.type in CHOICES:
        return titles[value]
    # A hyphen: a dash, which is no character of GSM-7, would make an SMS cost up to three times as much.
    return f"{value} - {titles[value]}" if value in titles else value


def _low_at(made: Question) -> float | None:
    if made.type in _LOW:
        return _LOW[made.type]
    if made.type == "rating" and made.minimum is not None and made.maximum is not None:
        points = made.maximum - made.minimum + 1
        return made.minimum + floor(points * 2 / 5) - 1
    return None
