"""The cards of tickets in the outbox: which one stands in a chat, how many went lately, what a card shows.

Rule: a card that is not sent by itself is set aside with a job for the summary in the same transaction; a ticket is
never lost between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.database import Database
from storage.desk_messages import post
from storage.turn_rows import OutgoingRow

SUMMARY_JOB: Final = "summary"
MINUTE: Final = 60_000
# Cancelled cards that no summary has named yet; then the reason names the summary.
_ASIDE: Final = "set aside for a summary"
_TO_STAFF: Final = "('card', 'update', 'relay', 'desk', 'summary')"


@dataclass(frozen=True, slots=True)
class Standing:
    """A card as it was sent: the platform's id of it."""

    outgoing_id: int
    external_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """A line of what was said with a customer. `who`: customer | bot | a colleague's name."""

    at: int
    who: str
    text: str


async def ticket_of(database: Database, outgoing_id: int) -> int | None:
    """The ticket that a row of the outbox belongs to."""
    row = await database.fetch_one("SELECT ticket_id FROM outbox WHERE id = $1", outgoing_id)
    return row["ticket_id"] if row else None


async def standing(database: Database, ticket_id: int, address_id: int) -> Standing | None:
    """The ticket's card in this chat, or None where none was sent."""
    row = await database.fetch_one(
        """SELECT id, external_id FROM outbox WHERE ticket_id = $1 AND address_id = $2 AND kind IN ('card', 'update')
 AND external_id IS NOT NULL ORDER BY id LIMIT 1""",
        ticket_id,
        address_id,
    )
    return Standing(row["id"], row["external_id"]) if row else None


async def is_superseded(database: Database, outgoing_id: int, ticket_id: int, address_id: int) -> bool:
    """Whether a later change of the same card waits behind this one."""
    row = await database.fetch_one(
        """SELECT id FROM outbox WHERE ticket_id = $1 AND address_id = $2 AND id > $3 AND kind = 'update'
 AND status IN ('due', 'retry') LIMIT 1""",
        ticket_id,
        address_id,
        outgoing_id,
    )
    return row is not None


async def sent_lately(database: Database, address_id: int, now: int) -> int:
    """How many cards went to this address in the minute before `now` (ms)."""
    row = await database.fetch_one(
        """SELECT count(*) AS n FROM outbox WHERE address_id = $1 AND kind = 'card' AND sent_at > $2""",
        address_id,
        now - MINUTE,
    )
    return int(row["n"]) if row else 0


async def drop(database: Database, outgoing_id: int, attempts: int, reason: str, now: int) -> bool:
    """A claimed row will not be sent; False where it is not this worker's any more."""
    changed = await database.execute(
        """UPDATE outbox SET status = 'cancelled', error = $1, finished_at = $2
 WHERE id = $3 AND attempts = $4 AND status = 'claimed'""",
        reason,
        now,
        outgoing_id,
        attempts,
    )
    return changed == 1


async def set_aside(
    database: Database, outgoing_id: int, attempts: int, address_id: int, *, soon: int, now: int
) -> None:
    """Leave a claimed card to the next summary, which is due in `soon` ms, but not twice in a minute."""
    async with database.transaction():
        if not await drop(database, outgoing_id, attempts, _ASIDE, now):
            return
        last = await database.fetch_one(
            "SELECT max(created_at) AS at FROM outbox WHERE address_id = $1 AND kind = 'summary'", address_id
        )
        at = max(now + soon, (last["at"] if last and last["at"] else 0) + MINUTE)
        await database.execute(
            """INSERT INTO jobs (kind, subject_id, body, run_at, created_at) VALUES ($1, $2, '{}', $3, $4)
 ON CONFLICT DO NOTHING""",
            SUMMARY_JOB,
            address_id,
            at,
            now,
        )


async def aside(database: Database, address_id: int) -> list[int]:
    """Tickets whose card for this address was set aside and that no summary has named, in order."""
    rows = await database.fetch(
        """SELECT DISTINCT ticket_id FROM outbox WHERE address_id = $1 AND kind = 'card' AND status = 'cancelled'
 AND error = $2 AND ticket_id IS NOT NULL ORDER BY ticket_id""",
        address_id,
        _ASIDE,
    )
    return [row["ticket_id"] for row in rows]


async def sum_up(
    database: Database,
    summary: OutgoingRow | None,
    named: Sequence[int],
    address_id: int,
    job: tuple[int, int],
    now: int,
) -> None:
    """Post the summary that names these tickets, and be done with its job (id, attempts), all in one commit."""
    job_id, attempts = job
    async with database.transaction():
        done = await database.execute(
            "UPDATE jobs SET status = 'done' WHERE id = $1 AND attempts = $2 AND status = 'due'", job_id, attempts
        )
        if not done or summary is None:
            return
        await post(database, summary, None, now)
        for ticket_id in named:
            await database.execute(
                """UPDATE outbox SET error = $1 WHERE address_id = $2 AND ticket_id = $3 AND kind = 'card'
 AND status = 'cancelled' AND error = $4""",
                f"in summary {summary.public_id}",
                address_id,
                ticket_id,
                _ASIDE,
            )


async def history(database: Database, customer_id: int, limit: int) -> list[Said]:
    """The last lines with a customer, both ways and those of colleagues, oldest first."""
    theirs = await database.fetch(
        """SELECT at, text, id FROM inbound WHERE customer_id = $1 AND text <> '' ORDER BY id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    ours = await database.fetch(
        f"""SELECT o.created_at AS at, o.text, o.id FROM outbox o
 JOIN addresses a ON a.id = o.address_id AND a.customer_id = o.customer_id
 WHERE o.customer_id = $1 AND o.kind <> 'staff' AND o.kind NOT IN {_TO_STAFF}
 AND o.status NOT IN ('dead', 'cancelled') ORDER BY o.id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    colleagues = await database.fetch(
        """SELECT e.at, e.text, e.id, coalesce(s.name, '') AS name FROM ticket_events e
 JOIN tickets t ON t.id = e.ticket_id LEFT JOIN staff s ON s.id = e.staff_id
 WHERE t.customer_id = $1 AND e.kind = 'said' ORDER BY e.id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    keyed: list[tuple[tuple[int, int, int], Said]] = []
    keyed += [((r["at"], 0, r["id"]), Said(r["at"], "customer", r["text"])) for r in theirs]
    keyed += [((r["at"], 1, r["id"]), Said(r["at"], "bot", r["text"])) for r in ours]
    keyed += [((r["at"], 2, r["id"]), Said(r["at"], r["name"], r["text"])) for r in colleagues]
    return [said for _, said in sorted(keyed, key=lambda pair: pair[0])][-limit:]


async def answers(database: Database, conversation_id: int | None) -> list[dict[str, Any]]:
    """The answers of a dialog: slot, type, value (JSON), said; in order."""
    if conversation_id is None:
        return []
    return await database.fetch(
        "SELECT slot, type, value, said FROM answers WHERE conversation_id = $1 ORDER BY id", conversation_id
    )


async def script_of(database: Database, conversation_id: int | None) -> int:
    """The script version of a conversation, 0 where there is none."""
    if conversation_id is None:
        return 0
    row = await database.fetch_one("SELECT script_id FROM conversations WHERE id = $1", conversation_id)
    return row["script_id"] if row else 0
