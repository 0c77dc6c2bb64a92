"""Links and QR codes that tie a chat to a known customer: single use, expiring.

Rule: a link is used up in the same transaction that ties the chat. Its token has 22 characters of `A-Za-z0-9_-`, which
Telegram (64) and a WeChat scene (64) both carry; only its hash is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storage import addresses, merging
from storage.crypto import Keys, hash_token, new_token
from storage.customers import lock
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a token did. `outcome`: linked | expired (or used by somebody else). `script`: a dialog to open, or ""."""

    outcome: Literal["linked", "expired"]
    customer_id: int = 0
    script: str = ""


async def make(
    database: Database, customer_id: int, *, now: int, lifetime_ms: int, channel: str = "", script: str = ""
) -> str:
    """A new token for a customer. `channel`: only there ("" anywhere); `script`: the dialog that it opens."""
    token = new_token()
    await database.execute(
        """INSERT INTO deep_links (token_hash, customer_id, channel, script, expires_at, created_at)
 VALUES ($1, $2, $3, $4, $5, $6)""",
        hash_token(token),
        customer_id,
        channel,
        script,
        now + lifetime_ms,
        now,
    )
    return token


async def redeem(database: Database, keys: Keys, token: str, channel: str, id: str, now: int) -> Redemption | None:
    """Tie the chat (channel, platform id) to the link's customer; None where the token is no link of ours.

    A chat that was an anonymous customer's brings that one's history along. Scanned again by the same chat it still
    says "linked", because platforms repeat themselves.
    """
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT id, customer_id, channel, script, expires_at, used_at FROM deep_links WHERE token_hash = $1",
            hash_token(token),
        )
        if row is None or row["channel"] not in ("", channel):
            return None
        customer_id = await _standing(database, row["customer_id"])
        address = await addresses.ensure(database, keys, channel, id, now)
        if address.customer_id == customer_id:
            await _use(database, row["id"], now)
            return Redemption("linked", customer_id, row["script"])
        if row["expires_at"] < now or not await _use(database, row["id"], now):
            return Redemption("expired")
        await _tie(database, customer_id, address, now)
        return Redemption("linked", customer_id, row["script"])


async def _use(database: Database, link_id: int, now: int) -> bool:
    used = await database.execute("UPDATE deep_links SET used_at = $1 WHERE id = $2 AND used_at IS NULL", now, link_id)
    return used == 1


async def _standing(database: Database, customer_id: int) -> int:
    row = await database.fetch_one("SELECT merged_into_id FROM customers WHERE id = $1", customer_id)
    merged: int | None = row["merged_into_id"] if row else None
    return customer_id if merged is None else await _standing(database, merged)


async def _tie(database: Database, customer_id: int, address: addresses.AddressRow, now: int) -> None:
    holder = address.customer_id
    if holder is not None:
        row = await database.fetch_one("SELECT status FROM customers WHERE id = $1", holder)
        if row is not None and row["status"] == "anonymous":
            await merging.merge(database, customer_id, holder, actor="house", now=now)
            return
    await lock(database, [each for each in (customer_id, holder) if each is not None])
    await database.execute("UPDATE addresses SET customer_id = $1 WHERE id = $2", customer_id, address.id)
