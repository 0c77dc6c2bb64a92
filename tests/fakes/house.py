"""What the house gives an adapter, in its smallest honest form: a clock that stands, tokens in memory, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels.channel import HttpAnswer


@dataclass
class StandingClock:
    """Stands still until it is set."""

    at: datetime = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class TokensInMemory:
    """Keeps tokens for ever; one fetch at a time."""

    kept: dict[str, str] = field(default_factory=dict)
    lifetimes: dict[str, float] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, name: str, fetch: Callable[[], Awaitable[tuple[str, float]]], *, stale: str = "") -> str:
        async with self._lock:
            if name not in self.kept or self.kept[name] == stale:
                self.kept[name], self.lifetimes[name] = await fetch()
            return self.kept[name]


class ForbiddenHttp:
    """For what must not call anybody."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float = 10.0,
    ) -> HttpAnswer:
        raise AssertionError(f"{method} {url}")
