"""Actions of rasa-sdk: run in this process through its `ActionExecutor`, or on a remote action server by the same JSON.

Rule: this file alone imports rasa_sdk, and only when an action is to be run. An action is somebody else's code: it gets
a copy of everything, never runs on the server's event loop, and has a time limit; whatever it does wrong becomes the
`error` of its `Acted`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import pkgutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from bot.turn_carry import Acted
from channels.channel import Http
from channels.errors import NotSent, Unanswered

_LOG = logging.getLogger("motline.actions")
#: The version of Rasa whose wire format this is (rasa_sdk.types.ActionCall).
_VERSION: Final = "3.21.1"
_WORKERS: Final = 8


class ActionFailed(Exception):
    """An action could not be run, refused, or took too long; the message is for staff."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of an action. `key` is the same each time it is tried again; `sender` is the customer's public id.

    `validates` is the slot whose candidate `value` is to be validated by `action` (a form's), or empty.
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


class Runner(Protocol):
    """Where actions run."""

    async def run(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        """The wire JSON in, `{"events", "responses"}` out. Raises ActionFailed."""


class Actions:
    """Runs calls under a time limit, in seconds."""

    def __init__(self, runner: Runner, timeout: float) -> None:
        self._runner = runner
        self._timeout = timeout

    async def run(self, call: Call) -> Acted:
        """Run it; never raises for what an action does."""
        try:
            async with asyncio.timeout(self._timeout):
                result = await self._runner.run(wire(call))
            return acted(call, result)
        except TimeoutError:
            error = f"{call.action} took longer than {self._timeout:g} s"
        except ActionFailed as failed:
            error = str(failed)
        except Exception as other:
            _LOG.warning("%s raised %s", call.action, type(other).__name__, exc_info=other)
            error = f"{call.action} raised {type(other).__name__}"
        return Acted(call.conversation_id, call.step, call.sequence, error=error)


def wire(call: Call) -> dict[str, Any]:
    """The JSON of rasa_sdk.types.ActionCall. For a validation the candidate is the trailing event.

    The tracker carries `metadata.idempotency_key`: an action is run at least once.
    """
    slots = {**call.slots, call.validates: call.value} if call.validates else dict(call.slots)
    form = call.action.removeprefix("validate_") if call.validates else ""
    candidate = [{"event": "slot", "timestamp": None, "name": call.validates, "value": call.value}]
    latest = {
        "text": call.text,
        "intent": {"name": None, "confidence": 0.0},
        "entities": [],
        "metadata": {"idempotency_key": call.key, "profile": dict(call.profile or {})},
    }
    return {
        "next_action": call.action,
        "sender_id": call.sender,
        "tracker": {
            "sender_id": call.sender,
            "slots": {**slots, "requested_slot": call.validates or None},
            "latest_message": latest,
            "events": [
                {"event": "user", "timestamp": None, "text": call.text, "metadata": latest["metadata"]},
                *(candidate if call.validates else ()),
            ],
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": form} if form else {},
            "latest_action_name": "action_listen",
            "stack": [],
        },
        "domain": {
            "intents": [],
            "entities": [],
            "slots": {name: {"type": "any", "mappings": []} for name in slots},
            "responses": {},
            "actions": [call.action],
            "forms": {form: {"required_slots": [call.validates]}} if form else {},
        },
        "version": _VERSION,
    }


def acted(call: Call, result: Mapping[str, Any]) -> Acted:
    """What events and responses mean for the dialog. Raises ActionFailed where they are not of that shape."""
    events, responses = result.get("events"), result.get("responses")
    if not isinstance(events, list) or not isinstance(responses, list):
        raise ActionFailed(f"{call.action} answered without events and responses")
    slots: dict[str, Any] = {}
    followup = ""
    for event in events:
        if not isinstance(event, Mapping):
            continue
        if event.get("event") == "slot" and event.get("name") != "requested_slot":
            slots[str(event.get("name"))] = event.get("value")
        elif event.get("event") == "followup":
            followup = str(event.get("name") or "")
    if call.validates:
        slots.setdefault(call.validates, call.value)
    messages = tuple(_message(response) for response in responses if isinstance(response, Mapping))
    return Acted(call.conversation_id, call.step, call.sequence, slots, messages, followup)


def _message(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response as the engine says it: its text, its buttons, or the name of an `utter_` text."""
    found: dict[str, Any] = {"text": response.get("text") or ""}
    buttons = [one for one in response.get("buttons") or () if isinstance(one, Mapping) and one.get("title")]
    if buttons:
        found["buttons"] = [
            {"title": str(one["title"]), "payload": str(one.get("payload") or one["title"])} for one in buttons
        ]
    if response.get("response"):
        found["response"] = str(response["response"])
    for kind in ("image", "attachment"):
        if isinstance(response.get(kind), str):
            found["text"] = f"{found['text']}\n{response[kind]}".strip()
    return found


class Remote:
    """An action server over HTTP: 404 is an unknown action, 400 a rejected one, 449 a missing domain."""

    def __init__(self, url: str, http: Http, timeout: float) -> None:
        self._url, self._http, self._timeout = url, http, timeout

    async def run(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post the call."""
        name = call["next_action"]
        try:
            answer = await self._http.request(
                "POST",
                self._url,
                headers={"content-type": "application/json"},
                body=orjson.dumps(call),
                timeout=self._timeout,
            )
        except (NotSent, Unanswered) as error:
            raise ActionFailed(f"the action server at {self._url} did not answer ({type(error).__name__})") from None
        if answer.status == 404:
            raise ActionFailed(f"the action server knows no action {name!r}")
        if answer.status != 200:
            raise ActionFailed(f"the action server refused {name!r} with status {answer.status}")
        try:
            result = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise ActionFailed(f"the action server answered {name!r} with no JSON") from None
        if not isinstance(result, dict):
            raise ActionFailed(f"the action server answered {name!r} with no JSON object")
        return result


class InProcess:
    """The actions of one Python package, run by rasa-sdk's own executor in threads of their own.

    `rasa_sdk.executor.register_package` is not used: it exits the process on an ImportError and registers every Action
    that it can see. Each call has an event loop of its own, so that an action that blocks holds up nobody.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._executor: Any = None
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="action")

    def load(self) -> list[str]:
        """Import the package; the names of its actions. Raises ActionFailed naming the module that failed."""
        from rasa_sdk import Action
        from rasa_sdk.executor import ActionExecutor

        executor = ActionExecutor()
        for module in _modules(self._package):
            for _, found in inspect.getmembers(module, inspect.isclass):
                own = found.__module__ == module.__name__
                if own and issubclass(found, Action) and not inspect.isabstract(found):
                    executor.register_action(found)
        self._executor = executor
        return sorted(executor.actions)

    async def run(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run the call in a thread; the executor gets a copy, as it changes what it is given."""
        loop = asyncio.get_running_loop()
        if self._executor is None:
            await loop.run_in_executor(self._threads, self.load)
        name = call["next_action"]
        if name not in self._executor.actions:
            known = ", ".join(sorted(self._executor.actions)) or "none"
            raise ActionFailed(f"the package {self._package} has no action {name!r}; it has: {known}")
        copy = orjson.loads(orjson.dumps(call))
        return await loop.run_in_executor(self._threads, self._alone, copy)

    def _alone(self, call: dict[str, Any]) -> Mapping[str, Any]:
        result = asyncio.run(self._executor.run(call))
        if result is None:
            raise ActionFailed(f"{call['next_action']} gave no result")
        found: Mapping[str, Any] = orjson.loads(result.model_dump_json())
        return found

    def close(self) -> None:
        """Let running actions end by themselves; no new ones start."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Nowhere:
    """No action server and no package: a script with an action is told so."""

    async def run(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        """Raises ActionFailed."""
        raise ActionFailed(f"{call['next_action']}: set [actions] package or url in config.toml")


def _modules(package: str) -> list[Any]:
    try:
        root = importlib.import_module(package)
        names = [
            found.name for found in pkgutil.walk_packages(getattr(root, "__path__", ()), prefix=f"{package}.")
        ]
        return [root, *(importlib.import_module(name) for name in names)]
    except ImportError as error:
        raise ActionFailed(f"[actions] package = {package!r} cannot be imported: {error}") from error
