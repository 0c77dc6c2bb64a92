"""WeChat's pushes and Twilio's JSON, signed rightly and odd anywhere, through the whole house: never a failure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import xmltodict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.config import Config
from storage.crypto import Keys
from storage.database import Database
from tests.attacks.test_webhook_bodies import ODD, places, with_odd
from tests.channels.wechat_payloads import event_xml, message, signature, text_xml
from tests.web.house import TWILIO, Web, web

TOKEN = "sesame"
CONFIG: Config = replace(TWILIO, wechat=replace(Config().wechat, enabled=True, app_id="wx1", token=TOKEN))
PUSHES = tuple(
    xmltodict.parse(xml)["xml"]
    for xml in (
        text_xml("/start m-abc"),
        message("<MsgType>voice</MsgType><MediaId>m</MediaId><Format>amr</Format><Recognition>9</Recognition>"),
        message("<MsgType>location</MsgType><Location_X>1</Location_X><Location_Y>2</Location_Y><Label>x</Label>"),
        event_xml("subscribe", "<EventKey>qrscene_x</EventKey>"),
        event_xml("CLICK", "<EventKey>k</EventKey>"),
        event_xml("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>failed:user block</Status>"),
        event_xml(
            "subscribe_msg_sent_event",
            "<SubscribeMsgSentEvent><List><TemplateId>t</TemplateId><MsgID>1</MsgID><ErrorCode>0</ErrorCode></List>"
            "</SubscribeMsgSentEvent>",
        ),
    )
)
SAID = {"MessageSid": "SM1", "From": "+15005550001", "To": "+15005550006", "Body": "hi", "NumMedia": 0}
STREAMED = {
    "type": "com.twilio.messaging.message.failed",
    "data": {"messageSid": "SM2", "messageStatus": "FAILED", "errorCode": 30006, "timestamp": "2026-03-05T09:30:00Z"},
}


@pytest.fixture
async def house(store: Database, keys: Keys) -> Any:
    async with web(store, keys, CONFIG) as opened:
        yield opened


def odd_ones(trees: tuple[Any, ...], examples: int) -> list[Any]:
    made: list[Any] = []

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([(one, place) for one in trees for place in places(one)]), ODD)
    def collect(where: tuple[Any, tuple[Any, ...]], odd: object) -> None:
        made.append(with_odd(*where, odd))

    collect()
    return made


async def pushed(house: Web, body: bytes) -> httpx.Response:
    stamp = str(int(house.clock.now().timestamp()))
    query = urlencode({"signature": signature(TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n"})
    return await house.client.post(f"/webhooks/wechat?{query}", content=body)


async def said(house: Web, content: Any) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    path = f"/webhooks/sms?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = RequestValidator("sesame").compute_signature(f"{house.parts.config.address}{path}", {})
    headers = {"x-twilio-signature": signed, "content-type": "application/json"}
    return await house.client.post(path, content=body, headers=headers)


async def test_a_push_of_wechats_with_anything_anywhere_has_a_defined_answer(house: Web) -> None:
    bodies = [json.dumps(one).encode() for one in odd_ones(PUSHES, 200)]
    texts = ("", "\0", "9" * 5000, "<a><b/></a>", "<![CDATA[]]>", "&#0;", "-1", "1e999", "\u0663", "<Content>x</")
    for push in PUSHES:
        xml = xmltodict.unparse({"xml": push}, full_document=False)
        for name, value in push.items():
            if isinstance(value, str):
                bodies += [xml.replace(f"<{name}>{value}<", f"<{name}>{odd}<").encode() for odd in texts]
    for body in [*bodies, b"", b"{", b"{}", b'{"a":' * 50_000, b"<xml>" * 50_000, b"<xml/>", b"\xff"]:
        answer = await pushed(house, body)
        assert answer.status_code in (200, 400), (body[:200], answer.text)
    assert await house.database.fetch("SELECT id FROM inbound WHERE status = 'failed'") == []


async def test_twilios_json_with_anything_anywhere_has_a_defined_answer(house: Web) -> None:
    for one in odd_ones((SAID, [STREAMED, {"data": SAID}]), 200):
        answer = await said(house, one)
        assert answer.status_code in (200, 400, 403), (one, answer.text)
    for body in (b"{", b"[]", b'[{"a":' * 50_000, b"{\xff}", b'{"MessageSid": ' + b"9" * 100_000 + b"}"):
        assert (await said(house, body)).status_code == 400
    assert await house.database.fetch("SELECT id FROM inbound WHERE status = 'failed'") == []


async def test_the_answer_to_a_message_in_json_goes_out_by_itself(house: Web) -> None:
    answer = await said(house, SAID)
    assert (answer.status_code, "<Message" in answer.text) == (200, False)
    (row,) = await house.database.fetch("SELECT status FROM outbox WHERE channel = 'sms'")
    assert row["status"] not in ("inline", "sent")
