"""Mails in the outgoing loop: one that did not leave is sent later, whatever its server does."""

from __future__ import annotations

import pytest

from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from storage.crypto import Keys
from storage.database import Database
from tests.channels.test_email_contract import channel
from tests.fakes.house import StandingClock
from tests.fakes.smtp_server import SILENT, silent
from tests.storage.books import make_address, make_outgoing, status_of

PACE = Pace(attempts=3, backoff=10.0, lease=30.0, timeout=0.6)


@pytest.mark.parametrize("stage", SILENT)
async def test_a_server_that_says_nothing_costs_no_mail(store: Database, keys: Keys, stage: str) -> None:
    clock = StandingClock()
    async with silent(SILENT[stage]) as url:
        mails = channel(url, timeout=PACE.timeout)
        address = await make_address(store, keys, "email", "ann.lee@example.net")
        made = await make_outgoing(store, address, channel="email", created_at=int(clock.at.timestamp() * 1000))
        assert await Delivery(store, {"email": mails}, keys, clock, pace=PACE).once() == 1
        await mails.aclose()
    assert await status_of(store, made) == "retry"
