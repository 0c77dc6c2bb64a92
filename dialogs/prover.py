"""What a script can do on its worst path.

Rule: the prover says what would go wrong before a customer meets it, with the line and the fix. Errors block
publishing, warnings do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dialogs.answers_fold import bare
from dialogs.expressions import Path
from dialogs.script_problems import Findings, meant, slip_of
from dialogs.script_steps import (
    END,
    ActionStep,
    Collect,
    EscalateStep,
    RandomStep,
    SayStep,
    Script,
    SetStep,
    Step,
    TagStep,
    WaitStep,
)
from dialogs.script_texts import Text

#: What a profile holds of every customer, and what Motline itself reads in it; the rest comes by imports or by dialogs.
PROFILE: Final = frozenset({"name", "tags", "preferred_channel"})
_MOST_QUESTIONS: Final = 5


def prove(script: Script, findings: Findings, stops: frozenset[str], fields: frozenset[str] = frozenset()) -> None:
    """All checks of a script that could be loaded, beyond the names. `fields` of a profile are set by others."""
    reachable = _reachable(script)
    for step in script.steps:
        if step.index not in reachable:
            findings.error(step.line, "script.unreached", step=step.id)
    _check_loops(script, findings)
    check_stop_words(script, findings, stops)
    _check_questions(script, findings)
    _check_filled(script, findings)
    _check_profile(script, findings, PROFILE | script.profile_fields | fields)


# What is named.


def looked_at(step: Step) -> Iterator[tuple[int, str, Path]]:
    """Line, place and path of everything a step's texts and conditions look at."""
    for branch in step.next:
        if branch.condition is not None:
            yield from ((branch.condition.line, "if", path) for path in branch.condition.names)
    for what, text in _texts(step):
        yield from ((text.line, what, path) for path in text.names)


def _texts(step: Step) -> Iterator[tuple[str, Text]]:
    match step:
        case Collect():
            yield from (("ask", text) for text in step.ask.every())
            if step.on_invalid is not None:
                yield from (("on_invalid", text) for text in step.on_invalid.every())
        case SayStep():
            yield from (("say", text) for text in step.say.every())
        case EscalateStep():
            yield "severity", step.severity
            yield "team", step.team
        case TagStep():
            yield from (("tag", tag) for tag in step.tags)
        case SetStep():
            yield from (("set", value) for _, _, value in step.values if isinstance(value, Text))
        case _:
            return


def _check_profile(script: Script, findings: Findings, known: frozenset[str]) -> None:
    """A field of the profile that is nearly one we know of. What is far from all of them may have been imported."""
    places = {place for step in script.steps for place in looked_at(step)}
    if script.when is not None:
        places |= {(script.when.line, "when", path) for path in script.when.names}
    for line, what, path in sorted(places):
        if path[0] == "profile" and len(path) > 1 and path[1] not in known:
            meant_field = slip_of(path[1], known)
            if meant_field:
                named, hint = ".".join(path[:2]), meant(f"profile.{meant_field}")
                findings.warn(line, "script.near_profile", what=what, named=named, hint=hint, field=path[1])


# Where it can go.


def _onward(step: Step) -> set[int]:
    targets = {branch.target for branch in step.next}
    match step:
        case RandomStep():
            targets = {target for target, _ in step.arms}
        case Collect():
            targets |= {target for target in (step.on_timeout, step.on_error) if target is not None}
        case ActionStep():
            targets |= {target for target in (step.on_error, *step.leads_to) if target is not None}
        case _:
            pass
    return targets - {END}


def _reachable(script: Script) -> set[int]:
    seen: set[int] = set()
    ahead = [0]
    while ahead:
        at = ahead.pop()
        if at not in seen:
            seen.add(at)
            ahead += _onward(script.steps[at])
    return seen


def _check_loops(script: Script, findings: Findings) -> None:
    silent = {step.index: _onward(step) for step in script.steps if not isinstance(step, Collect | WaitStep)}
    for start in silent:
        seen: set[int] = set()
        ahead = list(silent[start])
        while ahead:
            at = ahead.pop()
            if at in silent and at not in seen:
                seen.add(at)
                ahead += silent[at]
        if start in seen:
            step = script.steps[start]
            findings.error(step.line, "script.silent_loop", step=step.id)
            return


def check_stop_words(script: Script, findings: Findings, stops: frozenset[str]) -> None:
    """Also of a script that could be read in part only."""
    for step in script.questions:
        for option in step.question.options:
            for label in option.labels:
                if bare(label) in stops:
                    line = step.lines.get(label, step.line)
                    findings.error(line, "script.stop_answer", label=label, step=step.id)
    for word in script.keywords:
        if bare(word) in stops:
            findings.error(1, "script.stop_keyword", word=word)


def _check_questions(script: Script, findings: Findings) -> None:
    longest = _most_questions(script, 0, frozenset(), {})
    if longest > _MOST_QUESTIONS:
        findings.warn(1, "script.questions_many", count=longest, most=_MOST_QUESTIONS)


def _most_questions(script: Script, at: int, above: frozenset[int], known: dict[int, int]) -> int:
    if at in known:
        return known[at]
    if at in above:  # A loop back counts once.
        return 0
    step = script.steps[at]
    onward = [_most_questions(script, target, above | {at}, known) for target in _onward(step)]
    known[at] = int(isinstance(step, Collect)) + max(onward, default=0)
    return known[at]


# What is filled when.


def _check_filled(script: Script, findings: Findings) -> None:
    """A text that shows a slot which some path has not filled. Conditions may: a missing value is simply false."""
    surely = _surely_filled(script)
    told: set[tuple[int, str]] = set()
    for step in script.steps:
        for line, what, path in _shown(step):
            if path[0] != "slots" or len(path) < 2 or path[1] in surely.get(step.index, frozenset((path[1],))):
                continue
            if (line, path[1]) not in told:
                told.add((line, path[1]))
                slot = f"slots.{path[1]}"
                findings.warn(
                    line, "script.slot_unfilled", what=what, slot=slot, example=f"{{{{ {slot} | default('…') }}}}"
                )


def _shown(step: Step) -> Iterator[tuple[int, str, Path]]:
    for what, text in _texts(step):
        yield from ((text.line, what, path) for path in text.shows)


def _surely_filled(script: Script) -> dict[int, frozenset[str]]:
    """For each reachable step the slots filled on every path to it, found by going round until nothing changes."""
    found: dict[int, frozenset[str]] = {0: frozenset()}
    ahead = [0]
    while ahead:
        at = ahead.pop()
        step = script.steps[at]
        after = found[at] | _fills(step)
        for target in _onward(step):
            before = found.get(target)
            merged = after if before is None else before & after
            if merged != before:
                found[target] = merged
                ahead.append(target)
    return found


def _fills(step: Step) -> frozenset[str]:
    match step:
        case Collect():
            return frozenset({step.slot}) if not step.optional else frozenset()
        case SetStep():
            return frozenset(name for root, name, _ in step.values if root == "slots")
        case ActionStep():
            return frozenset(step.sets)
        case RandomStep():
            return frozenset({step.id})
        case _:
            return frozenset()
