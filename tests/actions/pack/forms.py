"""Forms that validate what a customer answered."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction


class OrderForm(FormValidationAction):
    def name(self) -> str:
        return "validate_order"

    def validate_number(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        """Orders are 1000 and above; 7 is an old way of writing 7000; 13 breaks it; 5000 tells two things."""
        match value:
            case 7:
                return {"number": 7000}
            case 13:
                raise LookupError("the customer's own words")
            case 5000:
                return {"number": 5000, "store": "Pudong"}
            case 1111:
                return {"number": tracker.get_slot("requested_slot")}
        if value < 1000:
            dispatcher.utter_message(text="There is no such order.")
            return {"number": None}
        return {"number": value}

    async def validate_name(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {"name": value.title()}


class ChoosyForm(FormValidationAction):
    """Says itself which slots it wants."""

    def name(self) -> str:
        return "validate_choosy"

    async def required_slots(self, domain_slots: Any, dispatcher: Any, tracker: Any, domain: Any) -> list[str]:
        return [*domain_slots, "reason"] if tracker.get_slot("score") == 2 else []

    def validate_score(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {"score": value * 10}

    def extract_reason(self, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {"reason": tracker.latest_message["text"]}
