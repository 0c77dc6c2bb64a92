"""What goes to a staff chat is drawn when it is sent: the card as the ticket stands now, lines under their card.

Rule: called with a claimed row, before anything of it has left. What need not be sent any more is settled here, in the
store, and None is returned. A network call (a forum topic is opened) happens outside every transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

import orjson

from bot import cards
from bot.directory import Directory
from bot.script_shelf import ScriptShelf
from channels.channel import Channel, Clock
from channels.message import Outbound
from channels.render import fit
from storage import desk_cards, tickets
from storage.database import Database
from storage.outbox_rows import ClaimedRow
from storage.tickets import TicketRow

#: Rows of the outbox that want to be composed.
KINDS: Final = frozenset({"card", "update", "relay", "desk", "summary"})
#: The summary follows the first card that was set aside after so many milliseconds.
SUMMARY_SOON: Final = 5_000
_MOST_LINES: Final = 25
_HISTORY: Final = 6
#: In an SMS, where every part costs, the history is left out.
_ROOMY: Final = 4_000
_BEFORE: Final = 30 * 24 * 3600 * 1000
_NO_TOPICS_FOR: Final = 10 * 60 * 1000
_TITLE: Final = 60


@runtime_checkable
class OpensTopics(Protocol):
    """A channel whose groups may have a thread of its own for each ticket."""

    async def open_topic(self, chat: str, title: str) -> str:
        """The new topic's id; empty where the group has none."""


@dataclass(frozen=True, slots=True)
class _Chat:
    """Where a row goes: its address and channel."""

    address_id: int
    channel: Channel
    language: str


