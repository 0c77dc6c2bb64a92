"""An answer finds the question that it answers: by its mail thread, by what it replies to, by where it was written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from channels.message import Choice
from storage.crypto import Keys
from storage.database import Database
from tests.review.parts import Street, street

MAIL = "li@example.com"
SCRIPT = """
dialog: visit
title: {en: Visit}
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - say: {en: Thank you for coming.}
  - collect: nps
    type: nps
    ask: {en: "How likely are you to recommend us, 0-10?"}
  - collect: stars
    type: rating
    min: 1
    max: 5
    ask: {en: "How was the room, 1-5?"}
  - say: {en: Thank you!}
"""


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    return await street(store, keys, script=SCRIPT)


async def asked_by_mail(home: Street, *, sender: str = MAIL) -> int:
    """A customer with a mail address in a dialog there; their id."""
    customer = await home.known("Li", "service")
    address = await home.link(sender, "email", customer)
    await home.begin(customer, address, "email")
    await home.house.delivery.once()
    return customer


async def sent(home: Street, words: str, *, channel: str = "email") -> dict[str, Any]:
    """The last message of ours that holds these words, as it lies in the outbox."""
    rows = await home.rows("SELECT * FROM outbox WHERE channel = $1 ORDER BY id DESC", channel)
    return next(row for row in rows if words in row["text"])


def message_id(row: dict[str, Any]) -> str:
    return f"<motline.{row['public_id']}@example.com>"


async def mailed(home: Street, text: str, *, to: dict[str, Any] | None = None, sender: str = MAIL, **more: Any) -> None:
    """A mail of the customer's, fetched as by IMAP; `to` is the message that it answers."""
    given = {"reply_to": message_id(to)} if to is not None else {}
    event = home.event(text, sender, "email", **{**given, **more})
    await home.house.conversations.receive("email", [await home.house.believed(event)], inline=False)
    await home.house.delivery.once()


async def answers(home: Street, conversation: int = 1) -> dict[str, float]:
    rows = await home.rows("SELECT slot, number FROM answers WHERE conversation_id = $1 ORDER BY slot", conversation)
    return {row["slot"]: row["number"] for row in rows}


async def test_a_mail_in_an_old_thread_corrects_that_answer_and_leaves_todays_question_open(home: Street) -> None:
    await asked_by_mail(home)
    await mailed(home, "9", to=await sent(home, "How likely"))
    await mailed(home, "4", to=await sent(home, "How likely"))
    assert await answers(home) == {"nps": 4}
    assert (await home.texts())[-1] == "Thank you, changed to: 4"
    await mailed(home, "5", to=await sent(home, "How was the room"))
    assert await answers(home) == {"nps": 4, "stars": 5}


async def test_the_token_of_the_reply_address_says_it_where_a_program_drops_the_headers(home: Street) -> None:
    await asked_by_mail(home)
    question = await sent(home, "How likely")
    await mailed(home, "9", to=question)
    await mailed(home, "4", token=home.keys.sign_id("reply", question["public_id"]))
    assert await answers(home) == {"nps": 4}


async def test_a_message_id_that_a_relay_gave_is_passed_over_for_the_token(home: Street) -> None:
    await asked_by_mail(home)
    question = await sent(home, "How likely")
    await mailed(home, "9", to=question)
    token = home.keys.sign_id("reply", question["public_id"])
    await mailed(home, "4", reply_to="<0102018f@eu-west-1.amazonses.example>", token=token)
    assert await answers(home) == {"nps": 4}


async def test_the_message_that_is_named_goes_before_the_token(home: Street) -> None:
    await asked_by_mail(home)
    question = await sent(home, "How likely")
    await mailed(home, "9", to=question)
    today = home.keys.sign_id("reply", (await sent(home, "How was the room"))["public_id"])
    await mailed(home, "4", to=question, token=today)
    assert await answers(home) == {"nps": 4}


