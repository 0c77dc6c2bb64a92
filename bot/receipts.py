"""What platforms tell of messages we sent, in the store's terms."""

from __future__ import annotations

from collections.abc import Sequence

from channels.message import Receipt
from storage.database import Database
from storage.outbox_results import OutboxResults
from storage.outbox_rows import Proof


async def prove(database: Database, receipts: Sequence[Receipt], now: int) -> int:
    """Move statuses forward; how many messages will not arrive after all (their jobs are due).

    An address that the provider calls permanently unreachable is closed; one whose person told the provider to stop is
    stopped.
    """
    _changed, lost = await OutboxResults(database).prove([proof_of(receipt) for receipt in receipts], now)
    for receipt in receipts:
        if receipt.status == "failed" and receipt.permanent:
            await _close(database, receipt)
    return lost


async def _close(database: Database, receipt: Receipt) -> None:
    column, value = ("public_id", receipt.reference) if receipt.reference else ("external_id", receipt.message)
    await database.execute(
        f"""UPDATE addresses SET status = $1, reason = $2 WHERE status NOT IN ('closed', $1)
 AND id IN (SELECT address_id FROM outbox WHERE {column} = $3 AND channel = $4)""",  # noqa: S608
        "stopped" if receipt.stopped else "closed",
        proof_of(receipt).reason[:200],
        value,
        receipt.channel,
    )


def proof_of(receipt: Receipt) -> Proof:
    """One receipt as the outbox reads it."""
    reason = f"{receipt.reason} ({receipt.error_code})" if receipt.error_code else receipt.reason
    return Proof(
        channel=receipt.channel,
        status=receipt.status,
        at=int(receipt.at.timestamp() * 1000),
        external_id=receipt.message,
        public_id=receipt.reference,
        reason=reason,
        again_in=int(receipt.retry_after * 1000) if receipt.retry_after else 0,
    )
