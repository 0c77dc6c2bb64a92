"""Claiming on PostgreSQL: rows are locked, judged and marked in one transaction.

Rule: a connection may be cut while it commits. Then nobody knows whether the rows are ours, but nothing of them has
left: they are kept in mind and put back before anything else is done. They are told by their lease as well as by their
attempts, because another worker's claim of a row that was rolled back bears the same number. What they spent of a
window stays spent: we may believe in less than the platform grants, never in more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from storage import outbox_sent, rates_kept
from storage.database import Database
from storage.outbox_judged import Judged
from storage.outbox_rows import CLAIMED_COLUMNS, UNFINISHED_SQL, Asked, Claim, ClaimedRow
from storage.rates import Meter

_COLUMNS: Final = CLAIMED_COLUMNS.replace("o.attempts", "o.attempts + 1 AS attempts")
_PICK: Final = f"""SELECT {_COLUMNS} FROM outbox o JOIN addresses a ON a.id = o.address_id WHERE o.channel = $1
 AND o.status IN ('due', 'retry') AND o.run_at <= $2 AND NOT EXISTS (SELECT 1 FROM outbox e
 WHERE e.address_id = o.address_id AND e.id < o.id AND e.status IN ({UNFINISHED_SQL}))
 ORDER BY o.run_at, o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED"""
_LATER: Final = """UPDATE outbox SET run_at = k.at FROM unnest($1::bigint[], $2::bigint[]) k (id, at)
 WHERE outbox.id = k.id"""
_SPEND: Final = """UPDATE addresses SET window_left = window_left - 1
 WHERE id = ANY ($1::bigint[]) AND window_at <> 0 AND window_left > 0"""
_PUT_BACK: Final = """UPDATE outbox SET status = 'due', attempts = outbox.attempts - 1, lease_at = 0
 FROM unnest($1::bigint[], $2::int[], $3::bigint[]) k (id, attempts, lease_at)
 WHERE outbox.id = k.id AND outbox.attempts = k.attempts AND outbox.lease_at = k.lease_at
 AND outbox.status IN ('claimed', 'sending')"""


class Unconfirmed(NamedTuple):
    """A row whose claim may have been committed."""

    id: int
    attempts: int
    lease_at: int


async def claim(database: Database, asked: Asked, unconfirmed: list[Unconfirmed]) -> Claim:
    """What is due in the rooms, now this worker's. Until the commit is confirmed, the rows stand in `unconfirmed`."""
    async with database.transaction():
        if asked.sent:
            await outbox_sent.write(database, asked.sent, asked.now)
        meter = Meter(await rates_kept.allowances(database, rates_kept.limits(asked.rooms)))
        judged = Judged()
        for room in asked.rooms:
            count = meter.most(room.rate, room.room)
            picked = await database.fetch(_PICK, room.channel, asked.now, count) if count else []
            meter.count(room.rate, judged.add([ClaimedRow(**row) for row in picked], room, asked.judge, asked.now))
        taken = await _write(database, judged, asked)
        if meter.used:
            await rates_kept.use(database, meter.used)
        unconfirmed += taken
    unconfirmed.clear()
    return judged.claim(meter.next_at)


async def put_back(database: Database, unconfirmed: list[Unconfirmed]) -> None:
    """Rows that may have been claimed, and of which nothing has left, are due again."""
    ids, attempts, leases = zip(*unconfirmed, strict=True)
    await database.execute(_PUT_BACK, ids, attempts, leases)
    unconfirmed.clear()


async def _write(database: Database, judged: Judged, asked: Asked) -> Sequence[Unconfirmed]:
    marked: list[Any] = []
    if judged.rows:
        take = f"""UPDATE outbox SET status = CASE WHEN id = ANY ($1::bigint[]) THEN 'sending' ELSE 'claimed' END,
 run_at = CASE WHEN id = ANY ($1::bigint[]) THEN $3 ELSE run_at END, attempts = attempts + 1,
 lease_at = {database.now_sql} + $4 WHERE id = ANY ($1::bigint[] || $2::bigint[]) RETURNING id, attempts, lease_at"""
        marked = await database.fetch(take, judged.sending, judged.claimed, asked.now, asked.lease)
    if judged.spent:
        await database.execute(_SPEND, judged.spent)
    if judged.later:
        ids, times = zip(*judged.later, strict=True)
        await database.execute(_LATER, ids, times)
    return [Unconfirmed(**row) for row in marked]
