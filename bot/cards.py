"""What staff read of a ticket: the card with its buttons, and the lines under it.

Rule: pure. A card is plain text with buttons, so that it reads the same in Telegram, in a mail and in an SMS; what the
customer wrote stands in quotes and is never read as markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.directory import utc
from bot.payloads import ticket_payload
from channels.message import Choice
from dialogs.texts import text

LONGEST_QUOTE: Final = 700


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history: who ("customer", "bot" or a colleague's name) wrote what at `at` (ms)."""

    at: int
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a card shows. `body` is the ticket's JSON; `state` open | claimed | closed."""

    ticket: str
    customer: str
    severity: str
    reason: str
    said: str
    body: Mapping[str, Any]
    state: str
    timezone: str
    opened_at: int
    number: int = 0
    moment: str = ""
    claimed_by: str = ""
    claimed_at: int = 0
    closed_by: str = ""
    closed_at: int = 0
    history: Sequence[Line] = ()
    more: str = ""


def draw(card: Card, language: str) -> tuple[str, tuple[Choice, ...]]:
    """The card's text and its buttons, in the team's language."""
    title = "desk.card_title" if card.severity == "normal" else f"desk.card_title_{card.severity}"
    lines = [text(title, language, customer=card.customer or text("desk.unknown_customer", language))]
    if card.said:
        lines.append(text("desk.card_said", language, text=clip(card.said, LONGEST_QUOTE)))
    lines += [
        text("desk.card_answer", language, question=slot, answer=_shown(value, language))
        for slot, value in card.body.get("slots", {}).items()
        if value not in (None, "", card.said)
    ]
    lines.append(text(f"desk.card_reason_{card.reason}", language))
    if card.body.get("contradiction"):
        lines.append(text("desk.card_contradiction", language))
    if card.body.get("why"):
        lines.append(text("desk.card_why", language, why=", ".join(card.body["why"])))
    if card.body.get("topics"):
        lines.append(text("desk.card_topics", language, topics=", ".join(card.body["topics"])))
    lines.append(
        text("desk.card_channel", language, channel=card.body.get("channel", ""), time=_clock(card.opened_at, card))
    )
    lines += _history(card, language)
    lines += _state(card, language)
    return "\n".join(lines), _buttons(card, language)


def said_line(customer: str, words: str, language: str) -> str:
    """A line under the card: what the customer wrote."""
    name = customer or text("desk.unknown_customer", language)
    return text("desk.customer_said", language, customer=name, text=clip(words, 2000))


def clip(words: str, longest: int) -> str:
    """At most `longest` characters, with an ellipsis where something was cut."""
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _history(card: Card, language: str) -> list[str]:
    if not card.history:
        return []
    names = {"customer": text("desk.who_customer", language), "bot": text("desk.who_bot", language)}
    lines = [
        text(
            "desk.card_history_line",
            language,
            time=_clock(line.at, card),
            who=names.get(line.who, line.who),
            text=clip(line.text.replace("\n", " "), 160),
        )
        for line in card.history
    ]
    return [text("desk.card_history", language), *lines]


def _state(card: Card, language: str) -> list[str]:
    lines = []
    if card.claimed_by:
        lines.append(
            text("desk.claimed_by", language, name=card.claimed_by, time=_clock(card.claimed_at, card))
        )
    if card.state == "closed":
        lines.append(text("desk.closed_by", language, name=card.closed_by, time=_clock(card.closed_at, card)))
    return lines


def _buttons(card: Card, language: str) -> tuple[Choice, ...]:
    if card.state == "closed":
        return ()
    claim = Choice(text("desk.button_claim", language), ticket_payload(card.ticket, "claim"))
    rest = (
        Choice(text("desk.button_reply", language), ticket_payload(card.ticket, "reply")),
        Choice(text("desk.button_close", language), ticket_payload(card.ticket, "close")),
        Choice(text("desk.button_not_unhappy", language), ticket_payload(card.ticket, "not_unhappy")),
    )
    return rest if card.state == "claimed" else (claim, *rest)


def _clock(at: int, card: Card) -> str:
    moment: datetime = utc(at).astimezone(ZoneInfo(card.timezone or "UTC"))
    return f"{moment:%m-%d %H:%M}"


def _shown(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return text("dialog.yes" if value else "dialog.no", language)
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return clip(f"{value:g}" if isinstance(value, float) else str(value), 300)
