"""SMS: sends, look-ups, the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import (
    MissingSetting,
    OutcomeUnknown,
    RecipientGone,
    Rejected,
    SendError,
    Temporary,
)
from channels.message import Address, Outbound
from channels.sms_errors import by_code, refused
from channels.sms_numbers import answerable
from tests.channels.contract import NOW
from tests.channels.test_sms_contract import OURS, PUBLIC, THEIRS, sms
from tests.fakes.scripted import Cut, html_answer, json_answer
from tests.fakes.twilio_api import TwilioApi, error

TO = Outbound(id="ab" * 16, to=Address("sms", THEIRS), text="How was it? <1-5> & why")
STATUS = f"{PUBLIC}/webhooks/sms/status?id={TO.id}"


async def test_a_send_carries_sender_and_callback() -> None:
    async with TwilioApi() as fake:
        channel, service = sms(fake.url), sms(fake.url, messaging_service="MG1")
        await channel.send(TO)
        await service.send(TO)
        await channel.aclose()
        await service.aclose()
    expected = {"To": THEIRS, "Body": TO.text, "StatusCallback": STATUS}
    assert fake.parameters == [expected | {"From": OURS}, expected | {"MessagingServiceSid": "MG1"}]


async def test_a_number_is_normalised_and_what_is_none_is_gone() -> None:
    async with TwilioApi() as fake:
        channel = sms(fake.url)
        await channel.send(replace(TO, to=Address("sms", "+86 139-1234-5678")))
        with pytest.raises(RecipientGone) as gone:
            await channel.send(replace(TO, to=Address("sms", "MyBank")))
        await channel.aclose()
    assert [sent["to"] for sent in fake.sent] == [THEIRS]
    assert "MyBank" not in str(gone.value)


async def failed(answer: Any) -> SendError:
    async with TwilioApi() as fake:
        fake.script(answer)
        channel = sms(fake.url)
        with pytest.raises(SendError) as raised:
            await channel.send(TO)
        await channel.aclose()
    return raised.value


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(400, 21610, "opted out"), RecipientGone),
        (error(400, 21211, "The 'To' number +123 is not valid"), RecipientGone),
        (error(400, 21614, "not a mobile"), RecipientGone),
        (error(400, 21408, "region"), Rejected),
        (error(400, 21999, "something new"), Rejected),
        (error(401, 20003, "Authenticate"), Temporary),
        (error(404, 20404, "no such account"), Temporary),
        (error(429, 20429, "slow down"), Temporary),
        (error(429, 21611, "queue full"), Temporary),
        (error(503, 20503, "unavailable"), Temporary),
        (error(500, 20500, "oops"), OutcomeUnknown),
        (html_answer(502), OutcomeUnknown),
        (html_answer(403), Temporary),
        (json_answer(201, []), OutcomeUnknown),
        (json_answer(201, {"sid": None}), OutcomeUnknown),
    ],
)
async def test_twilios_refusals_say_what_to_do_next(answer: Any, expected: type[SendError]) -> None:
    assert type(await failed(answer)) is expected


def test_the_time_that_twilio_names_is_obeyed_and_a_limit_rests_the_channel() -> None:
    limit = refused(429, '{"code": 20429}', "12")
    assert isinstance(limit, Temporary)
    assert (limit.retry_after, limit.whole_channel, limit.code) == (12, True, "20429")
    away = by_code("30003")
    assert isinstance(away, Temporary)
    assert (away.retry_after, away.whole_channel) == (900, False)


def test_a_number_that_was_told_stop_is_stopped_and_one_that_is_wrong_is_gone() -> None:
    stopped, wrong = by_code("21610"), by_code("21211")
    assert isinstance(stopped, RecipientGone)
    assert isinstance(wrong, RecipientGone)
    assert (stopped.stopped, wrong.stopped) == (True, False)


def test_a_number_in_twilios_sentence_is_not_repeated() -> None:
    assert "5551234" not in by_code("21999", "The number +14155551234 is odd").reason
    assert "is odd" in by_code("21999", "The number +14155551234 is odd").reason


@given(st.integers(200, 599), st.text(max_size=30), st.text(max_size=5))
def test_any_answer_has_a_meaning(status: int, body: str, retry_after: str) -> None:
    assert isinstance(refused(status, body, retry_after), SendError)


async def test_a_send_whose_connection_was_cut_is_found_by_number_and_text() -> None:
    async with TwilioApi(NOW) as fake:
        fake.made(THEIRS, TO.text, age=timedelta(hours=2))
        fake.made(THEIRS, "another question")
        fake.script(Cut())
        channel = sms(fake.url)
        with pytest.raises(OutcomeUnknown):
            await channel.send(TO)
        found = await channel.look_up(TO, NOW - timedelta(seconds=2))
        await channel.aclose()
    assert found == fake.sent[2]["sid"]
    assert fake.failures == []


async def test_a_message_that_twilio_never_had_is_surely_none() -> None:
    async with TwilioApi(NOW) as fake:
        fake.made(THEIRS, TO.text, age=timedelta(hours=2))
        fake.made(THEIRS, TO.text, direction="inbound")
        fake.made("+14155550123", TO.text)
        fake.script(Cut(carried_out=False))
        channel = sms(fake.url)
        with pytest.raises(OutcomeUnknown):
            await channel.send(TO)
        assert await channel.look_up(TO, NOW - timedelta(seconds=2)) is None
        await channel.aclose()


@pytest.mark.parametrize("answer", [error(500, 20500, "oops"), error(429, 20429, "slow"), json_answer(200, {"a": 1})])
async def test_a_look_up_that_fails_leaves_the_outcome_unknown(answer: Any) -> None:
    async with TwilioApi(NOW) as fake:
        fake.script(answer)
        channel = sms(fake.url)
        with pytest.raises(OutcomeUnknown):
            await channel.look_up(TO, NOW)
        await channel.aclose()


async def test_a_reply_in_a_response_and_a_trial_accounts_text_are_found_too() -> None:
    async with TwilioApi(NOW) as fake:
        sid = fake.made(THEIRS, f"Sent from your Twilio trial account - {TO.text}", direction="outbound-reply")
        channel = sms(fake.url)
        assert await channel.look_up(TO, NOW) == sid
        await channel.aclose()


@pytest.mark.parametrize(
    ("settings", "key"),
    [({"account_sid": ""}, "sms.account_sid"), ({"auth_token": ""}, "sms.auth_token"), ({"sender": ""}, "sms.sender")],
)
async def test_a_start_that_lacks_something_names_it(settings: dict[str, str], key: str) -> None:
    with pytest.raises(MissingSetting) as missing:
        await sms(**settings).start()
    assert missing.value.key == key


async def test_a_complete_start_passes() -> None:
    channel = sms(sender="", messaging_service="MG1")
    await channel.start()
    await channel.aclose()
    assert channel.answerable


def test_nobody_can_answer_a_name() -> None:
    assert not sms(sender="MyShop").answerable
    assert sms(sender="MyShop", messaging_service="MG1").answerable
    assert [answerable(sender) for sender in (OURS, "12345", "whatsapp:+14155550100", "Shop24")] == [True] * 3 + [False]


def test_the_first_message_says_how_to_stop_in_the_customers_language() -> None:
    assert sms().opt_out_line("zh-CN") == "回复 STOP 退订。"
    assert sms().opt_out_line("fr") == "Reply STOP to opt out."
    assert sms(words="china").opt_out_line("zh") == "回复 TD 退订。"
