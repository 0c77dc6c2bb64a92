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

from storage import outbox_postgres, outbox_sqlite
from storage.database import Database
from storage.outbox_postgres import Unconfirmed
from storage.outbox_rows import CLAIMED_COLUMNS, Asked, Claim, ClaimedRow, Judge, NotSent, Room, Sent, only_claimed

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
        self._unconfirmed: list[Unconfirmed] = []

    async def claim(
        self, rooms: Sequence[Room], now: int, judge: Judge = only_claimed, sent: Sequence[Sent] = ()
    ) -> Claim:
        """Claim what is due at `now`, per channel within its room and its rate, in order per address.

        In the same commit `sent` is written, so that the next message of its addresses can go, and what `judge` says
        may leave at once is marked as `sending`. Once begun this is to be awaited to its end: who is cancelled in the
        middle does not know what is theirs.
        """
        rooms = [room for room in rooms if room.room > 0]
        # Looked at first, so that an idle store sees no write; a channel that had something probably has more.
        busy = self._busy | {one.row.channel for one in sent}
        idle = [room for room in rooms if room.channel not in busy]
        waiting = busy | (await self._channels_waiting(idle, now) if idle else set())
        rooms = [room for room in rooms if room.channel in waiting]
        if not rooms and not sent:
            return Claim(())
        claim = await self._claim_in(Asked(rooms, now, self._lease, judge, sent))
        taken = {row.channel for row in claim.rows}
        self._busy = (self._busy - {room.channel for room in rooms}) | taken
        return claim

    async def put_back(self) -> None:
        """Make due again what may have been claimed when the connection was cut; before anything else is done."""
        if self._unconfirmed:
            await outbox_postgres.put_back(self._database, self._unconfirmed)

    async def _claim_in(self, asked: Asked) -> Claim:
        if self._database.kind == "sqlite":
            return await outbox_sqlite.claim(self._database, asked)
        await self.put_back()
        return await outbox_postgres.claim(self._database, asked, self._unconfirmed)

    async def mark_sending(self, rows: Iterable[ClaimedRow], now: int) -> set[int]:
        """Mark rows that were only claimed, just before their first byte; the ids of those still this worker's."""
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


async def waiting_by_channel(database: Database) -> dict[str, int]:
    """How many messages wait to be sent, by channel."""
    rows = await database.fetch(
        "SELECT channel, count(*) AS n FROM outbox WHERE status IN ('due', 'retry') GROUP BY channel ORDER BY channel"
    )
    return {row["channel"]: row["n"] for row in rows}


def _goes_again(row: dict[str, Any], can_resend: Collection[str]) -> bool:
    return row["status"] == "claimed" or (row["status"] == "inline" and row["channel"] in can_resend)


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
