"""A customer's message: which question it belongs to, and what it means while nothing may be said.

Rule: a button belongs to the question it was shown with, an edited message to the answer it was, a reply to a message
of ours to the question that this one asked, every other message to the question that is open. What comes late is kept
where it belongs and opens nothing. Nothing a customer sends raises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from dialogs.answers import read_answer
from dialogs.answers_refusal import wants_alone
from dialogs.engine_answers import alarm, answer_open, button_value, correct, decline, joined, raw_of
from dialogs.engine_turn import Turn
from dialogs.engine_values import clean, storable
from dialogs.event_json import from_dict, to_dict
from dialogs.events import Replied
from dialogs.script_steps import Collect
from dialogs.texts import text

_MOST_HELD: Final = 20


def replied(turn: Turn, event: Replied) -> None:
    """One message, in whatever state the dialog is."""
    event = _cleaned(event)
    state = turn.state
    turn.message, turn.mood, turn.verdict = event.message, event.mood, event.verdict
    match state.status:
        case "asking":
            if not _about_earlier(turn, event):
                _follow(turn, event)
                _read(turn, event)
        case "validating" | "acting":
            _follow(turn, event)
            alarm(turn, event)
            hold(turn, event)
        case "paused":
            _follow(turn, event)
            hold(turn, event)
        case "waiting":
            if not _about_earlier(turn, event):
                _follow(turn, event)
                _unasked(turn, event)
        case "finished":
            _after_the_end(turn, event)


def _cleaned(event: Replied) -> Replied:
    words = clean(event.text)
    return event if words is event.text or words == event.text else replace(event, text=words)


def _unasked(turn: Turn, event: Replied) -> None:
    """Words that answer nothing that was asked: thanked for once. Who wants to be left alone is asked nothing more."""
    upset = alarm(turn, event)
    if not upset and wants_alone(event.text):
        decline(turn, turn.state.open_step, alone=True)
        return
    if not turn.state.excused:
        turn.state.excused = True
        words = text("dialog.heard" if upset else "dialog.noted", turn.state.language)
        turn.say(words, turn.state.open_step, "notice")


def _after_the_end(turn: Turn, event: Replied) -> None:
    """A late answer is kept and an earlier one corrected, where nobody said stop; nothing is asked any more."""
    if turn.state.outcome in ("stopped", "broken"):
        return
    if not _about_earlier(turn, event) and event.answers:
        _unasked(turn, event)


def _follow(turn: Turn, event: Replied) -> None:
    """The dialog goes on where the customer answers, and promises what staff promise now."""
    state = turn.state
    if event.channel:
        state.channel = event.channel
    state.place = event.place
    turn.promised(event.desk)


def _read(turn: Turn, event: Replied) -> None:
    step = turn.script.steps[turn.state.open_step]
    if isinstance(step, Collect):
        answer_open(turn, step, event)


def _about_earlier(turn: Turn, event: Replied) -> bool:
    """A button of another question, an edited message, an answer to another question: whether it was dealt with."""
    if event.step is not None and event.choice is not None:
        if event.step == turn.state.open_step:
            return False
        _pressed_old(turn, event, event.step, event.choice)
        return True
    if event.edited:
        return _edited(turn, event)
    if event.answers:
        return _answers_older(turn, event)
    return event.last_here > 0 and _meant_here(turn, event)


def _answers_older(turn: Turn, event: Replied) -> bool:
    """A reply to the message of another question than the open one."""
    step = _question_of(turn, event.answers)
    if step is None or step.index == turn.state.open_step:
        return False
    reading = read_answer(step.question, event.text)
    if reading.value is None:
        _unasked(turn, event)
    else:
        value = joined(turn.state.slots.get(step.slot), reading.value)
        correct(turn, step, value, raw_of(turn, step, event), reading.how, event)
    return True


def _meant_here(turn: Turn, event: Replied) -> bool:
    """A score or a choice, and nothing beside it, that the last question asked in this place wanted.

    Words fit any question, so they are for the open one.
    """
    step = _question_of(turn, event.last_here)
    if step is None or step.index == turn.state.open_step or step.question.type == "text":
        return False
    reading = read_answer(step.question, event.text)
    if reading.value is None or reading.rest.strip():
        return False
    correct(turn, step, reading.value, raw_of(turn, step, event), reading.how, event)
    return True


def _question_of(turn: Turn, sequence: int) -> Collect | None:
    """The question that our message of this number belongs to: it asked it, or was said while it was open."""
    state = turn.state
    asked = [(entry[2], entry[0]) for entry in state.answers if len(entry) > 2 and entry[2]]
    last = state.open_step if state.status != "finished" else state.left
    if 0 <= last < len(turn.script.steps) and isinstance(turn.script.steps[last], Collect):
        asked.append((state.asked_from, last))
    found = max((one for one in asked if one[0] <= sequence), default=None)
    return _answered(turn, found[1]) if found is not None else None


def _pressed_old(turn: Turn, event: Replied, at: int, choice: int) -> None:
    step = _answered(turn, at)
    value = button_value(step, choice) if step is not None else None
    if step is None or value is None:
        _gone(turn, event)
        return
    if step.question.type == "multi_choice":
        value = _toggled(turn, step, value[0])
    correct(turn, step, value, raw_of(turn, step, event), "exact", event)


def _toggled(turn: Turn, step: Collect, pressed: str) -> list[Any]:
    """A second option joins the first; the same one again is taken out, unless it is the last."""
    stored = turn.state.slots.get(step.slot)
    chosen = list(stored) if isinstance(stored, list) else []
    if pressed not in chosen:
        return [*chosen, pressed]
    return [item for item in chosen if item != pressed] or chosen


def _answered(turn: Turn, at: int) -> Collect | None:
    """The question at `at`, where it was asked in this conversation and is answered, open, or was left open."""
    state = turn.state
    if at not in (state.open_step, state.left) and not any(entry[0] == at for entry in state.answers):
        return None
    if not 0 <= at < len(turn.script.steps):
        return None
    step = turn.script.steps[at]
    return step if isinstance(step, Collect) else None


def _gone(turn: Turn, event: Replied) -> None:
    alarm(turn, event)
    turn.say(text("dialog.button_expired", turn.state.language), turn.state.open_step, "notice")


def _edited(turn: Turn, event: Replied) -> bool:
    """Whether it is dealt with; a text that was asked about again may be put right by editing it."""
    if event.of and event.of in turn.state.tried:
        return False
    at = next((entry[0] for entry in turn.state.answers if event.of and entry[1] == event.of), -1)
    step = _answered(turn, at)
    if step is None:
        alarm(turn, event)
        return True
    turn.message = event.of
    reading = read_answer(step.question, event.text)
    correct(turn, step, reading.value, event.text, reading.how, event)
    return True


def hold(turn: Turn, event: Replied) -> None:
    """Keep a message for later; beyond `_MOST_HELD` only the house's own record has it."""
    if len(turn.state.held) < _MOST_HELD:
        kept = replace(event, text=storable(event.text))
        turn.state.held = [*turn.state.held, to_dict(kept)]


def read_held(turn: Turn, asked: int) -> None:
    """What came while an answer was validated or an action ran.

    A message never fills a question that was not asked, so a held one answers only the question `asked` that was open
    when it came and is open still; a button or an edit goes where it belongs. Staff have its unhappy words already.
    """
    held, turn.state.held = turn.state.held, []
    for data in held:
        event = from_dict(data)
        if isinstance(event, Replied):
            _read_late(turn, replace(event, verdict="fine", mood=_calm(event)), asked)


def _read_late(turn: Turn, event: Replied, asked: int) -> None:
    state = turn.state
    turn.message, turn.mood, turn.verdict = event.message, event.mood, event.verdict
    if state.status not in ("asking", "waiting") and state.outcome != "finished":
        return
    if not _about_earlier(turn, event) and state.status == "asking" and state.open_step == asked:
        _read(turn, event)


def _calm(event: Replied) -> Any:
    return replace(event.mood, always=False) if event.mood is not None else None
