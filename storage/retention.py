"""What is kept for how long: raw payloads, deduplication keys, texts. A timer calls `sweep` until it says 0.

Rule: a sweep does a little of each, so that nobody waits for it. Rows stay, for the counts; what is wiped is what
people wrote. Each table is gone through once, in the order of ids: how far lies in the facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from storage.database import Database

#: CONTRACTS, "The same message twice": keys are kept for 30 days.
DEDUP_MS: Final = 30 * 86_400_000
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """How long raw payloads and texts are kept, ms."""

    raw: int
    text: int


@dataclass(frozen=True, slots=True)
class _Wipe:
    """`table`'s rows older than the limit, by the column `at`, get `assignments`."""

    table: str
    at: str
    assignments: str
    name: str


_DEDUP: Final = (_Wipe("inbound", "created_at", "dedup = NULL", "dedup"),)
_TEXTS: Final = (
    _Wipe("inbound", "created_at", "text = '', event = NULL, mood = NULL, external = '', raw_sealed = NULL", "inbound"),
    _Wipe("outbox", "created_at", "text = '', body = '{}', error = ''", "outbox"),
    _Wipe("answers", "at", "said = '', value = CASE WHEN number IS NULL THEN NULL ELSE value END", "answers"),
    _Wipe("conversation_events", "at", "body = '{}'", "events"),
    _Wipe("tickets", "opened_at", "text = '', body = '{}'", "tickets"),
    _Wipe("ticket_events", "at", "text = ''", "ticket_events"),
    _Wipe("corrections", "at", "text = ''", "corrections"),
    _Wipe("moments", "created_at", "data = '{}'", "moments"),
)


async def sweep(database: Database, now: int, kept: Kept) -> int:
    """Wipe some of what is older than it may be; how many rows were gone through, 0 when nothing is left to do."""
    count = await _raw(database, now - kept.raw)
    for wipes, before in ((_DEDUP, now - DEDUP_MS), (_TEXTS, now - kept.text)):
        for wipe in wipes:
            count += await _next(database, wipe, before)
    return count + await _states(database, now - kept.text) + await _access(database, now - DEDUP_MS)


async def _raw(database: Database, before: int) -> int:
    return await database.execute(
        """UPDATE inbound SET raw_sealed = NULL WHERE id IN (SELECT id FROM inbound WHERE raw_sealed IS NOT NULL
 AND created_at < $1 ORDER BY created_at LIMIT $2)""",
        before,
        BATCH,
    )


async def _next(database: Database, wipe: _Wipe, before: int) -> int:
    """The next rows of a table, as long as they are old enough."""
    name = f"retention:{wipe.name}"
    async with database.transaction():
        mark = await database.fetch_one("SELECT value FROM facts WHERE name = $1", name)
        rows = await database.fetch(
            f"SELECT id, {wipe.at} AS at FROM {wipe.table} WHERE id > $1 ORDER BY id LIMIT $2",
            int(mark["value"]) if mark else 0,
            BATCH,
        )
        old = _old([(row["id"], row["at"]) for row in rows], before)
        if not old:
            return 0
        await database.execute(
            f"""UPDATE {wipe.table} SET {wipe.assignments} FROM {database.table("$1", id="bigint")}
 WHERE {wipe.table}.id = k.id""",
            orjson.dumps([{"id": row_id} for row_id in old]).decode(),
        )
        await database.execute(
            """INSERT INTO facts (name, value, at) VALUES ($1, $2, $3)
 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at""",
            name,
            str(old[-1]),
            before,
        )
    return len(old)


def _old(rows: Sequence[tuple[int, int]], before: int) -> list[int]:
    """The ids up to the first row that is not old enough: times rise with ids, but for a little."""
    old = []
    for row_id, at in rows:
        if at >= before:
            break
        old.append(row_id)
    return old


async def _states(database: Database, before: int) -> int:
    return await database.execute(
        """UPDATE conversations SET state = '' WHERE id IN (SELECT id FROM conversations WHERE state <> ''
 AND closed_at < $1 ORDER BY id LIMIT $2)""",
        before,
        BATCH,
    )


async def _access(database: Database, before: int) -> int:
    """Links and sessions that ended long ago, and merges that can no longer be taken back."""
    count = await database.execute(
        "UPDATE merges SET before = '{}' WHERE id IN (SELECT id FROM merges WHERE before <> '{}' AND at < $1 LIMIT $2)",
        before,
        BATCH,
    )
    for table in ("sign_in_links", "sessions", "deep_links"):
        count += await database.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE expires_at < $1 ORDER BY id LIMIT $2)",
            before,
            BATCH,
        )
    return count
