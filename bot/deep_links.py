"""Links and QR codes that tie a chat to a known customer: single use, expiring, at most 64 characters.

Rule: whoever opens the link becomes that customer's chat, so a link is made only for one customer and used only once.
An anonymous customer whose only chat this was is merged into the known one; nothing that was said is lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from bot.conversation import Redeemed
from bot.script_shelf import ScriptShelf
from channels.channel import Clock
from channels.message import Inbound
from storage.crypto import Keys, hash_token, new_public_id, new_token
from storage.database import Database

#: What our links begin with, so that a payload of somebody else's is not looked up.
PREFIX: Final = "m-"
LIFETIME: Final = timedelta(days=30)


class DeepLinks:
    """Makes and redeems them."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, shelf: ScriptShelf) -> None:
        self._database, self._keys, self._clock, self._shelf = database, keys, clock, shelf

    async def make(self, customer_id: int, channel: str, *, script: str = "", lifetime: timedelta = LIFETIME) -> str:
        """A payload for `t.me/<bot>?start=` or a WeChat scene; `script` is the dialog that it opens, by name."""
        token = PREFIX + new_token()
        now = self._now()
        await self._database.execute(
            """INSERT INTO deep_links (token_hash, customer_id, channel, script, expires_at, created_at)
 VALUES ($1, $2, $3, $4, $5, $6)""",
            hash_token(token),
            customer_id,
            channel,
            script,
            now + int(lifetime.total_seconds() * 1000),
            now,
        )
        return token

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        """Tie the chat to the link's customer; None where it is no link of ours.

        A link that was used by this very chat counts as linked again: a press repeated, a webhook redelivered.
        """
        if not token.startswith(PREFIX):
            named = self._shelf.published.names.get(token)
            return Redeemed("", named) if named else None
        async with self._database.transaction():
            link = await self._database.fetch_one(
                "SELECT id, customer_id, script, expires_at, used_at FROM deep_links WHERE token_hash = $1",
                hash_token(token),
            )
            if link is None:
                return Redeemed("expired")
            script = self._shelf.published.names.get(link["script"], 0)
            owner = await self._owner(inbound.channel, lookup)
            if link["used_at"] is not None or link["expires_at"] < self._now():
                mine = owner is not None and owner["customer_id"] == link["customer_id"]
                return Redeemed("linked", script) if mine else Redeemed("expired")
            await self._tie(link, inbound, lookup, owner)
        return Redeemed("linked", script)

    async def _owner(self, channel: str, lookup: str) -> dict[str, Any] | None:
        return await self._database.fetch_one(
            """SELECT a.id, a.customer_id, c.status FROM addresses a LEFT JOIN customers c ON c.id = a.customer_id
 WHERE a.channel = $1 AND a.lookup = $2""",
            channel,
            lookup,
        )

    async def _tie(self, link: dict[str, Any], inbound: Inbound, lookup: str, owner: dict[str, Any] | None) -> None:
        known, now = link["customer_id"], self._now()
        await self._lock(known, owner)
        await self._database.execute("UPDATE deep_links SET used_at = $1 WHERE id = $2", now, link["id"])
        if owner is None:
            await self._database.execute(
                """INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at)
 VALUES ($1, $2, $3, $4, $5, $6)""",
                new_public_id(),
                inbound.channel,
                lookup,
                self._keys.seal(inbound.sender.encode()),
                known,
                now,
            )
        elif owner["customer_id"] != known:
            await self._database.execute("UPDATE addresses SET customer_id = $1 WHERE id = $2", known, owner["id"])
            if owner["status"] == "anonymous":
                await self._absorb(owner["customer_id"], known)
        await self._database.execute(
            "INSERT INTO audit (actor, action, subject, at) VALUES ($1, 'address.linked', $2, $3)",
            f"customer:{known}",
            inbound.channel,
            now,
        )

    async def _lock(self, known: int, owner: dict[str, Any] | None) -> None:
        if self._database.kind == "postgresql":
            others = [owner["customer_id"]] if owner is not None and owner["customer_id"] else []
            await self._database.fetch(
                "SELECT id FROM customers WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE", [known, *others]
            )

    async def _absorb(self, stranger: int, known: int) -> None:
        """The anonymous customer's history becomes the known one's; a dialog that was open there ends."""
        await self._database.execute(
            """UPDATE conversations SET status = 'finished', closed_at = $1, revision = revision + 1
 WHERE customer_id = $2 AND status IN ('open', 'paused')""",
            self._now(),
            stranger,
        )
        for table in ("inbound", "outbox", "answers", "conversations"):
            await self._database.execute(
                f"UPDATE {table} SET customer_id = $1 WHERE customer_id = $2",  # noqa: S608
                known,
                stranger,
            )
        await self._database.execute(
            "UPDATE customers SET status = 'merged', merged_into_id = $1 WHERE id = $2", known, stranger
        )

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
