"""Turns that wait are booked together: a batch takes what is waiting now, at most 64, and never waits for more.

Rule: order of arrival is kept for each customer's address, also while two batches are under way: an address that is
being booked is not taken into another batch. Each address has a queue, and a batch takes one of each in turn before it
takes a second: who sends thousands delays nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from storage.turn_batch import ScriptNeeded
from storage.turn_rows import Booked, Decide, Item
from storage.turns import Turns

LARGEST: Final = 64
#: Batches under way at once: one is read and decided while another is committed.
LANES: Final = 2
#: Replies that were written are marked with the next batch, or by themselves after so many seconds.
MARKED_WITHIN: Final = 0.02
_LOG = logging.getLogger("motline.turns")

Waiting = tuple[Item, asyncio.Future[Booked]]


class Batcher:
    """The queue of this process in front of `Turns`."""

    def __init__(
        self,
        turns: Turns,
        decide: Callable[[], Awaitable[Decide]],
        load_script: Callable[[int], Awaitable[None]],
    ) -> None:
        self._turns = turns
        self._decide = decide
        self._load_script = load_script
        self._queues: dict[object, deque[Waiting]] = {}
        #: Whose turn it is: keys of the queues that are not being booked.
        self._order: deque[object] = deque()
        self._settled: list[tuple[int, int]] = []
        self._busy: set[object] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._later: asyncio.TimerHandle | None = None

    def submit(self, item: Item) -> asyncio.Future[Booked]:
        """Queue an item; the future ends when it is committed, or with what the store raised."""
        future: asyncio.Future[Booked] = asyncio.get_running_loop().create_future()
        key = _key(item)
        if key not in self._queues:
            self._queues[key] = deque()
            if key not in self._busy:
                self._order.append(key)
        self._queues[key].append((item, future))
        self._go()
        return future

    def settle(self, reply_id: int, at: int) -> None:
        """The response with this inline reply was written at `at` (ms): it becomes `sent` with the next batch."""
        self._settled.append((reply_id, at))
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(MARKED_WITHIN, self._mark)

    async def drain(self) -> None:
        """Wait until nothing is under way, and nothing to be marked."""
        while self._running or self._settled:
            self._go()
            await asyncio.wait(self._running)

    def _mark(self) -> None:
        self._later = None
        if self._settled:
            self._go()

    def _go(self) -> None:
        if len(self._running) < LANES:
            task = asyncio.get_running_loop().create_task(self._work())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self) -> None:
        try:
            await self._batches()
        finally:
            # At once: who submits before the task's callbacks have run must find its lane free.
            self._running -= {asyncio.current_task()}

    async def _batches(self) -> None:
        await asyncio.sleep(0)
        while True:
            batch, settled = self._take(), self._settled
            if not batch and not settled:
                return
            self._settled = []
            keys = list(dict.fromkeys(_key(item) for item, _ in batch))
            self._busy.update(keys)
            try:
                await self._book(batch, settled)
            finally:
                self._busy.difference_update(keys)
                self._order.extend(key for key in keys if key in self._queues)

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        more: deque[object] = deque()
        while len(batch) < LARGEST and (order := self._order or more):
            key = order.popleft()
            queue = self._queues[key]
            batch.append(queue.popleft())
            if queue:
                more.append(key)
            else:
                del self._queues[key]
        return batch

    async def _book(self, batch: Sequence[Waiting], settled: list[tuple[int, int]]) -> None:
        try:
            booked = await self._try([item for item, _ in batch], settled)
        except Exception as error:
            if settled:
                self._settled = settled + self._settled
            _LOG.warning("a batch of %d turns was not booked: %s", len(batch), type(error).__name__)
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            if not batch:
                await asyncio.sleep(1)
            return
        for (item, future), one in zip(batch, booked, strict=True):
            if one.status == "failed" and item.arrival is not None:
                # The reason may hold the customer's words; all of it stands beside the message in the store.
                _LOG.error("the turn of message %d failed: %s", one.inbound_id, one.reason.partition(":")[0])
            if not future.done():
                future.set_result(one)

    async def _try(self, items: Sequence[Item], settled: Sequence[tuple[int, int]]) -> list[Booked]:
        for _attempt in range(LARGEST):
            try:
                return await self._turns.book(items, await self._decide(), settled)
            except ScriptNeeded as needed:
                await self._load_script(needed.script_id)
        raise LookupError("a batch needed more scripts than it has turns")


def _key(item: Item) -> object:
    """What orders an item: the address it came from, or the customer that it is about."""
    return (item.arrival.channel, item.arrival.lookup) if item.arrival is not None else item.customer_id