async def test_an_answer_to_last_months_mail_is_kept_there_and_not_with_todays_dialog(home: Street) -> None:
    customer = await asked_by_mail(home)
    old = await sent(home, "How likely")
    await home.later(timedelta(days=4))
    await home.begin(customer, 1, "email")
    await home.house.delivery.once()
    await mailed(home, "9", to=old)
    assert (await answers(home, 1), await answers(home, 2)) == ({"nps": 9}, {})
    kept = await home.rows("SELECT id, status FROM conversations ORDER BY id")
    assert [row["status"] for row in kept] == ["expired", "open"]
    assert (await home.texts())[-1] == "Thank you, noted."
    await mailed(home, "3", to=await sent(home, "How likely"))
    assert await answers(home, 2) == {"nps": 3}


async def test_a_late_answer_does_not_move_the_day_on_which_its_dialog_ended(home: Street) -> None:
    await asked_by_mail(home)
    await home.later(timedelta(days=4))
    before = (await home.one("SELECT closed_at FROM conversations"))["closed_at"]
    home.clock.at += timedelta(days=5)
    await mailed(home, "9", to=await sent(home, "How likely"))
    after = await home.one("SELECT closed_at, revision, status FROM conversations")
    assert (after["closed_at"], after["status"]) == (before, "expired")
    assert await answers(home) == {"nps": 9}


async def test_words_under_an_old_thanks_are_for_people_not_for_todays_question(home: Street) -> None:
    customer = await asked_by_mail(home)
    for said, question in (("9", "How likely"), ("5", "How was the room")):
        await mailed(home, said, to=await sent(home, question))
    thanks = await sent(home, "Thank you!")
    await home.begin(customer, 1, "email")
    await home.house.delivery.once()
    await mailed(home, "10 out of 10, my compliments", to=thanks)
    assert await answers(home, 2) == {}
    assert (await home.one("SELECT status FROM inbound ORDER BY id DESC LIMIT 1"))["status"] == "noted"


async def test_unhappy_words_in_an_old_thread_reach_staff(home: Street) -> None:
    customer = await asked_by_mail(home)
    old = await sent(home, "How likely")
    await home.later(timedelta(days=4))
    await home.begin(customer, 1, "email")
    await mailed(home, "this is terrible, the worst service ever, I will sue you", to=old)
    assert (await home.one("SELECT conversation_id FROM tickets"))["conversation_id"] == 1
    assert await answers(home, 2) == {}


async def test_a_thread_of_somebody_elses_says_nothing(home: Street) -> None:
    await asked_by_mail(home)
    theirs = await sent(home, "How likely")
    await home.later(timedelta(days=4))
    other = await home.known("Wu", "service")
    address = await home.link("wu@example.com", "email", other)
    await home.begin(other, address, "email")
    await home.house.delivery.once()
    await mailed(home, "2", to=theirs, sender="wu@example.com")
    assert (await answers(home, 1), await answers(home, 2)) == ({}, {"nps": 2})


async def test_an_answer_from_another_mailbox_is_the_customers_by_its_token_and_goes_on_where_they_were_asked(
    home: Street,
) -> None:
    await asked_by_mail(home)
    question = await sent(home, "How likely")
    await mailed(home, "9", sender="li.wei@gmail.example", token=home.keys.sign_id("reply", question["public_id"]))
    assert await answers(home) == {"nps": 9}
    assert (await sent(home, "How was the room"))["address_id"] == question["address_id"]
    assert len(await home.rows("SELECT id FROM customers")) == 1, "nothing is linked by it"


async def test_a_forged_token_from_another_mailbox_is_a_strangers_mail(home: Street) -> None:
    await asked_by_mail(home)
    await mailed(home, "9", sender="eve@example.net", token="x" * 40)
    assert await answers(home) == {}
    assert len(await home.rows("SELECT id FROM customers")) == 2


async def test_a_known_customer_answers_for_themselves_whosever_mail_was_forwarded_to_them(home: Street) -> None:
    await asked_by_mail(home)
    question = await sent(home, "How likely")
    other = await home.known("Wu", "service")
    await home.link("wu@example.com", "email", other)
    await mailed(home, "2", to=question, sender="wu@example.com")
    assert await answers(home) == {}


