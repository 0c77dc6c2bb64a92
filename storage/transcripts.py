"""What was said with one customer, both ways, in order: for the customer's page, other programs, and staff.

Rule: reads only. A message of ours is shown once it left, or, to staff, in whatever state it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from storage.database import Database

# Messages of these states are on the customer's page.
SHOWN: Final = ("inline", "sent", "delivered", "read")
# A message to a program is there to be fetched when it is `sent`; until then it is on its way.
FETCHABLE: Final = "sent"


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `ours` is the direction; `body` the outgoing row's JSON; `id` the public id (ours) or the row's.

    `external` is the platform's own id of what came in."""

    id: str
    ours: bool
    at: int
    text: str
    kind: str
    status: str
    channel: str
    body: str = "{}"
    conversation_id: int | None = None
    error: str = ""
    external: str = ""


async def of_address(database: Database, address_id: int, customer_id: int, *, limit: int = 100) -> list[Line]:
    """The last messages with one address of a customer, oldest first, as the customer's page shows them."""
    states = ", ".join(f"'{one}'" for one in SHOWN)
    ours = await database.fetch(
        f"""SELECT public_id, created_at, text, kind, status, channel, body, conversation_id, error, id FROM outbox
 WHERE customer_id = $1 AND address_id = $2 AND status IN ({states}) ORDER BY id DESC LIMIT $3""",
        customer_id,
        address_id,
        limit,
    )
    theirs = await database.fetch(
        """SELECT i.id, i.created_at, i.text, i.kind, i.status, i.conversation_id, i.external, a.channel FROM inbound i
 JOIN addresses a ON a.id = i.address_id
 WHERE i.customer_id = $1 AND i.address_id = $2 ORDER BY i.id DESC LIMIT $3""",
        customer_id,
        address_id,
        limit,
    )
    return _merged(ours, theirs, limit)


async def of_customer(database: Database, customer_id: int, *, limit: int = 200) -> list[Line]:
    """The last messages with a customer on every channel, oldest first, in whatever state: for staff."""
    ours = await database.fetch(
        """SELECT public_id, created_at, text, kind, status, channel, body, conversation_id, error, id FROM outbox
 WHERE customer_id = $1 AND kind NOT IN ('card', 'update', 'relay', 'desk', 'summary') ORDER BY id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    theirs = await database.fetch(
        """SELECT i.id, i.created_at, i.text, i.kind, i.status, i.conversation_id, i.external, a.channel FROM inbound i
 JOIN addresses a ON a.id = i.address_id WHERE i.customer_id = $1 ORDER BY i.id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    return _merged(ours, theirs, limit)


async def waiting(database: Database, address_id: int, customer_id: int, *, now: int, limit: int = 100) -> list[Line]:
    """Messages to an address that nobody has fetched yet, or that are on their way at `now` (ms), oldest first."""
    rows = await database.fetch(
        """SELECT public_id, created_at, text, kind, status, channel, body, conversation_id, error, id FROM outbox
 WHERE customer_id = $1 AND address_id = $2
 AND (status = 'sent' OR (status IN ('due', 'claimed', 'sending', 'inline') AND run_at <= $3)) ORDER BY id LIMIT $4""",
        customer_id,
        address_id,
        now,
        limit,
    )
    return [_ours(row) for row in rows]


def _merged(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], limit: int) -> list[Line]:
    # A reply in the webhook's response is committed in the very millisecond of what it answers: theirs come first.
    keyed = [((row["created_at"], 0, row["id"]), _theirs(row)) for row in theirs]
    keyed += [((row["created_at"], 1, row["id"]), _ours(row)) for row in ours]
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])][-limit:]


def _ours(row: dict[str, Any]) -> Line:
    return Line(
        row["public_id"],
        True,
        row["created_at"],
        row["text"],
        row["kind"],
        row["status"],
        row["channel"],
        row["body"],
        row["conversation_id"],
        row["error"],
    )


def _theirs(row: dict[str, Any]) -> Line:
    return Line(
        f"in{row['id']}",
        False,
        row["created_at"],
        row["text"],
        row["kind"],
        row["status"],
        row["channel"],
        conversation_id=row["conversation_id"],
        external=row["external"],
    )
