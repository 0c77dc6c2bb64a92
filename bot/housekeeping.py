"""What the house does for itself, every hour: wipe what is older than it may be kept, forget jobs long done.

Rule: a little at a time, so that nobody waits for it; a store that is gone is tried again an hour later.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from bot.clock import milliseconds
from bot.config import Retention
from channels.channel import Clock
from storage.database import Database
from storage.jobs import Jobs
from storage.retention import Kept, sweep

HOURLY: Final = 3600.0
#: Seconds between two portions of a sweep.
_BREATH: Final = 0.05
_FORGOTTEN_AFTER: Final = 30 * 86_400_000
_LOG = logging.getLogger("motline.housekeeping")


class Housekeeping:
    """Runs beside the other loops of a worker; several at once do each other no harm."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock, retention: Retention) -> None:
        self._database, self._jobs, self._clock = database, jobs, clock
        self._kept = Kept(_ms(retention.raw.total_seconds()), _ms(retention.text.total_seconds()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except self._database.gone as error:
                _LOG.warning("the store is not there (%s); housekeeping waits", type(error).__name__)
            await asyncio.sleep(HOURLY)

    async def once(self) -> int:
        """All that is due now; how many rows were gone through."""
        now, count = milliseconds(self._clock.now()), 0
        while portion := await sweep(self._database, now, self._kept):
            count += portion
            await asyncio.sleep(_BREATH)
        while portion := await self._jobs.forget(now - _FORGOTTEN_AFTER):
            count += portion
            await asyncio.sleep(_BREATH)
        return count


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
