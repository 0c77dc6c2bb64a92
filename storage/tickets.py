"""Tickets: what stands open, who holds it, what happened to it, and what nobody took up yet.

Rule: reads, and notes beside a ticket. What a ticket *is* (open, claimed, heard, closed) is written in turns alone
(`turn_rare.py`), under the customer's lock, so that of two who claim it one wins and a reply pauses the dialog at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage.database import Database
from storage.turn_rare import correction_statement
from storage.turn_rows import CorrectionRow


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket with the names that people read. Times in ms; `body` is JSON; `staff` and `closed_by` are names.

    `due_at` is when the team has promised to write, until somebody claims it or that time has passed.
    """

    id: int
    public_id: str
    customer_id: int
    customer: str
    customer_public_id: str
    customer_language: str
    tags: str
    conversation_id: int | None
    team_id: int | None
    team: str
    staff_id: int | None
    staff: str
    status: str
    severity: str
    reason: str
    text: str
    body: str
    outcome: str
    thread: str
    address_id: int | None
    channel: str
    opened_at: int
    claimed_at: int | None
    engaged_at: int | None
    closed_at: int | None
    closed_by: str
    due_at: int | None

    @property
    def details(self) -> dict[str, Any]:
        """The body: why, topics, slots, contradiction, unhappy, channel."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a ticket; `staff` is a name, empty where it was nobody's doing."""

    kind: str
    staff: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A message that may be unhappy and opened no ticket. `mood` is its reading as JSON."""

    inbound_id: int
    customer_id: int
    customer: str
    text: str
    mood: str
    at: int


_SELECT: Final = """SELECT t.id, t.public_id, t.customer_id, c.name AS customer, c.public_id AS customer_public_id,
 CASE WHEN c.language <> '' THEN c.language ELSE c.platform_language END AS customer_language, c.tags,
 t.conversation_id, t.team_id, coalesce(m.name, '') AS team, t.staff_id, coalesce(s.name, '') AS staff, t.status,
 t.severity, t.reason, t.text, t.body, t.outcome, t.thread, t.address_id, coalesce(a.channel, '') AS channel,
 t.opened_at, t.claimed_at, t.engaged_at, t.closed_at,
 coalesce((SELECT d.name FROM ticket_events e JOIN staff d ON d.id = e.staff_id
 WHERE e.ticket_id = t.id AND e.kind = 'closed' ORDER BY e.id DESC LIMIT 1), '') AS closed_by,
 (SELECT j.run_at FROM jobs j WHERE j.kind = 'sla' AND j.subject_id = t.id AND j.status = 'due' AND j.sequence = 0
 AND t.status = 'open') AS due_at
 FROM tickets t JOIN customers c ON c.id = t.customer_id LEFT JOIN teams m ON m.id = t.team_id
 LEFT JOIN staff s ON s.id = t.staff_id LEFT JOIN addresses a ON a.id = t.address_id"""
_URGENT_FIRST: Final = "CASE t.severity WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 ELSE 2 END, t.opened_at, t.id"


async def _one(database: Database, where: str, *args: Any) -> TicketRow | None:
    row = await database.fetch_one(f"{_SELECT} WHERE {where}", *args)
    return TicketRow(**row) if row else None


async def get(database: Database, ticket_id: int) -> TicketRow | None:
    """The ticket of this number, or None."""
    return await _one(database, "t.id = $1", ticket_id)


async def by_public_id(database: Database, public_id: str) -> TicketRow | None:
    """The ticket that a button names, or None."""
    return await _one(database, "t.public_id = $1", public_id)


async def by_thread(database: Database, team_id: int, thread: str) -> TicketRow | None:
    """The ticket whose forum topic this is in the team's group, or None."""
    return await _one(database, "t.team_id = $1 AND t.thread = $2 ORDER BY t.id DESC LIMIT 1", team_id, thread)


async def last_closed(database: Database, customer_id: int, since: int) -> TicketRow | None:
    """The customer's last ticket that was closed at or after `since` (ms), or None."""
    where = "t.customer_id = $1 AND t.status = 'closed' AND t.closed_at >= $2 ORDER BY t.id DESC LIMIT 1"
    return await _one(database, where, customer_id, since)


async def waiting(database: Database, *, limit: int = 200) -> list[TicketRow]:
    """Tickets that are not closed, the most urgent first, then the oldest."""
    rows = await database.fetch(f"{_SELECT} WHERE t.status <> 'closed' ORDER BY {_URGENT_FIRST} LIMIT $1", limit)
    return [TicketRow(**row) for row in rows]


async def closed(database: Database, *, limit: int = 100) -> list[TicketRow]:
    """Closed tickets, the last one first."""
    rows = await database.fetch(f"{_SELECT} WHERE t.status = 'closed' ORDER BY t.opened_at DESC LIMIT $1", limit)
    return [TicketRow(**row) for row in rows]


async def events(database: Database, ticket_id: int) -> list[EventRow]:
    """What happened to a ticket, in order."""
    rows = await database.fetch(
        """SELECT e.kind, coalesce(s.name, '') AS staff, e.text, e.at FROM ticket_events e
 LEFT JOIN staff s ON s.id = e.staff_id WHERE e.ticket_id = $1 ORDER BY e.id""",
        ticket_id,
    )
    return [EventRow(**row) for row in rows]


