"""The outgoing loop: claims what is due, sends it, and writes down what became of it.

Rule: `sending` is committed just before the first byte leaves, with the claim where nothing is to be done in between,
and what became of it as soon as it is known; many in one commit, while others are under way. The loop branches on the
four send errors alone. What it cannot write down, because the store is gone, it keeps and writes later; what it cannot
know, it asks the provider for or leaves as `unknown`, and never sends again by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.clock import milliseconds
from bot.delivery_crew import Crew, Limits
from bot.delivery_gaps import Gaps
from bot.delivery_left import LeftBehind
from bot.delivery_outcomes import Pace, after_error, in_doubt
from bot.delivery_windows import Windows
from bot.mail_threads import MailThreads
from bot.outgoing_shape import Composes, Links, outbound_of
from channels.channel import Channel, Clock
from channels.errors import SendError, Temporary
from channels.message import Address, Outbound
from storage import addresses, rates_kept
from storage.crypto import Keys, Unreadable
from storage.database import Database
from storage.outbox import Outbox
from storage.outbox_results import OutboxResults
from storage.outbox_rows import Claim, ClaimedRow, NotSent, Outcome, Room, Sent, Verdict

_LOG = logging.getLogger("motline.delivery")
#: Seconds between two looks for what others left.
_TAKE_OVER: Final = 5.0
#: A message that could not be drawn by this attempt goes as it was written at the commit.
_COMPOSED_BY: Final = 3


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
        self._gaps = Gaps(channels)
        self._left = LeftBehind(database, channels, self._outbox, self._pace, self._now, self._outbound)
        self._bell = asyncio.Event()
        self._crew, self._limits = Crew(self._landed), Limits(self._pace.timeout)
        self._sent: list[Sent] = []
        self._outcomes: list[NotSent] = []
        self._moves: list[_Move] = []
        self._rests: dict[str, float] = {}
        self._asking, self._landed_meanwhile = False, set[str]()
        self._claiming: asyncio.Future[Claim] | None = None
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
            # What lands while a claim is made may free the next message of its address, which that claim did not see.
            quiet = not self._crew.busy
            claim = await self._round()
            count += len(claim.rows)
            if self._crew.busy:
                await self._crew.landing()
            elif quiet and not (claim.rows or self._sent or self._outcomes or self._moves):
                self._crew.dismiss()
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
        await self._outbox.put_back()
        await self._write_down()
        await self._take_over()
        now = self._now()
        claim = await self._claim(now)
        await self._read_threads(claim.rows)
        for row in claim.rows:
            if row.id in claim.sending:
                self._crew.add(row, self._sending)
            elif closed := self._closed(row, now):
                self._threads.forget(row)
                self._outcomes.append(NotSent(row, "dead", closed))
                self._bell.set()
            else:
                self._crew.add(row, self._composing)
        # Where there is room the next claim goes to the store first, which works on it while these are begun.
        self._crew.begin()
        landed, self._landed_meanwhile = self._landed_meanwhile, set()
        if self._outcomes or any(self._room(channel) for channel in landed.union(row.channel for row in claim.rows)):
            self._bell.set()
        return claim

    async def _read_threads(self, rows: Sequence[ClaimedRow]) -> None:
        """What mails go on from. Nothing has left yet: without the store they are put back."""
        try:
            await self._threads.read(rows)
        except BaseException:
            now = self._now()
            self._outcomes += [NotSent(row, "due", run_at=now) for row in rows]
            raise

    async def _claim(self, now: int) -> Claim:
        """What comes next, claimed in the commit that says what was sent.

        It is gone through with: a worker that is stopped meanwhile puts back what it got, in `_land`.
        """
        sent = list(self._sent)
        claiming = asyncio.ensure_future(
            self._outbox.claim(self._rooms(), now, partial(self._judged, now), sent)
        )
        self._asking = True
        try:
            claim = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            self._claiming = claiming
            raise
        except self._database.gone:
            raise
        except Exception:
            await self._settled(sent)
            del self._sent[: len(sent)]
            raise
        finally:
            self._asking = False
        del self._sent[: len(sent)]
        await self._windows.heed(sent)
        self._windows.spent(claim.rows, now)
        return claim

    def _judged(self, now: int, row: ClaimedRow) -> Verdict:
        """Whether a row leaves as soon as it is claimed; on the store's thread."""
        if self._closed(row, now):
            return Verdict("claimed")
        return Verdict("claimed" if self._is_composed(row) else "sending", self._windows.spends(row, now))

    def _closed(self, row: ClaimedRow, now: int) -> str:
        """Why nothing may go there, or an empty string."""
        shut = row.address_status != "open"
        return f"the address is {row.address_status}" if shut else self._windows.closed(row, now)

    def _rooms(self) -> list[Room]:
        return [
            Room(name, self._room(name), _rate(channel), channel.capabilities.per_second, self._gaps.resting)
            for name, channel in self._channels.items()
        ]

    def _room(self, channel: str) -> int:
        """How many more may go: none until half have landed, so that commits are made for many at a time."""
        flying, most = self._crew.under_way[channel], self._channels[channel].capabilities.under_way
        return most - flying if flying <= most - most // 2 else 0

    def _is_composed(self, row: ClaimedRow) -> bool:
        return self._composer is not None and row.kind in self._composer.kinds

    async def _compose_and_send(self, row: ClaimedRow) -> Outcome | None:
        """Draw the message, which may take a call to the platform, before anything of it is marked as being sent."""
        assert self._composer is not None
        outbound: Outbound | None
        try:
            outbound = await self._composer.compose(row, self._outbound(row))
        except self._database.gone:
            # No fault of the message.
            again = self._now() + int(self._pace.poll * 1000)
            return NotSent(row, "due", "the store went away before anything left", run_at=again)
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

    def _landed(self, channel: str) -> None:
        if self._asking:
            self._landed_meanwhile.add(channel)
        elif self._room(channel):
            self._bell.set()

    async def _sending(self, row: ClaimedRow) -> None:
        await self._noted(row, self._send(row))

    async def _composing(self, row: ClaimedRow) -> None:
        await self._noted(row, self._compose_and_send(row))

    async def _looking_up(self, row: ClaimedRow) -> None:
        await self._noted(row, self._left.look_up(row))

    async def _noted(self, row: ClaimedRow, work: Awaitable[Outcome | None]) -> None:
        try:
            outcome = await work
        except Exception as error:
            # Its message may hold what the customer wrote: only its type is told.
            _LOG.error("sending %s over %s failed with %s", row.public_id, row.channel, type(error).__name__)
            outcome = in_doubt(row, f"unexpected {type(error).__name__}", self._look_up_in(row.channel))
        if isinstance(outcome, Sent):
            self._sent.append(outcome)
        elif outcome is not None:
            self._outcomes.append(outcome)

    async def _send(self, row: ClaimedRow, composed: Outbound | None = None) -> Outcome:
        channel = self._channels[row.channel]
        try:
            outbound = composed or self._outbound(row)
        except (ValueError, KeyError, TypeError, Unreadable) as error:
            return NotSent(row, "dead", f"the message cannot be read: {type(error).__name__}")
        try:
            external_id = await self._limits.keep(channel.send(outbound))
        except TimeoutError:
            return in_doubt(row, f"no answer within {self._pace.timeout:g} s", self._look_up_in(row.channel))
        except SendError as error:
            self._heed(row, error)
            return after_error(row, error, self._now(), self._pace, self._look_up_in(row.channel))
        finally:
            if self._gaps.counts(row.channel):
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

    async def _take_over(self) -> None:
        """What others left, every few seconds and at the start."""
        at = asyncio.get_running_loop().time()
        if at - self._took_over < _TAKE_OVER:
            return
        self._took_over = at
        left = await self._left.find()
        self._outcomes += left.outcomes
        for row in left.doubtful:
            self._crew.add(row, self._looking_up)
        self._crew.begin()
        await self._write_down()

    async def _write_down(self) -> None:
        """Write what is known besides what was sent; what cannot be written stays for the next time."""
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
        await self._crew.landed_all(self._pace.timeout + 1)
        self._crew.dismiss()
        try:
            await self._put_back()
        except Exception as error:
            # What was claimed meanwhile is taken over when its lease ends; what is known must be written all the same.
            _LOG.warning("what was claimed last could not be put back (%s)", type(error).__name__)
        try:
            await self._write_down()
            if self._sent:
                await self._settled(self._sent)
        except self._database.gone as error:
            left = len(self._outcomes) + len(self._sent)
            _LOG.warning("%d outcomes were not written (%s)", left, type(error).__name__)

    async def _put_back(self) -> None:
        """What a claim got that was under way when the loop was stopped, or whose commit nobody confirmed."""
        if self._claiming is not None:
            async with asyncio.timeout(self._pace.timeout):
                claim = await self._claiming
            now = self._now()
            self._windows.spent(claim.rows, now)
            self._outcomes += [NotSent(row, "due", run_at=now) for row in claim.rows]
        await self._outbox.put_back()

    def _outbound(self, row: ClaimedRow) -> Outbound:
        to = Address(row.channel, self._keys.open(row.sealed).decode())
        if row.channel != "email":
            return outbound_of(row.public_id, to, row.text, row.body)
        outbound = outbound_of(row.public_id, to, row.text, row.body, self._links)
        # What goes to colleagues is none of a customer's mail: nobody unsubscribes a team.
        outbound = replace(outbound, unsubscribe_url="") if self._is_composed(row) else outbound
        return self._threads.put(row, outbound)

    def _look_up_in(self, name: str) -> int:
        """After how many ms a send in doubt is looked up, when the provider surely shows it; 0 where it cannot be."""
        return int(self._pace.timeout * 1000) if self._left.looks_up(name) else 0

    def _now(self) -> int:
        return milliseconds(self._clock.now())


def _rate(channel: Channel) -> str:
    return f"{channel.name}:{channel.account}"
