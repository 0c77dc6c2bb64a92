"""A whole house on a store: the real parts as `bot/house.py` puts them together, with platforms that keep books.

Rule: nothing in it runs by itself. A test says when jobs are handled and messages delivered, and what the time is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.config import Actions, Business, Config, DeliverySettings, Desk
from bot.house import House
from bot.links import Links
from channels.channel import Channel, Http
from channels.message import Inbound, Kind, Outbound
from storage.crypto import Keys
from storage.database import Database
from tests.readers import by_rules

#: What a worker does with a message; leases are ended by the tests, not by waiting.
PACE = DeliverySettings(
    attempts=3, backoff=timedelta(seconds=1), lease=timedelta(minutes=10), timeout=timedelta(seconds=20)
)
READER = by_rules()


@dataclass
class SetClock:
    """Stands still until it is moved."""

    at: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        """Let so much time pass."""
        self.at += timedelta(**span)


class NoHttp:
    """Nobody is called."""

    async def request(self, method: str, url: str, **_: Any) -> Any:
        raise AssertionError(f"nobody should have called {url}")


@dataclass
class SmallHouse:
    """A house on `store`. Its customers write by `say`; `settle` does what is due."""

    store: Database
    keys: Keys
    channels: Mapping[str, Channel]
    actions: Actions = field(default_factory=Actions)
    http: Http = field(default_factory=NoHttp)
    clock: SetClock = field(default_factory=SetClock)
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        config = Config(
            business=Business(name="Brook", quiet_hours=None), actions=self.actions, delivery=PACE, desk=self.desk
        )
        links = Links(self.keys, address=config.address, clock=self.clock, lifetime=timedelta(days=90))
        self.house = House(config, self.store, self.keys, self.clock, self.channels, self.http, READER, links)
        self.delivery = self.house.delivery
        self._count = 0

    async def open(self) -> None:
        """Read what stands in the store."""
        await self.house.refresh()

    async def say(self, text: str, sender: str = "ann", channel: str = "webchat", **more: Any) -> str | None:
        """What the customer reads in the webhook's own response, or None for a bare acknowledgement."""
        reply = await self.house.conversations.receive(channel, [self.message(text, sender, channel, **more)])
        if reply is None:
            return None
        self.house.conversations.written(reply)
        await self.house.conversations.batcher.drain()
        return reply.outbound.text

    def message(self, text: str, sender: str = "ann", channel: str = "webchat", **more: Any) -> Inbound:
        """A message of a customer, with an id of its own."""
        self._count += 1
        kind: Kind = more.pop("kind", "text")
        external = more.pop("external_id", f"m{self._count}")
        given = {"raw": {"text": text}, "name": sender.title(), **more}
        return Inbound(kind, channel, "test", external, sender, sender, self.clock.now(), text, **given)

    async def settle(self) -> None:
        """Handle jobs and deliver messages until nothing is due."""
        await self.house.conversations.batcher.drain()
        while await self.house.timers.once() + await self.delivery.once():
            await self.house.conversations.batcher.drain()
            await asyncio.sleep(0)

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """What the store holds."""
        return await self.store.fetch(sql, *args)


async def publish(store: Database, source: str, name: str, moment: str = "", purpose: str = "service") -> None:
    """Put a script into the store, published."""
    await store.execute(
        """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ($1, 1, 'published', $2, 'test.yml', $1, $3, $4, 0)""",
        name,
        source,
        moment,
        purpose,
    )


async def open_desk(store: Database, keys: Keys, channel: str = "telegram", group: str = "-100") -> None:
    """A team with a group of its own."""
    await store.execute("INSERT INTO teams (name, language, created_at) VALUES ('desk', 'en', 0)")
    await store.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, team_id, created_at)
 SELECT 'desk', $1, $2, $3, id, 0 FROM teams""",
        channel,
        keys.lookup(channel, group),
        keys.seal(group.encode()),
    )


def sent_texts(house: SmallHouse, channel: str) -> list[Outbound]:
    """What a platform was sent; its `book`."""
    book: list[Outbound] = getattr(house.channels[channel], "book")  # noqa: B009
    return book
