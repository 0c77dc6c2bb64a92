"""How many messages a rate lets through now: the generic cell rate algorithm on one number per rate.

Rule: pure; the number (the theoretical arrival time, ms) lies in the store's facts, so that all processes share it. It
is where the rate has got to: each message moves it by one interval, what was not used for a second is lost, and a
provider's "not before" simply puts it into the future. (ITU-T I.371; the virtual scheduling form.)
"""

from __future__ import annotations

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
