"""What customers send at odd moments: with a picture, on another channel, among two in one webhook, after a stop."""

from __future__ import annotations

import orjson
import pytest

from bot.turn_carry import Acted
from channels.message import Media
from storage.crypto import Keys
from storage.database import Database
from tests.review.parts import street

FIELDS = ("external_id", "sender", "name", "language", "payload", "message", "reply_to", "thread", "token")
ORDER = """
dialog: visit
purpose: service
languages: [en]
keywords: [feedback]
steps:
  - collect: number
    type: number
    validate: true
    ask: Which order is it about?
  - collect: why
    type: text
    ask: What happened?
"""
TAGS = """
dialog: visit
purpose: service
languages: [en]
keywords: [feedback]
steps:
  - collect: one
    type: text
    ask: One?
  - tag: first
  - set: {profile.first: "{{ slots.one }}"}
  - collect: two
    type: text
    ask: Two?
  - tag: second
  - set: {profile.second: "{{ slots.two }}"}
"""


async def test_unhappy_words_under_a_picture_reach_staff(store: Database, keys: Keys) -> None:
    home = await street(store, keys)
    await home.write("this is terrible, the worst service ever, I will sue you", kind="media", media=(Media("photo"),))
    assert len(await home.rows("SELECT id FROM tickets")) == 1


async def test_a_keyword_to_staff_is_a_word_to_staff(store: Database, keys: Keys) -> None:
    home = await street(store, keys)
    await home.write("feedback")
    await home.write("this is terrible, the worst service ever, I will sue you")
    await store.execute("UPDATE tickets SET engaged_at = 1, status = 'claimed'")
    await store.execute("UPDATE conversations SET status = 'paused'")
    assert await home.write("feedback") is None
    last = await home.rows("SELECT status FROM inbound ORDER BY id DESC LIMIT 1")
    assert last[0]["status"] == "desk"


async def test_a_message_from_another_channel_during_a_validation_takes_the_dialog_there(
    store: Database, keys: Keys
) -> None:
    home = await street(store, keys, script=ORDER)
    await home.write("feedback")
    customer = (await home.one("SELECT id FROM customers"))["id"]
    address = await home.link("77", "telegram", customer)
    await home.write("12")
    await home.write("are you there?", "77", "telegram")
    talk = await home.one("SELECT id, state FROM conversations")
    state = orjson.loads(talk["state"])
    await home.house.conversations.nudge(customer, Acted(talk["id"], 0, state["action"]))
    row = (await home.rows("SELECT channel, address_id, text FROM outbox ORDER BY id DESC LIMIT 1"))[0]
    assert (row["text"], row["channel"], row["address_id"]) == ("What happened?", "telegram", address)


async def test_two_answers_in_one_webhook_lose_neither_tag_nor_attribute(store: Database, keys: Keys) -> None:
    home = await street(store, keys, script=TAGS)
    await home.write("feedback")
    await home.hear(home.event("alpha"), home.event("beta"))
    row = await home.one("SELECT attributes, tags FROM customers")
    assert orjson.loads(row["tags"]) == ["first", "second"]
    assert orjson.loads(row["attributes"]) == {"first": "alpha", "second": "beta"}


async def test_two_first_messages_in_one_webhook_are_thanked_for_once(store: Database, keys: Keys) -> None:
    home = await street(store, keys)
    await home.hear(home.event("hello"), home.event("anybody there?"))
    assert len(await home.texts()) == 1


async def test_a_start_right_behind_a_stop_opens_the_number_again(
    store: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await street(store, keys)
    await home.write("hello", "+15005550006", "sms")
    monkeypatch.setattr(home.house, "platform_answers", lambda _inbound: True)
    stop = home.event("STOP", "+15005550006", "sms", kind="stop")
    await home.hear(stop, home.event("START", "+15005550006", "sms", kind="start"))
    assert (await home.one("SELECT status FROM addresses"))["status"] == "open"


async def test_what_waits_to_be_sent_is_stopped_by_a_stop_of_the_same_moment(store: Database, keys: Keys) -> None:
    home = await street(store, keys)
    customer = await home.known("Li", "service")
    address = await home.link("+15005550006", "sms", customer)
    await home.begin(customer, address, "sms")
    await home.write("STOP", "+15005550006", "sms", kind="stop")
    asked = await home.rows("SELECT status FROM outbox WHERE kind IN ('question', 'say')")
    assert {row["status"] for row in asked} == {"cancelled"}


async def test_an_automatic_answer_does_not_take_the_place_of_a_first_contact(store: Database, keys: Keys) -> None:
    home = await street(store, keys)
    customer = await home.known()
    address = await home.link("li@example.com", "email", customer)
    await home.hear(home.event("", "", "email", kind="bounce", recipient="li@example.com"))
    row = await home.one("SELECT last_inbound_at FROM addresses WHERE id = $1", address)
    assert row["last_inbound_at"] == 0


@pytest.mark.parametrize("broken", ["\ud800", "a\0b"])
@pytest.mark.parametrize("field", FIELDS)
async def test_broken_characters_in_any_field_cost_no_turn(
    store: Database, keys: Keys, broken: str, field: str
) -> None:
    home = await street(store, keys)
    await home.write("feedback")
    more = {} if field == "sender" else {field: f"x{broken}"}
    sender = f"v1{broken}" if field == "sender" else "v1"
    await home.write("9", sender, **more)
    rows = await home.rows("SELECT status FROM inbound ORDER BY id")
    assert [row["status"] for row in rows][-1] in ("read", "noted")


async def test_a_long_answer_as_a_name_is_kept_as_far_as_the_store_can(store: Database, keys: Keys) -> None:
    home = await street(
        store,
        keys,
        script=TAGS.replace("profile.first", "profile.name").replace("profile.second", "profile.timezone"),
    )
    await home.write("feedback")
    await home.write("x" * 5000)
    await home.write("y" * 5000)
    rows = await home.rows("SELECT status, reason FROM inbound ORDER BY id")
    assert [row["status"] for row in rows] == ["noted", "read", "read"]
    assert (await home.one("SELECT name FROM customers"))["name"] == "x" * 200
