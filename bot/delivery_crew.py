"""Who carries out the sends: workers that take one message after the other, and the time limit of each send.

Rule: a task and a timer a message would cost a tenth of what the send itself does, so workers stay, and one timer
serves them all. Messages are begun a few at a time: the thread of the store, and answers that have come, get their
turn in between.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from storage.outbox_rows import ClaimedRow

T = TypeVar("T")
#: So many workers are woken in one turn of the event loop.
_AT_ONCE: Final = 32

Job = tuple[ClaimedRow, Callable[[ClaimedRow], Coroutine[Any, Any, None]]]


class Limits:
    """One time limit, the same for all that is awaited under it: whoever began first is the first to exceed it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[asyncio.Task[Any], float] = {}
        self._exceeded: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def keep(self, work: Awaitable[T]) -> T:
        """What `work` gives; at most one at a time in a task. Raises TimeoutError, having cancelled it."""
        task = asyncio.current_task()
        assert task is not None
        loop, cancelled = asyncio.get_running_loop(), task.cancelling()
        self._until[task] = until = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(until, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if task in self._exceeded and task.cancelling() <= cancelled + 1:
                raise TimeoutError from None
            raise
        finally:
            del self._until[task]
            if task in self._exceeded:
                # Also where the work made something else of it: the task goes on with other messages.
                self._exceeded.discard(task)
                task.uncancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        for task, until in self._until.items():
            if until > now:
                self._timer = loop.call_at(until, self._look)
                return
            if task not in self._exceeded:
                self._exceeded.add(task)
                task.cancel()


class Crew:
    """Workers; `landed` is told each channel that has one message less under way."""

    def __init__(self, landed: Callable[[str], None]) -> None:
        #: By channel, those that wait for a worker counted in.
        self.under_way: Counter[str] = Counter()
        self._landed = landed
        self._waiting: deque[Job] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._watching: list[asyncio.Future[None]] = []
        self._leaving = False

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return self.under_way.total() > 0

    def add(self, row: ClaimedRow, carry: Callable[[ClaimedRow], Coroutine[Any, Any, None]]) -> None:
        """Carry this out soon; `carry` raises nothing. Begun by `begin`."""
        self.under_way[row.channel] += 1
        self._waiting.append((row, carry))

    def begin(self) -> None:
        """Put workers to what was added, from the event loop's next turn on."""
        if self._waiting:
            self._leaving = False
            asyncio.get_running_loop().call_soon(self._rouse)

    async def landing(self) -> None:
        """Until one message less is under way."""
        watch = asyncio.get_running_loop().create_future()
        self._watching.append(watch)
        await watch

    async def landed_all(self, seconds: float) -> None:
        """Until nothing is under way, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                while self.busy:
                    await self.landing()
        except TimeoutError:
            pass

    def dismiss(self) -> None:
        """Nothing more will be added: who has nothing to do leaves."""
        self._leaving = True
        self._wake(len(self._idle))

    def _rouse(self) -> None:
        count = min(_AT_ONCE, len(self._waiting))
        for _ in range(count - self._wake(count)):
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        if len(self._waiting) > count:
            asyncio.get_running_loop().call_soon(self._rouse)

    def _wake(self, most: int) -> int:
        woken = 0
        while self._idle and woken < most:
            idle = self._idle.pop()
            if not idle.done():
                idle.set_result(None)
                woken += 1
        return woken

    async def _work(self) -> None:
        while True:
            while self._waiting:
                row, carry = self._waiting.popleft()
                try:
                    await carry(row)
                finally:
                    self._land(row.channel)
            if self._leaving:
                return
            idle = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            await idle

    def _land(self, channel: str) -> None:
        self.under_way[channel] -= 1
        watching, self._watching = self._watching, []
        for watch in watching:
            if not watch.done():
                watch.set_result(None)
        self._landed(channel)
