"""SMS: what Twilio posts as JSON, vouched for by the hash of the body in the signed address."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from channels.errors import InvalidSignature, MalformedRequest
from channels.message import Inbound, Receipt, Request
from tests.channels.contract import NOW
from tests.channels.test_sms_contract import OURS, PUBLIC, THEIRS, message, posted, sms
from tests.fakes.twilio_api import ACCOUNT, AUTH_TOKEN


def said(content: Any, query: str = "", token: str = AUTH_TOKEN) -> Request:
    """JSON as Twilio posts and signs it."""
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    url = f"{PUBLIC}/webhooks/sms?{query}bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {
        "content-type": "application/json",
        "x-twilio-signature": RequestValidator(token).compute_signature(url, {}),
    }
    assert RequestValidator(token).validate(url, body.decode("utf-8", "replace"), headers["x-twilio-signature"])
    return Request("POST", url, headers, body)


def streamed(kind: str, **data: Any) -> dict[str, Any]:
    """One event of Twilio's Event Streams, with the fields of its schemas."""
    common = {"messageSid": "SM77", "accountSid": ACCOUNT, "timestamp": "2026-03-05T09:29:58.5Z", "eventName": kind}
    return {"specversion": "1.0", "type": kind, "source": "AB1", "id": "EZ1", "data": common | data}


def received(**data: Any) -> dict[str, Any]:
    return streamed("com.twilio.messaging.inbound-message.received", **{"from": THEIRS, "to": OURS, **data})


def read(request: Request) -> tuple[Inbound | Receipt, ...]:
    channel = sms()
    channel.verify(request)
    return channel.parse(request)


def test_a_message_in_json_is_read_as_one_in_a_form() -> None:
    (told,) = read(said(message("很满意 9 & more 😊")))
    (formed,) = read(posted(message("很满意 9 & more 😊")))
    assert (told, told.at) == (formed, NOW)


@pytest.mark.parametrize(("to", "kind"), [(OURS, "text"), ("+19995550100", "ignored"), ("", "text"), ("odd", "text")])
def test_what_was_written_to_another_number_of_the_account_is_not_for_us(to: str, kind: str) -> None:
    (told,) = read(said([received(to=to, body="9")]))
    assert isinstance(told, Inbound)
    assert told.kind == kind


def test_a_status_in_json_is_a_receipt_under_our_own_id() -> None:
    form = {"MessageSid": "SM77", "MessageStatus": "undelivered", "ErrorCode": 30003, "AccountSid": ACCOUNT}
    (receipt,) = read(said(form, query="id=ab12&"))
    assert isinstance(receipt, Receipt)
    assert (receipt.message, receipt.status, receipt.error_code, receipt.reference) == (
        "SM77",
        "failed",
        "30003",
        "ab12",
    )


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        ({"body": "Ahoy!", "numMedia": 0}, "text", "Ahoy!"),
        ({"body": "look", "numMedia": 2, "recipients": [OURS]}, "media", "look"),
        ({"body": "arretez", "optOutType": "STOP"}, "stop", "arretez"),
        ({"body": "stop"}, "stop", "stop"),
    ],
)
def test_a_streamed_message_is_read_with_its_own_time(data: dict[str, Any], kind: str, text: str) -> None:
    (inbound,) = read(said([received(**data)]))
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.text, inbound.sender, inbound.external_id) == (kind, text, THEIRS, "SM77")
    assert inbound.at == datetime(2026, 3, 5, 9, 29, 58, 500_000, UTC)
    assert sms().platform_answers(inbound) is (kind == "stop")


def test_each_event_of_a_batch_is_read() -> None:
    batch = [
        streamed("com.twilio.messaging.message.delivered", messageStatus="DELIVERED", to=THEIRS),
        streamed("com.twilio.messaging.message.failed", messageStatus="FAILED", errorCode=21610, messageSid="SM78"),
        streamed("com.twilio.eventstreams.test-event", messageSid=None, test_id="1"),
        received(body="9", messageSid="SM79"),
    ]
    events = read(said(batch))
    assert [(event.kind, event.external_id) for event in events] == [
        ("receipt", "SM77"), ("receipt", "SM78"), ("ignored", ""), ("text", "SM79"),
    ]  # fmt: skip
    assert [event.status for event in events if isinstance(event, Receipt)] == ["delivered", "failed"]


def test_another_body_under_a_signed_address_is_refused() -> None:
    request = said(message("nine"))
    forged = replace(request, body=request.body.replace(b"nine", b"ten!"))
    with pytest.raises(InvalidSignature, match="bodySHA256"):
        sms().verify(forged)


def test_a_body_whose_hash_is_right_under_an_address_that_twilio_did_not_sign_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="X-Twilio-Signature"):
        sms().verify(said(message("nine"), token="another"))


def test_json_without_its_hash_in_the_address_is_refused() -> None:
    url = f"{PUBLIC}/webhooks/sms"
    headers = {"x-twilio-signature": RequestValidator(AUTH_TOKEN).compute_signature(url, {})}
    with pytest.raises(InvalidSignature):
        sms().verify(Request("POST", url, headers, json.dumps(message("nine")).encode()))


def test_a_form_under_an_address_with_a_hash_is_signed_as_a_form() -> None:
    request = said(message("nine"))
    with pytest.raises(InvalidSignature):
        sms().verify(replace(request, body=posted(message("nine")).body))
    (inbound,) = read(posted(message("nine"), request.url))
    assert isinstance(inbound, Inbound)
    assert inbound.text == "nine"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"[1]", b"[" * 100_000, b'{"a":' * 50_000, b'{"Body": "\xff"}', b"[{}" + b",{}" * 1000 + b"]"],
)  # fmt: skip
def test_json_that_is_no_event_is_refused_and_no_failure(body: bytes) -> None:
    request = replace(said(b"{}"), body=body)
    with pytest.raises(MalformedRequest):
        sms().parse(request)


@pytest.mark.parametrize("odd", [None, [], ["x"], {}, {"a": 1}, True, -1, 10**40, 1e300, "", "x" * 5000])
def test_a_field_of_any_type_raises_nothing(odd: Any) -> None:
    for name in message("nine"):
        assert len(sms().parse(said(message("nine") | {name: odd}))) == 1
    for name in received(body="nine")["data"]:
        assert len(sms().parse(said([received(**{"body": "nine", name: odd})]))) == 1
    assert len(sms().parse(said([received(body="nine") | {"data": odd}]))) == 1


def test_no_reply_travels_in_the_response_to_json() -> None:
    assert not sms().carries_reply(said([received(body="9")]))
    assert sms().carries_reply(posted(message("9")))
