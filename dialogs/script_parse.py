"""The steps of a script, from the tree of its file to what `advance` walks through.

Rule: a step is read in full or refused with its line; targets are resolved to indexes here, so no name is looked up
while a customer waits.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from functools import reduce
from typing import Final

from dialogs.phrases import Phrase, phrase
from dialogs.script_problems import did_you_mean
from dialogs.script_questions import KEYS as QUESTION_KEYS
from dialogs.script_questions import read_question
from dialogs.script_reader import Reader
from dialogs.script_steps import (
    END,
    ActionStep,
    Branch,
    Collect,
    EscalateStep,
    RandomStep,
    SayStep,
    SetStep,
    Step,
    TagStep,
    WaitStep,
)
from dialogs.script_texts import Text, Texts
from dialogs.script_yaml import Mapping, Node, Scalar, Sequence

#: Step kinds by the key that names them, with the keys that belong to each beside `id` and `next`.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "collect": (
        *QUESTION_KEYS, "ask", "ask_on", "optional", "max_tries", "on_invalid", "on_timeout", "on_error",
        "takes_rest_of", "validate",
    ),
    "say": ("say_on",),
    "action": ("sets", "leads_to", "on_error"),
    "escalate": (),
    "tag": (),
    "set": (),
    "wait": (),
    "random": (),
}  # fmt: skip
LATER_KINDS: Final = {"call": phrase("script.fix_call")}
_MOST_STEPS: Final = 200
_MOST_TRIES: Final = 5
SEVERITIES: Final = ("normal", "high", "urgent")
_ATTRIBUTE: Final = ("slots", "profile")


class StepReader:
    """Reads the steps of one script, knowing where each name stands."""

    def __init__(self, reader: Reader, dialog: str, built: frozenset[str]) -> None:
        self.reader = reader
        self.findings = reader.findings
        self.dialog = dialog
        self.built = built
        self.index: dict[str, int] = {}
        self.count = 0

    def read(self, node: Node) -> tuple[Step, ...]:
        if not isinstance(node, Sequence) or not node.items:
            self.findings.error(node.line, "script.steps_shape")
            return ()
        self.count = len(node.items)
        if self.count > _MOST_STEPS:
            self.findings.error(node.line, "script.steps_many", most=_MOST_STEPS, count=self.count)
            return ()
        kinds = [self._kind(item) for item in node.items]
        for at, (item, kind) in enumerate(zip(node.items, kinds, strict=True)):
            if isinstance(item, Mapping):
                self._name(item, kind, at)
        steps: list[Step | None] = []
        for at, (item, kind) in enumerate(zip(node.items, kinds, strict=True)):
            if isinstance(item, Mapping) and kind is not None:
                steps.append(self._step(item, kind, at))
            elif isinstance(item, Mapping):
                self._next(item, at)  # Where it leads is looked at, whatever it is.
        return tuple(step for step in steps if step is not None)

    def _kind(self, node: Node) -> str | None:
        step = self.reader.mapping(node, "steps")
        if step is None:
            return None
        kinds = [key for key in step.items if key in KINDS or key in LATER_KINDS]
        for kind in kinds:
            if kind not in self.built:
                fix = LATER_KINDS.get(kind, phrase("script.fix_leave_out"))
                self.findings.error(step.lines[kind], "script.later_kind", kind=kind, fix=fix)
                return None
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            named = reduce(_and, (phrase("script.named", word=kind) for kind in kinds))
            self.findings.error(step.line, "script.two_kinds", named=named)
            return None
        first = next(iter(step.items), "")
        self.findings.error(step.line, "script.no_kind", word=first, hint=did_you_mean(first, self.built))
        return None

    def _name(self, step: Mapping, kind: str | None, at: int) -> None:
        name: str | None = f"{kind or 'step'}_{at + 1}"
        if "id" in step.items:
            name = self.reader.name(step.items["id"], "id")
        elif kind == "collect" and isinstance(step.items["collect"], Scalar):
            name = step.items["collect"].text.strip()
        if name == "end":
            self.findings.error(step.line, "script.step_end")
        elif name in self.index:
            self.findings.error(step.line, "script.step_twice", name=name)
        elif name is not None:
            self.index[name] = at

    def _step(self, step: Mapping, kind: str, at: int) -> Step | None:
        self.reader.known_keys(step, (kind, "id", "next", *KINDS[kind]), phrase("script.in_step", kind=kind))
        name = next((name for name, index in self.index.items() if index == at), f"step_{at + 1}")
        place = (at, name, step.line, self._next(step, at))
        match kind:
            case "collect":
                return self._collect(step, place)
            case "say":
                say = self.reader.texts(step.items["say"], "say", step.items.get("say_on"))
                return SayStep(*place, say) if say else None
            case "action":
                return self._action(step, place)
            case "escalate":
                return self._escalate(step, place)
            case "tag":
                return self._tag(step, place)
            case "set":
                return self._set(step, place)
            case "wait":
                seconds = self.reader.seconds(step.items["wait"], "wait")
                return WaitStep(*place, seconds) if seconds else None
        return self._random(step, place)

    # The steps, one by one.

    def _collect(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        slot = self.reader.name(step.items["collect"], "collect")
        optional = "optional" in step.items and self.reader.yes_no(step.items["optional"], "optional")
        asked = read_question(self.reader, step, optional)
        ask = self._texts(step, "ask", step.items.get("ask_on"))
        if "ask" not in step.items:
            self.findings.error(step.line, "script.ask_missing")
        rest_of = (
            self.reader.name(step.items["takes_rest_of"], "takes_rest_of") if "takes_rest_of" in step.items else ""
        )
        tries, invalid = self._tries(step), self._texts(step, "on_invalid")
        on_timeout, on_error = self._optional_target(step, "on_timeout"), self._optional_target(step, "on_error")
        validate = self._validate(step)
        if slot is None or asked is None or ask is None or rest_of is None:
            return None
        return Collect(
            *place, slot, asked.question, ask, asked.buttons, asked.values, asked.low_at, tries, invalid, on_timeout,
            on_error, rest_of, validate, asked.lines,
        )  # fmt: skip

    def _tries(self, step: Mapping) -> int:
        if "max_tries" not in step.items:
            return 2
        tries = self.reader.number(step.items["max_tries"], "max_tries")
        if tries is not None and (tries != int(tries) or not 1 <= tries <= _MOST_TRIES):
            self.findings.error(
                step.lines["max_tries"], "script.tries_range", tries=f"{tries:g}", most=_MOST_TRIES
            )
            return 2
        return int(tries or 2)

    def _validate(self, step: Mapping) -> str:
        node = step.items.get("validate")
        if node is None or (isinstance(node, Scalar) and node.value is False):
            return ""
        if isinstance(node, Scalar) and node.value is True:
            return f"validate_{self.dialog}"
        form = self.reader.name(node, "validate") or ""
        return form if form.startswith("validate_") else f"validate_{form}"

    def _action(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        action = self.reader.name(step.items["action"], "action")
        sets = self.reader.words(step.items["sets"], "sets") if "sets" in step.items else ()
        on_error = self._optional_target(step, "on_error")
        return ActionStep(*place, action, sets, on_error, self._leads_to(step)) if action else None

    def _leads_to(self, step: Mapping) -> tuple[int, ...]:
        names = self.reader.words(step.items["leads_to"], "leads_to") if "leads_to" in step.items else ()
        found = [self._target(name, step.lines["leads_to"], "leads_to") for name in names]
        return tuple(target for target in found if target is not None)

    def _escalate(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        node = step.items["escalate"]
        severity, team = Text("normal"), Text("")
        if isinstance(node, Scalar) and node.value in (None, True):
            return EscalateStep(*place, severity, team)
        given = self.reader.mapping(node, "escalate")
        if given is None:
            return None
        self.reader.known_keys(given, ("severity", "team"), phrase("script.in_key", key="escalate"))
        severity = self._word_of(given, "severity") or severity
        team = self._word_of(given, "team") or team
        if severity.fixed is not None and severity.fixed not in SEVERITIES:
            hint = did_you_mean(severity.fixed, SEVERITIES)
            self.findings.error(
                given.lines["severity"], "script.unknown_word", what="severity", word=severity.fixed, hint=hint
            )
        return EscalateStep(*place, severity, team)

    def _word_of(self, node: Mapping, key: str) -> Text | None:
        return self.reader.text(node.items[key], key) if key in node.items else None

    def _tag(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        node = step.items["tag"]
        nodes = node.items if isinstance(node, Sequence) else (node,)
        tags = tuple(text for item in nodes if (text := self.reader.text(item, "tag")) is not None)
        return TagStep(*place, tags) if tags else None

    def _set(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        given = self.reader.mapping(step.items["set"], "set")
        if given is None:
            return None
        values: list[tuple[str, str, Text | int | float | bool]] = []
        for key, node in given.items.items():
            root, _, name = key.rpartition(".")
            root = root or "slots"
            if root not in _ATTRIBUTE or not name.isidentifier():
                self.findings.error(given.lines[key], "script.set_what", key=key)
            elif isinstance(node, Scalar) and isinstance(node.value, int | float):
                values.append((root, name, node.value))
            else:
                text = self.reader.text(node, f"set {key}")
                if text is not None:
                    values.append((root, name, text))
        return SetStep(*place, tuple(values))

    def _random(self, step: Mapping, place: tuple[int, str, int, tuple[Branch, ...]]) -> Step | None:
        node = step.items["random"]
        if isinstance(node, Mapping):
            weights = {name: self.reader.number(weight, f"random {name}") for name, weight in node.items.items()}
            arms = [
                (self._target(name, node.lines[name], "random"), int(weight or 0)) for name, weight in weights.items()
            ]
        else:
            arms = [(self._target(name, node.line, "random"), 1) for name in self.reader.words(node, "random")]
        if len(arms) < 2 or any(not 0 < weight <= 1000 for _, weight in arms):
            self.findings.error(node.line, "script.random_shape", weighted="{short: 70, long: 30}")
            return None
        return RandomStep(*place, tuple((target or 0, weight) for target, weight in arms))

    # Where to go on.

    def _next(self, step: Mapping, at: int) -> tuple[Branch, ...]:
        onward = Branch(None, at + 1 if at + 1 < self.count else END)
        node = step.items.get("next")
        match node:
            case None:
                return (onward,)
            case Scalar():
                return (self._always(node, onward),)
            case Mapping():
                branches = self._conditional(node)
            case Sequence():
                branches = [branch for item in node.items for branch in self._listed(item)]
        for branch in branches[:-1]:
            if branch.condition is None:
                self.findings.error(node.line, "script.else_last")
        return tuple(branches) if branches and branches[-1].condition is None else (*branches, onward)

    def _listed(self, node: Node) -> list[Branch]:
        given = self.reader.mapping(node, "next")
        return [] if given is None else self._conditional(given)

    def _conditional(self, node: Mapping) -> list[Branch]:
        self.reader.known_keys(node, ("if", "then", "else"), phrase("script.in_key", key="next"))
        found: list[Branch] = []
        if ("if" in node.items) != ("then" in node.items):
            self.findings.error(node.line, "script.if_then", example="{if: slots.nps <= 6, then: reason}")
        elif "if" in node.items:
            condition = self.reader.condition(node.items["if"], "if")
            target = self._named(node, "then")
            if condition is not None and target is not None:
                found.append(Branch(condition, target))
        elif "else" not in node.items:
            self.findings.error(node.line, "script.next_shape")
        if "else" in node.items:
            target = self._named(node, "else")
            if target is not None:
                found.append(Branch(None, target))
        return found

    def _always(self, node: Scalar, onward: Branch) -> Branch:
        name = self.reader.word(node, "next")
        target = self._target(name, node.line, "next") if name else None
        return onward if target is None else Branch(None, target)

    def _named(self, node: Mapping, key: str) -> int | None:
        name = self.reader.word(node.items[key], key)
        return self._target(name, node.lines[key], key) if name else None

    def _optional_target(self, step: Mapping, key: str) -> int | None:
        return self._named(step, key) if key in step.items else None

    def _target(self, name: str, line: int, key: str) -> int | None:
        if name == "end":
            return END
        if name in self.index:
            return self.index[name]
        hint = did_you_mean(name, (*self.index, "end"))
        self.findings.error(line, "script.unknown_step", key=key, name=name, hint=hint)
        return None

    def _texts(self, step: Mapping, key: str, on: Node | None = None) -> Texts | None:
        return self.reader.texts(step.items[key], key, on) if key in step.items else None


def _and(one: Phrase, other: Phrase) -> Phrase:
    return phrase("script.and", one=one, other=other)


def step_index(steps: tuple[Step, ...]) -> Map[str, int]:
    """Each step's index by its id."""
    return {step.id: step.index for step in steps}
