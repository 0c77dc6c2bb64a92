"""Links and QR codes that tie an address to a known customer: single use, expiring, at most 64 characters.

Rule: whoever opens the link becomes that customer's chat, so a link is made for one customer and one channel, and used
only once. An anonymous customer whose only chat this was is merged into the known one; nothing that was said is lost.
Who writes a mail or an SMS is a claim: such an address is never taken from another known customer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from bot.conversation import Redeemed
from bot.payloads import IN_WORDS, LINK
from bot.script_shelf import ScriptShelf
from channels.channel import Channel, Clock, LeadsIn
from channels.message import Inbound
from storage import addresses, audit, customers
from storage.addresses import AddressRow
from storage.crypto import Keys, hash_token, new_token
from storage.database import Database
from storage.errors import Refused
from storage.merging import merge

LIFETIME: Final = timedelta(days=30)


class DeepLinks:
    """Makes and redeems them."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, shelf: ScriptShelf) -> None:
        self._database, self._keys, self._clock, self._shelf = database, keys, clock, shelf

    async def make(self, customer_id: int, channel: str, *, script: str = "", lifetime: timedelta = LIFETIME) -> str:
        """A payload for `t.me/<bot>?start=` or a WeChat scene; `script` is the dialog that it opens, by name."""
        token = LINK + new_token()
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

    async def address(
        self, customer_id: int, channel: Channel, *, script: str = "", lifetime: timedelta = LIFETIME
    ) -> str:
        """What to open, or to show as a QR code, to connect this channel. Raises Refused, and the channel's errors."""
        leads: object = channel
        if not isinstance(leads, LeadsIn):
            raise Refused(f"{channel.name} is not connected by a link")
        payload = await self.make(customer_id, channel.name, script=script, lifetime=lifetime)
        return await leads.lead_in(payload, lifetime)

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        """Tie the chat to the link's customer; None where it is no link of ours.

        A link that was used by this very chat counts as linked again: a press repeated, a webhook redelivered.
        """
        if not token.startswith(LINK):
            named = self._shelf.published.names.get(token)
            return Redeemed("", named) if named else None
        async with self._database.transaction():
            link = await self._database.fetch_one(
                "SELECT id, customer_id, script FROM deep_links WHERE token_hash = $1 AND channel = $2",
                hash_token(token),
                inbound.channel,
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
            if await self._is_anothers(address) or not await self._use(link):
                return Redeemed("expired")
            await self._tie(link["customer_id"], address)
        return Redeemed("linked", script)

    async def _is_anothers(self, address: AddressRow) -> bool:
        """Whether a claim alone would take the address away from somebody who is known."""
        if address.channel not in IN_WORDS or address.customer_id is None:
            return False
        row = await self._database.fetch_one("SELECT status FROM customers WHERE id = $1", address.customer_id)
        return row is not None and row["status"] == "known"

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
