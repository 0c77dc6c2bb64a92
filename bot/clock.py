"""The one clock of the house. Everything else is given a time, or this."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC; implements `channels.channel.Clock`."""

    def now(self) -> datetime:
        """Now, aware."""
        return datetime.now(UTC)


def milliseconds(at: datetime) -> int:
    """An aware time as the store keeps it: milliseconds since the epoch, UTC."""
    return int(at.timestamp() * 1000)
