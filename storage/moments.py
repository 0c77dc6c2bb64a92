"""Moments: something happened to a customer, and a dialog may start because of it.

Rule: a moment and the job that carries it out (kind "moment", subject the moment's id) are written in one transaction,
once per public id, whoever reports it how often. What came of it stays visible beside it, with the reason why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage.database import Database

JOB: Final = "moment"
_COLUMNS: Final = "id, public_id, name, customer_id, at, data, outcome, reason, conversation_id, run_at, created_at"


@dataclass(frozen=True, slots=True)
class MomentRow:
    """A moment. `outcome`: pending | waiting | started | not_sent, with its `reason`. Times in ms."""

    id: int
    public_id: str
    name: str
    customer_id: int
    at: int
    data: Mapping[str, Any]
    outcome: str
    reason: str
    conversation_id: int | None
    run_at: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported moment; `how` is "new" or "known" (reported before: nothing was written)."""

    id: int
    how: str


async def report(
    database: Database,
    public_id: str,
    name: str,
    customer_id: int,
    *,
    now: int,
    at: int = 0,
    run_at: int = 0,
    data: Mapping[str, Any] | None = None,
) -> Reported:
    """Keep a moment that happened `at` (ms; 0: now) and is to be carried out from `run_at` on (0: now)."""
    async with database.transaction():
        rows = await database.fetch(
            """INSERT INTO moments (public_id, name, customer_id, at, data, run_at, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (public_id) DO NOTHING RETURNING id""",
            public_id,
            name,
            customer_id,
            at or now,
            orjson.dumps(dict(data or {})).decode(),
            run_at or now,
            now,
        )
        if not rows:
            known = await named(database, public_id)
            assert known is not None
            return Reported(known.id, "known")
        await database.execute(
            "INSERT INTO jobs (kind, subject_id, run_at, created_at) VALUES ($1, $2, $3, $4)",
            JOB,
            rows[0]["id"],
            run_at or now,
            now,
        )
    return Reported(rows[0]["id"], "new")


async def conclude(
    database: Database, moment_id: int, outcome: str, reason: str = "", *, conversation_id: int | None = None
) -> None:
    """What came of it: waiting | started | not_sent, with the reason that an admin reads (at most 200 characters)."""
    await database.execute(
        """UPDATE moments SET outcome = $1, reason = $2, conversation_id = coalesce($3, conversation_id)
 WHERE id = $4""",
        outcome,
        reason[:200],
        conversation_id,
        moment_id,
    )


async def get(database: Database, moment_id: int) -> MomentRow:
    """Raises LookupError."""
    row = await database.fetch_one(f"SELECT {_COLUMNS} FROM moments WHERE id = $1", moment_id)
    if row is None:
        raise LookupError(f"no moment {moment_id}")
    return _moment(row)


async def named(database: Database, public_id: str) -> MomentRow | None:
    """By the id under which it was reported."""
    row = await database.fetch_one(f"SELECT {_COLUMNS} FROM moments WHERE public_id = $1", public_id)
    return _moment(row) if row else None


async def latest(database: Database, *, limit: int = 100, customer_id: int | None = None) -> list[MomentRow]:
    """The last moments, newest first, of all customers or of one."""
    rows = await database.fetch(
        f"""SELECT {_COLUMNS} FROM moments WHERE (CAST($1 AS BIGINT) IS NULL OR customer_id = $1)
 ORDER BY id DESC LIMIT $2""",
        customer_id,
        limit,
    )
    return [_moment(row) for row in rows]


async def due(database: Database, now: int, *, limit: int = 100) -> list[MomentRow]:
    """Moments that are to be carried out and have not been, earliest first; a look only, the jobs do the work."""
    rows = await database.fetch(
        f"""SELECT {_COLUMNS} FROM moments WHERE outcome IN ('pending', 'waiting') AND run_at <= $1
 ORDER BY run_at, id LIMIT $2""",
        now,
        limit,
    )
    return [_moment(row) for row in rows]


def _moment(row: Mapping[str, Any]) -> MomentRow:
    return MomentRow(**{**row, "data": orjson.loads(row["data"])})
