"""What goes to an action of rasa-sdk and what comes back: Rasa's own JSON, and what it means for a dialog.

Rule: pure. The same JSON goes to an action in this process and to an action server. What an action gave that Motline
cannot carry out is named in the log by its kind, never by what it held.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.turn_carry import Acted

_LOG = logging.getLogger("motline.actions")
#: The version of Rasa whose wire format this is (rasa_sdk.types.ActionCall).
_VERSION: Final = "3.21.1"
#: Events that say what is so anyway, or are the dialog's own business.
_WITHOUT_EFFECT: Final = ("user", "bot", "action", "active_loop", "form", "loop_interrupted", "entities")


class ActionFailed(Exception):
    """An action could not be run, refused, or took too long; the message is for staff."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of an action. `key` is the same each time it is tried again; `sender` is the customer's public id.

    `validates` is the slot whose candidate `value` is to be validated by `action` (a form's), or empty. `profile` is
    the customer's attributes and name.
    """

    action: str
    key: str
    sender: str
    conversation_id: int
    step: int
    sequence: int
    slots: Mapping[str, Any]
    text: str = ""
    validates: str = ""
    value: Any = None
    profile: Mapping[str, Any] | None = None


def wire(call: Call) -> dict[str, Any]:
    """The JSON of rasa_sdk.types.ActionCall.

    For a validation the candidate is the trailing event, without which rasa-sdk validates nothing. The latest message
    carries `metadata.idempotency_key`: an action is run at least once. The domain is never empty, as rasa-sdk would
    then take the last one it saw.
    """
    slots = {**call.slots, call.validates: call.value} if call.validates else dict(call.slots)
    form = call.action.removeprefix("validate_") if call.validates else ""
    metadata = {"idempotency_key": call.key, "profile": dict(call.profile or {})}
    latest = {
        "text": call.text,
        "intent": {"name": None, "confidence": 0.0},
        "entities": [],
        "metadata": metadata,
    }
    candidate = {"event": "slot", "timestamp": None, "name": call.validates, "value": call.value}
    return {
        "next_action": call.action,
        "sender_id": call.sender,
        "tracker": {
            "sender_id": call.sender,
            "slots": {**slots, "requested_slot": call.validates or None},
            "latest_message": latest,
            "events": [
                {"event": "user", "timestamp": None, "text": call.text, "metadata": metadata},
                *((candidate,) if call.validates else ()),
            ],
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": form} if form else {},
            "latest_action_name": "action_listen",
            "stack": [],
        },
        "domain": _domain(call, slots, form),
        "version": _VERSION,
    }


def _domain(call: Call, slots: Mapping[str, Any], form: str) -> dict[str, Any]:
    return {
        "intents": [],
        "entities": [],
        "slots": {name: {"type": "any", "mappings": []} for name in slots},
        "responses": {},
        "actions": [call.action],
        "forms": {form: {"required_slots": [call.validates]}} if form else {},
    }


def acted(call: Call, result: Mapping[str, Any]) -> Acted:
    """What events and responses mean for the dialog. Raises ActionFailed where they are not of that shape."""
    events, responses = result.get("events"), result.get("responses")
    if not isinstance(events, list) or not isinstance(responses, list):
        raise ActionFailed(f"{call.action} answered without a list of events and a list of responses")
    slots: dict[str, Any] = {}
    followup = ""
    for event in events:
        match event:
            case {"event": "slot", "name": "requested_slot"}:
                pass  # Which question comes next is the script's business.
            case {"event": "slot", "name": str(name)}:
                slots[name] = event.get("value")
            case {"event": "reset_slots"}:
                slots |= dict.fromkeys((*call.slots, *slots))
            case {"event": "followup"}:
                followup = str(event.get("name") or "")
            case _:
                _passed_over(call, event)
    if call.validates:
        slots.setdefault(call.validates, call.value)
    messages = tuple(_message(response) for response in responses if isinstance(response, Mapping))
    return Acted(call.conversation_id, call.step, call.sequence, slots, messages, followup)


def _passed_over(call: Call, event: Any) -> None:
    kind = event.get("event") if isinstance(event, Mapping) else type(event).__name__
    if kind not in _WITHOUT_EFFECT:
        _LOG.warning("%s: the event %.40r is not carried out here and was passed over", call.action, kind)


def _message(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response as the engine says it: words, or the name of an `utter_` text.

    The titles of buttons and the addresses of pictures stand below the words: a button answers the script's own
    question and no other, so that one of an action's is a line that the customer may write back.
    """
    lines = [response["text"]] if isinstance(response.get("text"), str) else []
    for kind in ("image", "attachment"):
        if isinstance(response.get(kind), str):
            lines.append(response[kind])
    buttons = response.get("buttons")
    for button in buttons if isinstance(buttons, list) else ():
        if isinstance(button, Mapping) and isinstance(button.get("title"), str):
            lines.append(f"• {button['title']}")
    found: dict[str, Any] = {"text": "\n".join(line for line in lines if line.strip())}
    if isinstance(response.get("response"), str):
        found["response"] = response["response"]
    return found
