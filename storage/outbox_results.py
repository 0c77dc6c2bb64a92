"""What became of messages: outcomes of our own sends, and receipts of the providers.

Rule: statuses only move forward, and only by whom the row still belongs to; a late or repeated word changes nothing.
So `attempts`, which tells whose it is, is never lowered, though a message that was put back was not tried. A
message of a dialog that will not arrive leaves a job in the same commit, so that its dialog hears of it even if this
process dies at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from storage import outbox_sent
from storage.database import Database
from storage.outbox_again import send_again
from storage.outbox_rows import FAILED_JOB, LOST_REPLY_JOB, NotSent, Outcome, Proof, Sent
from storage.outbox_sent import clean

#: What a receipt may find a message as, to move it on. A message that is `sending` may be proved by its receipt before
#: our own call returns, and one that stands as `unknown` is cleared up by it.
_PROVEN_FROM: Final = {
    "sent": ("sending", "inline", "unknown"),
    "delivered": ("sending", "inline", "unknown", "sent"),
    "read": ("sending", "inline", "unknown", "sent", "delivered"),
    "failed": ("sending", "inline", "unknown", "sent"),
}
_LONGEST: Final = 400


class OutboxResults:
    """Writes what became of messages. Times are milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, outcomes: Sequence[Outcome], now: int) -> int:
        """Write outcomes, all in one commit; how many messages will not arrive (their jobs are due)."""
        sent = [outcome for outcome in outcomes if isinstance(outcome, Sent)]
        others = [outcome for outcome in outcomes if isinstance(outcome, NotSent)]
        if not others:
            await outbox_sent.write(self._database, sent, now)
            return 0
        async with self._database.transaction():
            if sent:
                await outbox_sent.write(self._database, sent, now)
            lost = await self._not_sent(others, now)
            await self._address(others, now)
            return await self._tell(lost, now)

    async def prove(self, proofs: Sequence[Proof], now: int) -> tuple[int, int]:
        """Move statuses forward by receipts; how many changed anything, and how many will not arrive after all."""
        changed = 0
        lost: list[dict[str, Any]] = []
        async with self._database.transaction():
            for proof in proofs:
                rows = await self._prove(proof)
                changed += len(rows)
                for row in rows:
                    if row["status"] == "dead" and not await self._goes_again(proof, row["id"], now):
                        lost.append(row)
            return changed, await self._tell(lost, now)

    async def _goes_again(self, proof: Proof, outgoing: int, now: int) -> bool:
        return proof.again_in > 0 and await send_again(self._database, outgoing, now + proof.again_in, now)

    async def knows(self, channel: str, external_id: str) -> bool:
        """Whether a message with this platform id stands in the outbox already."""
        row = await self._database.fetch_one(
            "SELECT id FROM outbox WHERE channel = $1 AND external_id = $2", channel, external_id
        )
        return row is not None

    async def _not_sent(self, outcomes: Sequence[NotSent], now: int) -> list[dict[str, Any]]:
        database = self._database
        table = database.table(
            "$1", id="bigint", attempts="int", status="text", error="text", again="bigint", hold="bigint"
        )
        rows = await database.fetch(
            f"""UPDATE outbox SET status = k.status, error = k.error, run_at = coalesce(k.again, run_at),
 lease_at = {database.now_sql} + k.hold,
 finished_at = CASE WHEN k.status IN ('dead', 'unknown') THEN $2 ELSE finished_at END
 FROM {table} WHERE outbox.id = k.id AND outbox.attempts = k.attempts AND outbox.status IN ('claimed', 'sending')
 RETURNING outbox.id, conversation_id, ticket_id, kind, sequence, outbox.status, outbox.error""",
            _json(map(_not_sent, outcomes)),
            now,
        )
        return [row for row in rows if row["status"] in ("dead", "unknown")]

    async def _prove(self, proof: Proof) -> list[dict[str, Any]]:
        found, key = ("public_id = $1", proof.public_id) if proof.public_id else ("external_id = $1", proof.external_id)
        if not key:
            return []
        status = "dead" if proof.status == "failed" else proof.status
        earlier = ", ".join(f"'{name}'" for name in _PROVEN_FROM[proof.status])
        arrived = "sent_at" if status == "dead" else "coalesce(sent_at, $4)"
        return await self._database.fetch(
            f"""UPDATE outbox SET status = '{status}', error = $3, sent_at = {arrived},
 finished_at = coalesce(finished_at, $4), external_id = coalesce(external_id, nullif($5, ''))
 WHERE {found} AND channel = $2 AND status IN ({earlier})
 RETURNING id, conversation_id, ticket_id, kind, sequence, status, error""",
            key,
            proof.channel,
            clean(proof.reason, _LONGEST),
            proof.at,
            proof.external_id[:200],
        )

    async def _address(self, outcomes: Sequence[NotSent], now: int) -> None:
        """What the failures say of their addresses: gone, stopped by the person, or open and its window used up."""
        shut = {o.row.address_id: (o.address, o.reason) for o in outcomes if o.address in ("closed", "stopped")}
        await self._database.execute_many(
            "UPDATE addresses SET status = $1, reason = $2 WHERE id = $3 AND status NOT IN ('closed', $1)",
            [(status, clean(reason, 200), address) for address, (status, reason) in sorted(shut.items())],
        )
        spent = sorted({o.row.address_id for o in outcomes if o.address == "spent"})
        await self._database.execute_many(
            """UPDATE addresses SET window_left = 0, free_until = 0,
 window_at = CASE WHEN window_at = 0 THEN $1 ELSE window_at END WHERE id = $2""",
            [(now, address) for address in spent],
        )

    async def _tell(self, lost: Sequence[dict[str, Any]], now: int) -> int:
        """Put the jobs by which dialogs, and the teams whose words they were, hear of messages that will not arrive."""
        await self._database.execute_many(
            """INSERT INTO jobs (kind, subject_id, sequence, body, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $5)
 ON CONFLICT DO NOTHING""",
            [(*job, now) for row in lost if (job := _job(row)) is not None],
        )
        return len(lost)


def _not_sent(outcome: NotSent) -> dict[str, Any]:
    return {
        **outcome.row.key,
        "status": outcome.status,
        "error": clean(outcome.reason, _LONGEST),
        "again": outcome.run_at or None,
        "hold": outcome.look_up_in,
    }


def _job(row: dict[str, Any]) -> tuple[str, int, int, str] | None:
    """Who is to hear of a lost message: its dialog, the team whose words it was, or nobody."""
    if row["kind"] == "staff":
        told, kind = ["ticket_id", "status"], LOST_REPLY_JOB
    elif row["conversation_id"] is not None and row["sequence"] > 0:
        told, kind = ["conversation_id", "status"], FAILED_JOB
    else:
        return None
    body = {**{name: row[name] for name in told}, "reason": row["error"]}
    return kind, row["id"], row["sequence"], orjson.dumps(body).decode()


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
