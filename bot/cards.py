"""What staff read of a ticket: the card with its buttons, the lines under it, and the summary of many.

Rule: pure. A card is plain text with buttons, so that it reads the same in Telegram, in a mail and in an SMS; what the
customer wrote stands in quotes and is never read as markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.directory import utc
from bot.payloads import TicketVerb, ticket_payload
from channels.capabilities import CAPABILITIES
from channels.message import Choice
from dialogs.texts import text

LONGEST_QUOTE: Final = 700
_LONGEST_LINE: Final = 160
_LONGEST_ANSWER: Final = 200
_MOST_ANSWERS: Final = 8
_MOST_CLAIMS: Final = 12
_MINUTE: Final = 60_000
#: What scales go up to; others stand as they are.
_OUT_OF: Final = {"nps": 10, "csat": 5, "ces": 7}
_CHANNELS: Final = frozenset({"wechat", "wecom", "sms", "email", "webchat", "rest", "console"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history: who ("customer", "bot" or a colleague's name) wrote what at `at` (ms)."""

    at: int
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a card shows. `body` is the ticket's JSON; `state` open | claimed | closed; times in ms.

    `answers` are (slot, type, value): those of the dialog; without any the slots of `body` are shown. `before` is the
    number of an earlier ticket of the customer, `on` the chat's own channel, which decides how staff answer there.
    """

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
    outcome: str = ""
    history: Sequence[Line] = ()
    answers: Sequence[tuple[str, str, Any]] = ()
    tags: Sequence[str] = ()
    before: int = 0
    on: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A ticket in a summary."""

    number: int
    customer: str
    severity: str
    said: str
    ticket: str


def draw(card: Card, language: str) -> tuple[str, tuple[Choice, ...]]:
    """The card's text and its buttons, in the team's language."""
    blocks = [
        _head(card, language),
        _why(card, language),
        _history(card, language),
        _state(card, language),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block), buttons(card, language)


def buttons(card: Card, language: str) -> tuple[Choice, ...]:
    """What can be done with the ticket as it stands."""
    verbs: Mapping[str, tuple[TicketVerb, ...]] = {
        "open": ("claim", "reply", "close", "not_unhappy"),
        "claimed": ("reply", "close", "release", "not_unhappy"),
    }
    return tuple(
        Choice(text(f"desk.button_{verb}", language), ticket_payload(card.ticket, verb))
        for verb in verbs.get(card.state, ())
    )


def summary(lines: Sequence[SummaryLine], left: int, url: str, language: str) -> str:
    """The summary of tickets whose cards were too many: urgent first; `left` more stand in the console at `url`."""
    urgent = sum(line.severity == "urgent" for line in lines)
    count = len(lines) + left
    head = text("desk.summary_urgent", language, count=count, urgent=urgent) if urgent else None
    shown = [head or text("desk.summary", language, count=count), ""]
    for line in lines:
        name = line.customer or text("desk.unknown_customer", language)
        said = clip(line.said.replace("\n", " "), 80) or text("desk.no_words", language)
        mark = text(f"desk.mark_{line.severity}", language)
        shown.append(text("desk.summary_line", language, mark=mark, number=line.number, customer=name, text=said))
    if left:
        shown += ["", text("desk.card_more", language, count=left, url=url)]
    return "\n".join(shown)


def claim_buttons(lines: Sequence[SummaryLine], language: str) -> tuple[Choice, ...]:
    """A button to claim each of the first tickets of a summary; their own card then follows."""
    return tuple(
        Choice(text("desk.button_claim_number", language, number=line.number), ticket_payload(line.ticket, "claim"))
        for line in lines[:_MOST_CLAIMS]
    )


def said_line(customer: str, words: str, language: str) -> str:
    """A line under the card: what the customer wrote."""
    name = customer or text("desk.unknown_customer", language)
    return text("desk.customer_said", language, customer=name, text=clip(words, 2000))


