"""A chat link is its holder's identity and nothing more: no other customer's data, and no more load than one person."""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import Config
from bot.web.chat import MOST_PAGES
from storage.crypto import Keys
from storage.database import Database
from tests.web.house import Web, web

VISITOR = "00112233445566778899aabbccddeeff"


def swapped(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


async def test_no_changed_or_reused_token_opens_a_chat(site: Web) -> None:
    customer = await site.sample()
    token = site.token(customer)
    keys = site.parts.keys
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    forged = [swapped(token, at) for at in range(0, len(token), 3)]
    forged += [token[:-1], token + "A", token + "=", token.upper(), "", "a" * 5000, customer, token + "%00"]
    forged += [keys.sign("reply", customer), keys.sign("webchat\0", customer), raw.hex()]
    forged += [base64.urlsafe_b64encode(bytes(16) + raw[16:]).decode().rstrip("=")]
    for one in forged:
        assert (await site.client.get(f"/webchat/{one}/history")).status_code in (403, 404), one
        assert (await site.post(f"/webchat/{one}", {"id": "a", "text": "hi"})).status_code in (403, 404, 405), one
        assert (await site.client.get(f"/c/{one}")).status_code == 404, one
    assert await site.database.fetch("SELECT id FROM inbound") == []


async def test_a_button_of_another_customers_question_answers_nothing(site: Web) -> None:
    maya, tom = await site.sample(), await site.sample("sample-tom")
    await site.started(maya)
    payload = (await site.until_said(site.token(maya), 1))[0]["buttons"][9]["payload"]
    for body in ({"id": "x1", "text": "9", "payload": payload}, {"id": "x2", "text": payload}):
        answer = await site.post(f"/webchat/{site.token(tom)}", body)
        assert answer.status_code == 200
    assert await site.database.fetch("SELECT id FROM answers") == []


async def test_a_customer_cannot_press_a_card_of_the_desk(site: Web) -> None:
    token = site.token(await site.sample())
    await site.post(f"/webchat/{token}", {"id": "m1", "text": "I will sue you, this is a scam and my child is hurt"})
    ticket = (await site.database.fetch("SELECT public_id, status FROM tickets"))[0]
    assert ticket["status"] == "open"
    for verb in ("claim", "reply", "close", "release", "not_unhappy"):
        body = {"id": f"p-{verb}", "text": "x", "payload": f"t.{ticket['public_id']}.{verb}"}
        await site.post(f"/webchat/{token}", body)
    assert [row["status"] for row in await site.database.fetch("SELECT status FROM tickets")] == ["open"]


async def test_a_visitor_does_not_get_a_new_allowance_with_each_token(database: Database, keys: Keys) -> None:
    config = replace(Config(), webchat=replace(Config().webchat, per_minute=5))
    async with web(database, keys, config) as site:
        tokens = []
        for at in range(3):
            first = await site.post("/webchat", {"id": f"v{at}", "text": "hello", "visitor": VISITOR})
            assert first.status_code == 200, first.text
            tokens.append(first.json()["token"])
            site.clock.at += site.parts.config.webchat.link_lifetime / 1000
        codes = [
            (await site.post(f"/webchat/{token}", {"id": f"{token[:9]}{at}", "text": "hi"})).status_code
            for token in tokens
            for at in range(5)
        ]
        assert len(set(tokens)) == 3
        assert codes.count(200) <= 5
        assert 429 in codes


async def test_one_link_opens_so_many_pages_and_the_house_no_more(site: Web) -> None:
    address = await site.sample()
    path = f"/webchat/{site.token(address)}/events"
    statuses: list[int] = []
    gone = asyncio.Event()

    async def open_page() -> None:
        async def receive() -> dict[str, str]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(int(str(message["status"])))

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
        await site.site(scope, receive, send)  # type: ignore[arg-type]

    pages = [asyncio.create_task(open_page()) for _ in range(MOST_PAGES + 20)]
    while len(statuses) < len(pages):
        await asyncio.sleep(0)
    assert (statuses.count(200), statuses.count(429)) == (MOST_PAGES, 20)
    gone.set()
    await asyncio.gather(*pages)
    assert site.parts.feed.watchers() == 0


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.sampled_from(["\0", "/x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(["id", "text", "payload", "language", "seen", "visitor", "zzz"])


async def test_whatever_stands_in_a_field_the_answer_is_defined(store: Database, keys: Keys) -> None:
    config = replace(Config(), webchat=replace(Config().webchat, per_minute=100_000))
    async with web(store, keys, config) as site:
        token = site.token(await site.sample())
        bodies: list[bytes] = []

        @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.dictionaries(FIELDS, ODD, max_size=6) | ODD)
        def collect(body: object) -> None:
            bodies.append(httpx.Request("POST", "http://x", json={"a": 1}).content if body is None else _json(body))

        collect()
        for path in (f"/webchat/{token}", "/webchat"):
            for body in bodies:
                answer = await site.client.post(path, content=body)
                assert answer.status_code in (200, 400), (path, body, answer.text)


def _json(body: object) -> bytes:
    import json

    return json.dumps(body).encode()


async def test_an_error_of_ours_leaves_no_words_in_the_log_and_none_in_the_answer(
    site: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("Maya's own words")

    token = site.token(await site.sample())
    monkeypatch.setattr(site.parts.access.store, "integration", broken)
    caplog.set_level(logging.DEBUG)
    answer = await site.client.post("/webhooks/rest/webhook", json={}, headers={"authorization": "Bearer x"})
    assert answer.status_code == 500
    assert "Maya" not in answer.text + caplog.text
    assert "KeyError" in caplog.text
    assert token not in caplog.text
