"""What is wiped after its time, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.config import Retention
from bot.housekeeping import Housekeeping
from storage.database import Database
from storage.jobs import Jobs

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return NOW


def ms(days: int) -> int:
    return int((NOW - timedelta(days=days)).timestamp() * 1000)


async def test_raw_payloads_go_after_their_time_and_texts_after_theirs(store: Database) -> None:
    for days in (800, 31, 1):
        await store.execute(
            """INSERT INTO inbound (address_id, kind, text, raw_sealed, dedup, at, created_at)
 VALUES (1, 'text', $1, $2, $3, $4, $4)""",
            f"said {days} days ago",
            b"raw",
            f"key{days}",
            ms(days),
        )
    keeper = Housekeeping(store, Jobs(store), Clock(), Retention())
    assert await keeper.once() > 0
    rows = await store.fetch("SELECT text, raw_sealed, dedup FROM inbound ORDER BY created_at DESC")
    assert [row["text"] for row in rows] == ["said 1 days ago", "said 31 days ago", ""]
    assert [row["raw_sealed"] is None for row in rows] == [False, True, True]
    assert [row["dedup"] for row in rows] == ["key1", None, None]
    assert await keeper.once() == 0


async def test_jobs_long_done_are_forgotten_and_failed_ones_kept(store: Database) -> None:
    for status in ("done", "failed"):
        await store.execute(
            "INSERT INTO jobs (kind, subject_id, status, run_at, created_at) VALUES ('wait', 1, $1, 0, $2)",
            status,
            ms(40),
        )
    await Housekeeping(store, Jobs(store), Clock(), Retention()).once()
    assert [row["status"] for row in await store.fetch("SELECT status FROM jobs")] == ["failed"]
