"""An account whose pushes are JSON (数据格式: JSON) is read and answered as one whose pushes are XML."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.errors import InvalidSignature, MalformedRequest
from channels.message import Address, Inbound, Outbound, Receipt, Request
from tests.channels.test_wechat_callbacks import CLOCK, channel, read
from tests.channels.wechat_payloads import (
    ACCOUNT,
    OPEN_ID,
    STAMP,
    TOKEN,
    encrypted,
    event_xml,
    plain,
    sealed,
    signature,
    text_xml,
    unsealed,
)

TEXT = {
    "ToUserName": ACCOUNT, "FromUserName": OPEN_ID, "CreateTime": int(STAMP), "MsgType": "text", "Content": "9",
    "MsgId": 23456789012345678,
}  # fmt: skip
REPLY = Outbound(id="m1", to=Address("wechat", OPEN_ID), text="谢谢您！")


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "ToUserName": ACCOUNT, "FromUserName": OPEN_ID, "CreateTime": STAMP, "MsgType": "event", "Event": name, **fields
    }  # fmt: skip


def sealed_json(fields: dict[str, Any]) -> Request:
    """Encrypted mode: the ciphertext of a JSON within a JSON, signed as in XML."""
    ciphertext = sealed(json.dumps(fields, ensure_ascii=False))
    parts = {"encrypt_type": "aes", "msg_signature": signature(TOKEN, STAMP, "1372623149", ciphertext)}
    return plain(json.dumps({"ToUserName": ACCOUNT, "Encrypt": ciphertext}), **parts)


def bare(event: Inbound | Receipt) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__ if name != "raw"}


def test_a_text_is_the_same_in_json_and_in_xml_plain_and_encrypted() -> None:
    (expected,) = read(plain(text_xml("9")))
    for request in (plain(json.dumps(TEXT)), sealed_json(TEXT)):
        (seen,) = read(request)
        assert bare(seen) == bare(expected)


@pytest.mark.parametrize("event_key", ["", "qrscene_Zm9v-_1", "scanbarcode|1|69012345", "last_trade_no_40034"])
def test_a_subscription_is_the_same_in_json_and_in_xml(event_key: str) -> None:
    (expected,) = read(plain(event_xml("subscribe", f"<EventKey>{event_key}</EventKey>")))
    (seen,) = read(plain(json.dumps(event("subscribe", EventKey=event_key))))
    assert (seen.kind, seen.payload) == (expected.kind, expected.payload)  # type: ignore[union-attr]


def test_one_sent_subscribe_message_stands_alone_and_several_in_a_list() -> None:
    one = {"TemplateId": "T1", "MsgID": "1864323726461255680", "ErrorCode": "0", "ErrorStatus": "success"}
    refused = {"TemplateId": "T2", "MsgID": 1864323726461255681, "ErrorCode": 43101, "ErrorStatus": "user refuse"}
    (alone,) = read(plain(json.dumps(event("subscribe_msg_sent_event", List=one))))
    both = read(plain(json.dumps(event("subscribe_msg_sent_event", List=[one, refused]))))
    receipts = [item for item in (alone, *both) if isinstance(item, Receipt)]
    assert [(item.message, item.status, item.error_code) for item in receipts] == [
        ("1864323726461255680", "delivered", ""),
        ("1864323726461255680", "delivered", ""),
        ("1864323726461255681", "failed", "43101"),
    ]


def test_agreements_are_told_by_template() -> None:
    agreed = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}
    (seen,) = read(plain(json.dumps(event("subscribe_msg_popup_event", List=agreed))))
    assert (seen.kind, seen.payload) == ("ignored", "subscribe:T1:accept")  # type: ignore[union-attr]


def test_a_reply_goes_back_as_json() -> None:
    answer = channel().respond(plain(json.dumps(TEXT)), REPLY)
    assert answer.content_type == "application/json; charset=utf-8"
    assert json.loads(answer.body) == {
        "ToUserName": OPEN_ID, "FromUserName": ACCOUNT, "CreateTime": int(CLOCK.now().timestamp()), "MsgType": "text",
        "Content": "谢谢您！",
    }  # fmt: skip


def test_an_encrypted_reply_goes_back_as_json_within_json() -> None:
    sent = json.loads(channel().respond(sealed_json(TEXT), REPLY).body)
    assert sent["MsgSignature"] == signature(TOKEN, str(sent["TimeStamp"]), sent["Nonce"], sent["Encrypt"])
    assert json.loads(unsealed(sent["Encrypt"]))["Content"] == "谢谢您！"


@pytest.mark.parametrize("body", ["{", "{}", '{"MsgType": ["text"], "FromUserName": {}}', '{"a":' * 5000])
def test_json_that_is_no_push_is_malformed(body: str) -> None:
    with pytest.raises(MalformedRequest):
        read(plain(body))


def test_json_marked_as_encrypted_without_ciphertext_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="no Encrypt"):
        read(plain(json.dumps(TEXT), encrypt_type="aes", msg_signature="0" * 40))


def test_xml_sealed_within_json_is_read_too() -> None:
    assert bare(read(encrypted(json.dumps(TEXT)))[0]) == bare(read(plain(text_xml("9")))[0])
