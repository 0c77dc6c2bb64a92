"""The channels that are to be started, that fetch, or that listen by themselves, as tasks of one process.

Rule: nothing here ends the process. A channel that cannot start says why in one line and is tried again, with growing
pauses; progress moves only after `receive` returned, so only by what is committed. On PostgreSQL one process of all
fetches (a lease says which); SQLite has only one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, runtime_checkable

from bot.conversation import Conversations
from bot.logs import place_of
from channels.channel import Channel, Polls, Receive, Starts
from channels.errors import ChannelError, MissingSetting, Temporary
from channels.message import Inbound, Receipt
from storage.database import Database
from storage.leases import Leases
from storage.progress import ProgressStore

log = logging.getLogger("motline.polling")

_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 300.0
#: A start makes a few calls, each with its own limit; aiogram's first import takes seconds of CPU.
_START_SECONDS: Final = 120.0
#: An event whose turn fails for another reason than the store is offered so often, and then passed over.
_OFFERED: Final = 3

Pause = Callable[[float], Awaitable[None]]
Proven = Callable[[Inbound | Receipt], Awaitable[Inbound | Receipt]]


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a mail server of the house hands mails over, and how."""

    host: str
    port: int
    protocol: Literal["lmtp", "smtp"] = "lmtp"


class Server(Protocol):
    """Something that listens."""

    async def listen(self, host: str, port: int, *, protocol: Literal["lmtp", "smtp"] = "lmtp") -> tuple[str, int]:
        """Start; the address. Raises OSError where the port is taken."""

    async def aclose(self) -> None:
        """Stop."""


@runtime_checkable
class TakesMail(Protocol):
    """A channel that a mail server of the house can hand mails to."""

    def server(self, receive: Receive) -> Server:
        """A server for it, not listening yet."""


class Polling:
    """The channels' own tasks. `lmtp` is where mail is taken, None: nowhere; `lease` in seconds.

    `proven` says what may be believed of a mail that speaks of somebody else (`mail_proof.py`).
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        conversations: Conversations,
        database: Database,
        *,
        lmtp: Listening | None = None,
        lease: float = 30.0,
        proven: Proven | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._channels, self._conversations, self._database = channels, conversations, database
        self._lmtp, self._lease, self._pause, self._proven = lmtp, lease, pause, proven
        self._leases = Leases(database, owner=secrets.token_hex(8))
        self._progress = ProgressStore(database)
        self._offered: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Until cancelled, or until there is nothing left to do (every channel is called by its platform)."""
        await asyncio.gather(*(self._attend(name, channel) for name, channel in self._channels.items()))

    async def _attend(self, name: str, channel: Channel) -> None:
        """Start it, then fetch or listen. `object` below: a protocol of its own may be met by any channel."""
        found: object = channel
        if isinstance(found, Starts):
            await self._patiently(f"{name} cannot start", found.start, once=f"{name} is ready")
            # What a platform's library brought stays for good (aiogram: 160 MB). A collection that walks it would hold
            # up the loop for a quarter of a second each time.
            gc.freeze()
        tasks: list[Coroutine[Any, Any, None]] = []
        if isinstance(found, Polls):
            tasks.append(self._fetch(name, found))
        if isinstance(found, TakesMail) and self._lmtp is not None:
            tasks.append(self._listen(found.server(self._receiver(name)), self._lmtp))
        await asyncio.gather(*tasks)

    async def _patiently(self, trouble: str, start: Callable[[], Awaitable[object]], *, once: str) -> None:
        """Call `start` until it succeeds; what an admin has to know is logged each time."""
        wait = _FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await start()
            except Exception as error:
                seconds = max(wait, _asked(error))
                log.warning("%s: %s; trying again in %.0f s", trouble, _why(error), seconds)
                await self._pause(seconds)
                wait = min(wait * 2, _LONGEST_PAUSE)
            else:
                log.info("%s", once)
                return

    async def _fetch(self, name: str, channel: Polls) -> None:
        """Poll for ever, in one process of all; ends where the channel has nothing to fetch."""
        failures = 0
        while True:
            seconds = min(_FIRST_PAUSE * 2 ** min(failures, 10), _LONGEST_PAUSE)
            try:
                if await self._alone(f"poll:{name}", lambda: channel.poll(self._receiver(name), self._progress)):
                    return
                failures = 0
            except MissingSetting as error:
                log.info("%s: nothing is fetched: %s", name, error)
                return
            except Exception as error:
                failures += 1
                log.warning("%s: fetching stopped: %s; again in %.0f s", name, _why(error), seconds)
            await self._pause(seconds)

    async def _alone(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Do `work` while the lease is ours: True where it came to its end, False where the lease is another's."""
        if self._database.kind == "sqlite":
            await work()
            return True
        milliseconds = int(self._lease * 1000)
        if not await self._leases.take(name, milliseconds):
            return False
        task = asyncio.create_task(work())
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=self._lease / 3)
                if not task.done() and not await self._leases.take(name, milliseconds):
                    log.warning("%s: another process has taken over", name)
                    return False
            await task
            return True
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._given_back(name)

    async def _given_back(self, name: str) -> None:
        try:
            await self._leases.let_go(name)
        except self._database.gone:
            log.info("%s: the lease will end by itself", name)

    async def _listen(self, server: Server, at: Listening) -> None:
        """Take mails until cancelled; a port that is taken is tried again."""
        where = f"{at.host}:{at.port}"
        try:
            await self._patiently(
                f"email cannot take mails at {where} (email.lmtp_host, email.lmtp_port)",
                lambda: server.listen(at.host, at.port, protocol=at.protocol),
                once=f"email takes mails at {where}",
            )
            await asyncio.Event().wait()
        finally:
            await server.aclose()

    def _receiver(self, name: str) -> Receive:
        async def receive(event: Inbound | Receipt) -> None:
            await self._receive(name, event)

        return receive

    async def _receive(self, name: str, event: Inbound | Receipt) -> None:
        """Commit one event. Raises what the store raises: the event comes again, so nothing is lost."""
        key = (name, event.external_id)
        try:
            believed = await self._proven(event) if self._proven is not None else event
            await self._conversations.receive(name, [believed], inline=False)
        except self._database.gone:
            raise
        except Exception as error:
            # One event that fails for its own sake must not hold up all that come after it.
            self._offered[key] = self._offered.get(key, 0) + 1
            if self._offered[key] < _OFFERED:
                raise
            log.error("%s: an event was passed over after %d attempts: %s", name, _OFFERED, place_of(error))
        self._offered.pop(key, None)


def _asked(error: Exception) -> float:
    """The seconds that a provider asked us to wait."""
    return error.retry_after or 0.0 if isinstance(error, Temporary) else 0.0


def _why(error: Exception) -> str:
    """Our own errors and the system's hold neither a secret nor a customer's words; others are only named."""
    if isinstance(error, ChannelError):
        return str(error)
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return error.strerror or type(error).__name__
    return type(error).__name__
