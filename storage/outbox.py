"""The outbox's way out: claim what is due, mark it as being sent, take over what dead workers left.

Rule: order per address. A row is claimed only when no earlier row of its address is unfinished, whoever holds that.
What became of a message is written by `outbox_results.py`. When a message is due is on the house's clock, how long a
worker may hold it on the database's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage import outbox_sqlite, rates_kept
from storage.database import Database
from storage.outbox_rows import CLAIMED_COLUMNS, UNFINISHED_SQL, Claim, ClaimedRow, NotSent, Room
from storage.rates import UNLIMITED

#: A reply that was to travel in a webhook's response, and of which nobody said that it did (CONTRACTS).
INLINE_MS: Final = 20_000
#: At most so many rows are taken over at a time.
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Left:
    """What dead workers left, now this worker's: `doubtful` rows are to be looked up, `outcomes` to be settled."""

    doubtful: Sequence[ClaimedRow] = ()
    outcomes: Sequence[NotSent] = ()


class Outbox:
    """The messages to send. Times are milliseconds UTC."""

    def __init__(self, database: Database, *, lease_ms: int, most_attempts: int = 50) -> None:
        self._database = database
        self._lease = lease_ms
        self._most_attempts = most_attempts
        self._busy: set[str] = set()

    async def claim(self, rooms: Sequence[Room], now: int) -> Claim:
        """Claim what is due at `now`, per channel within its room and its rate, in order per address."""
        rooms = [room for room in rooms if room.room > 0]
        # Looked at first, so that an idle store sees no write; a channel that had something probably has more.
        idle = [room for room in rooms if room.channel not in self._busy]
        waiting = self._busy | (await self._channels_waiting(idle, now) if idle else set())
        rooms = [room for room in rooms if room.channel in waiting]
        if not rooms:
            return Claim(())
        claim = await self._claim_in(rooms, now)
        taken = {row.channel for row in claim.rows}
        self._busy = (self._busy - {room.channel for room in rooms}) | taken
        return claim

    async def _claim_in(self, rooms: Sequence[Room], now: int) -> Claim:
        limits = {room.rate: room.per_second for room in rooms if room.per_second < UNLIMITED}
        if not limits:
            # Nothing else is to be committed with the claims, which are each a transaction of their own.
            return Claim([row for room in rooms for row in await self._claim_alone(room.channel, now, room.room)])
        async with self._database.transaction():
            allowed = await rates_kept.allowances(self._database, limits)
            rows: list[ClaimedRow] = []
            used: dict[str, float] = {}
            waits: list[int] = []
            for room in rooms:
                limit = allowed.get(room.rate)
                count = room.room if limit is None else min(room.room, limit.count)
                taken = await self._claim(room.channel, now, count) if count else []
                rows += taken
                if limit is not None:
                    used[room.rate] = limit.after(len(taken))
                    if len(taken) == limit.count:
                        waits.append(limit.next_at if not taken else int(used[room.rate] + limit.interval) + 1)
            if used:
                await rates_kept.use(self._database, used)
        return Claim(rows, min(waits, default=0))

    async def mark_sending(self, rows: Iterable[ClaimedRow], now: int) -> set[int]:
        """Mark claimed rows as `sending`, just before their first byte; the ids of those still this worker's."""
        listed = list(rows)
        keys = _json(row.key for row in listed)
        ours = f"""FROM {self._database.table("$1", id="bigint", attempts="int")}
 WHERE outbox.id = k.id AND outbox.attempts = k.attempts"""
        marked = await self._database.execute(
            f"""UPDATE outbox SET status = 'sending', lease_at = {self._database.now_sql} + $2, run_at = $3 {ours}
 AND outbox.status = 'claimed'""",
            keys,
            self._lease,
            now,
        )
        if marked == len(listed):
            return {row.id for row in listed}
        # Rarely: a lease ended before its mark. The attempts tell this worker's marks from another's.
        still = await self._database.fetch(
            f"""SELECT outbox.id FROM outbox, {ours.removeprefix("FROM ")} AND outbox.status = 'sending'""", keys
        )
        return {row["id"] for row in still}

    async def reclaim(self, now: int, can_look_up: Collection[str], can_resend: Collection[str]) -> Left:
        """Take over what is nobody's any more.

        An expired `claimed` is due again. An expired `sending`, and an `inline` older than 20 s, is to be looked up on
        channels that can; an `inline` becomes due on channels that can send it another way. All else is `unknown`. What
        was claimed too often is dead: it may kill its workers.
        """
        database = self._database
        if not await database.fetch(*self._expired("SELECT o.id", "LIMIT 1", now)):
            return Left()
        async with database.transaction():
            columns = "SELECT o.id, o.channel, o.status, o.attempts"
            found = await database.fetch(*self._expired(columns, f"LIMIT {_MOST} {database.skip_locked}", now))
            worn = {row["id"] for row in found if row["status"] == "claimed" and row["attempts"] >= self._most_attempts}
            again = [row for row in found if row["id"] not in worn and _goes_again(row, can_resend)]
            rest = [row for row in found if row not in again]
            await database.execute(
                f"""UPDATE outbox SET status = 'due', via = 'api', lease_at = 0
 FROM {database.table("$1", id="bigint")} WHERE outbox.id = k.id""",
                _json({"id": row["id"]} for row in again),
            )
            held = await self._held(rest)
        doubtful = [row for row in held if row.channel in can_look_up and row.id not in worn]
        dead = [NotSent(row, "dead", "claimed too often: it may kill its workers") for row in held if row.id in worn]
        unknown = [
            NotSent(row, "unknown", "the worker that sent it died")
            for row in held
            if row.channel not in can_look_up and row.id not in worn
        ]
        return Left(doubtful, dead + unknown)

    async def _channels_waiting(self, rooms: Sequence[Room], now: int) -> set[str]:
        rows = await self._database.fetch(
            f"""SELECT k.channel FROM {self._database.table("$1", channel="text")} WHERE EXISTS (SELECT 1 FROM outbox o
 WHERE o.channel = k.channel AND o.status IN ('due', 'retry') AND o.run_at <= $2)""",
            _json({"channel": room.channel} for room in rooms),
            now,
        )
        return {row["channel"] for row in rows}

    async def _claim_alone(self, channel: str, now: int, count: int) -> list[ClaimedRow]:
        if self._database.kind == "sqlite":
            return await outbox_sqlite.claim(self._database, channel, now, count, self._lease)
        return await self._claim(channel, now, count)

    async def _claim(self, channel: str, now: int, count: int) -> list[ClaimedRow]:
        database = self._database
        taken = await database.fetch(
            f"""WITH picked AS MATERIALIZED (SELECT o.id FROM outbox o WHERE o.channel = $1
 AND o.status IN ('due', 'retry') AND o.run_at <= $2 AND NOT EXISTS (SELECT 1 FROM outbox e
 WHERE e.address_id = o.address_id AND e.id < o.id AND e.status IN ({UNFINISHED_SQL}))
 ORDER BY o.run_at, o.id LIMIT $3 {database.skip_locked})
 UPDATE outbox SET status = 'claimed', attempts = attempts + 1, lease_at = {database.now_sql} + $4
 FROM picked WHERE outbox.id = picked.id RETURNING outbox.id""",
            channel,
            now,
            count,
            self._lease,
        )
        return await self._rows(taken)

    async def _held(self, rows: Sequence[dict[str, Any]]) -> list[ClaimedRow]:
        """Rows made this worker's, as `sending`, for another lease."""
        taken = await self._database.fetch(
            f"""UPDATE outbox SET status = 'sending', attempts = attempts + 1,
 lease_at = {self._database.now_sql} + $2 FROM {self._database.table("$1", id="bigint")}
 WHERE outbox.id = k.id RETURNING outbox.id""",
            _json({"id": row["id"]} for row in rows),
            self._lease,
        )
        return await self._rows(taken)

    async def _rows(self, ids: Sequence[dict[str, Any]]) -> list[ClaimedRow]:
        if not ids:
            return []
        rows = await self._database.fetch(
            f"""SELECT {CLAIMED_COLUMNS} FROM {self._database.table("$1", id="bigint")} JOIN outbox o ON o.id = k.id
 JOIN addresses a ON a.id = o.address_id ORDER BY o.run_at, o.id""",
            _json(ids),
        )
        return [ClaimedRow(**row) for row in rows]

    def _expired(self, select: str, ending: str, now: int) -> tuple[str, int]:
        clock = self._database.now_sql
        return (
            f"""{select} FROM outbox o WHERE o.status IN ('claimed', 'sending', 'inline') AND o.lease_at <= {clock}
 AND (o.status <> 'inline' OR o.created_at <= $1) ORDER BY o.id {ending}""",
            now - INLINE_MS,
        )


def _goes_again(row: dict[str, Any], can_resend: Collection[str]) -> bool:
    return row["status"] == "claimed" or (row["status"] == "inline" and row["channel"] in can_resend)


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
