"""What comes back from an action or a validation.

Rule: a result counts once, for the step and number that wait for it. A failure is staff's business: the customer's
answer stays as it was read and the dialog goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs.engine_answers import accept, pending_words
from dialogs.engine_ask import ask_again
from dialogs.engine_replies import read_held
from dialogs.engine_steps import onward, run
from dialogs.engine_turn import Turn
from dialogs.engine_values import clean, storable
from dialogs.event_json import from_dict, to_dict
from dialogs.events import ActionFinished
from dialogs.sandbox import LONGEST_TEXT
from dialogs.script_steps import ActionStep, Collect, SayStep
from dialogs.texts import text

_MOST_MESSAGES = 5


def action_finished(turn: Turn, event: ActionFinished) -> None:
    """A result; one that is not awaited changes nothing."""
    state = turn.state
    if not state.action or event.sequence != state.action or event.step != state.open_step:
        return
    if state.status == "paused":
        state.result = to_dict(event)
        return
    state.action = 0
    step = turn.script.steps[state.open_step]
    match step:
        case Collect():
            _validated(turn, step, event)
        case ActionStep():
            _acted(turn, step, event)
        case _:
            return
    read_held(turn, step.index)


def keep_pending(turn: Turn) -> None:
    """The dialog ends while an answer is being validated: it is kept as it was read."""
    state = turn.state
    step = turn.script.steps[state.open_step]
    if state.pending is not None and isinstance(step, Collect):
        pending = pending_words(turn)
        turn.record(step, pending.get("value"), str(pending.get("raw", "")), "unvalidated")


def take_up_result(turn: Turn, data: Mapping[str, Any]) -> None:
    """The result that came while staff had the conversation."""
    turn.state.result = None
    event = from_dict(data)
    if isinstance(event, ActionFinished):
        action_finished(turn, event)


def _validated(turn: Turn, step: Collect, event: ActionFinished) -> None:
    pending = pending_words(turn)
    raw = str(pending.get("raw", ""))
    if event.error:
        turn.trouble("validation", step.index, event.error[:500], slot=step.slot)
        if step.on_error is not None:
            turn.record(step, pending.get("value"), raw, "unvalidated")
            run(turn, step.on_error)
        else:
            accept(turn, step, pending.get("value"), raw, "unvalidated", None)
        return
    _fill(turn, event, but=step.slot)
    value = storable(event.slots.get(step.slot, pending.get("value")))
    if value is None:
        _refused(turn, step, event, raw)
        return
    _say_messages(turn, event, step.index)
    accept(turn, step, value, raw, str(pending.get("how", "read")), None)


def _refused(turn: Turn, step: Collect, event: ActionFinished, raw: str) -> None:
    """The answer will not do: ask again in the validation's own words, or in ours; at the last try go on."""
    state = turn.state
    state.status = "asking"
    state.tries += 1
    if state.tries >= step.max_tries or state.declined:
        turn.record(step, None, raw, "none")
        run(turn, onward(turn, step.next))
        return
    if turn.message:
        state.tried = [*state.tried, turn.message]
    lead = "\n".join(
        words for message in event.messages[:_MOST_MESSAGES] if (words := _words(turn, message, step.index))
    )
    if lead:
        turn.say(lead[:LONGEST_TEXT], step.index, "notice", step.buttons[state.language])
    else:
        ask_again(turn, step)


def _acted(turn: Turn, step: ActionStep, event: ActionFinished) -> None:
    if event.error:
        turn.trouble("action", step.index, event.error[:500], action=step.action)
        run(turn, onward(turn, step.next) if step.on_error is None else step.on_error)
        return
    _fill(turn, event, but="")
    _say_messages(turn, event, step.index)
    target = onward(turn, step.next)
    if event.followup:
        named = turn.script.index.get(event.followup)
        if named is None:
            turn.trouble("followup", step.index, text("trouble.followup", "en", step=event.followup[:60]))
        else:
            target = named
    run(turn, target)


def _fill(turn: Turn, event: ActionFinished, but: str) -> None:
    for slot, given in event.slots.items():
        value = storable(given)
        if value is None and given is not None:
            turn.trouble("slot", event.step, text("trouble.slot", "en", slot=slot[:60]))
        elif slot != but:
            turn.fill(slot, value)


def _say_messages(turn: Turn, event: ActionFinished, at: int) -> None:
    for message in event.messages[:_MOST_MESSAGES]:
        turn.say(_words(turn, message, at), at)
    if len(event.messages) > _MOST_MESSAGES:
        said = text("trouble.messages", "en", count=len(event.messages), most=_MOST_MESSAGES)
        turn.trouble("messages", at, said)


def _words(turn: Turn, message: Mapping[str, Any], at: int) -> str:
    """rasa-sdk's message: its `text`, or the script's own words for its `response` (utter_<step>)."""
    given = message.get("text")
    if isinstance(given, str) and given.strip():
        return clean(given)[:LONGEST_TEXT]
    response = str(message.get("response") or message.get("template") or "")
    if not response:
        return ""
    index = turn.script.index
    step = turn.script.steps[index.get(response, index.get(response.removeprefix("utter_"), at))]
    if isinstance(step, SayStep):
        return step.say.pick(turn.state.language, turn.state.channel).render(turn.scope)
    turn.trouble("response", at, text("trouble.response", "en", response=response[:60]))
    return ""