async def test_a_reply_on_telegram_to_an_earlier_question_answers_that_one(home: Street) -> None:
    customer = await home.known("Li", "service")
    address = await home.link("77", "telegram", customer)
    await home.begin(customer, address, "telegram")
    await home.house.delivery.once()
    question = await sent(home, "How likely", channel="telegram")
    await home.write("9", "77", "telegram", reply_to=question["external_id"])
    await home.write("4", "77", "telegram", reply_to=question["external_id"])
    assert await answers(home) == {"nps": 4}


async def test_a_question_in_a_webhooks_response_is_known_by_its_words(home: Street) -> None:
    await home.write("feedback", "77", "telegram")
    await home.house.delivery.once()
    await home.write("9", "77", "telegram")
    answered = {"message": {"reply_to_message": {"message_id": 5, "text": "How was the room, 1-5?"}}}
    await home.write("3", "77", "telegram", reply_to="5", raw=answered)
    await home.write("feedback", "77", "telegram")
    await home.write("5", "77", "telegram", reply_to="5", raw=answered)
    assert (await answers(home, 1), await answers(home, 2)) == ({"nps": 9, "stars": 5}, {})


async def test_a_number_on_the_old_channel_answers_what_was_asked_there(home: Street) -> None:
    customer = await home.known("Li", "service")
    sms = await home.link("+8613800138000", "sms", customer)
    await home.link("77", "telegram", customer)
    await home.begin(customer, sms, "sms")
    await home.house.delivery.once()
    await home.write("9", "77", "telegram")
    await home.write("4", "+8613800138000", "sms")
    assert await answers(home) == {"nps": 4}
    talk = await home.one("SELECT address_id FROM conversations")
    assert talk["address_id"] != sms, "the open question stands on Telegram"
    await home.write("5", "77", "telegram")
    assert await answers(home) == {"nps": 4, "stars": 5}


async def test_what_the_old_channels_question_does_not_take_is_for_the_open_one_and_the_dialog_goes_on_there(
    home: Street,
) -> None:
    customer = await home.known("Li", "service")
    await home.link("77", "telegram", customer)
    sms = await home.link("+8613800138000", "sms", customer)
    await home.begin(customer, sms, "sms")
    await home.house.delivery.once()
    await home.write("9", "77", "telegram")
    await home.write("five stars", "+8613800138000", "sms")
    assert await answers(home) == {"nps": 9, "stars": 5}
    assert (await home.one("SELECT channel FROM outbox WHERE text = 'Thank you!'"))["channel"] == "sms"


async def test_an_earlier_question_answered_from_a_second_address_of_the_channel_leaves_the_dialog_where_it_is(
    home: Street,
) -> None:
    customer = await home.known("Li", "service")
    first = await home.link("77", "telegram", customer)
    second = await home.link("88", "telegram", customer)
    await home.begin(customer, first, "telegram")
    await home.house.delivery.once()
    question = await sent(home, "How likely", channel="telegram")
    await home.write("9", "88", "telegram")
    assert (await home.one("SELECT address_id FROM conversations"))["address_id"] == second
    await home.write("4", "77", "telegram", reply_to=question["external_id"])
    assert await answers(home) == {"nps": 4}
    assert (await home.one("SELECT address_id FROM conversations"))["address_id"] == second
    await home.write("five stars", "77", "telegram")
    assert (await home.one("SELECT address_id FROM conversations"))["address_id"] == first, "the open one moves it"
    assert await answers(home) == {"nps": 4, "stars": 5}


async def test_a_number_that_comes_when_its_dialog_has_expired_is_kept(home: Street) -> None:
    customer = await home.known("Li", "service")
    sms = await home.link("+8613800138000", "sms", customer)
    await home.begin(customer, sms, "sms")
    await home.house.delivery.once()
    await home.later(timedelta(days=4))
    await home.write("9", "+8613800138000", "sms")
    assert (await home.texts())[-1] == "Thank you, noted."
    assert await answers(home) == {"nps": 9}


