"""The outgoing loop: claims what is due, sends it, and writes down what became of it.

Rule: `sending` is committed just before the first byte leaves, and what became of it as soon as it is known; both many
together. The loop branches on the four send errors alone. What it cannot write down, because the store is gone, it
keeps and writes later; what it cannot know, it asks the provider for or leaves as `unknown`, and never sends again by
itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from bot.clock import milliseconds
from bot.delivery_gaps import Gaps
from bot.delivery_outcomes import Pace, after_error, in_doubt
from bot.delivery_windows import Windows
from bot.mail_threads import MailThreads
from bot.outgoing_shape import Links, outbound_of
from channels.channel import Channel, Clock, LooksUp
from channels.errors import OutcomeUnknown, SendError, Temporary
from channels.message import Address, Outbound
from storage import addresses, rates_kept
from storage.crypto import Keys, Unreadable
from storage.database import Database
from storage.outbox import Outbox
from storage.outbox_results import OutboxResults
from storage.outbox_rows import Claim, ClaimedRow, NotSent, Outcome, Room, Sent

_LOG = logging.getLogger("motline.delivery")
#: Seconds between two looks for what dead workers left.
_TAKE_OVER: Final = 5.0
#: A provider's clock may be behind ours by so much when a message is looked up, in milliseconds.
_SKEW_MS: Final = 5_000
#: A message that could not be drawn by this attempt goes as it was written at the commit.
_COMPOSED_BY: Final = 3
#: A look-up that finds no answer is asked again so often.
_LOOK_UPS: Final = 10


class Composes(Protocol):
    """Who draws a message only when it is sent."""

    @property
    def kinds(self) -> Collection[str]:
        """The kinds of rows that it draws."""

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        """The message to send for a claimed row of `kinds`; None where the row was settled without being sent."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A recipient's new platform id."""

    address_id: int
    channel: str
    to: str