def span(milliseconds: int, language: str) -> str:
    """A time that has passed, as people say it: minutes under two hours, hours under two days, then days."""
    minutes = max(0, milliseconds) // _MINUTE
    if minutes < 120:
        return text("desk.minutes", language, count=minutes)
    hours = minutes // 60
    return text("desk.hours", language, count=hours) if hours < 48 else text("desk.days", language, count=hours // 24)


def clip(words: str, longest: int) -> str:
    """At most `longest` characters, with an ellipsis where something was cut."""
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def clock(at: int, timezone: str) -> str:
    """A time of the team's day: month, day, hours, minutes."""
    moment: datetime = utc(at).astimezone(ZoneInfo(timezone or "UTC"))
    return f"{moment:%m-%d %H:%M}"


def channel_name(channel: str, language: str) -> str:
    """A channel as people call it."""
    return text(f"desk.channel_{channel}", language) if channel in _CHANNELS else channel.capitalize()


def _head(card: Card, language: str) -> list[str]:
    title = "desk.card_title" if card.severity == "normal" else f"desk.card_title_{card.severity}"
    if card.reason == "staff" and card.body.get("unhappy") is None:
        title = "desk.card_title_message"
    head = text(title, language, customer=card.customer or text("desk.unknown_customer", language))
    lines = [f"#{card.number} {head}" if card.number else head]
    if card.said:
        lines.append(text("desk.card_said", language, text=clip(card.said, LONGEST_QUOTE)))
    return lines


def _why(card: Card, language: str) -> list[str]:
    body = card.body
    lines = [
        text("desk.card_answer", language, question=_label(slot), answer=answer)
        for slot, answer in _answers(card, language)
    ]
    lines.append(text(f"desk.card_reason_{card.reason}", language))
    if body.get("contradiction"):
        lines.append(text("desk.card_contradiction", language))
    if body.get("why"):
        lines.append(text("desk.card_why", language, why=_listed(body["why"], language)))
    if body.get("topics"):
        lines.append(text("desk.card_topics", language, topics=_listed(body["topics"], language)))
    if card.tags:
        lines.append(text("desk.card_tags", language, tags=_listed(card.tags, language)))
    if card.moment:
        lines.append(text("desk.card_moment", language, moment=card.moment))
    channel = channel_name(body.get("channel", ""), language)
    lines.append(text("desk.card_channel", language, channel=channel, time=clock(card.opened_at, card.timezone)))
    if card.before:
        lines.append(text("desk.card_before", language, number=card.before))
    return lines


def _answers(card: Card, language: str) -> list[tuple[str, str]]:
    """What was answered, but for the words that the card quotes already."""
    given = card.answers or [(slot, "", value) for slot, value in card.body.get("slots", {}).items()]
    shown = []
    for slot, kind, value in given:
        if value in (None, "", card.said) or value == []:
            continue
        words = _shown(value, language)
        shown.append((slot, f"{words}/{_OUT_OF[kind]}" if kind in _OUT_OF else words))
    return shown[:_MOST_ANSWERS]


def _history(card: Card, language: str) -> list[str]:
    if not card.history:
        return []
    names = {"customer": text("desk.who_customer", language), "bot": text("desk.who_bot", language)}
    lines = [
        text(
            "desk.card_history_line",
            language,
            time=clock(line.at, card.timezone)[6:],
            who=names.get(line.who, line.who),
            text=clip(line.text.replace("\n", " "), _LONGEST_LINE),
        )
        for line in card.history
    ]
    return [text("desk.card_history", language), *lines]


def _state(card: Card, language: str) -> list[str]:
    lines = []
    if card.claimed_by and card.state != "open":
        at = clock(card.claimed_at, card.timezone)
        lines.append(text("desk.claimed_by", language, name=card.claimed_by, time=at))
    if card.state == "closed":
        name = card.closed_by or text("desk.a_colleague", language)
        lines.append(text("desk.closed_by", language, name=name, time=clock(card.closed_at, card.timezone)))
        if card.outcome in ("resolved", "not_unhappy", "no_answer"):
            lines.append(text(f"desk.outcome_{card.outcome}", language))
        return lines
    if card.state == "open":
        lines.append(text("desk.nobody_yet", language))
    if card.number and card.on:
        lines.append(_how_to_answer(card, language))
    return lines


def _how_to_answer(card: Card, language: str) -> str:
    if CAPABILITIES[card.on].max_choices == 0:
        return text("desk.answer_by_number", language, number=card.number)
    return text("desk.answer_in_thread" if card.thread else "desk.answer_card", language)


def _label(slot: str) -> str:
    return slot.upper() if slot in _OUT_OF else slot.replace("_", " ")


def _listed(words: Sequence[Any], language: str) -> str:
    # In quotes in the file, since a sentence is read without the spaces around it.
    return text("desk.between", language).strip('"').join(str(word) for word in words)


def _shown(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return text("dialog.yes" if value else "dialog.no", language)
    if isinstance(value, list | tuple):
        return _listed(value, language)
    return clip(f"{value:g}" if isinstance(value, float) else str(value), _LONGEST_ANSWER)


def read_value(kept: str | None, said: str, kind: str) -> Any:
    """The value of an answer for a card: what was written where it is words, else what was read of it."""
    if kept is None or kind == "text":
        return said or None
    return orjson.loads(kept)
