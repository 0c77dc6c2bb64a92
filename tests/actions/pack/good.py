"""Actions that do what they should."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import AllSlotsReset, ConversationPaused, FollowupAction, SlotSet


class Named(Action, ABC):
    """A base of the package's own: abstract, so no action itself."""

    @abstractmethod
    def name(self) -> str: ...


class Offer(Named):
    def name(self) -> str:
        return "action_offer"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        metadata = tracker.latest_message["metadata"]
        dispatcher.utter_message(text=f"A voucher for {metadata['profile']['name']}")
        return [SlotSet("voucher", metadata["idempotency_key"]), SlotSet("seen", tracker.get_slot("nps"))]


class Plain(Action):
    """Not a coroutine."""

    def name(self) -> str:
        return "action_plain"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        return [SlotSet("heard", tracker.latest_message["text"]), SlotSet("who", tracker.sender_id)]


class Silent(Action):
    def name(self) -> str:
        return "action_silent"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> None:
        return None


class Talkative(Action):
    def name(self) -> str:
        return "action_talkative"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        buttons = [{"title": "Tea", "payload": "/tea"}, {"title": "茶", "payload": "/cha"}]
        dispatcher.utter_message(text="What would you like?", buttons=buttons)
        dispatcher.utter_message(response="utter_thanks", name="Ann")
        dispatcher.utter_message(image="https://example.invalid/cup.png", json_message={"kind": "card"})
        return [FollowupAction("thanks")]


class Resetting(Action):
    def name(self) -> str:
        return "action_reset"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        return [AllSlotsReset(), SlotSet("kept", [1, {"two": "三"}]), ConversationPaused()]


class Mutating(Action):
    """Changes everything that it is given."""

    def name(self) -> str:
        return "action_mutating"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        seen = [dict(tracker.slots["deep"]), len(tracker.events), len(domain["slots"])]
        tracker.slots["deep"]["count"] = 99
        tracker.slots.clear()
        tracker.events.clear()
        tracker.latest_message.clear()
        domain.clear()
        return [SlotSet("seen", seen)]


class Busy(Action):
    """Holds the processor, and says which domain it was given."""

    def name(self) -> str:
        return "action_busy"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        until = time.perf_counter() + 0.02
        while time.perf_counter() < until:
            pass
        return [SlotSet("domain", sorted(domain["slots"]))]
