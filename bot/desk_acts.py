"""What a colleague can do with a ticket, from a chat or from the console.

Rule: everything here ends in one turn under the customer's lock (`desk_turns.py`); before it only what the turn may not
ask the store for is read: who the colleague is, and where the customer can be written to. A refusal is returned, never
raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from typing import Literal

import orjson

from bot import cards
from bot.conversation import Conversations
from bot.desk_results import AlreadyClaimed, AlreadyClosed, Marked, NotStaff, Repeated, Result, Unreachable, named
from bot.planner import House, Reach, refusal
from bot.turn_carry import StaffWord
from channels.channel import Clock
from dialogs.texts import text
from dialogs.unhappy import Reader
from storage import desk_messages, tickets
from storage.crypto import new_public_id
from storage.database import Database
from storage.desk_messages import StaffRow
from storage.tickets import TicketRow
from storage.turn_rows import CorrectionRow, DeskInbound, JobRef, OutgoingRow

Outcome = Literal["resolved", "not_unhappy", "no_answer"]
Verdict = Literal["unhappy", "not_unhappy"]
OUTCOMES: tuple[Outcome, ...] = ("resolved", "not_unhappy", "no_answer")

#: Lines that follow a reply, given the channel it goes by.
Follow = Callable[[str], Sequence[OutgoingRow]]


class TurnFailed(Exception):
    """The turn of a colleague's word was not written; the reason is kept in the log, not shown to customers."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """`after` closing a ticket the dialog `script` asks whether it was put right; an empty name: nobody is asked."""

    after: timedelta
    script: str