class CardComposer:
    """Draws cards. `summary_above`: so many cards a minute go to one chat singly, the rest in a summary.

    `console_url` stands in a summary that leaves tickets out.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, Channel],
        directory: Callable[[], Directory],
        shelf: ScriptShelf,
        *,
        summary_above: int,
        console_url: str,
    ) -> None:
        self._database, self._clock, self._channels = database, clock, channels
        self._directory, self._shelf = directory, shelf
        self._summary_above, self._console_url = summary_above, console_url
        self._no_topics: dict[int, int] = {}

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        """The message to send for a claimed row of `KINDS`, or None where it was settled without being sent."""
        if row.kind == "summary":
            return await self._summed_up(row, outbound)
        ticket_id = await desk_cards.ticket_of(self._database, row.id)
        ticket = await tickets.get(self._database, ticket_id) if ticket_id is not None else None
        if ticket is None:
            return self._fitted(outbound, row)
        match row.kind:
            case "card":
                return await self._card(row, outbound, ticket)
            case "update":
                return await self._update(row, outbound, ticket)
            case _:
                return self._fitted(await self._under(row, outbound, ticket), row)

    async def _card(self, row: ClaimedRow, outbound: Outbound, ticket: TicketRow) -> Outbound | None:
        now = self._now()
        if await desk_cards.sent_lately(self._database, row.address_id, now) >= self._summary_above:
            await desk_cards.set_aside(self._database, row.id, row.attempts, row.address_id, soon=SUMMARY_SOON, now=now)
            return None
        thread = await self._thread(row, outbound, ticket)
        drawn = await self._drawn(row, outbound, replace(ticket, thread=thread))
        return replace(drawn, thread=thread)

    async def _summed_up(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        """Those of the tickets that still stand open, as they were ranked."""
        numbers: list[int] = orjson.loads(row.body)["tickets"]
        found = [await tickets.get(self._database, number) for number in numbers]
        lines = [
            cards.SummaryLine(t.id, t.customer, t.severity, t.text, t.public_id)
            for t in found
            if t is not None and t.status != "closed"
        ]
        if not lines:
            await desk_cards.drop(self._database, row.id, row.attempts, "its tickets are closed", self._now())
            return None
        shown, left = lines[:_MOST_LINES], len(lines[_MOST_LINES:])
        language = outbound.language
        choices = cards.claim_buttons(shown, language)
        if self._channels[row.channel].capabilities.max_choices == 0:
            choices = ()
        words = cards.summary(shown, left, self._console_url, language)
        return self._fitted(replace(outbound, text=words, choices=choices), row)

    async def _update(self, row: ClaimedRow, outbound: Outbound, ticket: TicketRow) -> Outbound | None:
        database, now = self._database, self._now()
        if await desk_cards.is_superseded(database, row.id, ticket.id, row.address_id):
            await desk_cards.drop(database, row.id, row.attempts, "a later change of the card follows", now)
            return None
        card = await desk_cards.standing(database, ticket.id, row.address_id)
        if card is not None and self._channels[row.channel].capabilities.edits:
            return replace(await self._drawn(row, outbound, ticket), edit_of=card.external_id)
        if not row.text:
            await desk_cards.drop(database, row.id, row.attempts, "the line under the card says it", now)
            return None
        if card is None and ticket.status != "closed":
            return replace(await self._drawn(row, outbound, ticket), thread=ticket.thread)
        return self._fitted(await self._under(row, outbound, ticket), row)

    async def _under(self, row: ClaimedRow, outbound: Outbound, ticket: TicketRow) -> Outbound:
        """A line stands under what it was written to answer, else under the ticket's card."""
        if outbound.reply_to:
            return outbound
        card = await desk_cards.standing(self._database, ticket.id, row.address_id)
        reply_to = card.external_id if card is not None else ""
        return replace(outbound, reply_to=reply_to, thread=outbound.thread or ticket.thread)

    async def _thread(self, row: ClaimedRow, outbound: Outbound, ticket: TicketRow) -> str:
        """The ticket's forum topic, opened where the group has topics."""
        channel = self._channels[row.channel]
        if ticket.thread or not isinstance(channel, OpensTopics):
            return ticket.thread
        if self._no_topics.get(row.address_id, 0) > self._now():
            return ""
        name = ticket.customer or outbound.text.partition("\n")[0]
        thread = await channel.open_topic(outbound.to.id, f"#{ticket.id} {cards.clip(name, _TITLE)}")
        if not thread:
            self._no_topics[row.address_id] = self._now() + _NO_TOPICS_FOR
            return ""
        await tickets.set_thread(self._database, ticket.id, thread)
        return thread

    async def _drawn(self, row: ClaimedRow, outbound: Outbound, ticket: TicketRow) -> Outbound:
        channel = self._channels[row.channel]
        card = await self._read(_Chat(row.address_id, channel, outbound.language), ticket)
        shown, choices = cards.draw(card, outbound.language)
        # Without buttons the card itself says how to answer: a list of numbers would be mistaken for it.
        if channel.capabilities.max_choices == 0:
            choices = ()
        subject = outbound.subject or shown.partition("\n")[0]
        return self._fitted(replace(outbound, text=shown, choices=choices, subject=subject), row)

    async def _read(self, chat: _Chat, ticket: TicketRow) -> cards.Card:
        database, team = self._database, self._directory().by_id(ticket.team_id)
        roomy = chat.channel.capabilities.max_text >= _ROOMY
        said = await desk_cards.history(database, ticket.customer_id, _HISTORY + 2) if roomy else []
        history = [cards.Line(one.at, one.who, one.text) for one in said if one.text != ticket.text]
        answers = await desk_cards.answers(database, ticket.conversation_id)
        before = await tickets.last_closed(database, ticket.customer_id, ticket.opened_at - _BEFORE)
        return cards.Card(
            ticket=ticket.public_id,
            customer=ticket.customer,
            severity=ticket.severity,
            reason=ticket.reason,
            said=ticket.text,
            body=ticket.details,
            state=ticket.status,
            timezone=team.timezone if team is not None else "UTC",
            opened_at=ticket.opened_at,
            number=ticket.id,
            moment=await self._dialog(ticket, chat.language),
            claimed_by=ticket.staff,
            claimed_at=ticket.claimed_at or 0,
            closed_by=ticket.closed_by,
            closed_at=ticket.closed_at or 0,
            outcome=ticket.outcome,
            history=history[-_HISTORY:],
            answers=[(a["slot"], a["type"], cards.read_value(a["value"], a["said"], a["type"])) for a in answers],
            tags=orjson.loads(ticket.tags),
            before=before.id if before is not None and before.id != ticket.id else 0,
            on=chat.channel.name,
            thread=ticket.thread,
        )

    async def _dialog(self, ticket: TicketRow, language: str) -> str:
        """The title of the dialog in which it happened."""
        script = self._shelf.compiled.get(await desk_cards.script_of(self._database, ticket.conversation_id))
        return script.title_in(language) if script is not None else ""

    def _fitted(self, outbound: Outbound, row: ClaimedRow) -> Outbound:
        """One message's worth: a row is one call to the provider, so what is too long ends with its first part."""
        capabilities = self._channels[row.channel].capabilities
        parts = fit(outbound, capabilities)
        return replace(parts[0], id=outbound.id, choices=parts[-1].choices)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
