"""A clock that is set back, and one customer who writes ten thousand messages."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest

from storage import privacy, transcripts
from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import HOUR, DeskHouse
from tests.review.parts import Street, street

MANY = 10_000


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    return await street(store, keys)


async def test_a_dialog_goes_on_when_the_clock_is_set_back(home: Street) -> None:
    assert await home.write("feedback") == "Thank you for coming."
    home.clock.at -= 3 * HOUR
    # The question waits for its time, and what follows waits behind it.
    assert await home.write("9") is None
    assert await home.write("yes") is None
    home.clock.at += 3 * HOUR
    for _ in range(4):
        await home.house.delivery.once()
    platform = home.house.channels["webchat"]
    assert platform.texts == ["How likely are you to recommend us, 0-10?", "Will you come again?", "Thank you!"]
    answers = await home.rows("SELECT slot FROM answers ORDER BY id")
    assert [row["slot"] for row in answers] == ["nps", "again"]
    assert await home.rows("SELECT id FROM jobs WHERE status = 'due'") == []


async def test_what_is_to_ring_rings_once_though_the_clock_was_set_back(home: Street) -> None:
    await home.write("feedback")
    home.clock.at -= 3 * HOUR
    await home.later(timedelta(days=3))
    assert (await home.one("SELECT status FROM conversations"))["status"] == "open"
    await home.later(4 * HOUR)
    assert (await home.one("SELECT status FROM conversations"))["status"] == "expired"


async def test_a_clock_that_is_set_back_loses_no_message_and_sends_none_twice(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys)
    await house.open()
    for said in ("feedback", "2", "the rider was rude"):
        await house.customer(said, name="Li Wei")
    house.clock.at -= HOUR
    await house.deliver()
    house.clock.at += HOUR
    await house.deliver()
    await house.deliver()
    assert len(house.group) == 1
    assert {row["status"] for row in await house.rows("SELECT status FROM outbox")} == {"sent"}


async def test_ten_thousand_messages_of_one_customer_are_all_kept_in_their_order(home: Street, keys: Keys) -> None:
    await home.write("feedback")
    receive = home.house.conversations.receive
    for first in range(0, MANY, 500):
        events = [home.event(f"message {number}") for number in range(first, first + 500)]
        await asyncio.gather(*(receive("webchat", [event]) for event in events))
    kept = await home.rows("SELECT text, status FROM inbound WHERE text LIKE 'message %' ORDER BY id")
    assert [row["text"] for row in kept] == [f"message {number}" for number in range(MANY)]
    assert {row["status"] for row in kept} <= {"read", "noted"}
    talk = await home.one("SELECT status, state FROM conversations")
    assert (talk["status"], len(talk["state"]) < 4_000) == ("finished", True)
    # Nobody is answered ten thousand times.
    said = await home.rows("SELECT id FROM outbox")
    assert len(said) < 10
    customer = (await home.one("SELECT id, public_id FROM customers"))["id"]
    page = await transcripts.of_customer(home.store, customer)
    assert [line.text for line in page if not line.ours][-1] == f"message {MANY - 1}"
    assert len(page) == 200
    exported = await privacy.export(home.store, keys, customer, actor="test", now=home.now())
    assert len(orjson.dumps(exported)) > MANY * 10