async def note(
    database: Database, ticket_id: int, kind: str, text: str, now: int, *, staff_id: int | None = None
) -> None:
    """Write down something that happened and that changes nothing of the ticket itself."""
    await database.execute(
        "INSERT INTO ticket_events (ticket_id, kind, staff_id, text, at) VALUES ($1, $2, $3, $4, $5)",
        ticket_id,
        kind,
        staff_id,
        text,
        now,
    )


async def set_thread(database: Database, ticket_id: int, thread: str) -> None:
    """Remember the forum topic that was opened for it."""
    await database.execute("UPDATE tickets SET thread = $1 WHERE id = $2 AND thread = ''", thread, ticket_id)


async def watch_list(database: Database, *, since: int, limit: int = 100) -> list[Watched]:
    """Messages since `since` (ms) read as perhaps unhappy, of customers without an open ticket, newest first.

    Left out are messages that staff judged already, and those that opened or joined a ticket.
    """
    rows = await database.fetch(
        """SELECT i.id AS inbound_id, i.customer_id, c.name AS customer, i.text, i.mood, i.at FROM inbound i
 JOIN customers c ON c.id = i.customer_id WHERE i.mood IS NOT NULL AND i.created_at >= $1 AND i.text <> ''
 AND NOT EXISTS (SELECT 1 FROM corrections k WHERE k.inbound_id = i.id)
 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.customer_id = i.customer_id
 AND (t.status <> 'closed' OR t.closed_at >= i.created_at))
 ORDER BY i.id DESC LIMIT $2""",
        since,
        limit,
    )
    return [Watched(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Unasked:
    """A message that no dialog asked for and no ticket took up; `text` is what came where there are no words."""

    inbound_id: int
    customer_id: int
    customer: str
    text: str
    at: int


_WORDS: Final = "CASE WHEN i.text <> '' THEN i.text ELSE '[' || i.kind || ']' END"


async def unasked(database: Database, *, since: int, limit: int = 100) -> list[Unasked]:
    """Messages since `since` (ms) that were thanked for and wait to be read by a person, newest first."""
    rows = await database.fetch(
        f"""SELECT i.id AS inbound_id, i.customer_id, c.name AS customer, {_WORDS} AS text, i.at FROM inbound i
 JOIN customers c ON c.id = i.customer_id WHERE i.status = 'noted' AND i.conversation_id IS NULL AND i.created_at >= $1
 AND i.kind IN ('text', 'edited', 'command', 'media', 'location', 'contact')
 AND NOT EXISTS (SELECT 1 FROM corrections k WHERE k.inbound_id = i.id)
 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.customer_id = i.customer_id
 AND (t.status <> 'closed' OR t.closed_at >= i.created_at)) ORDER BY i.id DESC LIMIT $2""",
        since,
        limit,
    )
    return [Unasked(**row) for row in rows]


async def message_of(database: Database, customer_id: int, text: str) -> int | None:
    """The customer's last message with these words, or None."""
    row = await database.fetch_one(
        "SELECT id FROM inbound WHERE customer_id = $1 AND text = $2 ORDER BY id DESC LIMIT 1", customer_id, text
    )
    return row["id"] if row else None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A customer's message that a colleague judges."""

    id: int
    customer_id: int
    text: str
    address_id: int
    channel: str


async def message(database: Database, inbound_id: int) -> MessageRow | None:
    """The customer's message of this id, or None."""
    row = await database.fetch_one(
        f"""SELECT i.id, i.customer_id, {_WORDS} AS text, i.address_id, a.channel FROM inbound i
 JOIN addresses a ON a.id = i.address_id WHERE i.id = $1 AND i.customer_id IS NOT NULL""",
        inbound_id,
    )
    return MessageRow(**row) if row else None


async def correct(database: Database, row: CorrectionRow, now: int) -> None:
    """Keep staff's word against the reading of a message; a later word replaces an earlier one."""
    async with database.transaction():
        await database.execute("DELETE FROM corrections WHERE inbound_id = $1", row.inbound_id)
        statement, values = correction_statement(row, now)
        await database.execute(statement, *values)


@dataclass(frozen=True, slots=True)
class ReachRow:
    """A customer's address and its window. `first`: 0 where the dialog goes on, 1 where the ticket began, else 2."""

    id: int
    channel: str
    status: str
    last_inbound_at: int
    window_at: int
    window_left: int
    free_until: int
    first: int


async def reaches(database: Database, ticket_id: int) -> list[ReachRow]:
    """The ticket's customer's addresses: the open dialog's, the ticket's own, then the last heard of."""
    rows = await database.fetch(
        """SELECT a.id, a.channel, a.status, a.last_inbound_at, a.window_at, a.window_left, a.free_until,
 CASE WHEN v.address_id = a.id THEN 0 WHEN t.address_id = a.id THEN 1 ELSE 2 END AS first
 FROM tickets t JOIN addresses a ON a.customer_id = t.customer_id
 LEFT JOIN conversations v ON v.customer_id = t.customer_id AND v.status IN ('open', 'paused')
 WHERE t.id = $1 ORDER BY first, a.last_inbound_at DESC, a.id""",
        ticket_id,
    )
    return [ReachRow(**row) for row in rows]
