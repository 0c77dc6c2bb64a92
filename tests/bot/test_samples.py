"""The customers that an empty store begins with: whoever tries one is not told that it is night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config import Config
from bot.planner import quiet_until
from bot.sample import zone_at_day

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("month", range(12))
def test_at_every_hour_samples_live_where_nobody_sleeps_for_hours_to_come(month: int) -> None:
    quiet = Config().business.quiet_hours
    for step in range(96):
        now = NEW_YEAR + timedelta(days=30 * month, minutes=15 * step)
        zone = zone_at_day(now)
        assert 10 <= now.astimezone(ZoneInfo(zone)).hour < 16, (now, zone)
        for later in range(5):
            at = int((now + timedelta(hours=later)).timestamp() * 1000)
            assert quiet_until(zone, quiet, at) == at, (now, zone, later)
