"""Every name in a text or a condition exists, and `takes_rest_of` names a question.

Rule: this is looked up in the tree of the file, so a mistake in one step never hides a wrong name in another, and no
slot counts as missing because the step that fills it has a mistake of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import Final

from dialogs.expressions import Path
from dialogs.phrases import phrase
from dialogs.script_parse import KINDS
from dialogs.script_problems import Findings, did_you_mean, meant
from dialogs.script_reader import Named
from dialogs.script_yaml import Mapping, Node, Scalar, Sequence

#: What texts and conditions may name; a name with members may only be followed by one of them (None: by anything).
NAMES: Final[Map[str, frozenset[str] | None]] = {
    "slots": None,
    "profile": None,
    "moment": None,
    "brand": frozenset(),
    "channel": frozenset(),
    "language": frozenset(),
    "desk": frozenset({"promise"}),
    "now": frozenset({"year", "month", "day", "hour", "minute", "weekday", "date", "time"}),
}
_PLACES: Final = frozenset({"ask", "say", "on_invalid", "severity", "team", "tag", "set", "if", "when"})


def check_names(steps: Node, index: Map[str, int], named: Iterable[Named], findings: Findings) -> None:
    """`index` has the steps by their ids, `named` what the texts and conditions of the file look at."""
    items = steps.items if isinstance(steps, Sequence) else ()
    slots = frozenset(name for at, item in enumerate(items) for name in _filled(item, at, index))
    for line, what, path in dict.fromkeys(_places(named)):
        if what != "when":
            _check_name(line, what, path, slots, findings)
        elif path[0] not in ("profile", "moment"):
            findings.error(line, "script.when_names", named=".".join(path))
    _check_rest(items, findings)


def _places(named: Iterable[Named]) -> Iterator[tuple[int, str, Path]]:
    for line, what, paths in named:
        place = what.partition(" ")[0].removesuffix("_on")
        if place in _PLACES:
            yield from ((line, place, path) for path in paths)


def _filled(step: Node, at: int, index: Map[str, int]) -> Iterator[str]:
    """The slots that a step fills, as they are written; of a step whose kind is misspelt, what it may fill."""
    if not isinstance(step, Mapping):
        return
    if not any(key in KINDS for key in step.items):
        yield from _words(next(iter(step.items.values()), step))
    yield from _words(step.items.get("collect", step))
    yield from _words(step.items.get("sets", step))
    values = step.items.get("set")
    if isinstance(values, Mapping):
        for key in values.items:
            root, _, name = key.rpartition(".")
            if root in ("", "slots"):
                yield name
    if "random" in step.items:
        yield from (name for name, place in index.items() if place == at)


def _words(node: Node) -> Iterator[str]:
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar):
            yield item.text.strip()


def _check_name(line: int, what: str, path: Path, slots: frozenset[str], findings: Findings) -> None:
    root, named = path[0], ".".join(path)
    if root not in NAMES:
        hint = meant(f"slots.{root}") if root in slots else did_you_mean(root, NAMES)
        findings.error(line, "script.unknown_name", what=what, named=named, hint=hint)
        return
    members = NAMES[root]
    if members is None:
        if root == "slots" and len(path) > 1 and path[1] not in slots:
            hint = did_you_mean(path[1], slots) or phrase("script.hint_no_slots")
            findings.error(line, "script.unknown_slot", what=what, named=named, hint=hint)
        return
    if len(path) > 1 and path[1] not in members:
        hint = did_you_mean(path[1], sorted(members)) if members else phrase("script.hint_only", root=root)
        findings.error(line, "script.unknown_name", what=what, named=named, hint=hint)


def _check_rest(items: Iterable[Node], findings: Findings) -> None:
    steps = [item for item in items if isinstance(item, Mapping)]
    for step in steps:
        others = [name for other in steps if other is not step for name in _asked(other)]
        for name in _words(step.items.get("takes_rest_of", step)):
            if name and name not in others:
                line = step.lines["takes_rest_of"]
                findings.error(line, "script.rest_of", slot=name, hint=did_you_mean(name, others))


def _asked(step: Mapping) -> Iterator[str]:
    """The slot of a question, also of one whose kind is misspelt."""
    if "collect" in step.items:
        yield from _words(step.items["collect"])
    elif not any(key in KINDS for key in step.items):
        yield from _words(next(iter(step.items.values()), step))
