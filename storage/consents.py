"""What a customer allows, per purpose, with where that was said.

Rule: no push without a granted row for its purpose; answering a customer needs none. The last word counts, every word
is in the audit, and what was done before a withdrawal stays valid (PIPL 14–15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from storage import audit
from storage.database import Database
from storage.errors import Refused

PURPOSES: Final = ("service", "marketing", "research")
Status = Literal["granted", "withdrawn"]


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """The last word on one purpose. `source` is where it was said: an order form, a chat, an import; `at` ms."""

    purpose: str
    status: str
    source: str
    at: int


async def say(
    database: Database, customer_id: int, purpose: str, status: Status, *, source: str, actor: str, at: int
) -> None:
    """Keep what the customer said at `at` (ms). An older word than the one that stands changes nothing.

    Raises Refused for a purpose that is none of PURPOSES.
    """
    if purpose not in PURPOSES:
        raise Refused(f"consent purpose {purpose!r} is not known; use one of {', '.join(PURPOSES)}")
    async with database.transaction():
        changed = await database.execute(
            """INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (customer_id, purpose) DO UPDATE SET status = excluded.status, source = excluded.source,
 at = excluded.at WHERE consents.at <= excluded.at""",
            customer_id,
            purpose,
            status,
            source[:200],
            at,
        )
        if changed:
            await audit.note(database, actor, f"consent.{status}", f"customer:{customer_id}", at, {"purpose": purpose})


async def withdraw_all(database: Database, customer_id: int, *, source: str, actor: str, at: int) -> None:
    """Withdraw every purpose, also those never spoken of, so that none can be assumed later."""
    async with database.transaction():
        for purpose in PURPOSES:
            await say(database, customer_id, purpose, "withdrawn", source=source, actor=actor, at=at)


async def allowed(database: Database, customer_id: int, purpose: str) -> bool:
    """Whether a push for this purpose may go to the customer."""
    row = await database.fetch_one(
        "SELECT id FROM consents WHERE customer_id = $1 AND purpose = $2 AND status = 'granted'", customer_id, purpose
    )
    return row is not None


async def refused(database: Database, customer_id: int, purpose: str) -> bool:
    """Whether the customer has withdrawn this purpose, which a grant without its own time does not undo."""
    row = await database.fetch_one(
        "SELECT id FROM consents WHERE customer_id = $1 AND purpose = $2 AND status = 'withdrawn'",
        customer_id,
        purpose,
    )
    return row is not None


async def of_customer(database: Database, customer_id: int) -> list[ConsentRow]:
    """The last word on each purpose."""
    rows = await database.fetch(
        "SELECT purpose, status, source, at FROM consents WHERE customer_id = $1 ORDER BY purpose", customer_id
    )
    return [ConsentRow(**row) for row in rows]
