"""A house whose platforms only keep a book, with scripts of a test's own and customers who write from anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.config import Config
from bot.house import House
from channels.capabilities import CAPABILITIES
from channels.message import Inbound, Kind
from storage.crypto import Keys
from storage.database import Database
from tests.bot.delivery_parts import Platform
from tests.bot.edge_parts import Home

__all__ = ["Street", "street"]


class Street(Home):
    """A `Home` on web chat, Telegram, SMS and email."""

    count = 0

    async def publish(self, source: str, name: str, *, moment: str = "", purpose: str = "service") -> int:
        """Put a script into the store as published, unchecked; its id."""
        rows = await self.rows(
            """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ($1, 1, 'published', $2, 'x.yml', 'x', $3, $4, 0) RETURNING id""",
            name,
            source,
            moment,
            purpose,
        )
        await self.house.refresh()
        return int(rows[0]["id"])

    def event(self, text: str, sender: str = "v1", channel: str = "webchat", **more: Any) -> Inbound:
        """What an adapter would make of it."""
        self.count += 1
        kind: Kind = more.pop("kind", "text")
        more.setdefault("external_id", f"e{self.count}")
        more.setdefault("message", f"m{self.count}")
        external = more.pop("external_id")
        return Inbound(kind, channel, channel, external, sender, sender, self.clock.now(), text, **more)

    async def write(self, text: str, sender: str = "v1", channel: str = "webchat", **more: Any) -> str | None:
        """A message of a customer; the reply that travelled in the response."""
        reply = await self.hear(self.event(text, sender, channel, **more))
        return reply.outbound.text if reply is not None else None

    async def link(self, sender: str, channel: str, customer: int) -> int:
        """Make an address of theirs known; its id."""
        lookup = self.keys.lookup(channel, sender)
        rows = await self.rows(
            """INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at)
 VALUES ($1, $2, $3, $4, $5, 0) RETURNING id""",
            lookup,
            channel,
            lookup,
            self.keys.seal(sender.encode()),
            customer,
        )
        return int(rows[0]["id"])

    async def later(self, by: timedelta) -> None:
        """Time passes; what is due then is done."""
        self.clock.at += by
        while await self.house.timers.once():
            pass

    async def known(self, name: str = "Li Wei", *consents: str) -> int:
        """A customer whom another program told us of; their id."""
        rows = await self.rows(
            """INSERT INTO customers (public_id, external_id, name, status, created_at)
 VALUES ($1, $1, $1, 'known', 0) RETURNING id""",
            name,
        )
        customer = int(rows[0]["id"])
        for purpose in consents:
            await self.store.execute(
                """INSERT INTO consents (customer_id, purpose, status, source, at)
 VALUES ($1, $2, 'granted', 'order form', 0)""",
                customer,
                purpose,
            )
        return customer

    async def one(self, sql: str, *args: Any) -> dict[str, Any]:
        """The only row."""
        rows = await self.rows(sql, *args)
        assert len(rows) == 1, rows
        return rows[0]


async def street(store: Database, keys: Keys, config: Config | None = None, script: str = "") -> Street:
    """Open one; `script` takes the place of the usual dialog."""
    names = ("webchat", "telegram", "sms", "email")
    channels = {
        name: Platform(name=name, capabilities=replace(CAPABILITIES[name], per_second=5000.0, per_address_seconds=0.0))
        for name in names
    }
    home = Street(store, keys, channels, config)
    assert isinstance(home.house, House)
    await (home.open(script) if script else home.open())
    return home
