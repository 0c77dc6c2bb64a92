"""Work that waits: reminders, expiries, actions, moments, SLA clocks, retention. Claimed under a lease.

Rule: a job is a row, not a sleeping task. When it is due is on the house's clock, how long a worker may hold it on the
database's. `attempts`, with `sequence`, is the fencing token: what a worker says of a job that another has claimed
since changes nothing. A handler that marks its job done in its own commit has its effect exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.database import Database

#: A job that was claimed this often and never finished has killed its workers, and is not given to another.
MOST_ATTEMPTS: Final = 10
LEASE_MS: Final = 60_000

_COLUMNS: Final = "kind, subject_id, sequence, attempts, body, run_at, status"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that is this worker's until its lease ends. `run_at`: ms, when it was due."""

    id: int
    kind: str
    subject_id: int
    sequence: int
    attempts: int
    body: str
    run_at: int


class Jobs:
    """The table of jobs. Times are milliseconds UTC."""

    def __init__(self, database: Database, *, lease_ms: int = LEASE_MS) -> None:
        self._database = database
        self._lease = lease_ms

    async def claim(self, now: int, limit: int, kinds: Sequence[str] = ()) -> list[Claimed]:
        """Jobs due at `now`, earliest first, of these kinds or of all; each is nobody else's until its lease ends."""
        where, args = self._waiting(now, kinds)
        # Reading first keeps an idle SQLite free of write transactions.
        if not await self._database.fetch(f"SELECT id FROM jobs WHERE {where} LIMIT 1", *args):
            return []
        count = len(args)
        rows = await self._database.fetch(
            f"""WITH picked AS MATERIALIZED (SELECT id FROM jobs WHERE {where}
 ORDER BY run_at, id LIMIT ${count + 1} {self._database.skip_locked})
 UPDATE jobs SET lease_at = {self._database.now_sql} + ${count + 2}, attempts = attempts + 1,
 status = CASE WHEN attempts >= ${count + 3} THEN 'failed' ELSE 'due' END,
 error = CASE WHEN attempts >= ${count + 3} THEN 'claimed too often: it may kill its workers' ELSE error END
 FROM picked WHERE jobs.id = picked.id RETURNING jobs.id, {_COLUMNS}""",
            *args,
            limit,
            self._lease,
            MOST_ATTEMPTS,
        )
        claimed = [_claimed(row) for row in rows if row["status"] == "due"]
        return sorted(claimed, key=lambda job: (job.run_at, job.id))

    async def next_at(self) -> int | None:
        """When the next job is due, ms; None when none waits."""
        row = await self._database.fetch_one("SELECT min(run_at) AS at FROM jobs WHERE status = 'due'")
        return row["at"] if row else None

    async def done(self, job: Claimed) -> bool:
        """It is done; false where it is not this worker's any more."""
        return await self._set(job, "status = 'done', error = ''")

    async def fail(self, job: Claimed, error: str) -> bool:
        """It will not be tried again; the error (at most 2,000 characters) is shown to staff."""
        return await self._set(job, "status = 'failed', error = $4", error[:2000])

    async def postpone(self, job: Claimed, at: int, error: str = "") -> bool:
        """Try again at `at` (ms). Without an error it was no attempt: the house only put it off."""
        # One less makes the next claim's token that of this worker, which is through with the job; no older one's.
        attempts = "attempts" if error else "attempts - 1"
        return await self._set(job, f"run_at = $4, lease_at = 0, error = $5, attempts = {attempts}", at, error[:2000])

    async def extend(self, job: Claimed) -> bool:
        """Keep it for another lease, for long work."""
        return await self._set(job, f"lease_at = {self._database.now_sql} + $4", self._lease)

    async def put(
        self, kind: str, run_at: int, *, now: int, subject_id: int = 0, sequence: int = 0, body: str = "{}"
    ) -> None:
        """Have a job due at `run_at`; replaces the due one of the same kind and subject."""
        await self._database.execute(
            """INSERT INTO jobs (kind, subject_id, sequence, body, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)
 ON CONFLICT (kind, subject_id) WHERE status = 'due' DO UPDATE SET sequence = excluded.sequence, body = excluded.body,
 run_at = excluded.run_at, lease_at = 0, attempts = 0, error = ''""",
            kind,
            subject_id,
            sequence,
            body,
            run_at,
            now,
        )

    async def cancel(self, kind: str, subject_id: int) -> bool:
        """No longer wanted; false where none was due."""
        changed = await self._database.execute(
            "UPDATE jobs SET status = 'cancelled' WHERE kind = $1 AND subject_id = $2 AND status = 'due'",
            kind,
            subject_id,
        )
        return changed > 0

    async def forget(self, before: int, limit: int = 5_000) -> int:
        """Remove finished jobs made before `before` (ms), failed ones excepted; how many."""
        return await self._database.execute(
            """DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE created_at < $1
 AND status IN ('done', 'cancelled') ORDER BY id LIMIT $2)""",
            before,
            limit,
        )

    def _waiting(self, now: int, kinds: Sequence[str]) -> tuple[str, list[Any]]:
        where = f"status = 'due' AND run_at <= $1 AND lease_at <= {self._database.now_sql}"
        if not kinds:
            return where, [now]
        names = ", ".join(f"${number}" for number in range(2, len(kinds) + 2))
        return f"{where} AND kind IN ({names})", [now, *kinds]

    async def _set(self, job: Claimed, assignments: str, *values: Any) -> bool:
        changed = await self._database.execute(
            f"UPDATE jobs SET {assignments} WHERE id = $1 AND attempts = $2 AND sequence = $3 AND status = 'due'",
            job.id,
            job.attempts,
            job.sequence,
            *values,
        )
        return changed == 1


def _claimed(row: dict[str, Any]) -> Claimed:
    return Claimed(
        row["id"], row["kind"], row["subject_id"], row["sequence"], row["attempts"], row["body"], row["run_at"]
    )
