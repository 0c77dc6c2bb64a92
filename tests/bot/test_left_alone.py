"""Who wants to be left alone is told the word that ends it, and is asked nothing more; nobody writes to them for it."""

from __future__ import annotations

import pytest

from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import DeskHouse
from tests.bot.test_turns import Setting


@pytest.fixture
async def setting(store: Database, keys: Keys) -> Setting:
    made = Setting(store, keys)
    await made.open()
    return made


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("别再发了", "如果不想再收到Brook的消息，请回复“退订”。"),
        ("请不要再给我发短信了！", "如果不想再收到Brook的消息，请回复“退订”。"),
        ("拉黑", "如果不想再收到Brook的消息，请回复“退订”。"),
        ("怎么退订？", "如果不想再收到Brook的消息，请回复“退订”。"),
        ("Please stop texting me.", "If you want no more messages from Brook, reply STOP."),
        ("no more emails please", "If you want no more messages from Brook, reply STOP."),
        ("Take me off your list", "If you want no more messages from Brook, reply STOP."),
    ],
)
async def test_a_wish_for_peace_is_told_the_word_that_ends_it(setting: Setting, said: str, told: str) -> None:
    assert await setting.send(said) == told
    assert await setting.rows("SELECT id FROM tickets") == []
    assert [row["status"] for row in await setting.rows("SELECT status FROM inbound")] == ["noted"]
    await setting.store.execute("UPDATE addresses SET status = 'stopped'")
    assert await setting.send(said) is None, "the platform itself takes nothing for them any more"


@pytest.mark.parametrize(
    "said", ["no thanks", "stop sending cold food", "do not disturb the cat", "我走开了", "Oh stop it 😊", "取消订阅"]
)
async def test_what_says_something_else_is_heard_as_what_it_says(setting: Setting, said: str) -> None:
    told = await setting.send(said)
    assert told is not None
    assert "STOP" not in told


async def test_who_threatens_reaches_a_person_all_the_same(setting: Setting) -> None:
    await setting.send("leave me alone or I call my lawyer")
    assert len(await setting.rows("SELECT id FROM tickets")) == 1


@pytest.fixture
async def desk(store: Database, keys: Keys) -> DeskHouse:
    made = DeskHouse(store, keys)
    await made.open()
    return made


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("别再发了", "If you want no more messages from Brook, reply STOP."),
        ("please stop texting me", "If you want no more messages from Brook, reply STOP."),
    ],
)
async def test_with_a_ticket_open_a_wish_for_peace_is_not_answered_with_a_colleague(
    desk: DeskHouse, said: str, told: str
) -> None:
    ticket = await desk.unhappy()
    await desk.customer("no")
    assert await desk.customer(said) == told
    assert await desk.customer(said) == told, "as often as they ask"
    await desk.deliver()
    after = await desk.ticket(ticket.id)
    assert (after.severity, after.details["why"]) == (ticket.severity, ticket.details["why"])
    assert f"Li Wei: {said}" in [line.text for line in desk.group], "staff read it all the same"
    assert [event.text for event in await desk.desk.events(ticket.id) if event.kind == "joined"] == [said, said]
    added = await desk.customer("it was order 4711")
    assert added == "Thank you, I have added this to what you wrote before. A colleague will write to you."


async def test_with_a_ticket_open_a_threat_still_joins_it(desk: DeskHouse) -> None:
    ticket = await desk.unhappy()
    await desk.customer("no")
    assert await desk.customer("别骚扰我") == (
        "Thank you, I have added this to what you wrote before. A colleague will write to you."
    )
    assert (await desk.ticket(ticket.id)).severity == "high"


async def test_in_a_dialog_a_rude_wish_for_peace_ends_the_questions_and_opens_no_ticket(setting: Setting) -> None:
    for said in ("feedback", "9"):
        await setting.send(said)
    told = "Of course, no more questions. If you want no more messages from us at all, reply STOP."
    assert await setting.send("别再发了") == told
    assert await setting.rows("SELECT id FROM tickets") == []
    assert [row["status"] for row in await setting.rows("SELECT status FROM conversations")] == ["finished"]
