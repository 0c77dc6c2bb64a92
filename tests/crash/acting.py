"""The business's action: it books something elsewhere, under the key that it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from tests.crash.faults import KILLS

#: Where the bookings stand; the child sets it.
BOOKINGS = Path()


class Book(Action):
    def name(self) -> str:
        return "action_book"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        key = tracker.latest_message["metadata"]["idempotency_key"]
        KILLS.at("action: before its effect")
        KILLS.write(BOOKINGS, key)
        KILLS.at("action: after its effect")
        return [SlotSet("booked", key)]
