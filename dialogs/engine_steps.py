"""Walking the steps until one waits: for an answer, an action, a time, or for nothing more.

Rule: a turn takes at most 50 steps. A script that goes round without waiting is stopped and reported, it cannot hang.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final, assert_never

from dialogs.answers import read_answer
from dialogs.effects import RunAction, SetAttribute, Tag, WaitUntil
from dialogs.engine_ask import ask
from dialogs.engine_turn import SEVERITIES, Turn
from dialogs.engine_values import storable
from dialogs.script_steps import (
    END,
    ActionStep,
    Branch,
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
from dialogs.texts import text

#: What a step answers when the turn ends there.
WAITS: Final = -2


def run(turn: Turn, at: int) -> None:
    """Go on at the step `at` until one waits or the dialog ends."""
    steps = turn.script.steps
    while at >= 0:
        turn.left -= 1
        if turn.left < 0:
            turn.trouble("loop", at, text("trouble.loop", "en", step=steps[at].id))
            turn.finish("broken")
            return
        at = _take(turn, steps[at])
    if at == END:
        turn.finish(turn.closing or "finished")


def onward(turn: Turn, branches: tuple[Branch, ...]) -> int:
    """The first branch that holds."""
    for branch in branches:
        if branch.condition is None or branch.condition.holds(turn.scope):
            return branch.target
    return END


def _take(turn: Turn, step: Step) -> int:
    match step:
        case Collect():
            if not collect(turn, step):
                return WAITS
        case SayStep():
            if not turn.state.declined:  # Who wants to be left alone is; staff and records still get theirs.
                words = step.say.pick(turn.state.language, turn.state.channel)
                turn.say(words.render(turn.scope), step.index)
        case TagStep():
            turn.effects += [Tag(tag) for text in step.tags if (tag := text.render(turn.scope).strip()[:64])]
        case SetStep():
            _set(turn, step)
        case EscalateStep():
            _escalate(turn, step)
        case ActionStep():
            if not _act(turn, step):
                return WAITS
        case WaitStep():
            if not _wait(turn, step):
                return WAITS
        case RandomStep():
            return _draw(turn, step)
        case _:
            assert_never(step)
    return onward(turn, step.next)


def collect(turn: Turn, step: Collect) -> bool:
    """Ask, unless it is answered already or no more may be asked. Whether to go on at once."""
    state = turn.state
    if state.declined or turn.closing:
        return True
    rest = state.rests.get(step.takes_rest_of, "") if step.takes_rest_of else ""
    if rest:
        state.rests = {slot: kept for slot, kept in state.rests.items() if slot != step.takes_rest_of}
        reading = read_answer(step.question, rest)
        value = storable(reading.value)
        if value is not None and not step.validate:
            turn.record(step, value, rest, reading.how)
            return True
    ask(turn, step)
    return False


def spoken(script: Script, wanted: str) -> str:
    """The script's own language for a customer's: the same, its main form ("zh" for "zh-TW"), or none ("")."""
    main = wanted.replace("_", "-").partition("-")[0].lower()
    return next((one for one in (wanted, main) if one in script.languages), "")


def _set(turn: Turn, step: SetStep) -> None:
    for root, name, given in step.values:
        value = storable(given.value(turn.scope) if isinstance(given, Text) else given)
        if root == "slots":
            turn.fill(name, value)
        else:
            turn.state.profile = {**turn.state.profile, name: value}
            if name == "language" and isinstance(value, str):
                turn.state.language = spoken(turn.script, value) or turn.state.language
            turn.changed()
            turn.effects.append(SetAttribute(name, value))


def _escalate(turn: Turn, step: EscalateStep) -> None:
    wanted = step.severity.render(turn.scope).strip()
    severity = next((known for known in SEVERITIES if known == wanted), None)
    if severity is None:
        said = text("trouble.severity", "en", severity=wanted[:60], known=", ".join(SEVERITIES))
        turn.trouble("severity", step.index, said)
    turn.escalate("script", severity or "normal", step.team.render(turn.scope).strip())


def _act(turn: Turn, step: ActionStep) -> bool:
    """Whether to go on at once: an expired dialog has its action run, but waits for nothing."""
    state = turn.state
    number = turn.tick()
    turn.effects.append(RunAction(step.action, step.index, number, state.slots, state.comment))
    if turn.closing:
        return True
    state.status, state.open_step, state.action, state.reminder = "acting", step.index, number, 0
    return False


def _wait(turn: Turn, step: WaitStep) -> bool:
    if turn.closing:
        return True
    state = turn.state
    state.status, state.open_step, state.wait, state.reminder = "waiting", step.index, turn.tick(), 0
    state.excused = False
    turn.effects.append(WaitUntil("wait", turn.at + step.seconds, state.wait, step.seconds))
    return False


def _draw(turn: Turn, step: RandomStep) -> int:
    total = sum(weight for _, weight in step.arms)
    drawn = int.from_bytes(blake2b(f"{turn.state.seed}/{step.id}".encode(), digest_size=8).digest()) % total
    for target, weight in step.arms:
        drawn -= weight
        if drawn < 0:
            turn.fill(step.id, turn.script.steps[target].id if target >= 0 else "end")
            return target
    return END