async def test_a_number_long_after_the_question_is_a_word_that_nobody_asked_for(home: Street) -> None:
    customer = await home.known("Li", "service")
    sms = await home.link("+8613800138000", "sms", customer)
    await home.begin(customer, sms, "sms")
    await home.house.delivery.once()
    await home.later(timedelta(days=40))
    await home.write("9", "+8613800138000", "sms")
    assert (await home.texts())[-1].startswith("Thank you for writing to")
    assert await answers(home) == {}


async def pressed(home: Street, choice: Choice, sender: str = MAIL, channel: str = "email") -> None:
    await home.write("", sender, channel, kind="choice", payload=choice.payload)


async def test_the_button_of_a_dialog_that_ended_corrects_its_answer_while_another_is_open(home: Street) -> None:
    customer = await asked_by_mail(home)
    choices = orjson.loads((await sent(home, "How likely"))["body"])["choices"]
    four = next(Choice(title, payload) for title, payload, _ in choices if title == "4")
    for said, question in (("9", "How likely"), ("5", "How was the room")):
        await mailed(home, said, to=await sent(home, question))
    await home.begin(customer, 1, "email")
    await pressed(home, four)
    assert (await answers(home, 1), await answers(home, 2)) == ({"nps": 4, "stars": 5}, {})
    assert (await home.texts())[-1] == "Thank you, changed to: 4"


async def test_the_button_of_a_dialog_that_was_stopped_says_that_it_has_ended(home: Street) -> None:
    await asked_by_mail(home)
    _title, payload, _url = orjson.loads((await sent(home, "How likely"))["body"])["choices"][9]
    await mailed(home, "stop", kind="stop")
    await pressed(home, Choice("9", payload))
    assert await answers(home) == {}
    assert "has ended" in (await home.texts())[-1]


async def test_two_late_answers_in_one_batch_are_both_kept_in_order(home: Street) -> None:
    await asked_by_mail(home)
    old = await sent(home, "How likely")
    await home.later(timedelta(days=4))
    events = [home.event(said, MAIL, "email", reply_to=message_id(old)) for said in ("9", "3")]
    await home.house.conversations.receive("email", events, inline=False)
    assert await answers(home) == {"nps": 3}


async def test_while_staff_talk_with_the_customer_an_answer_in_an_old_thread_is_theirs(
    home: Street, store: Database
) -> None:
    customer = await asked_by_mail(home)
    old = await sent(home, "How likely")
    await home.later(timedelta(days=4))
    await home.begin(customer, 1, "email")
    await mailed(home, "this is terrible, the worst service ever, I will sue you")
    await store.execute("UPDATE tickets SET engaged_at = 1, status = 'claimed'")
    await mailed(home, "9", to=old)
    assert (await home.one("SELECT status FROM inbound ORDER BY id DESC LIMIT 1"))["status"] == "desk"
    assert await answers(home, 1) == {}


async def test_words_under_a_colleagues_mail_whose_ticket_is_closed_do_not_answer_todays_question(
    home: Street, store: Database
) -> None:
    customer = await asked_by_mail(home)
    first = await sent(home, "How likely")
    ticket = await home.rows(
        """INSERT INTO tickets (public_id, customer_id, status, opened_at, closed_at)
 VALUES ('t', $1, 'closed', 1, 2) RETURNING id""",
        customer,
    )
    await store.execute(
        """INSERT INTO outbox (public_id, address_id, customer_id, ticket_id, channel, kind, text, status, run_at,
 created_at) VALUES ($1, $2, $3, $4, 'email', 'staff', 'I am sorry.', 'sent', 0, 0)""",
        "b" * 32,
        first["address_id"],
        customer,
        ticket[0]["id"],
    )
    await mailed(home, "10 out of 10 for your help", to={"public_id": "b" * 32})
    assert await answers(home) == {}
    assert (await home.one("SELECT status FROM inbound"))["status"] == "noted"
