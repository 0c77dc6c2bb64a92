"""Telegram: replies, sends, presses, the start, polling."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import (
    MalformedRequest,
    MissingSetting,
    OutcomeUnknown,
    RecipientGone,
    Rejected,
    SendError,
    Temporary,
)
from channels.message import Address, Choice, Outbound, Request
from channels.telegram_errors import refused
from channels.telegram_methods import keyboard
from tests.channels.telegram_payloads import GROUP, KEYBOARD, message, pressed, update
from tests.channels.test_telegram_contract import telegram, webhook
from tests.fakes.scripted import Answer, Hang, html_answer, json_answer
from tests.fakes.telegram_api import TOKEN, TelegramApi, error, too_many

TEXT = "What <b>went</b> wrong, snake_case & *all*?"
TO = Outbound(id="1" * 32, to=Address("telegram", "5001"), text=TEXT)
CARD = replace(TO, to=Address("telegram", "-1001234567890"), thread="70")
CHOICES = (Choice("😀 Good", "c9:0:0"), Choice("😞 Bad", "c9:0:1"))
PUBLIC = "https://bot.example.com"


def responded(outbound: Outbound) -> dict[str, Any]:
    answer = telegram().respond(webhook(update("message", message("9"))), outbound)
    assert answer.content_type == "application/json"
    return dict(orjson.loads(answer.body))


async def failed(answer: Answer, outbound: Outbound = TO) -> SendError:
    async with TelegramApi() as fake:
        fake.script(answer)
        channel = telegram(fake.url)
        with pytest.raises(SendError) as raised:
            await channel.send(outbound)
        await channel.aclose()
    return raised.value


def test_a_reply_in_the_response_is_a_method_call_whose_text_is_taken_literally() -> None:
    body = responded(TO)
    assert body == {"method": "sendMessage", "chat_id": 5001, "text": TEXT}


def test_a_reply_with_choices_has_inline_buttons() -> None:
    body = responded(replace(TO, choices=(*CHOICES, Choice("More", "", url="https://example.com/x"))))
    (*rows,) = body["reply_markup"]["inline_keyboard"]
    buttons = [button for row in rows for button in row]
    assert buttons[0] == {"text": "😀 Good", "callback_data": "c9:0:0"}
    assert buttons[2] == {"text": "More", "url": "https://example.com/x"}


def test_a_reply_quotes_and_threads() -> None:
    body = responded(replace(CARD, reply_to="412"))
    assert body["message_thread_id"] == 70
    assert body["reply_parameters"] == {"message_id": 412, "allow_sending_without_reply": True}
    assert body["chat_id"] == -1001234567890


@pytest.mark.parametrize("payload", ["", "ü" * 33, "x" * 65])
def test_a_payload_that_telegram_refuses_is_refused_before_it_is_sent(payload: str) -> None:
    with pytest.raises(Rejected, match="1 to 64"):
        responded(replace(TO, choices=(Choice("Good", payload),)))


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=24))
def test_a_keyboard_keeps_every_button_in_order(titles: list[str]) -> None:
    rows = keyboard([Choice(title, f"q:{n}") for n, title in enumerate(titles)])
    assert [button["text"] for row in rows for button in row] == titles
    assert max(len(row) for row in rows) <= 8


def test_eleven_numbers_stand_in_two_rows_and_long_titles_one_below_the_other() -> None:
    numbers = keyboard([Choice(str(n), f"q:{n}") for n in range(11)])
    assert [len(row) for row in numbers] == [6, 5]
    long = keyboard([Choice(f"The delivery was late {n}", f"q:{n}") for n in range(3)])
    assert [len(row) for row in long] == [1, 1, 1]


async def test_buttons_threads_and_edits_reach_telegram() -> None:
    async with TelegramApi() as fake:
        channel = telegram(fake.url)
        first = await channel.send(replace(CARD, choices=CHOICES))
        second = await channel.send(replace(CARD, edit_of=first, text="claimed", choices=CHOICES[:1]))
        await channel.aclose()
    assert fake.methods() == ["sendMessage", "editMessageText"]
    assert fake.calls[0].parameters["message_thread_id"] == "70"
    assert fake.calls[1].parameters["message_id"] == first == second
    assert fake.calls[1].parameters["reply_markup"] == {"inline_keyboard": keyboard(CHOICES[:1])}
    assert fake.failures == []


async def test_an_edit_that_changes_nothing_is_done() -> None:
    async with TelegramApi() as fake:
        fake.script(error(400, "Bad Request: message is not modified: specified new message content is the same"))
        channel = telegram(fake.url)
        assert await channel.send(replace(TO, edit_of="1001")) == "1001"
        await channel.aclose()


async def test_a_card_whose_topic_is_gone_goes_to_the_group() -> None:
    async with TelegramApi() as fake:
        fake.script(error(400, "Bad Request: message thread not found"))
        channel = telegram(fake.url)
        assert await channel.send(CARD)
        await channel.aclose()
    assert "message_thread_id" not in fake.sent[0]


async def test_an_answer_with_fields_missing_is_still_a_sent_message() -> None:
    async with TelegramApi() as fake:
        fake.sparse = True
        channel = telegram(fake.url)
        assert await channel.send(TO) == "1001"
        await channel.aclose()


async def test_a_group_become_supergroup_is_tried_again_at_once_at_its_new_id() -> None:
    answer = error(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
    failure = await failed(answer, CARD)
    assert isinstance(failure, Temporary)
    assert (failure.moved_to, failure.retry_after) == ("-1009", 0)


async def test_a_flooded_group_rests_alone_but_a_flooded_bot_rests_whole() -> None:
    group, person = await failed(too_many(31), CARD), await failed(too_many(3))
    assert isinstance(group, Temporary)
    assert isinstance(person, Temporary)
    assert (group.retry_after, group.whole_channel) == (31, False)
    assert (person.retry_after, person.whole_channel) == (3, True)


async def test_a_proxys_bad_gateway_leaves_the_outcome_unknown() -> None:
    assert isinstance(await failed(html_answer(502)), OutcomeUnknown)


REFUSALS: list[tuple[int, Any, type[SendError]]] = [
    (403, "Forbidden: bot was blocked by the user", RecipientGone),
    (403, "Forbidden: user is deactivated", RecipientGone),
    (403, "Forbidden: bot was kicked from the supergroup chat", RecipientGone),
    (400, "Bad Request: chat not found", RecipientGone),
    (400, "Bad Request: BUTTON_DATA_INVALID", Rejected),
    (400, "Bad Request: not enough rights to send text messages to the chat", Rejected),
    (413, "Request Entity Too Large", Rejected),
    (401, "Unauthorized", Temporary),
    (404, "Not Found", Temporary),
    (500, "Internal Server Error: restart", Temporary),
    (500, "Internal Server Error", OutcomeUnknown),
    (502, "Bad Gateway", OutcomeUnknown),
    (503, "Service Unavailable", Temporary),
    (504, "Gateway Timeout", OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "description", "expected"), REFUSALS, ids=[f"{r[0]} {r[1]}" for r in REFUSALS])
def test_telegrams_refusals_say_what_to_do_next(status: int, description: str, expected: type[SendError]) -> None:
    refusal = refused(status, error(status, description).body, "5001")
    assert type(refusal) is expected
    assert description in refusal.reason
    assert refusal.code == str(status)


PAGES = [
    (200, OutcomeUnknown),
    (302, Temporary),
    (403, Temporary),
    (429, Temporary),
    (502, OutcomeUnknown),
    (503, Temporary),
    (524, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "expected"), PAGES)
def test_a_page_in_telegrams_stead_never_closes_an_address(status: int, expected: type[SendError]) -> None:
    assert type(refused(status, html_answer(status).body, "5001")) is expected


@given(st.integers(200, 599), st.binary(max_size=30) | st.sampled_from([b"{}", b"[]", b'{"ok":false,"parameters":3}']))
def test_any_answer_has_a_meaning(status: int, body: bytes) -> None:
    assert isinstance(refused(status, body, "-5"), SendError)


async def test_a_press_is_answered_and_marked_on_its_button() -> None:
    async with TelegramApi() as fake:
        channel = telegram(fake.url)
        (press,) = channel.parse(webhook(pressed("c9:0:1")))
        await channel.acknowledge(press, "😞 Bad")
        await channel.aclose()
    answered, edited = fake.calls
    assert answered.parameters == {"callback_query_id": "4382bfdwdsb323b2d9", "text": "😞 Bad"}
    rows = edited.parameters["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["😀 Good", "✓ 😞 Bad", "More"]
    assert rows[0][1]["callback_data"] == "c9:0:1"


async def test_a_second_press_moves_the_mark() -> None:
    marked = json.loads(json.dumps(KEYBOARD))
    marked["inline_keyboard"][0][1]["text"] = "✓ 😞 Bad"
    raw = pressed("c9:0:0")
    raw["callback_query"]["message"]["reply_markup"] = marked
    async with TelegramApi() as fake:
        channel = telegram(fake.url)
        await channel.acknowledge(channel.parse(webhook(raw))[0], "😀 Good")
        await channel.aclose()
    titles = [b["text"] for row in fake.calls[1].parameters["reply_markup"]["inline_keyboard"] for b in row]
    assert titles == ["✓ 😀 Good", "😞 Bad", "More"]


async def test_without_the_buttons_the_choice_is_written_under_the_text() -> None:
    raw = pressed("c9:0:0")
    del raw["callback_query"]["message"]["reply_markup"]
    async with TelegramApi() as fake:
        channel = telegram(fake.url)
        await channel.acknowledge(channel.parse(webhook(raw))[0], "😀 Good")
        await channel.aclose()
    assert fake.calls[1].method == "editMessageText"
    assert fake.calls[1].parameters["text"] == "How was it?\n\n✓ 😀 Good"


async def test_a_press_that_telegram_forgot_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with TelegramApi() as fake:
        fake.script(error(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"))
        channel = telegram(fake.url)
        await channel.acknowledge(channel.parse(webhook(pressed()))[0], "x")
        await channel.aclose()
    assert "query is too old" in caplog.text
    assert fake.calls == []


async def test_a_topic_is_opened_in_a_forum_only() -> None:
    async with TelegramApi() as fake:
        fake.forums.add(GROUP["id"])
        channel = telegram(fake.url)
        assert await channel.open_topic(str(GROUP["id"]), "Ada: 2 of 10 " + "x" * 200) == "77"
        assert await channel.open_topic("-4567", "Ada") == ""
        await channel.aclose()
    assert len(fake.calls[0].parameters["name"]) == 128


async def test_the_start_sets_and_checks_the_webhook_with_its_secret() -> None:
    async with TelegramApi() as fake:
        channel = telegram(fake.url, public_url=PUBLIC + "/")
        await channel.start()
        await channel.aclose()
    assert fake.methods() == ["getMe", "setWebhook", "getWebhookInfo"]
    wanted = fake.calls[1].parameters
    assert wanted["url"] == "https://bot.example.com/webhooks/telegram"
    assert wanted["secret_token"] == "s3cret_of-the-webhook"
    assert wanted["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert (channel.username, channel.reads_groups, channel.account) == ("motline_bot", False, TOKEN.split(":")[0])


async def test_a_webhook_that_stands_elsewhere_stops_the_start() -> None:
    async with TelegramApi() as fake:
        me, done = json_answer(200, {"ok": True, "result": {"username": "b"}}), json_answer(200, {"ok": True})
        fake.script(me, done, json_answer(200, {"ok": True, "result": {"url": "https://other.example"}}))
        channel = telegram(fake.url, public_url=PUBLIC)
        with pytest.raises(Rejected, match=r"other\.example"):
            await channel.start()
        await channel.aclose()


async def test_without_a_public_address_the_webhook_is_taken_away() -> None:
    async with TelegramApi() as fake:
        fake.webhook["url"] = "https://old.example"
        channel = telegram(fake.url)
        await channel.start()
        await channel.aclose()
    assert fake.methods() == ["getMe", "deleteWebhook"]
    assert fake.webhook["url"] == ""


@pytest.mark.parametrize(
    ("settings", "key"),
    [({"token": ""}, "telegram.token"), ({"public_url": PUBLIC, "secret": "with space"}, "telegram.secret")],
)
async def test_a_start_that_lacks_something_names_it(settings: dict[str, str], key: str) -> None:
    with pytest.raises(MissingSetting) as missing:
        await telegram(**settings).start()
    assert missing.value.key == key


async def test_a_token_of_the_wrong_form_or_unknown_to_telegram_is_explained_without_being_shown() -> None:
    with pytest.raises(Rejected, match="BotFather") as odd:
        await telegram(token="not a token").start()
    async with TelegramApi() as fake:
        channel = telegram(fake.url, token="123456:wrong")
        with pytest.raises(Temporary, match=r"telegram\.token") as unknown:
            await channel.start()
        await channel.aclose()
    assert "not a token" not in str(odd.value)
    assert "wrong" not in str(unknown.value)


@pytest.mark.parametrize("body", [b'{"update_id": 5, "message": {"chat": {"id": 1}, "text": "half \\ud83d"}}'])
def test_half_an_emoji_is_kept_as_a_question_mark(body: bytes) -> None:
    (inbound,) = telegram().parse(Request("POST", PUBLIC, {}, body))
    assert inbound.text == "half ?"


@pytest.mark.parametrize("body", [b"{}", b'{"ok": true}', b"[" * 100_000, b'{"update_id": ' + b"9" * 5000 + b"}"])
def test_what_is_no_update_is_malformed_or_ignored(body: bytes) -> None:
    try:
        kinds: Mapping[str, int] | set[str] = {
            event.kind for event in telegram().parse(Request("POST", PUBLIC, {}, body))
        }
    except MalformedRequest:
        kinds = set()
    assert set(kinds) <= {"ignored"}


async def test_a_hung_provider_does_not_hold_a_send_longer_than_its_time_limit() -> None:
    async with TelegramApi() as fake:
        fake.script(Hang(carried_out=False))
        channel = telegram(fake.url, timeout=0.2)
        with pytest.raises(OutcomeUnknown):
            await asyncio.wait_for(channel.send(TO), 5)
        await channel.aclose()


def test_receiving_needs_no_aiogram() -> None:
    code = (
        "import sys, channels.registry as r; t = r.adapter('telegram'); r.adapter('sms');"
        "print([m for m in ('aiogram', 'aiohttp', 'twilio.rest', 'phonenumbers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
