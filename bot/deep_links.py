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
from storage import addresses, audit, customers
from storage.addresses import AddressRow
from storage.crypto import Keys, hash_token, new_token
from storage.database import Database
from storage.merging import merge

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
            address = await addresses.ensure(
                self._database, self._keys, inbound.channel, inbound.sender, self._now()
            )
            script = self._shelf.published.names.get(link["script"], 0)
            if address.customer_id == link["customer_id"]:
                await self._use(link)
                return Redeemed("linked", script)
            if not await self._use(link):
                return Redeemed("expired")
            await self._tie(link["customer_id"], address)
        return Redeemed("linked", script)

    async def _use(self, link: dict[str, Any]) -> bool:
        """Use it up; false where somebody has already, or it is too old."""
        now = self._now()
        return (
            await self._database.execute(
                "UPDATE deep_links SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at >= $1",
                now,
                link["id"],
            )
            == 1
        )

    async def _tie(self, known: int, address: AddressRow) -> None:
        now, stranger = self._now(), address.customer_id
        await customers.lock(self._database, [known, *([stranger] if stranger else [])])
        row = await self._database.fetch_one("SELECT status FROM customers WHERE id = $1", stranger or 0)
        if stranger and row is not None and row["status"] == "anonymous":
            await merge(self._database, known, stranger, actor=f"customer:{known}", now=now)
        else:
            await self._database.execute("UPDATE addresses SET customer_id = $1 WHERE id = $2", known, address.id)
        await audit.note(self._database, f"customer:{known}", "address.linked", address.channel, now)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
