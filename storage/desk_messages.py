"""What staff wrote and pressed, and the lines that go to them outside a customer's turn.

Rule: a message of staff is kept once, under its `dedup`, in the very transaction that writes what follows from it; the
same one delivered again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import Database
from storage.turn_rare import kept_statement
from storage.turn_rows import DeskInbound, OutgoingRow


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A colleague who is active. `role`: agent | admin."""

    id: int
    name: str
    role: str
    language: str
    team_id: int | None


@dataclass(frozen=True, slots=True)
class Ours:
    """The message of ours that a colleague answered: which ticket it is about."""

    ticket_id: int
    kind: str


async def colleague_at(database: Database, channel: str, lookup: str) -> StaffRow | None:
    """Whose address this is among active staff, or None."""
    row = await database.fetch_one(
        """SELECT s.id, s.name, s.role, s.language, s.team_id FROM addresses a JOIN staff s ON s.id = a.staff_id
 WHERE a.channel = $1 AND a.lookup = $2 AND s.status = 'active'""",
        channel,
        lookup,
    )
    return StaffRow(**row) if row else None


async def colleague(database: Database, staff_id: int) -> StaffRow | None:
    """The active colleague of this id, or None."""
    row = await database.fetch_one(
        "SELECT id, name, role, language, team_id FROM staff WHERE id = $1 AND status = 'active'", staff_id
    )
    return StaffRow(**row) if row else None


async def name_of(database: Database, staff_id: int) -> str:
    """A colleague's name, also of one who left; empty where there is none."""
    row = await database.fetch_one("SELECT name FROM staff WHERE id = $1", staff_id)
    return row["name"] if row else ""


async def is_kept(database: Database, dedup: str | None) -> bool:
    """Whether this message of staff was dealt with before."""
    if dedup is None:
        return False
    return await database.fetch_one("SELECT id FROM inbound WHERE dedup = $1", dedup) is not None


async def answered(database: Database, channel: str, address_id: int, external_id: str) -> Ours | None:
    """The message to staff with this platform id that was sent to this address, or None.

    What staff wrote to a customer is not among them: a colleague may be that customer, in the same chat.
    """
    row = await database.fetch_one(
        """SELECT ticket_id, kind FROM outbox WHERE channel = $1 AND external_id = $2 AND address_id = $3
 AND ticket_id IS NOT NULL AND kind <> 'staff' ORDER BY id DESC LIMIT 1""",
        channel,
        external_id,
        address_id,
    )
    return Ours(row["ticket_id"], row["kind"]) if row else None


async def answered_mail(database: Database, external_id: str, public_id: str) -> Ours | None:
    """The message of a ticket with this Message-ID, which is one in the world, or with this public id, or None."""
    row = await database.fetch_one(
        """SELECT ticket_id, kind FROM outbox WHERE ticket_id IS NOT NULL AND kind <> 'staff'
 AND (public_id = $1 OR (channel = 'email' AND external_id = $2)) ORDER BY id DESC LIMIT 1""",
        public_id,
        external_id,
    )
    return Ours(row["ticket_id"], row["kind"]) if row else None


async def wrote(database: Database, ticket_id: int, address_id: int, external: str) -> bool:
    """Whether a message with this platform id came from that chat and was kept as staff's."""
    row = await database.fetch_one(
        """SELECT id FROM inbound WHERE ticket_id = $1 AND address_id = $2 AND external = $3 AND status = 'desk'
 AND customer_id IS NULL AND kind = 'text' LIMIT 1""",
        ticket_id,
        address_id,
        external,
    )
    return row is not None


async def keep(
    database: Database, kept: DeskInbound | None, lines: Sequence[OutgoingRow], ticket_id: int | None, now: int
) -> bool:
    """Keep what a colleague sent, and have `lines` sent; False, and nothing written, where it was kept before."""
    async with database.transaction():
        if kept is not None:
            statement, values = kept_statement(kept)
            if not await database.execute(f"{statement} ON CONFLICT (dedup) DO NOTHING", *values):
                return False
        for line in lines:
            await post(database, line, ticket_id, now)
    return True


async def post(database: Database, line: OutgoingRow, ticket_id: int | None, now: int) -> None:
    """Put one message to staff into the outbox; it belongs to no customer. Wants the caller's transaction."""
    await database.execute(
        """INSERT INTO outbox (public_id, address_id, ticket_id, channel, kind, text, body, run_at, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        line.public_id,
        line.address_id,
        ticket_id if line.ticket else None,
        line.channel,
        line.kind,
        line.text,
        line.body,
        line.run_at or now,
        now,
    )


async def text_of(database: Database, outgoing_id: int) -> str:
    """The words of a row of the outbox."""
    row = await database.fetch_one("SELECT text FROM outbox WHERE id = $1", outgoing_id)
    return row["text"] if row else ""
