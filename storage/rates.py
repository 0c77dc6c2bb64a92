"""How many messages a rate lets through now: the generic cell rate algorithm on one number per rate.

Rule: pure; the number (the theoretical arrival time, ms) lies in the store's facts, so that all processes share it. It
is where the rate has got to: each message moves it by one interval, what was not used for a second is lost, and a
provider's "not before" simply puts it into the future. (ITU-T I.371; the virtual scheduling form.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: What may go at once after a pause: a second's worth, and at least one message.
BURST_MS: Final = 1000.0
#: Our own channels are only limited by this machine; no number is kept for them.
UNLIMITED: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """`count` messages may go now; otherwise one may at `next_at` (ms). `base` and `interval` carry the account on."""

    count: int
    base: float
    interval: float

    @property
    def next_at(self) -> int:
        """When one more may go, ms."""
        return int(self.base + self.interval) + 1

    def after(self, used: int) -> float:
        """The rate's number after `used` messages."""
        return self.base + used * self.interval


def allowance(reached: float, now: float, per_second: float) -> Allowance:
    """What may go at `now` (ms) where the rate has got to `reached` (ms; 0 at first)."""
    interval = 1000.0 / per_second
    base = max(reached, now - max(BURST_MS, interval))
    return Allowance(max(0, int((now - base) / interval + 1e-6)), base, interval)


class Meter:
    """The rates of one claim. `used`: the numbers to write; `next_at` (ms): when one that held something back moves on.

    `next_at` is 0 where none did.
    """

    def __init__(self, allowed: Mapping[str, Allowance]) -> None:
        self._allowed = allowed
        self.used: dict[str, float] = {}
        self.next_at = 0

    def most(self, rate: str, room: int) -> int:
        """How many of `room` messages may go under this rate."""
        limit = self._allowed.get(rate)
        return room if limit is None else min(room, limit.count)

    def count(self, rate: str, taken: int) -> None:
        """So many went."""
        limit = self._allowed.get(rate)
        if limit is None:
            return
        self.used[rate] = limit.after(taken)
        if taken >= limit.count:
            more = limit.next_at if not taken else int(self.used[rate] + limit.interval) + 1
            self.next_at = min(self.next_at or more, more)
