"""What a mail that is about to leave goes on from: the customer's own mail that it answers, and ours before it.

Rule: read only. A thread is a conversation, or a ticket, at one address; only what was sent there belongs to it. A
colleague answers the last mail that the customer wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Earlier:
    """A mail of ours that was sent before: its Message-ID, and what its subject was made of."""

    message_id: str
    text: str
    body: str


@dataclass(slots=True)
class Before:
    """What stands before a mail: what it answers (`external` begins with its Message-ID; `raw` is sealed), and ours."""

    external: str = ""
    raw: bytes = b""
    ours: tuple[Earlier, ...] = ()


async def before(database: Database, outgoing: Sequence[int]) -> dict[int, Before]:
    """By the ids of rows of the outbox; those that begin a thread are left out."""
    ids = orjson.dumps([{"id": one} for one in outgoing]).decode()
    listed = database.table("$1", id="bigint")
    found: dict[int, Before] = {}
    for row in await database.fetch(
        f"""SELECT o.id, i.external, i.raw_sealed FROM {listed} JOIN outbox o ON o.id = k.id
 JOIN inbound i ON i.address_id = o.address_id AND i.id = coalesce(o.inbound_id, (SELECT max(m.id) FROM inbound m
 WHERE o.kind = 'staff' AND m.customer_id = o.customer_id AND m.address_id = o.address_id))""",
        ids,
    ):
        found[row["id"]] = Before(row["external"], row["raw_sealed"] or b"")
    for row in await database.fetch(
        f"""SELECT o.id, e.external_id, e.text, e.body FROM {listed} JOIN outbox o ON o.id = k.id
 JOIN outbox e ON e.customer_id = o.customer_id AND e.address_id = o.address_id AND e.id < o.id
 AND e.external_id IS NOT NULL AND (e.conversation_id = o.conversation_id OR e.ticket_id = o.ticket_id)
 ORDER BY e.id""",
        ids,
    ):
        one = found.setdefault(row["id"], Before())
        one.ours = (*one.ours, Earlier(row["external_id"], row["text"], row["body"]))
    return found
