"""A message that its provider took and then could not deliver, but may later: sent again as a message of its own.

Rule: statuses only move forward. The one that failed stays dead; its copy is a new row with a new public id, which
takes over the attempts, so that both together are bounded.
"""

from __future__ import annotations

import secrets
from typing import Final

from storage.database import Database

#: So many attempts in all, and only of a message that is younger than this (ms).
MOST: Final = 4
YOUNGER: Final = 24 * 3600 * 1000


async def send_again(database: Database, outgoing: int, at: int, now: int) -> bool:
    """Copy a dead message to be due at `at` (ms); false where it is too old, tried too often, or wanted no more."""
    made = await database.execute(
        """INSERT INTO outbox (public_id, address_id, customer_id, conversation_id, ticket_id, channel, kind, sequence,
 text, body, run_at, created_at, attempts)
 SELECT $2, o.address_id, o.customer_id, o.conversation_id, o.ticket_id, o.channel, o.kind, o.sequence, o.text, o.body,
 $3, o.created_at, o.attempts FROM outbox o JOIN addresses a ON a.id = o.address_id
 WHERE o.id = $1 AND o.status = 'dead' AND o.attempts < $4 AND o.created_at > $5 AND a.status = 'open'
 AND (o.conversation_id IS NULL OR EXISTS (SELECT 1 FROM conversations v WHERE v.id = o.conversation_id
 AND v.status IN ('open', 'paused')))""",
        outgoing,
        secrets.token_hex(16),
        at,
        MOST,
        now - YOUNGER,
    )
    return made > 0