class Delivery:
    """The outgoing loop of one process; any number of processes may run one on the same store."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        keys: Keys,
        clock: Clock,
        *,
        links: Links | None = None,
        pace: Pace | None = None,
        composer: Composes | None = None,
        wake_jobs: Callable[[], None] = lambda: None,
    ) -> None:
        """`links` make the addresses of ours in mail; `wake_jobs` is called when a failure's job is due."""
        self._pace = pace or Pace()
        self._database, self._channels, self._keys, self._clock = database, channels, keys, clock
        self._links, self._wake_jobs, self._composer = links, wake_jobs, composer
        self._outbox = Outbox(database, lease_ms=int(self._pace.lease * 1000))
        self._results = OutboxResults(database)
        self._windows = Windows(database, channels)
        self._threads = MailThreads(database, keys)
        self._bell = asyncio.Event()
        self._flying: dict[asyncio.Task[None], str] = {}
        self._flights: Counter[str] = Counter()
        self._outcomes: list[Outcome] = []
        self._moves: list[_Move] = []
        self._rests: dict[str, float] = {}
        self._gaps = Gaps(channels)
        self._took_over = float("-inf")

    def wake(self) -> None:
        """Something was committed that may be due: look now, not at the next poll."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled; then what is under way is ended and written down."""
        try:
            while True:
                await self._pause(await self._round_or_wait())
        finally:
            await self._land()

    async def once(self) -> int:
        """Deliver all that is due now, to its end; how many messages were claimed."""
        count = 0
        while True:
            claim = await self._round()
            count += len(claim.rows)
            if self._flying:
                await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            elif not (claim.rows or self._outcomes or self._moves):
                return count

    async def _round_or_wait(self) -> float:
        """One round; the seconds to rest after it."""
        try:
            claim = await self._round()
        except self._database.gone as error:
            _LOG.warning("the store cannot be reached (%s); messages wait", type(error).__name__)
            return self._pace.poll * 2
        except Exception:
            _LOG.exception("a round of the outgoing loop failed; the next one tries again")
            return self._pace.poll * 2
        if len(self._flying) < len(claim.rows):
            return 0.0
        if claim.next_at:
            return min(self._pace.poll, max(0.005, (claim.next_at - self._now()) / 1000))
        return self._pace.poll

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _round(self) -> Claim:
        self._bell.clear()
        await self._write_down()
        await self._take_over()
        now = self._now()
        claim = await self._outbox.claim(self._rooms(), now)
        if claim.rows:
            going = await self._admitted(self._going(claim.rows, now), now)
            for row in going:
                if self._is_composed(row):
                    self._fly(row, self._compose_and_send(row))
            going = [row for row in going if not self._is_composed(row)]
            marked = await self._mark_sending(going, now) if going else set()
            for row in going:
                if row.id in marked:
                    self._fly(row, self._send(row))
        return claim

    async def _admitted(self, rows: Sequence[ClaimedRow], now: int) -> list[ClaimedRow]:
        """The rows that the platform's window lets through; the others are dead."""
        try:
            await self._threads.read(rows)
            going, closed = await self._windows.admit(rows, now)
        except BaseException:
            self._outcomes += [NotSent(row, "due", run_at=now) for row in rows]
            raise
        self._outcomes += closed
        return going

    async def _mark_sending(self, rows: Sequence[ClaimedRow], now: int) -> set[int]:
        try:
            return await self._outbox.mark_sending(rows, now)
        except BaseException:
            # Whether or not the mark was committed: nothing of these has left, and this worker knows it.
            self._outcomes += [NotSent(row, "due", run_at=now) for row in rows]
            raise

    def _rooms(self) -> list[Room]:
        return [
            Room(name, self._room(name), _rate(channel), channel.capabilities.per_second)
            for name, channel in self._channels.items()
        ]

    def _room(self, channel: str) -> int:
        """How many more may go: none until half have landed, so that commits are made for many at a time."""
        flying, most = self._flights[channel], self._pace.concurrency
        return most - flying if flying <= most // 2 else 0

    def _going(self, rows: Iterable[ClaimedRow], now: int) -> list[ClaimedRow]:
        """The rows that may go now; the others are put back, or are dead because their address is closed or stopped."""
        going = []
        for row in rows:
            ready = self._gaps.ready(row.address_id)
            if row.address_status != "open":
                self._outcomes.append(NotSent(row, "dead", f"the address is {row.address_status}"))
            elif ready > now:
                self._outcomes.append(NotSent(row, "due", run_at=ready))
            else:
                going.append(row)
        return going

    def _is_composed(self, row: ClaimedRow) -> bool:
        return self._composer is not None and row.kind in self._composer.kinds

    async def _compose_and_send(self, row: ClaimedRow) -> Outcome | None:
        """Draw the message, which may take a call to the platform, before anything of it is marked as being sent."""
        assert self._composer is not None
        outbound: Outbound | None
        try:
            outbound = await self._composer.compose(row, self._outbound(row))
        except Exception as error:
            _LOG.error("composing %s failed with %s", row.public_id, type(error).__name__)
            if row.attempts < _COMPOSED_BY:
                again = self._now() + int(self._pace.pause(row.attempts) * 1000)
                return NotSent(row, "retry", f"not composed: {type(error).__name__}", run_at=again)
            # What was drawn at the commit says less, but it is better than nothing.
            outbound = self._outbound(row)
        if outbound is None:
            return None
        try:
            marked = await self._outbox.mark_sending([row], self._now())
        except self._database.gone:
            return NotSent(row, "due", "the store went away before anything left", run_at=self._now())
        return await self._send(row, outbound) if marked else None

    def _fly(self, row: ClaimedRow, work: Coroutine[Any, Any, Outcome | None]) -> None:
        task = asyncio.create_task(self._flight(row, work))
        self._flying[task] = row.channel
        self._flights[row.channel] += 1
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        channel = self._flying.pop(task)
        self._flights[channel] -= 1
        if self._room(channel):
            self._bell.set()

    async def _flight(self, row: ClaimedRow, work: Coroutine[Any, Any, Outcome | None]) -> None:
        try:
            outcome = await work
        except Exception as error:
            # Its message may hold what the customer wrote: only its type is told.
            _LOG.error("sending %s over %s failed with %s", row.public_id, row.channel, type(error).__name__)
            outcome = in_doubt(row, f"unexpected {type(error).__name__}", self._look_up_in(row.channel))
        if outcome is not None:
            self._outcomes.append(outcome)

    async def _send(self, row: ClaimedRow, composed: Outbound | None = None) -> Outcome:
        channel = self._channels[row.channel]
        try:
            outbound = composed or self._outbound(row)
        except (ValueError, KeyError, TypeError, Unreadable) as error:
            return NotSent(row, "dead", f"the message cannot be read: {type(error).__name__}")
        try:
            async with asyncio.timeout(self._pace.timeout):
                external_id = await channel.send(outbound)
        except TimeoutError:
            return in_doubt(row, f"no answer within {self._pace.timeout:g} s", self._look_up_in(row.channel))
        except SendError as error:
            self._heed(row, error)
            return after_error(row, error, self._now(), self._pace, self._look_up_in(row.channel))
        finally:
            self._gaps.sent(row.address_id, outbound.to, self._now())
        return Sent(row, external_id)

    def _heed(self, row: ClaimedRow, error: SendError) -> None:
        if not isinstance(error, Temporary):
            return
        if error.moved_to:
            self._moves.append(_Move(row.address_id, row.channel, error.moved_to))
        if error.whole_channel:
            rate = _rate(self._channels[row.channel])
            seconds = self._pace.backoff if error.retry_after is None else error.retry_after
            self._rests[rate] = max(self._rests.get(rate, 0.0), seconds)

    async def _look_up(self, row: ClaimedRow, channel: LooksUp) -> Outcome:
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

    async def _take_over(self) -> None:
        """What dead workers left, every few seconds and at the start."""
        at = asyncio.get_running_loop().time()
        if at - self._took_over < _TAKE_OVER:
            return
        self._took_over = at
        can_look_up = [name for name in self._channels if self._looks_up(name)]
        can_resend = [name for name, channel in self._channels.items() if channel.capabilities.inline_resend]
        left = await self._outbox.reclaim(self._now(), can_look_up, can_resend)
        self._outcomes += left.outcomes
        for row in left.doubtful:
            channel = self._channels[row.channel]
            assert isinstance(channel, LooksUp)
            self._fly(row, self._look_up(row, channel))
        await self._write_down()

    async def _write_down(self) -> None:
        """Write what is known; what cannot be written stays for the next time."""
        for move in list(self._moves):
            await addresses.move(self._database, self._keys, move.address_id, move.channel, move.to)
            self._moves.remove(move)
        for rate, seconds in list(self._rests.items()):
            await rates_kept.rest(self._database, rate, seconds * 1000)
            del self._rests[rate]
        outcomes = list(self._outcomes)
        if outcomes and await self._settled(outcomes):
            self._wake_jobs()
        await self._windows.heed(outcomes)
        del self._outcomes[: len(outcomes)]
        self._gaps.tidy(self._now())

    async def _settled(self, outcomes: Sequence[Outcome]) -> int:
        try:
            return await self._results.settle(outcomes, self._now())
        except self._database.gone:
            raise
        except Exception:
            _LOG.exception("%d outcomes could not be written together", len(outcomes))
        lost = 0
        for outcome in outcomes:
            try:
                lost += await self._results.settle([outcome], self._now())
            except self._database.gone:
                raise
            except Exception as error:
                # Its lease will end, and it will stand as unknown.
                _LOG.error("the outcome of %s cannot be written: %s", outcome.row.public_id, type(error).__name__)
        return lost

    async def _land(self) -> None:
        """End what is under way, within the time limit of a send, and write it down if the store is there."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=self._pace.timeout + 1)
        try:
            await self._write_down()
        except self._database.gone as error:
            _LOG.warning("%d outcomes were not written (%s)", len(self._outcomes), type(error).__name__)

    def _outbound(self, row: ClaimedRow) -> Outbound:
        to = Address(row.channel, self._keys.open(row.sealed).decode())
        links = self._links if row.channel == "email" else None
        outbound = outbound_of(row.public_id, to, row.text, row.body, links)
        # What goes to colleagues is none of a customer's mail: nobody unsubscribes a team.
        outbound = replace(outbound, unsubscribe_url="") if self._is_composed(row) else outbound
        return self._threads.put(row, outbound)

    def _looks_up(self, name: str) -> bool:
        channel = self._channels.get(name)
        return channel is not None and channel.capabilities.lookup and isinstance(channel, LooksUp)

    def _look_up_in(self, name: str) -> int:
        """After how many ms a send in doubt is looked up, when the provider surely shows it; 0 where it cannot be."""
        return int(self._pace.timeout * 1000) if self._looks_up(name) else 0

    def _now(self) -> int:
        return milliseconds(self._clock.now())


def _rate(channel: Channel) -> str:
    return f"{channel.name}:{channel.account}"
