"""The distance between two messages of an address, and what a group takes in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.delivery_gaps import Gaps
from channels.capabilities import TELEGRAM
from channels.channel import Capabilities
from channels.message import Address
from channels.telegram import TelegramChannel
from storage.crypto import Keys
from storage.database import Database
from tests.bot.delivery_parts import Platform, delivery_of
from tests.fakes.house import StandingClock
from tests.storage.books import make_address, make_outgoing

GROUP, PERSON = Address("telegram", "-100123"), Address("telegram", "5001")


@dataclass
class Chats(Platform):
    """A platform with groups."""

    def is_group(self, address: Address) -> bool:
        return address.id.startswith("-")


def gaps() -> Gaps:
    return Gaps({"telegram": Chats("telegram", capabilities=TELEGRAM)})


def test_a_person_waits_a_second_however_many_came_before() -> None:
    kept = gaps()
    for number in range(30):
        kept.sent(1, PERSON, number * 1000)
    assert kept.resting.get(1, 0) == 30_000
    assert kept.resting.get(2, 0) == 0


def test_the_twenty_first_message_to_a_group_waits_until_the_first_is_a_minute_old() -> None:
    kept = gaps()
    for number in range(19):
        kept.sent(1, GROUP, number * 1000)
    assert kept.resting.get(1, 0) == 19_000
    kept.sent(1, GROUP, 19_000)
    assert kept.resting.get(1, 0) == 60_000
    kept.sent(1, GROUP, 60_000)
    assert kept.resting.get(1, 0) == 61_000


def test_what_holds_nothing_back_any_more_is_forgotten() -> None:
    kept = gaps()
    for number in range(10_001):
        kept.sent(number, PERSON, 0)
    kept.tidy(2_000)
    assert kept.resting.get(3, 0) == 0


def test_telegram_knows_groups_by_their_ids() -> None:
    bot = TelegramChannel(token="1:a", secret="s", clock=StandingClock())
    found = [bot.is_group(Address("telegram", id)) for id in ("-100123", "-45", "@jade_team", "5001")]
    assert found == [True, True, True, False]


async def test_a_group_that_has_its_fill_is_written_to_again_in_the_next_minute(store: Database, keys: Keys) -> None:
    clock = StandingClock()
    limited = Capabilities(max_text=1000, per_second=5000.0, group_minute=2)
    platform = Chats("telegram", capabilities=limited)
    group = await make_address(store, keys, "telegram", GROUP.id)
    person = await make_address(store, keys, "telegram", PERSON.id)
    for text in ("a", "b", "c"):
        await make_outgoing(store, group, channel="telegram", text=f"group {text}")
        await make_outgoing(store, person, channel="telegram", text=f"person {text}")
    delivery = delivery_of(store, keys, clock, platform)
    await delivery.once()
    assert sorted(platform.texts) == ["group a", "group b", "person a", "person b", "person c"]
    clock.at += timedelta(minutes=1)
    await delivery.once()
    assert platform.texts[-1] == "group c"
