"""Everything but the web, put together: conversations, scripts, timers, moments, delivery, the desk.

Rule: `bot/app.py` makes one of these a process. What it knows by heart (scripts, the directory, the mood reader) is
read anew every few seconds, so that a change made in another process is seen here too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from bot.actions import Actions, InProcess, Nowhere, Remote
from bot.config import Config
from bot.conversation import Conversations, Redeemed
from bot.deep_links import DeepLinks
from bot.directory import Directory, read_directory
from bot.frame import Frame
from bot.moments import Moments
from bot.planner import House as Rules
from bot.polling import Polling
from bot.receipts import prove
from bot.script_shelf import ScriptShelf
from bot.timers import Timers
from channels.capabilities import CAPABILITIES
from channels.channel import Channel, Clock, Http
from channels.message import Inbound, Receipt
from dialogs.unhappy import Reader
from storage.crypto import Keys
from storage.database import Database
from storage.jobs import Jobs
from storage.turns import Turns

#: How often what is known by heart is read anew, in seconds.
REFRESH: Final = 5.0
_LOG = logging.getLogger("motline.house")


class House:
    """The parts of a process and how they hear of each other."""

    def __init__(
        self,
        config: Config,
        database: Database,
        keys: Keys,
        clock: Clock,
        channels: Mapping[str, Channel],
        http: Http,
        reader: Reader,
    ) -> None:
        self.config, self.database, self.keys, self.clock, self.channels = config, database, keys, clock, channels
        self.shelf = ScriptShelf(database)
        self.jobs = Jobs(database)
        self.directory = Directory(default_team=config.desk.team)
        self.reader = reader
        self.deep_links = DeepLinks(database, keys, clock, self.shelf)
        self._frame: Frame | None = None
        self.conversations = Conversations(
            Turns(database),
            keys=keys,
            clock=clock,
            shelf=self.shelf,
            frame=self.frame,
            reader=lambda: self.reader,
            threshold=config.unhappy.threshold,
            watch=lambda language: self.reader.watch_threshold(language),
            others=self,
            lanes=1 if database.kind == "sqlite" else 2,
        )
        self.moments = Moments(database, self.conversations, self.shelf, self.jobs, clock, self.rules)
        self.timers = self._timers(http)

    def _timers(self, http: Http) -> Timers:
        config = self.config
        timeout = config.actions.timeout.total_seconds()
        runner = (
            Remote(config.actions.url, http)
            if config.actions.url
            else InProcess(config.actions.package)
            if config.actions.package
            else Nowhere()
        )
        return Timers(
            self.database,
            self.jobs,
            self.conversations,
            Actions(runner, timeout),
            self.clock,
            quiet=config.business.quiet_hours,
            timezone=config.business.timezone,
            poll=config.delivery.poll.total_seconds(),
            handlers={"moment": self.moments.handle},
        )

    def frame(self) -> Frame:
        """What the house knows now, for a batch of turns."""
        if self._frame is None or self._frame.directory is not self.directory:
            config = self.config
            sla = {"normal": config.desk.sla, "high": config.desk.sla_high, "urgent": config.desk.sla_urgent}
            theirs = frozenset({"sms"}) if config.sms.opt_out == "twilio" else frozenset[str]()
            self._frame = Frame(
                self.shelf.compiled,
                self.directory,
                config.brand,
                config.business.language,
                config.business.timezone,
                sla,
                theirs,
            )
        return self._frame

    def rules(self) -> Rules:
        """What holds for every push."""
        business = self.config.business
        return Rules(
            frozenset(self.channels), CAPABILITIES, business.quiet_hours, business.push_interval, business.timezone
        )

    async def refresh(self) -> None:
        """Read scripts and the directory anew."""
        await self.shelf.refresh()
        self.directory = await read_directory(self.database, self.config.desk.team)

    async def run(self) -> None:
        """The loops of a worker, until cancelled."""
        email = self.config.email
        lmtp = (email.lmtp_host, email.lmtp_port) if email.lmtp_port else None
        polling = Polling(self.channels, self.conversations, self.database, lmtp=lmtp)
        await asyncio.gather(self.timers.run(), self.keep_fresh(), polling.run())

    async def keep_fresh(self) -> None:
        """Refresh for ever; a store that is gone leaves what is known as it is."""
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self.refresh()
            except self.database.gone as error:
                _LOG.warning("the store is not there (%s); going on with what is known", type(error).__name__)

    async def receipts(self, receipts: Sequence[Receipt]) -> None:
        """Move the statuses of sent messages forward."""
        if await prove(self.database, receipts, int(self.clock.now().timestamp() * 1000)):
            self.wake_timers()

    async def staff(self, inbound: Inbound, lookup: str) -> bool:
        """A message from the desk's own chats; false where it is a customer's after all."""
        return False

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        """Use up a deep link."""
        return await self.deep_links.redeem(token, inbound, lookup)

    def wake_delivery(self) -> None:
        """Something is due in the outbox."""

    def wake_timers(self) -> None:
        """A job is due or has changed."""
        self.timers.wake()
