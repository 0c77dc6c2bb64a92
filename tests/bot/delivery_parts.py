"""A platform that keeps a book of what it was sent, and a delivery loop in front of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from channels.channel import Capabilities
from channels.message import Inbound, Outbound, Receipt, Request, Response
from storage.crypto import Keys
from storage.database import Database
from tests.fakes.house import StandingClock

PACE = Pace(attempts=3, backoff=10.0, lease=30.0, timeout=0.2)


@dataclass
class Platform:
    """Takes every message, unless `does` says otherwise; `book` is what arrived, in order."""

    name: str = "sms"
    account: str = "test"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(max_text=1000, per_second=5000.0))
    book: list[Outbound] = field(default_factory=list)
    does: Callable[[Outbound], object] = lambda outbound: None

    def verify(self, request: Request) -> None:
        """Nothing."""

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        return ()

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        return Response()

    async def send(self, outbound: Outbound) -> str:
        wait = self.does(outbound)
        if wait is not None:
            await wait  # type: ignore[misc]
        self.book.append(outbound)
        return f"ext-{outbound.id}"

    async def aclose(self) -> None:
        """Nothing."""

    @property
    def texts(self) -> list[str]:
        return [outbound.text for outbound in self.book]


@dataclass
class AskablePlatform(Platform):
    """One that can be asked whether a message left."""

    asked: list[datetime] = field(default_factory=list)
    answers: Callable[[Outbound], str | None] = lambda outbound: None

    def __post_init__(self) -> None:
        self.capabilities = replace(self.capabilities, lookup=True)

    async def look_up(self, outbound: Outbound, since: datetime) -> str | None:
        self.asked.append(since)
        return self.answers(outbound)


def delivery_of(
    store: Database,
    keys: Keys,
    clock: StandingClock,
    *platforms: Platform,
    pace: Pace = PACE,
    wake_jobs: Callable[[], None] = lambda: None,
) -> Delivery:
    """A loop over these platforms."""
    return Delivery(store, {p.name: p for p in platforms}, keys, clock, pace=pace, wake_jobs=wake_jobs)
