"""How often somebody may write: a bucket of tokens each, in this process's memory.

Rule: it protects the house from one visitor; what is promised to platforms is counted in the store, not here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_MOST: Final = 50_000


class Rate:
    """`per_minute` for each key, with a burst of as many."""

    def __init__(self, per_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = float(per_minute)
        self._per_second = per_minute / 60
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> float:
        """0.0 where the key may go on now (and has), else the seconds until it may."""
        now = self._now()
        left, at = self._buckets.get(key, (self._limit, now))
        left = min(self._limit, left + (now - at) * self._per_second)
        if left < 1:
            self._buckets[key] = (left, now)
            return (1 - left) / self._per_second
        if len(self._buckets) >= _MOST:
            self._forget(now)
        self._buckets[key] = (left - 1, now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop who is full again; if that frees nothing, everybody: memory is bounded, at the price of one burst."""
        full = now - 60
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket[1] > full}
        if len(self._buckets) >= _MOST:
            self._buckets.clear()
