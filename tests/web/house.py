"""A whole house behind the site, on a store of the test's own, with a clock that stands; nothing of it is a stub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx

from bot.access import Access
from bot.adapters import Given, build
from bot.app import Opened, site_of
from bot.config import Config
from bot.feed import Feed
from bot.house import House
from bot.http import HttpClient
from bot.links import Links
from bot.sample import fill
from bot.tokens import SharedTokens
from bot.web.site import Site
from channels.message import Address
from storage.access import AccessStore
from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database
from storage.provider_tokens import ProviderTokens
from tests.fakes.house import StandingClock
from tests.readers import as_shipped

ADDRESS = "http://127.0.0.1:8080"
TWILIO = replace(
    Config(),
    server=replace(Config().server, public_url="https://feedback.example"),
    sms=replace(Config().sms, enabled=True, account_sid="AC1", auth_token="sesame", sender="+15005550006"),
)


@dataclass
class Web:
    """The site, what is behind it, and a client that talks to it without a socket."""

    site: Site
    parts: Opened
    client: httpx.AsyncClient
    clock: StandingClock

    @property
    def database(self) -> Database:
        return self.parts.database

    async def sample(self, external_id: str = "sample-maya") -> str:
        """The public id of a sample customer."""
        found = await Customers(self.database, self.parts.keys).named(external_id)
        assert found is not None
        return found.public_id

    def token(self, address: str) -> str:
        return self.parts.links.chat_token(address)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers=headers)

    async def key(self, scope: str, name: str = "shop") -> dict[str, str]:
        made = await self.parts.access.store.make_key(name, scope, by="test", now=self.parts.access.now())  # type: ignore[arg-type]
        return {"authorization": f"Bearer {made}"}

    async def signed_in(self, name: str = "Ann", role: str = "admin") -> str:
        """A session's token."""
        store, now = self.parts.access.store, self.parts.access.now()
        staff = await store.admin_named(name, now=now)
        if role != "admin":
            await self.database.execute("UPDATE staff SET role = $1 WHERE id = $2", role, staff)
        session = await store.redeem(await store.make_link(staff, by="test", now=now), now=now)
        assert session is not None
        return session

    async def started(self, customer: str, moment: str = "order.delivered") -> None:
        """Let a moment happen and wait for its outcome."""
        answer = await self.post("/start/fire", {"customer": customer, "moment": moment})
        identity = answer.json()["id"]
        for _ in range(400):
            outcome = (await self.client.get(f"/start/moments/{identity}")).json()["outcome"]
            if outcome != "pending":
                assert outcome == "started", outcome
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the moment stayed pending")

    async def history(self, token: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get(f"/webchat/{token}/history")).json()["messages"]
        return found

    async def until_said(self, token: str, count: int) -> list[dict[str, Any]]:
        """The history, when it holds so many messages of ours."""
        for _ in range(400):
            found = [one for one in await self.history(token) if not one.get("mine")]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {len(found)} of {count} messages came")


@asynccontextmanager
async def web(
    database: Database, keys: Keys, config: Config | None = None, *, working: bool = True
) -> AsyncIterator[Web]:
    """Open a house with the sample customers on an open store; its loops run until the end, if it is `working`."""
    config = config or Config()
    clock, feed, http = StandingClock(), Feed(), HttpClient()
    public = config.server.public_url.rstrip("/") or None
    links = Links(keys, address=config.address, clock=clock, lifetime=config.webchat.link_lifetime, public=public)
    given = Given(http, SharedTokens(ProviderTokens(database, keys)), clock, links, feed)
    channels = build(config, given)
    house = House(config, database, keys, clock, channels, http, as_shipped(), links)
    await fill(config, database, keys, clock.now())
    await house.refresh()
    access = Access(AccessStore(database), clock)
    parts = Opened(config, database, keys, house, feed, links, access, channels)
    site = site_of(parts, "web")
    transport = httpx.ASGITransport(app=site, client=("127.0.0.1", 1), raise_app_exceptions=False)
    task = asyncio.create_task(house.run() if working else asyncio.sleep(0))
    try:
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield Web(site, parts, client, clock)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await house.conversations.batcher.drain()
        feed.close()
        await http.aclose()


def webchat(id: str) -> Address:
    return Address("webchat", id)
