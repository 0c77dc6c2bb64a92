"""Whose clock holds for who has stated no time zone: that of the telephone's country, where it leaves no choice."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from bot import phone_zones
from bot.config import Business, Config
from bot.config_values import Hours
from bot.phone_zones import zone_of
from channels.message import Inbound
from storage.crypto import Keys
from storage.database import Database
from tests.bot.edge_parts import Home
from tests.bot.test_edges import Sms, happened, known

TELLS = """
dialog: visit
title: {en: Visit}
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
steps:
  - say: {en: "It is {{ now.hour }} o'clock. {{ desk.promise }}"}
"""
NIGHT = Config(business=Business(timezone="America/New_York", quiet_hours=Hours(time(21), time(9))))


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+8613912345678", "Asia/Shanghai"),
        ("+819012345678", "Asia/Tokyo"),
        ("+447400123456", "Europe/London"),
        ("+14155552671", ""),
        ("+61412345678", ""),
        ("+34612345678", ""),
        ("72345", ""),
        ("JADE", ""),
        ("", ""),
    ],
)
def test_a_country_with_one_clock_tells_the_zone(number: str, zone: str) -> None:
    assert zone_of(number) == zone


def test_the_clocks_of_a_country_are_compared_once_and_not_for_every_number(monkeypatch: pytest.MonkeyPatch) -> None:
    zone_of("+14155550100")
    monkeypatch.setattr(phone_zones, "ZoneInfo", None)
    assert zone_of("+14155550101") == ""


@pytest.mark.parametrize(
    ("number", "stated", "outcome"),
    [
        # Noon in New York is one at night in Tokyo, and five in the afternoon in London.
        ("+819012345678", "", "waiting"),
        ("+447400123456", "", "started"),
        ("+14155552671", "", "started"),
        ("+819012345678", "America/Chicago", "started"),
        ("whatsapp:+819012345678", "", "waiting"),
    ],
)
async def test_quiet_hours_are_those_of_the_telephones_country(
    store: Database, keys: Keys, number: str, stated: str, outcome: str
) -> None:
    home = await Home(store, keys, {"sms": Sms()}, NIGHT).open()
    home.clock.at = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
    customer, _ = await known(home, "sms", number)
    await store.execute("UPDATE customers SET timezone = $1 WHERE id = $2", stated, customer)
    await happened(home, customer)
    assert await home.rows("SELECT outcome FROM moments") == [{"outcome": outcome}]


async def test_a_reminder_waits_for_the_morning_of_the_telephones_country(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}, NIGHT).open()
    customer, address = await known(home, "sms", "+819012345678")
    home.clock.at = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)
    await home.begin(customer, address, "sms")
    await store.execute("UPDATE outbox SET status = 'sent', sent_at = $1", home.now())
    # 20 hours later it is one at night in Tokyo, and eleven in the morning in New York.
    home.clock.at = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    while await home.house.timers.once():
        pass
    (job,) = await home.rows("SELECT run_at FROM jobs WHERE kind = 'reminder'")
    assert datetime.fromtimestamp(job["run_at"] / 1000, UTC) == datetime(2026, 3, 7, 0, 0, tzinfo=UTC)
    assert await home.rows("SELECT id FROM outbox WHERE kind = 'reminder'") == []


async def team(home: Home) -> Home:
    await home.store.execute(
        "INSERT INTO teams (name, language, timezone, created_at) VALUES ('floor', 'en', 'Europe/London', 0)"
    )
    await home.house.refresh()
    home.clock.at = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    return home


async def test_what_a_dialog_tells_of_the_time_is_by_the_telephones_clock(store: Database, keys: Keys) -> None:
    home = await team(await Home(store, keys, {"sms": Sms()}).open(TELLS))
    # Ten in the morning in London is six in the evening in Shanghai; staff have four hours.
    told = "It is 18 o'clock. A colleague will write to you by 22:00 today."
    customer, _ = await known(home, "sms", "+8613912345678")
    await happened(home, customer)
    for sender in ("+8613912345678", "+8613912345679"):
        about = ("sms", "AC1", f"SM{sender}", sender, sender, home.clock.now(), "feedback")
        await home.hear(Inbound("text", *about))
    assert [text.splitlines()[0] for text in await home.texts()] == [told] * 3