class DeskActs:
    """Claim, release, reply, close, correct."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        clock: Clock,
        rules: Callable[[], House],
        reader: Callable[[], Reader],
        recovery: Recovery,
    ) -> None:
        self._database, self._conversations, self._clock = database, conversations, clock
        self._rules, self._reader, self._recovery = rules, reader, recovery

    async def claim(self, ticket_id: int, staff_id: int, *, kept: DeskInbound | None = None) -> Result:
        """Take the ticket: Claimed for exactly one, AlreadyClaimed (with the holder's name) for the others."""
        return await self._word(StaffWord("claim", ticket_id, staff_id, kept=kept))

    async def release(self, ticket_id: int, staff_id: int, *, kept: DeskInbound | None = None) -> Result:
        """Hand it back, so that anyone may claim it; the dialog stays paused and staff go on hearing the customer."""
        return await self._word(StaffWord("release", ticket_id, staff_id, kept=kept))

    async def reply(
        self,
        ticket_id: int,
        staff_id: int,
        words: str,
        *,
        kept: DeskInbound | None = None,
        follow: Follow | None = None,
    ) -> Result:
        """Write to the customer on their own channel, claiming the ticket where nobody has it.

        Said (with the outgoing public id), AlreadyClaimed, AlreadyClosed, NotStaff or Unreachable. Raises ValueError
        for an empty text.
        """
        if not words.strip():
            raise ValueError("a reply has no words; write what the customer is to read")
        where = await self._where(ticket_id)
        if isinstance(where, Unreachable):
            return where
        public_id = _reply_id(kept.dedup) if kept is not None and kept.dedup else new_public_id()
        word = StaffWord("say", ticket_id, staff_id, text=words.strip(), kept=kept, public_id=public_id)
        lines = tuple(follow(where.channel)) if follow is not None else ()
        return await self._word(replace(word, address_id=where.address_id, channel=where.channel, lines=lines))

    async def close(
        self, ticket_id: int, staff_id: int, outcome: Outcome, *, kept: DeskInbound | None = None
    ) -> Result:
        """Close it: the paused dialog ends, and after a while the customer is asked whether it was put right.

        "not_unhappy" also keeps the customer's words as a correction to learn from. Somebody who is unhappy again
        later gets a new ticket, whose card names this one. Raises ValueError for an unknown outcome.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"a ticket cannot be closed as {outcome!r}; use one of {', '.join(OUTCOMES)}")
        ticket = await tickets.get(self._database, ticket_id)
        if ticket is None:
            return AlreadyClosed()
        word = StaffWord("close", ticket_id, staff_id, text=ticket.text, outcome=outcome, kept=kept)
        if outcome == "resolved" and self._recovery.script:
            after = int(self._recovery.after.total_seconds() * 1000)
            word = replace(word, again_at=self._now() + after)
        if outcome == "not_unhappy" and ticket.text:
            inbound_id = await tickets.message_of(self._database, ticket.customer_id, ticket.text)
            word = replace(word, correction=self._correction(inbound_id, staff_id, ticket.text, 0))
        return await self._word(word)

    async def correct(self, inbound_id: int, staff_id: int, verdict: Verdict) -> Result:
        """A colleague's word against the reading of a customer's message.

        "unhappy" also opens a ticket, or joins the open one (Opened); "not_unhappy" is kept alone (Marked). Raises
        LookupError where there is no such message.
        """
        message = await tickets.message(self._database, inbound_id)
        if message is None:
            raise LookupError(f"no message {inbound_id} of a customer")
        who = await desk_messages.colleague(self._database, staff_id)
        if who is None:
            return NotStaff()
        row = self._correction(message.id, staff_id, message.text, int(verdict == "unhappy"))
        if verdict == "not_unhappy":
            await tickets.correct(self._database, row, self._now())
            return Marked()
        mood = self._reader().read(message.text)
        word = StaffWord("missed", 0, staff_id, who.name, text=message.text, correction=row, mood=mood)
        word = replace(word, address_id=message.address_id, channel=message.channel)
        return await self.turn(message.customer_id, word)

    async def take_up(self, inbound_id: int, staff_id: int) -> Result:
        """Answer a message that nobody asked for: a ticket is opened for it (Opened), without a word on its reading.

        Raises LookupError where there is no such message.
        """
        message = await tickets.message(self._database, inbound_id)
        if message is None:
            raise LookupError(f"no message {inbound_id} of a customer")
        who = await desk_messages.colleague(self._database, staff_id)
        if who is None:
            return NotStaff()
        word = StaffWord("missed", 0, staff_id, who.name, text=message.text)
        word = replace(word, address_id=message.address_id, channel=message.channel)
        return await self.turn(message.customer_id, word)

    async def turn(self, customer_id: int, word: StaffWord, job: JobRef | None = None) -> Result:
        """Have the word decided; what came of it. Raises TurnFailed, and what the store raises."""
        booked = await self._conversations.nudge(customer_id, word, job)
        if booked.status == "stale":
            return Repeated()
        if booked.status != "done" or booked.writes is None:
            # The store refuses a message of staff that it has already; nothing else of the word was written then.
            if word.kept is not None and await desk_messages.is_kept(self._database, word.kept.dedup):
                return Repeated()
            raise TurnFailed(booked.reason)
        result: Result = booked.writes.result
        if isinstance(result, AlreadyClaimed):
            return named(result, await desk_messages.name_of(self._database, result.staff_id))
        return result

    async def _word(self, word: StaffWord) -> Result:
        ticket = await tickets.get(self._database, word.ticket_id)
        if ticket is None:
            return AlreadyClosed()
        who: StaffRow | None = await desk_messages.colleague(self._database, word.staff_id)
        if who is None:
            return NotStaff()
        return await self.turn(ticket.customer_id, replace(word, staff_name=who.name, admin=who.role == "admin"))

    async def _where(self, ticket_id: int) -> Reach | Unreachable:
        """The customer's own channel: the open dialog's address, the ticket's, else where they last wrote."""
        rules, now, why = self._rules(), self._now(), ""
        for row in await tickets.reaches(self._database, ticket_id):
            window = (row.last_inbound_at, row.window_at, row.window_left, row.free_until)
            reach = Reach(row.id, row.channel, row.status, *window)
            reason = refusal(reach, rules, now)
            if not reason:
                return reach
            why = why or reason
        return Unreachable(why)

    def _correction(self, inbound_id: int | None, staff_id: int, words: str, unhappy: int) -> CorrectionRow:
        mood = self._reader().read(words)
        topics = orjson.dumps(mood.topics).decode()
        return CorrectionRow(inbound_id, staff_id, words, mood.language, unhappy, topics)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def ticket_name(ticket: TicketRow, language: str) -> str:
    """The customer's name as staff read it."""
    return cards.clip(ticket.customer, 60) or text("desk.unknown_customer", language)


def _reply_id(dedup: str) -> str:
    """The same message of a colleague always gives the same outgoing message."""
    return blake2b(f"reply/{dedup}".encode(), digest_size=16).hexdigest()
