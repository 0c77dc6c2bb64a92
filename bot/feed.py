"""Who is looking right now: pages, programs and consoles of this process that wait for news of an address.

Rule: the store is the truth and a feed only its bell. Whoever opens reads the store after subscribing, so that nothing
falls between; what another process sent is found by reading again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from channels.message import Address, Outbound

# A page that does not read for so many messages is told to read the store instead.
_WAITING: Final = 100


class Subscription:
    """The news of one address for one watcher."""

    __slots__ = ("_bell", "_news", "closed", "missed")

    def __init__(self) -> None:
        self._news: list[Outbound] = []
        self._bell = asyncio.Event()
        self.closed = False
        self.missed = False

    def put(self, outbound: Outbound) -> None:
        """Add one message and ring."""
        if len(self._news) < _WAITING:
            self._news.append(outbound)
        else:
            self.missed = True
        self._bell.set()

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._bell.set()

    async def news(self, *, seconds: float) -> list[Outbound]:
        """What came since the last call, waiting at most so long for the first of it."""
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return []
        self._bell.clear()
        found, self._news = self._news, []
        return found


class Feed:
    """Subscriptions by address."""

    def __init__(self) -> None:
        self._by_address: dict[Address, list[Subscription]] = {}
        self._closed = False

    def publish(self, outbound: Outbound) -> None:
        """Ring for everybody who watches the address of a message."""
        for one in self._by_address.get(outbound.to, ()):
            one.put(outbound)

    @contextmanager
    def subscribe(self, address: Address) -> Iterator[Subscription]:
        """Watch an address for as long as the context lasts."""
        subscription = Subscription()
        if self._closed:
            subscription.close()
        self._by_address.setdefault(address, []).append(subscription)
        try:
            yield subscription
        finally:
            rest = self._by_address[address]
            rest.remove(subscription)
            if not rest:
                del self._by_address[address]

    def watching(self, address: Address) -> int:
        """How many watch this address now."""
        return len(self._by_address.get(address, ()))

    def watchers(self) -> int:
        """How many watch now."""
        return sum(len(some) for some in self._by_address.values())

    def close(self) -> None:
        """The process ends: let every watcher go."""
        self._closed = True
        for some in self._by_address.values():
            for one in some:
                one.close()
