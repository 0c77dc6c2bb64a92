"""Webhooks under requests that no platform sends: forged ones are refused and not kept, signed ones never break."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import Config
from channels.sms_form import form_of
from storage.crypto import Keys
from storage.database import Database
from tests.web.house import TWILIO, Web, web

SECRET = "x-telegram-bot-api-secret-token"
CONFIG: Config = replace(
    TWILIO, telegram=replace(Config().telegram, enabled=True, token="1:abcdef", secret="sesame", mode="webhook")
)
LI = {"id": 7, "is_bot": False, "first_name": "Li", "language_code": "en"}
MESSAGE = {
    "message_id": 5,
    "date": 1_700_000_000,
    "chat": {"id": 7, "type": "private", "first_name": "Li"},
    "from": LI,
    "text": "/start m-abc",
    "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    "reply_to_message": {"message_id": 3, "date": 1, "chat": {"id": 7, "type": "private"}},
}
UPDATES: tuple[dict[str, Any], ...] = (
    {"update_id": 1, "message": MESSAGE},
    {"update_id": 2, "edited_message": MESSAGE},
    {"update_id": 3, "callback_query": {"id": "1", "from": LI, "message": MESSAGE, "data": "c.x"}},
    {
        "update_id": 4,
        "my_chat_member": {
            "chat": MESSAGE["chat"],
            "from": LI,
            "date": 1,
            "old_chat_member": {"status": "member", "user": LI},
            "new_chat_member": {"status": "kicked", "user": LI},
        },
    },
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["\ud800", "\0", "9" * 5000, [], {}, [None], {"id": "x"}, {"id": 10**40}, [{"type": 7}]]),
)


def places(tree: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything in a tree."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for name, value in inner for place in places(value, (*at, name)))]


def with_odd(update: dict[str, Any], place: tuple[Any, ...], odd: object) -> object:
    if not place:
        return odd
    copy = json.loads(json.dumps(update))
    inner = copy
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = odd
    return copy


@pytest.fixture
async def house(store: Database, keys: Keys) -> Any:
    async with web(store, keys, CONFIG) as opened:
        yield opened


async def test_a_telegram_update_with_anything_anywhere_has_a_defined_answer(house: Web) -> None:
    bodies: list[bytes] = []

    @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([(one, place) for one in UPDATES for place in places(one)]), ODD)
    def collect(where: tuple[dict[str, Any], tuple[Any, ...]], odd: object) -> None:
        bodies.append(json.dumps(with_odd(*where, odd)).encode())

    collect()
    for body in [*bodies, b"", b"[" * 100_000, b"\xff", b"NaN", b'{"update_id": 1e999}']:
        answer = await house.client.post("/webhooks/telegram", content=body, headers={SECRET: "sesame"})
        assert answer.status_code in (200, 400), (body[:200], answer.text)
    assert await house.database.fetch("SELECT id FROM inbound WHERE status = 'failed'") == []


async def test_an_sms_with_anything_anywhere_has_a_defined_answer(house: Web) -> None:
    from twilio.request_validator import RequestValidator

    names = ["MessageSid", "From", "To", "Body", "NumMedia", "OptOutType", "MessageStatus", "ErrorCode"]
    odd = st.text(max_size=30) | st.sampled_from(["\0", "9" * 500, "²", "whatsapp:+1", "+", "STOP\0", "x" * 100_000])
    forms: list[dict[str, str]] = []

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(names), odd, max_size=5))
    def collect(form: dict[str, str]) -> None:
        forms.append({"MessageSid": f"SM{len(forms)}", "From": "+15005550001", "Body": "hi", **form})

    collect()
    for form in forms:
        body = urlencode(form).encode()
        for path in ("/webhooks/sms", "/webhooks/sms/status?id=%00%ff"):
            url = f"{house.parts.config.address}{path}"
            signed = RequestValidator("sesame").compute_signature(url, form_of(body.decode()))
            headers = {"x-twilio-signature": signed, "content-type": "application/x-www-form-urlencoded"}
            answer = await house.client.post(path, content=body, headers=headers)
            assert answer.status_code in (200, 400), (form, answer.text)
    assert await house.database.fetch("SELECT id FROM inbound WHERE status = 'failed'") == []


async def test_a_forged_update_is_refused_and_not_kept(house: Web) -> None:
    for secret in (b"", b"sesam", b"SESAME", b"\xff", b"sesame,sesame"):
        headers = httpx.Headers([(SECRET.encode(), secret)])
        answer = await house.client.post("/webhooks/telegram", json=UPDATES[0], headers=headers)
        assert answer.status_code == 403, secret
    assert (await house.client.post("/webhooks/telegram", json=UPDATES[0])).status_code == 403
    assert await house.database.fetch("SELECT id FROM inbound") == []


async def test_a_signature_is_good_for_its_own_form_and_address_alone(house: Web) -> None:
    from twilio.request_validator import RequestValidator

    form = {"MessageSid": "SM1", "From": "+15005550001", "Body": "hi"}
    url = f"{house.parts.config.address}/webhooks/sms"
    signed = RequestValidator("sesame").compute_signature(url, form)
    changed = (
        ("/webhooks/sms", {**form, "Body": "hello"}),
        ("/webhooks/sms", {**form, "From": "+15005550002"}),
        ("/webhooks/sms?bodySHA256=x", form),
        ("/webhooks/sms/status", form),
    )
    for path, sent in changed:
        answer = await house.client.post(path, data=sent, headers={"x-twilio-signature": signed})
        assert answer.status_code == 403, path
    assert await house.database.fetch("SELECT id FROM inbound") == []
    for _ in range(3):
        answer = await house.client.post("/webhooks/sms", data=form, headers={"x-twilio-signature": signed})
        assert answer.status_code == 200
    assert len(await house.database.fetch("SELECT id FROM inbound")) == 1
