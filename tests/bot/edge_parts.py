"""A small house on a store, with the channels that a test gives it: everything real but the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.config import Config
from bot.conversation import Reply
from bot.house import House
from bot.links import Links
from bot.turn_carry import Begin
from channels.channel import Channel
from channels.message import Inbound, Receipt
from storage.crypto import Keys
from storage.database import Database
from tests.fakes.house import ForbiddenHttp, StandingClock
from tests.readers import by_rules

SCRIPT = """
dialog: visit
title: {en: Visit}
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - say: {en: Thank you for coming.}
  - collect: nps
    type: nps
    ask: {en: "How likely are you to recommend us, 0-10?"}
  - collect: again
    type: yes_no
    ask: {en: Will you come again?}
  - say: {en: Thank you!}
"""


class Home:
    """The house, and the few things that tests do with it."""

    def __init__(
        self, store: Database, keys: Keys, channels: Mapping[str, Channel], config: Config | None = None
    ) -> None:
        self.store, self.keys, self.clock = store, keys, StandingClock()
        reader = by_rules()
        settings = config or Config()
        links = Links(keys, address=settings.address, clock=self.clock, lifetime=settings.webchat.link_lifetime)
        self.house = House(settings, store, keys, self.clock, channels, ForbiddenHttp(), reader, links)

    async def open(self, script: str = SCRIPT) -> Home:
        await self.store.execute(
            """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ('visit', 1, 'published', $1, 'visit.yml', 'x', 'visit.done', 'service', 0)""",
            script,
        )
        await self.house.refresh()
        return self

    async def hear(self, *events: Inbound | Receipt) -> Reply | None:
        """As a webhook brings it, with the response written."""
        reply = await self.house.conversations.receive(events[0].channel, events)
        if reply is not None:
            self.house.conversations.written(reply)
            await self.house.conversations.batcher.drain()
        return reply

    async def begin(self, customer: int, address: int, channel: str, **more: Any) -> None:
        """Start a dialog by ourselves with somebody who agreed to it."""
        await self.store.execute(
            """INSERT INTO consents (customer_id, purpose, status, source, at)
 VALUES ($1, 'service', 'granted', 'form', 0) ON CONFLICT (customer_id, purpose) DO NOTHING""",
            customer,
        )
        await self.house.conversations.nudge(customer, Begin(1, address, channel, **more))

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self.store.fetch(sql, *args)

    def now(self) -> int:
        """Milliseconds on the house's clock."""
        return int(self.clock.now().timestamp() * 1000)

    async def texts(self) -> list[str]:
        return [row["text"] for row in await self.rows("SELECT text FROM outbox ORDER BY id")]
