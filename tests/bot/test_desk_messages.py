"""What customers write without being asked waits for a person to read it, and is answered from the desk."""

from __future__ import annotations

import pytest

from bot.desk_results import NotStaff, Opened, Said
from channels.message import Media
from storage import tickets
from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import DeskHouse


@pytest.fixture
async def house(store: Database, keys: Keys) -> DeskHouse:
    made = DeskHouse(store, keys)
    await made.open()
    return made


async def waiting(house: DeskHouse) -> list[str]:
    return [one.text for one in await tickets.unasked(house.store, since=0)]


async def test_what_was_thanked_for_waits_to_be_read(house: DeskHouse) -> None:
    assert await house.customer("do you open on Sunday?") is not None
    await house.customer("", "v2", kind="media", media=(Media("photo", "p1"),))
    await house.customer("feedback", "v3")
    await house.customer("9", "v3")
    await house.customer("STOP", "v4", kind="stop")
    assert await waiting(house) == ["[media]", "do you open on Sunday?"]


async def test_a_message_that_is_taken_up_is_answered_where_it_came_from(house: DeskHouse) -> None:
    await house.customer("do you open on Sunday?", name="Li Wei")
    inbound = (await tickets.unasked(house.store, since=0))[0].inbound_id
    assert await house.desk.take_up(inbound, 999) == NotStaff()
    assert isinstance(await house.desk.take_up(inbound, house.anna), Opened)
    assert await waiting(house) == []
    ticket = await house.ticket()
    assert (ticket.status, ticket.staff, ticket.text) == ("claimed", "Anna", "do you open on Sunday?")
    await house.deliver()
    assert house.group[0].text.startswith(f"#{ticket.id} A customer wrote: Li Wei\n“do you open on Sunday?”")
    assert isinstance(await house.desk.reply(ticket.id, house.anna, "From ten."), Said)
    assert await house.said_to_customer() == ["Anna from Brook: From ten."]
    # It says nothing about how the message was read.
    assert await house.rows("SELECT id FROM corrections") == []


async def test_a_dialog_that_a_false_alarm_interrupted_goes_on(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.in_group("Is all well?", reply_to="1")
    await house.customer("yes, I was joking")
    await house.desk.close(ticket.id, house.anna, "not_unhappy")
    assert (await house.rows("SELECT status FROM conversations"))[0]["status"] == "open"
    asked = (await house.said_to_customer())[-1]
    assert asked == "To come back to where we were:\nMay we ask you again?"
    assert await house.customer("yes") == "Thank you!"
    assert (await house.rows("SELECT value FROM answers WHERE slot = 'again'")) == [{"value": "true"}]
