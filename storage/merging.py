"""Two customer rows that turn out to be one person become one.

Rule: one transaction, both rows locked in the order of their ids. Everything of the one goes over to the other and
nothing is deleted; the emptied row stays as `merged`, so that old references find their way. Of two open conversations
or tickets the one that was opened last goes on.
"""

from __future__ import annotations

from typing import Final

import orjson

from storage import audit, consents
from storage.customers import lock
from storage.database import Database
from storage.errors import Refused

_OWNED: Final = ("addresses", "moments", "conversations", "inbound", "outbox", "answers", "deep_links", "tickets")
_SEVERITIES: Final = ("normal", "high", "urgent")
#: Timers of a conversation, which must not ring for one that has ended.
_TIMERS: Final = "'reminder', 'expiry', 'wait', 'action'"


async def merge(database: Database, keep: int, gone: int, *, actor: str, now: int) -> None:
    """Make everything of `gone` (ids) belong to `keep`. Raises Refused where that cannot be."""
    if keep == gone:
        raise Refused("a customer cannot be merged with itself")
    async with database.transaction():
        await lock(database, [keep, gone])
        await _check(database, keep, gone)
        await _end_older_conversation(database, keep, gone, now)
        await _close_older_ticket(database, keep, gone, now)
        await _consents(database, keep, gone, actor)
        for table in _OWNED:
            await database.execute(f"UPDATE {table} SET customer_id = $1 WHERE customer_id = $2", keep, gone)
        await _profile(database, keep, gone)
        await audit.note(database, actor, "customer.merged", f"customer:{keep}", now, {"gone": gone})


async def _check(database: Database, keep: int, gone: int) -> None:
    rows = await database.fetch("SELECT id, status FROM customers WHERE id IN ($1, $2)", keep, gone)
    standing = {row["id"] for row in rows if row["status"] in ("known", "anonymous")}
    for customer_id in (keep, gone):
        if customer_id not in standing:
            raise Refused(f"customer {customer_id} is not there any more: it was merged or erased")


async def _end_older_conversation(database: Database, keep: int, gone: int, now: int) -> None:
    rows = await database.fetch(
        """SELECT id FROM conversations WHERE customer_id IN ($1, $2) AND status IN ('open', 'paused')
 ORDER BY opened_at DESC, id DESC""",
        keep,
        gone,
    )
    for row in rows[1:]:
        await database.execute(
            "UPDATE conversations SET status = 'stopped', closed_at = $1 WHERE id = $2", now, row["id"]
        )
        await database.execute(
            f"""UPDATE jobs SET status = 'cancelled' WHERE kind IN ({_TIMERS}) AND subject_id = $1
 AND status = 'due'""",
            row["id"],
        )
        await database.execute(
            """UPDATE outbox SET status = 'cancelled', finished_at = $1 WHERE conversation_id = $2
 AND customer_id IN ($3, $4) AND status IN ('due', 'retry')""",
            now,
            row["id"],
            keep,
            gone,
        )


async def _close_older_ticket(database: Database, keep: int, gone: int, now: int) -> None:
    rows = await database.fetch(
        """SELECT id, public_id, severity, engaged_at FROM tickets WHERE customer_id IN ($1, $2) AND status <> 'closed'
 ORDER BY opened_at DESC, id DESC""",
        keep,
        gone,
    )
    if len(rows) > 1:
        # Whom staff are talking with they go on talking with, and no less urgently.
        severity = max((row["severity"] for row in rows), key=_SEVERITIES.index)
        engaged = min((row["engaged_at"] for row in rows if row["engaged_at"] is not None), default=None)
        await database.execute(
            "UPDATE tickets SET severity = $1, engaged_at = $2 WHERE id = $3", severity, engaged, rows[0]["id"]
        )
    for row in rows[1:]:
        await database.execute(
            "UPDATE tickets SET status = 'closed', outcome = 'merged', closed_at = $1 WHERE id = $2", now, row["id"]
        )
        await database.execute(
            "INSERT INTO ticket_events (ticket_id, kind, text, at) VALUES ($1, 'joined', $2, $3)",
            rows[0]["id"],
            row["public_id"],
            now,
        )


async def _consents(database: Database, keep: int, gone: int, actor: str) -> None:
    """The later word on each purpose counts, whichever row it was said under."""
    for word in await consents.of_customer(database, gone):
        status: consents.Status = "granted" if word.status == "granted" else "withdrawn"
        await consents.say(database, keep, word.purpose, status, source=word.source, actor=actor, at=word.at)
    await database.execute("DELETE FROM consents WHERE customer_id = $1", gone)


async def _profile(database: Database, keep: int, gone: int) -> None:
    """What the one that stays does not know is taken from the other; where both know, the one that stays is right."""
    rows = await database.fetch("SELECT * FROM customers WHERE id IN ($1, $2)", keep, gone)
    stays, goes = sorted(rows, key=lambda row: row["id"] != keep)
    await database.execute(
        """UPDATE customers SET name = $1, language = $2, platform_language = $3, timezone = $4, attributes = $5,
 tags = $6 WHERE id = $7""",
        *(stays[column] or goes[column] for column in ("name", "language", "platform_language", "timezone")),
        orjson.dumps({**orjson.loads(goes["attributes"]), **orjson.loads(stays["attributes"])}).decode(),
        orjson.dumps(sorted({*orjson.loads(stays["tags"]), *orjson.loads(goes["tags"])})).decode(),
        keep,
    )
    await database.execute(
        """UPDATE customers SET status = 'merged', merged_into_id = $1, external_id = NULL, name = '', language = '',
 platform_language = '', timezone = '', attributes = '{}', tags = '[]' WHERE id = $2""",
        keep,
        gone,
    )
