"""The staff side of an escalation: what comes from staff's chats, what the console does, and the desk's own clocks.

Rule: this file only puts the parts together. `desk_inbox.py` reads what staff send, `desk_acts.py` is what they can do,
`desk_turns.py` decides it under the customer's lock, `desk_compose.py` draws what goes back to them, `desk_clock.py`
carries out the jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import orjson

from bot.config import Desk as Settings
from bot.conversation import Conversations
from bot.desk_acts import DeskActs, Outcome, Recovery, Verdict
from bot.desk_clock import KINDS as JOBS
from bot.desk_clock import DeskClock
from bot.desk_compose import KINDS as COMPOSED
from bot.desk_compose import CardComposer
from bot.desk_inbox import DeskInbox
from bot.desk_results import Result
from bot.frame import Frame
from bot.phone_zones import Zones
from bot.planner import House
from bot.script_shelf import ScriptShelf
from channels.channel import Channel, Clock
from channels.message import Inbound, Outbound
from dialogs.unhappy import Mood, Reader
from storage import tickets, transcripts
from storage.crypto import Keys
from storage.database import Database
from storage.jobs import Claimed, Jobs
from storage.outbox_rows import ClaimedRow
from storage.tickets import EventRow, TicketRow, Watched
from storage.transcripts import Line

__all__ = ["COMPOSED", "JOBS", "Desk"]
#: How far back the watch list goes.
WATCHED_FOR = timedelta(days=14)


class Desk:
    """The desk of one process. `JOBS` are the kinds that it handles, `kinds` those of outgoing messages it draws."""

    kinds = COMPOSED

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        *,
        keys: Keys,
        clock: Clock,
        jobs: Jobs,
        shelf: ScriptShelf,
        frame: Callable[[], Frame],
        rules: Callable[[], House],
        reader: Callable[[], Reader],
        channels: Mapping[str, Channel],
        settings: Settings,
        watch: Callable[[str], float],
        console_url: str = "",
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`watch`: from which probability, by language, a message is watched; `wake`: the outbox has something."""
        self._database, self._clock, self._watch = database, clock, watch
        recovery = Recovery(settings.recovery_after, settings.recovery_script)
        self.acts = DeskActs(database, conversations, clock, rules, reader, recovery)
        self._inbox = DeskInbox(database, keys, clock, self.acts, lambda: frame().directory, channels, wake)
        self._cards = CardComposer(
            database,
            clock,
            channels,
            lambda: frame().directory,
            shelf,
            summary_above=settings.summary_above,
            console_url=console_url,
        )
        self._jobs = DeskClock(
            database,
            conversations,
            self.acts,
            jobs,
            clock,
            shelf,
            Zones(keys),
            frame=frame,
            rules=rules,
            recovery=recovery,
            wake=wake,
        )

    async def receive(self, inbound: Inbound, lookup: str) -> bool:
        """A message from a chat of staff; False where it is a customer's. `lookup` is the sender's keyed hash."""
        return await self._inbox.receive(inbound, lookup)

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        """What to send for a claimed row of `kinds`; None where it was settled and is not to be sent."""
        return await self._cards.compose(row, outbound)

    async def handle(self, job: Claimed) -> None:
        """Carry out a job of a kind in `JOBS`."""
        await self._jobs.handle(job)

    async def claim(self, ticket_id: int, staff_id: int) -> Result:
        """Take a ticket: Claimed for exactly one, AlreadyClaimed with the holder's name for the others."""
        return await self.acts.claim(ticket_id, staff_id)

    async def release(self, ticket_id: int, staff_id: int) -> Result:
        """Hand a ticket back: Released, or why not."""
        return await self.acts.release(ticket_id, staff_id)

    async def reply(self, ticket_id: int, staff_id: int, words: str) -> Result:
        """Write to the customer on their own channel: Said with the outgoing public id, or why not."""
        return await self.acts.reply(ticket_id, staff_id, words)

    async def close(self, ticket_id: int, staff_id: int, outcome: Outcome) -> Result:
        """Close a ticket: Closed, or why not."""
        return await self.acts.close(ticket_id, staff_id, outcome)

    async def correct(self, inbound_id: int, staff_id: int, verdict: Verdict) -> Result:
        """A word against a reading: "unhappy" opens a ticket (Opened), "not_unhappy" is kept (Marked)."""
        return await self.acts.correct(inbound_id, staff_id, verdict)

    async def missed(self, inbound_id: int, staff_id: int) -> Result:
        """The reading passed over an unhappy message: a ticket is opened for it, or the open one joined."""
        return await self.acts.correct(inbound_id, staff_id, "unhappy")

    async def take_up(self, inbound_id: int, staff_id: int) -> Result:
        """Answer a message that nobody asked for: Opened, with the ticket that it has now."""
        return await self.acts.take_up(inbound_id, staff_id)

    async def waiting(self, limit: int = 200) -> list[TicketRow]:
        """Tickets that are not closed, the most urgent first, then the oldest."""
        return await tickets.waiting(self._database, limit=limit)

    async def closed(self, limit: int = 100) -> list[TicketRow]:
        """Closed tickets, the last one first."""
        return await tickets.closed(self._database, limit=limit)

    async def ticket(self, ticket_id: int) -> TicketRow | None:
        """One ticket, or None."""
        return await tickets.get(self._database, ticket_id)

    async def events(self, ticket_id: int) -> list[EventRow]:
        """What happened to a ticket, in order."""
        return await tickets.events(self._database, ticket_id)

    async def history(self, customer_id: int, limit: int = 200) -> list[Line]:
        """The last messages with a customer on every channel, oldest first; without what staff alone read."""
        lines = await transcripts.of_customer(self._database, customer_id, limit=limit * 2)
        return [line for line in lines if line.kind not in COMPOSED][-limit:]

    async def watch_list(self, limit: int = 100) -> list[tuple[Watched, Mood]]:
        """Messages of the last two weeks that may be unhappy but opened no ticket, newest first, with their reading."""
        since = int((self._clock.now() - WATCHED_FOR).timestamp() * 1000)
        found = []
        for row in await tickets.watch_list(self._database, since=since, limit=limit * 10):
            mood = Mood.from_dict(orjson.loads(row.mood))
            if mood.unhappy >= self._watch(mood.language):
                found.append((row, mood))
        return found[:limit]

    async def aclose(self) -> None:
        """Let what is under way outside the store come to its end."""
        await self._inbox.aclose()
