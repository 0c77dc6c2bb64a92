"""What to say next: `advance(script, state, event)` gives the new state and what the house is to do.

Rule: pure. No clock, no network, no store, no randomness: the same events always give the same dialog. The state that
comes in is never changed, nothing survives between calls but the state and the script, and no event raises.
"""

from __future__ import annotations

from typing import assert_never

from dialogs.effects import Effect, WaitUntil
from dialogs.engine_ask import first_reminder, say_question
from dialogs.engine_replies import replied
from dialogs.engine_results import action_finished, keep_pending, take_up_result
from dialogs.engine_steps import onward, run, spoken
from dialogs.engine_turn import Turn
from dialogs.engine_values import portable
from dialogs.events import (
    ActionFinished,
    DeliveryFailed,
    Event,
    OptedOut,
    Paused,
    Replied,
    Resumed,
    Started,
    TimedOut,
)
from dialogs.script_steps import Collect, Script, WaitStep
from dialogs.state import State, Status
from dialogs.texts import text

_BEFORE: dict[str, Status] = {
    "asking": "asking",
    "validating": "validating",
    "acting": "acting",
    "waiting": "waiting",
}


def advance(script: Script, state: State | None, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """One event, start to finish. `state` is None for `Started` alone.

    Raises ValueError where the caller, not the customer, is wrong: another event without a state, or a state that
    belongs to another script.
    """
    if state is None:
        if not isinstance(event, Started):
            raise ValueError(f"a dialog begins with Started, not with {type(event).__name__}")
        return _start(script, event)
    if state.open_step >= len(script.steps):
        raise ValueError(
            f"the state waits at step {state.open_step}, but '{script.name}' has {len(script.steps)} steps"
        )
    turn = Turn(script, state.copy(), event.at)
    match event:
        case Replied():
            replied(turn, event)
        case TimedOut():
            turn.promised(event.desk)
            _timed_out(turn, event)
        case OptedOut():
            if turn.state.status != "finished":
                keep_pending(turn)
                turn.finish("stopped")
        case ActionFinished():
            turn.promised(event.desk)
            action_finished(turn, event)
        case DeliveryFailed():
            _delivery_failed(turn, event)
        case Paused():
            _pause(turn)
        case Resumed():
            turn.promised(event.desk)
            _resume(turn, event)
        case Started():  # A conversation begins once.
            pass
        case _:
            assert_never(event)
    return turn.state, tuple(turn.effects)


def _start(script: Script, event: Started) -> tuple[State, tuple[Effect, ...]]:
    state = State(
        seed=event.seed,
        language=spoken(script, event.language) or script.languages[0],
        channel=event.channel,
        brand=event.brand,
        timezone=event.timezone,
        desk=event.desk,
        profile=portable(event.profile),
        moment=portable(event.moment),
    )
    turn = Turn(script, state, event.at)
    state.expiry = turn.tick()
    expires = script.session.expires_after
    run(turn, 0)
    if state.status != "finished":
        turn.effects.append(WaitUntil("expiry", event.at + expires, state.expiry, expires))
    return state, tuple(turn.effects)


def _open_question(turn: Turn) -> Collect | None:
    at = turn.state.open_step
    step = turn.script.steps[at] if at >= 0 else None
    return step if isinstance(step, Collect) else None


def _timed_out(turn: Turn, event: TimedOut) -> None:
    state = turn.state
    match event.timer:
        case "reminder":
            if event.sequence == state.reminder and state.status == "asking":
                _remind(turn)
        case "expiry":
            if event.sequence == state.expiry and state.status != "finished":
                _expire(turn)
        case "wait":
            if event.sequence == state.wait and state.status in ("waiting", "paused"):
                _waited(turn)


def _remind(turn: Turn) -> None:
    """The open question once more; the next reminder is counted from this one's being sent."""
    state, step = turn.state, _open_question(turn)
    state.reminder = 0
    if step is None:
        return
    say_question(turn, step, text("dialog.reminder", state.language), "reminder")
    times = turn.script.session.remind_after
    state.reminded += 1
    if state.reminded < len(times):
        turn.remind(times[state.reminded] - times[state.reminded - 1])


def _expire(turn: Turn) -> None:
    """The time is over. An author's `on_timeout` may still say goodbye, tag or escalate, but asks nothing."""
    step = _open_question(turn) if turn.state.status == "asking" else None
    if step is None or step.on_timeout is None:
        keep_pending(turn)
        turn.finish("expired")
        return
    turn.closing = "expired"
    run(turn, step.on_timeout)


def _waited(turn: Turn) -> None:
    state = turn.state
    state.wait = 0
    if state.status == "paused":  # Goes on when staff hand back.
        return
    step = turn.script.steps[state.open_step]
    run(turn, onward(turn, step.next))


def _delivery_failed(turn: Turn, event: DeliveryFailed) -> None:
    """Nobody is reminded of a question that never arrived, and a dialog whose question did not is over."""
    state = turn.state
    if state.status not in ("asking", "paused") or _open_question(turn) is None or event.sequence < state.asked_from:
        return
    state.reminder = 0
    if event.final and event.sequence == state.asked_from:  # What came after the question only followed it.
        turn.finish("undelivered")


def _pause(turn: Turn) -> None:
    state = turn.state
    if state.status in _BEFORE:
        state.paused_from, state.status, state.reminder = state.status, "paused", 0


def _resume(turn: Turn, event: Resumed) -> None:
    """Staff hand back: what came in between was theirs; the open question is asked again."""
    state = turn.state
    if state.status != "paused":
        return
    state.status = _BEFORE[state.paused_from]
    state.paused_from, state.held = "", []
    if event.channel:
        state.channel = event.channel
        turn.changed()
    step = turn.script.steps[state.open_step]
    if state.result is not None:
        take_up_result(turn, state.result)
    elif isinstance(step, Collect) and state.status == "asking":
        say_question(turn, step, text("dialog.resumed", state.language))
        first_reminder(turn)
    elif isinstance(step, WaitStep) and not state.wait:
        run(turn, onward(turn, step.next))
