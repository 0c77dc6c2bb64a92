"""When an address may be written to again: the platform's distance between two messages, and a group's own minute.

Rule: kept by each worker for itself. An address has one message under way at a time, so within a worker this is exact;
what several workers together send too much, the platform refuses with a time to wait, and that is obeyed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from channels.channel import Channel, HasGroups
from channels.message import Address

_MINUTE_MS: Final = 60_000
#: So many addresses may be remembered before those that are free again are forgotten.
_MANY: Final = 10_000


class Gaps:
    """What this worker knows of its own sends. Times are ms."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        found: dict[str, object] = dict(channels)
        self._distances = {n: int(one.capabilities.per_address_seconds * 1000) for n, one in channels.items()}
        self._minutes = {n: one.capabilities.group_minute for n, one in channels.items()}
        self._grouped = {n: one for n, one in found.items() if self._minutes[n] and isinstance(one, HasGroups)}
        self._ready: dict[int, int] = {}
        self._groups: dict[int, deque[int]] = {}

    @property
    def resting(self) -> Mapping[int, int]:
        """From when on addresses may be written to; those that are not named: any time."""
        return self._ready

    def counts(self, channel: str) -> bool:
        """Whether anything is kept of this channel's sends."""
        return bool(self._distances[channel] or self._minutes[channel])

    def sent(self, address_id: int, to: Address, now: int) -> None:
        """Something went there, or was tried, at `now`."""
        distance = self._distances[to.channel]
        ready = now + distance if distance else 0
        channel = self._grouped.get(to.channel)
        if channel is not None and channel.is_group(to):
            ready = max(ready, self._full_until(address_id, self._minutes[to.channel], now))
        if ready:
            self._ready[address_id] = ready

    def tidy(self, now: int) -> None:
        """Forget what holds nothing back any more."""
        if len(self._ready) > _MANY:
            self._ready = {address: at for address, at in self._ready.items() if at > now}
            self._groups = {address: sends for address, sends in self._groups.items() if sends[-1] > now - _MINUTE_MS}

    def _full_until(self, address_id: int, most: int, now: int) -> int:
        """When the oldest of the last `most` sends is a minute old; 0 where there were not so many."""
        sends = self._groups.setdefault(address_id, deque(maxlen=most))
        sends.append(now)
        return sends[0] + _MINUTE_MS if len(sends) == most else 0
