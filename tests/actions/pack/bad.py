"""Actions that do what they should not."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

#: What a blocking action waits for; a test that sets it lets it go.
GATE = threading.Event()


class Raising(Action):
    def name(self) -> str:
        return "action_raising"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise KeyError(f"call me on {tracker.latest_message['text']}")


class Rejecting(Action):
    def name(self) -> str:
        return "action_rejecting"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ActionExecutionRejection(self.name(), "not on Sundays")


class Hanging(Action):
    def name(self) -> str:
        return "action_hanging"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        await asyncio.sleep(3600)
        return []


class Blocking(Action):
    def name(self) -> str:
        return "action_blocking"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        GATE.wait()
        return []


class Exiting(Action):
    def name(self) -> str:
        return "action_exiting"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        sys.exit(3)


class Odd(Action):
    """What it returns are no events, or none that JSON can hold."""

    def name(self) -> str:
        return "action_odd"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        return [{"event": "slot", "name": "x", "value": object()}]
