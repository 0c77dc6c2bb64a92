"""Everything but the web, put together: conversations, scripts, timers, moments, delivery, the desk.

Rule: `bot/app.py` makes one of these a process. What it knows by heart (scripts, the directory, the mood reader) is
read anew every few seconds, so that a change made in another process is seen here too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.actions import Actions, InProcess, Nowhere, Remote
from bot.clock import milliseconds
from bot.config import Config
from bot.conversation import Conversations, Redeemed
from bot.deep_links import DeepLinks
from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from bot.desk import JOBS as DESK_JOBS
from bot.desk import Desk
from bot.directory import Directory, read_directory
from bot.frame import Frame
from bot.housekeeping import Housekeeping
from bot.links import Links
from bot.mail_proof import proven
from bot.moments import Moments
from bot.mood_active import ActiveReader
from bot.phone_zones import Zones
from bot.planner import House as Rules
from bot.polling import Listening, Polling
from bot.presses import Presses
from bot.reach import one_way_of, openings_of, payments_of, templates_of
from bot.receipts import prove
from bot.script_shelf import ScriptShelf
from bot.timers import Timers
from bot.turn_carry import UNHEARD
from channels.capabilities import CAPABILITIES
from channels.channel import AnswersItself, Channel, Clock, Http
from channels.message import Inbound, Receipt
from dialogs.unhappy import Reader
from storage import windows
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
        links: Links,
    ) -> None:
        self.config, self.database, self.keys, self.clock, self.channels = config, database, keys, clock, channels
        self.shelf = ScriptShelf(database)
        self.jobs = Jobs(database)
        self.directory = Directory(default_team=config.desk.team)
        self.reader = reader
        self.deep_links = DeepLinks(database, keys, clock, self.shelf)
        self.presses = Presses(channels, database)
        self.zones = Zones(keys)
        self._frame: Frame | None = None
        self._moods = ActiveReader(database, Path(config.unhappy.weights), config.unhappy.base_rate)
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
        )
        self.moments = Moments(database, self.conversations, self.shelf, self.jobs, clock, self.rules, self.zones)
        self.desk = self._desk()
        self.timers = self._timers(http)
        self.delivery = Delivery(
            database,
            channels,
            keys,
            clock,
            links=links,
            pace=_pace(config),
            composer=self.desk,
            wake_jobs=self.wake_timers,
        )

    def _desk(self) -> Desk:
        return Desk(
            self.database,
            self.conversations,
            keys=self.keys,
            clock=self.clock,
            jobs=self.jobs,
            shelf=self.shelf,
            frame=self.frame,
            rules=self.rules,
            reader=lambda: self.reader,
            channels=self.channels,
            settings=self.config.desk,
            watch=lambda language: self.reader.watch_threshold(language),
            console_url=f"{self.config.address}/console",
            wake=self.wake_delivery,
        )

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
            self.zones,
            quiet=config.business.quiet_hours,
            timezone=config.business.timezone,
            poll=config.delivery.poll.total_seconds(),
            handlers={
                "moment": self.moments.handle,
                UNHEARD: self.moments.handle_unheard,
                **dict.fromkeys(DESK_JOBS, self.desk.handle),
            },
        )

    def frame(self) -> Frame:
        """What the house knows now, for a batch of turns."""
        if self._frame is None or self._frame.directory is not self.directory:
            config = self.config
            sla = {"normal": config.desk.sla, "high": config.desk.sla_high, "urgent": config.desk.sla_urgent}
            self._frame = Frame(
                self.shelf.compiled,
                self.directory,
                config.brand,
                config.business.language,
                config.business.timezone,
                sla,
                openings_of(self.channels),
                self.shelf.broken,
            )
        return self._frame

    def rules(self) -> Rules:
        """What holds for every push."""
        business = self.config.business
        return Rules(
            frozenset(self.channels),
            CAPABILITIES,
            business.quiet_hours,
            business.push_interval,
            business.timezone,
            one_way_of(self.channels),
            templates_of(self.config),
            payments_of(self.config),
        )

    async def refresh(self) -> None:
        """Read scripts, the directory, and where it has changed the reading of moods anew."""
        await self._fresh_reader()
        await self.shelf.refresh()
        self.directory = await read_directory(self.database, self.config.desk.team)

    async def _fresh_reader(self) -> None:
        """Take up other weights or words of the business's own; what cannot be read leaves the reader as it is."""
        try:
            self.reader = await self._moods.changed() or self.reader
        except ValueError as error:
            _LOG.error("the reading of moods stays as it was: %s", error)

    async def run(self) -> None:
        """The loops of a worker, until cancelled."""
        email = self.config.email
        lmtp = Listening(email.lmtp_host, email.lmtp_port, email.lmtp_protocol) if email.lmtp_port else None
        polling = Polling(self.channels, self.conversations, self.database, lmtp=lmtp, proven=self.believed)
        housekeeping = Housekeeping(self.database, self.jobs, self.clock, self.config.retention)
        try:
            await asyncio.gather(
                self.delivery.run(), self.timers.run(), self.keep_fresh(), polling.run(), housekeeping.run()
            )
        finally:
            await self.desk.aclose()

    async def keep_fresh(self) -> None:
        """Refresh for ever; a store that is gone leaves what is known as it is."""
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self.refresh()
            except self.database.gone as error:
                _LOG.warning("the store is not there (%s); going on with what is known", type(error).__name__)

    async def believed(self, event: Inbound | Receipt) -> Inbound | Receipt:
        """What may be believed of a mail that speaks for another address."""
        return await proven(self.database, self.keys, event)

    async def receipts(self, receipts: Sequence[Receipt]) -> None:
        """Move the statuses of sent messages forward."""
        if await prove(self.database, receipts, int(self.clock.now().timestamp() * 1000)):
            self.wake_timers()

    async def staff(self, inbound: Inbound, lookup: str) -> bool:
        """A message from the desk's own chats; false where it is a customer's after all."""
        return await self.desk.receive(inbound, lookup)

    def platform_answers(self, inbound: Inbound) -> bool:
        """Whether the platform itself answers this stop, start or help."""
        channel: object = self.channels.get(inbound.channel)
        return isinstance(channel, AnswersItself) and channel.platform_answers(inbound)

    def pressed(self, inbound: Inbound) -> None:
        """Acknowledge a pressed button, in the background."""
        self.presses.pressed(inbound)

    async def paid(self, inbound: Inbound, lookup: str) -> None:
        """The platform counts none of our messages for a while."""
        window = CAPABILITIES[inbound.channel].paid_window
        if window is not None:
            until = milliseconds(min(inbound.at, self.clock.now()) + window)
            await windows.open_free(self.database, inbound.channel, until, lookup=lookup)

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        """Use up a deep link."""
        return await self.deep_links.redeem(token, inbound, lookup)

    def wake_delivery(self) -> None:
        """Something is due in the outbox."""
        self.delivery.wake()

    def wake_timers(self) -> None:
        """A job is due or has changed."""
        self.timers.wake()


def _pace(config: Config) -> Pace:
    given = config.delivery
    return Pace(
        attempts=given.attempts,
        backoff=given.backoff.total_seconds(),
        backoff_limit=given.backoff_limit.total_seconds(),
        lease=given.lease.total_seconds(),
        poll=given.poll.total_seconds(),
        timeout=given.timeout.total_seconds(),
    )
