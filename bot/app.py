"""The one place where everything is put together.

Rule: nothing else imports `bot.web` or `bot.console`. A process has a role: "all" (the default, `motline run`), "web",
"web with console", or "worker".
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import uvloop

from bot.access import Access
from bot.adapters import Given, build
from bot.clock import SystemClock
from bot.config import Config
from bot.config_values import ConfigError
from bot.feed import Feed
from bot.house import House
from bot.http import HttpClient
from bot.links import Links
from bot.logs import place_of
from bot.sample import fill
from bot.tokens import SharedTokens
from channels.channel import Channel, Clock
from dialogs.unhappy import shipped_reader
from storage.access import AccessStore
from storage.crypto import Keys, load_secret
from storage.database import Database
from storage.database_url import holds_addresses
from storage.errors import NotMigrated
from storage.provider_tokens import ProviderTokens

if TYPE_CHECKING:
    from bot.web.site import Site

Role = Literal["all", "web", "web with console", "worker"]
_WITH_CONSOLE: Final = ("all", "web with console")

log = logging.getLogger("motline.app")


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts of a process."""

    config: Config
    database: Database
    keys: Keys
    house: House
    feed: Feed
    links: Links
    access: Access
    channels: dict[str, Channel]


@asynccontextmanager
async def opened(config: Config, role: Role = "all") -> AsyncIterator[Opened]:
    """Open the store, make the parts, close all of them afterwards. Raises StoreError and ConfigError."""
    clock, feed, http = SystemClock(), Feed(), HttpClient()
    async with AsyncExitStack() as stack:
        keys = keys_of(config)
        database = await connected(config, serving=True)
        stack.push_async_callback(database.close)
        await _up_to_date(database, role)
        stack.push_async_callback(http.aclose)
        links = links_of(config, keys, clock)
        channels = build(config, Given(http, SharedTokens(ProviderTokens(database, keys)), clock, links, feed))
        for channel in channels.values():
            stack.push_async_callback(channel.aclose)
        reader = shipped_reader(base_rate=config.unhappy.base_rate)
        house = House(config, database, keys, clock, channels, http, reader, links)
        access = Access(AccessStore(database), clock)
        if role == "all":
            await fill(config, database, keys, clock.now())
        await house.refresh()
        yield Opened(config, database, keys, house, feed, links, access, channels)


def links_of(config: Config, keys: Keys, clock: Clock) -> Links:
    """The makers of addresses of ours; none that only this machine knows travels in mail."""
    return Links(
        keys,
        address=config.address,
        clock=clock,
        lifetime=config.webchat.link_lifetime,
        public=config.server.public_url.rstrip("/"),
        mailbox=parseaddr(config.email.sender)[1],
    )


def keys_of(config: Config) -> Keys:
    """The keys, from MOTLINE_SECRET_KEY or the key file, which is made at the first start."""
    path = Path(config.secrets.key_file) if config.database.url.startswith("sqlite") else None
    if path is not None and not config.secrets.key and not path.exists() and holds_addresses(config.database.url):
        raise ConfigError(
            f"secrets.key_file = {str(path)!r} is missing, and this store's addresses were encrypted with it; "
            "put your copy of the file back, or set MOTLINE_SECRET_KEY, or begin with another, empty database.url"
        )
    try:
        return Keys(load_secret(path, config.secrets.key))
    except OSError as error:
        raise ConfigError(
            f"secrets.key_file = {config.secrets.key_file!r}: cannot be read or made ({error.strerror}); "
            "choose a folder that this user may write to, or set MOTLINE_SECRET_KEY"
        ) from None


async def connected(config: Config, *, serving: bool) -> Database:
    """The store of the settings."""
    return await Database.connect(config.database.url, serving=serving, synchronous=config.database.synchronous)


async def _up_to_date(database: Database, role: Role) -> None:
    if role == "all":
        await database.migrate()
    elif waiting := await database.pending():
        raise NotMigrated(f"the store is older than this program ({', '.join(waiting)}); run: motline migrate")


def site_of(parts: Opened, role: Role) -> Site:
    """The web side, with the console where the role has it."""
    from bot.web.parts import Parts
    from bot.web.site import Site

    web = Parts(
        parts.config,
        parts.house.clock,
        parts.keys,
        parts.database,
        parts.channels,
        parts.house.conversations,
        parts.feed,
        parts.links,
    )
    site = Site(web, parts.access, parts.house)
    if role in _WITH_CONSOLE:
        from bot.console import mount

        mount(site.app, parts)
    return site


def serve(config: Config, role: Role) -> None:
    """Run a process of this role until it is told to end."""
    sock = None if role == "worker" else _port(config)
    if sock is not None:
        port = sock.getsockname()[1]
        config = replace(config, server=replace(config.server, port=port))
    if role == "web" and config.server.workers > 1:
        from bot.serving import in_processes

        sys.stdout.write(f"Motline is at {config.address}/, in {config.server.workers} processes\n")
        sys.stdout.flush()
        in_processes(config.server.workers, lambda: _run(config, role, sock))
        return
    if config.server.workers > 1 and role != "worker":
        raise ConfigError(
            f"server.workers = {config.server.workers} is for `motline web`, beside `motline worker`; "
            "the console runs in one process: motline web --console, with MOTLINE_SERVER__WORKERS=1"
        )
    _run(config, role, sock)


def _port(config: Config) -> socket.socket:
    from bot.serving import listening

    return listening(config)


#: Python looks for cycles after 700 new objects, and a few dozen messages under way are more than that. Most of what we
#: make holds no cycle; 50,000 are looked through in a few milliseconds.
_COLLECT_AFTER: Final = 50_000
#: Seconds after which a thread that waits gets the interpreter. The store's thread needs it a dozen times a commit, for
#: microseconds each; with Python's own 5 ms the event loop runs out of messages to send before the next are claimed.
_HANDED_OVER_AFTER: Final = 0.0005


def tune_interpreter() -> None:
    """Settings of the whole process, for what it does all day."""
    gc.set_threshold(_COLLECT_AFTER, 10, 10)
    sys.setswitchinterval(_HANDED_OVER_AFTER)


def _run(config: Config, role: Role, sock: socket.socket | None) -> None:
    tune_interpreter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        failed = runner.run(_process(config, role, sock))
    if failed:
        sys.exit(1)


async def _process(config: Config, role: Role, sock: socket.socket | None) -> bool:
    async with opened(config, role) as parts:
        from bot.serving import Server, on_signals

        if sock is None:
            work = asyncio.create_task(parts.house.run())
            with on_signals(work.cancel):
                await asyncio.wait({work})
            return await _ended(work)
        from bot.greeting import greet

        greeting = await greet(parts, console=role in _WITH_CONSOLE) if config.server.workers == 1 else _silence
        server = Server(site_of(parts, role), ended=parts.feed.close, served=greeting)
        working = asyncio.create_task(parts.house.keep_fresh() if role.startswith("web") else parts.house.run())
        working.add_done_callback(lambda _task: setattr(server, "should_exit", True))
        await server.serve(sockets=[sock])
        return await _ended(working)


def _silence() -> None:
    """One process of several: the one that began them has said it."""


async def _ended(working: asyncio.Task[None]) -> bool:
    """Stop the loops; whether they had failed."""
    if not working.done():
        working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return False
    except Exception as error:
        log.error("the work stopped: %s", place_of(error))
        return True
    return False
