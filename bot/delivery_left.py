"""What others left to this loop: messages of workers that died, and of channels that are switched off.

Rule: what a dead worker had begun is asked for where the provider can be asked, and never guessed. A channel that is
switched off keeps its messages for as long as a message is worth sending, in case it comes back; then they are dead
with that reason, so that their dialogs hear of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from bot.delivery_outcomes import Pace
from channels.capabilities import CAPABILITIES
from channels.channel import Channel, LooksUp
from channels.errors import OutcomeUnknown, SendError
from channels.message import Outbound
from storage.database import Database
from storage.outbox import Left, Outbox
from storage.outbox_results import OutboxResults
from storage.outbox_rows import ClaimedRow, NotSent, Outcome, Room, Sent
from storage.rates import UNLIMITED

#: A provider's clock may be behind ours by so much when a message is looked up, in milliseconds.
_SKEW_MS: Final = 5_000
#: A look-up that finds no answer is asked again so often.
_LOOK_UPS: Final = 10
#: So many messages of a channel that is switched off are given up at a time.
_MOST: Final = 200


class LeftBehind:
    """Finds what was left; `now` is the house's time in ms, `outbound` makes the message of a row."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        outbox: Outbox,
        pace: Pace,
        now: Callable[[], int],
        outbound: Callable[[ClaimedRow], Outbound],
    ) -> None:
        self._results, self._outbox = OutboxResults(database), outbox
        self._channels, self._pace, self._now, self._outbound = channels, pace, now, outbound

    async def find(self) -> Left:
        """What is this worker's now: to be looked up, and to be settled."""
        can_look_up = [name for name in self._channels if self.looks_up(name)]
        can_resend = [name for name, channel in self._channels.items() if channel.capabilities.inline_resend]
        left = await self._outbox.reclaim(self._now(), can_look_up, can_resend)
        return Left(left.doubtful, [*left.outcomes, *await self._given_up()])

    async def _given_up(self) -> list[NotSent]:
        off = [Room(name, _MOST, name, UNLIMITED) for name in CAPABILITIES if name not in self._channels]
        claim = await self._outbox.claim(off, self._now() - int(self._pace.give_up * 1000))
        hours = self._pace.give_up / 3600
        return [
            NotSent(row, "dead", f"{row.channel} is switched off; given up after {hours:g} h") for row in claim.rows
        ]

    async def look_up(self, row: ClaimedRow) -> Outcome:
        """What became of a message that may have been sent."""
        channel = self._channels[row.channel]
        assert isinstance(channel, LooksUp)
        since = datetime.fromtimestamp((row.run_at - _SKEW_MS) / 1000, UTC)
        try:
            outbound = self._outbound(row)
            async with asyncio.timeout(self._pace.timeout):
                external_id = await channel.look_up(outbound, since)
        except OutcomeUnknown as error:
            return NotSent(row, "unknown", error.reason)
        except (TimeoutError, SendError):
            if row.attempts >= _LOOK_UPS:
                return NotSent(row, "unknown", "the provider does not say whether it was sent")
            return NotSent(row, "sending", "being looked up", look_up_in=int(self._pace.lease * 1000))
        if external_id is None and row.via == "response":
            # The platform may still have our response on its way to a message; staff decide.
            return NotSent(row, "unknown", "nobody confirmed the response that it was in")
        if external_id is None:
            return NotSent(row, "due", "the provider never had it", run_at=self._now())
        if await self._results.knows(row.channel, external_id):
            return NotSent(row, "unknown", "the provider knows only another message of ours like it")
        return Sent(row, external_id)

    def looks_up(self, name: str) -> bool:
        """Whether this channel's provider can be asked afterwards."""
        channel = self._channels.get(name)
        return channel is not None and channel.capabilities.lookup and isinstance(channel, LooksUp)
