"""Two customer rows that turn out to be one person become one.

Rule: one transaction, both rows locked in the order of their ids. Everything of the one goes over to the other and
nothing is deleted; the emptied row stays as `merged`, so that old references find their way. Of two open conversations
or tickets the one that was opened last goes on. What stood before is kept beside, so that it can be taken back
(`merge_undo.py`); who are one person is never guessed, a link or an admin says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from storage import audit, consents
from storage.customers import lock
from storage.database import Database
from storage.errors import Refused

OWNED: Final = ("addresses", "moments", "conversations", "inbound", "outbox", "answers", "deep_links", "tickets")
#: Columns of a customer that a merge may change.
PROFILE: Final = (
    *("name", "language", "platform_language", "timezone", "attributes", "tags", "external_id", "status"),
)
_SEVERITIES: Final = ("normal", "high", "urgent")
#: Timers of a conversation, which must not ring for one that has ended.
_TIMERS: Final = "'reminder', 'expiry', 'wait', 'action'"
#: The promise to the customer of a ticket, which is nobody's any more when it is closed.
_CLOCK: Final = "'sla'"

Row = dict[str, Any]


async def merge(database: Database, keep: int, gone: int, *, actor: str, now: int) -> int:
    """Make everything of `gone` (ids) belong to `keep`; the id by which it is undone. Raises Refused."""
    if keep == gone:
        raise Refused("a customer cannot be merged with itself")
    async with database.transaction():
        await lock(database, [keep, gone])
        stays, goes = await both(database, keep, gone)
        before: Row = {
            "keep": _profile_of(stays),
            "gone": _profile_of(goes),
            "consents": {"keep": await _words(database, keep), "gone": await _words(database, gone)},
            "ended": await _end_older_conversation(database, keep, gone, now),
            "closed": await _close_older_ticket(database, keep, gone, now),
            "led": await _led(database, keep, gone),
            "rows": {},
        }
        await _consents(database, keep, gone, actor)
        for table in OWNED:
            moved = await database.fetch(
                f"UPDATE {table} SET customer_id = $1 WHERE customer_id = $2 RETURNING id", keep, gone
            )
            before["rows"][table] = [row["id"] for row in moved]
        before["merged"] = await _profile(database, stays, goes)
        made = await database.fetch(
            "INSERT INTO merges (keep_id, gone_id, actor, before, at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            keep,
            gone,
            actor[:100],
            orjson.dumps(before).decode(),
            now,
        )
        await audit.note(database, actor, "customer.merged", f"customer:{keep}", now, {"gone": gone})
    return int(made[0]["id"])


async def both(database: Database, keep: int, gone: int) -> tuple[Row, Row]:
    """The rows of the two. Raises Refused where one of them is not there any more."""
    rows = await database.fetch("SELECT * FROM customers WHERE id IN ($1, $2)", keep, gone)
    standing = {row["id"]: row for row in rows if row["status"] in ("known", "anonymous")}
    for customer_id in (keep, gone):
        if customer_id not in standing:
            raise Refused(f"customer {customer_id} is not there any more: it was merged or erased")
    return standing[keep], standing[gone]


def merged_profile(stays: Mapping[str, Any], goes: Mapping[str, Any]) -> Row:
    """The profile that comes out: what the one that stays does not know is the other's; where both know, it is right.

    An anonymous customer that stays becomes the known one, under the external id of that one.
    """
    merged = {column: stays[column] or goes[column] for column in ("name", "language", "platform_language", "timezone")}
    attributes = {**orjson.loads(goes["attributes"]), **orjson.loads(stays["attributes"])}
    merged["attributes"] = orjson.dumps(attributes).decode()
    merged["tags"] = orjson.dumps(sorted({*orjson.loads(stays["tags"]), *orjson.loads(goes["tags"])})).decode()
    merged["external_id"] = stays["external_id"] or goes["external_id"]
    merged["status"] = "known" if "known" in (stays["status"], goes["status"]) else "anonymous"
    return merged


async def standing_twice(database: Database, table: str, open_: str, keep: int, gone: int) -> Sequence[Row]:
    """The open conversations or tickets of the two, the one that goes on first."""
    return await database.fetch(
        f"SELECT * FROM {table} WHERE customer_id IN ($1, $2) AND {open_} ORDER BY opened_at DESC, id DESC", keep, gone
    )


OPEN_TALK: Final = "status IN ('open', 'paused')"
OPEN_TICKET: Final = "status <> 'closed'"


async def _end_older_conversation(database: Database, keep: int, gone: int, now: int) -> Row | None:
    """End all but the last one; what is to be known to go on with it again."""
    rows = await standing_twice(database, "conversations", OPEN_TALK, keep, gone)
    if len(rows) < 2:
        return None
    older = rows[1]
    await database.execute(
        "UPDATE conversations SET status = 'stopped', closed_at = $1 WHERE id = $2", now, older["id"]
    )
    jobs = await _silenced(database, _TIMERS, older["id"])
    unsent = await database.fetch(
        """UPDATE outbox SET status = 'cancelled', finished_at = $1 WHERE conversation_id = $2
 AND customer_id IN ($3, $4) AND status IN ('due', 'retry') RETURNING id""",
        now,
        older["id"],
        keep,
        gone,
    )
    outbox = [row["id"] for row in unsent]
    return {"id": older["id"], "status": older["status"], "jobs": jobs, "outbox": outbox}


async def _silenced(database: Database, kinds: str, subject_id: int) -> list[Row]:
    """Cancel what is due; the jobs themselves, as cancelled ones are forgotten sooner than a merge."""
    return await database.fetch(
        f"""UPDATE jobs SET status = 'cancelled' WHERE kind IN ({kinds}) AND subject_id = $1 AND status = 'due'
 RETURNING kind, subject_id, sequence, body, run_at""",
        subject_id,
    )


async def _close_older_ticket(database: Database, keep: int, gone: int, now: int) -> Row | None:
    """Close all but the last one, which is no less urgent; what is to be known to open it again."""
    rows = await standing_twice(database, "tickets", OPEN_TICKET, keep, gone)
    if len(rows) < 2:
        return None
    stands, older = rows[0], rows[1]
    # Whom staff are talking with they go on talking with, and no less urgently.
    severity = max((row["severity"] for row in rows), key=_SEVERITIES.index)
    engaged = min((row["engaged_at"] for row in rows if row["engaged_at"] is not None), default=None)
    await database.execute(
        "UPDATE tickets SET severity = $1, engaged_at = $2 WHERE id = $3", severity, engaged, stands["id"]
    )
    await database.execute(
        "UPDATE tickets SET status = 'closed', outcome = 'merged', closed_at = $1 WHERE id = $2", now, older["id"]
    )
    await database.execute(
        "INSERT INTO ticket_events (ticket_id, kind, text, at) VALUES ($1, 'joined', $2, $3)",
        stands["id"],
        older["public_id"],
        now,
    )
    return {
        "id": older["id"],
        "status": older["status"],
        "jobs": await _silenced(database, _CLOCK, older["id"]),
        "stands": stands["id"],
        "before": [stands["severity"], stands["engaged_at"]],
        "after": [severity, engaged],
    }


async def _led(database: Database, keep: int, gone: int) -> list[int]:
    """Those who were merged into the one that goes lead to the one that stays; their ids."""
    rows = await database.fetch(
        "UPDATE customers SET merged_into_id = $1 WHERE merged_into_id = $2 RETURNING id", keep, gone
    )
    return [row["id"] for row in rows]


async def _words(database: Database, customer_id: int) -> list[Row]:
    return await database.fetch("SELECT purpose, status, source, at FROM consents WHERE customer_id = $1", customer_id)


async def _consents(database: Database, keep: int, gone: int, actor: str) -> None:
    """The later word on each purpose counts, whichever row it was said under."""
    for word in await consents.of_customer(database, gone):
        status: consents.Status = "granted" if word.status == "granted" else "withdrawn"
        await consents.say(database, keep, word.purpose, status, source=word.source, actor=actor, at=word.at)
    await database.execute("DELETE FROM consents WHERE customer_id = $1", gone)


async def _profile(database: Database, stays: Row, goes: Row) -> Row:
    """Write the profile that comes out, and leave the other row empty but for the id that other programs know."""
    merged = merged_profile(stays, goes)
    kept = goes["external_id"] if stays["external_id"] else None
    await database.execute(
        """UPDATE customers SET status = 'merged', merged_into_id = $1, external_id = $2, name = '', language = '',
 platform_language = '', timezone = '', attributes = '{}', tags = '[]' WHERE id = $3""",
        stays["id"],
        kept,
        goes["id"],
    )
    await set_profile(database, stays["id"], merged)
    return merged


async def set_profile(database: Database, customer_id: int, profile: Mapping[str, Any]) -> None:
    """Write all columns of PROFILE."""
    assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(PROFILE, 1))
    values = [profile[column] for column in PROFILE]
    await database.execute(f"UPDATE customers SET {assignments} WHERE id = ${len(PROFILE) + 1}", *values, customer_id)


def _profile_of(row: Row) -> Row:
    return {column: row[column] for column in PROFILE}
