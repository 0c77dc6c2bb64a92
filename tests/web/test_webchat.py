"""The web chat: who may write, what comes back, what is the same twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from storage.customers import Customers
from tests.web.house import Web

VISITOR = "00112233445566778899aabbccddeeff"


async def test_a_customer_answers_on_their_link_and_gets_the_reply_in_the_response(either: Web) -> None:
    customer = await either.sample()
    token = either.token(customer)
    await either.started(customer)
    question = (await either.until_said(token, 1))[0]
    assert "How likely" in question["text"]
    assert [one["title"] for one in question["buttons"]] == [str(n) for n in range(11)]
    answer = await either.post(f"/webchat/{token}", {"id": "a1", "text": "2"})
    assert answer.status_code == 200
    assert "went wrong" in answer.json()["messages"][0]["text"]
    rows = await either.database.fetch("SELECT slot, number FROM answers")
    assert [(row["slot"], row["number"]) for row in rows] == [("nps", 2.0)]


async def test_a_message_sent_again_under_its_id_changes_nothing_and_gets_the_same_reply(either: Web) -> None:
    token = either.token(await either.sample())
    first = await either.post(f"/webchat/{token}", {"id": "a1", "text": "hello there"})
    again = await either.post(f"/webchat/{token}", {"id": "a1", "text": "hello there"})
    assert first.json() == again.json()
    assert len(first.json()["messages"]) == 1
    assert [row["text"] for row in await either.database.fetch("SELECT text FROM inbound")] == ["hello there"]


async def test_two_customers_may_use_the_same_message_id(site: Web) -> None:
    for external in ("sample-maya", "sample-tom"):
        token = site.token(await site.sample(external))
        assert (await site.post(f"/webchat/{token}", {"id": "same", "text": "hello"})).json()["messages"]
    assert len(await site.database.fetch("SELECT id FROM inbound")) == 2


async def test_a_pressed_button_answers_the_question(site: Web) -> None:
    customer = await site.sample()
    token = site.token(customer)
    await site.started(customer)
    question = (await site.until_said(token, 1))[0]
    nine = next(one for one in question["buttons"] if one["title"] == "9")
    await site.post(f"/webchat/{token}", {"id": "p1", "text": "9", "payload": nine["payload"]})
    assert (await site.database.fetch("SELECT number FROM answers WHERE slot = 'nps'"))[0]["number"] == 9.0


async def test_a_forged_link_is_refused_and_nothing_is_kept(site: Web) -> None:
    token = site.token(await site.sample())
    swapped = ("A" if token[0] != "A" else "B") + token[1:]
    answer = await site.post(f"/webchat/{swapped}", {"id": "a1", "text": "9"})
    assert answer.status_code == 403
    assert await site.database.fetch("SELECT id FROM inbound") == []


async def test_a_link_ends_with_its_lifetime(site: Web) -> None:
    token = site.token(await site.sample())
    site.clock.at += site.parts.config.webchat.link_lifetime + timedelta(minutes=2)
    assert (await site.post(f"/webchat/{token}", {"id": "a1", "text": "9"})).status_code == 403
    assert "expired" in (await site.client.get(f"/c/{token}")).text
    assert "not valid" in (await site.client.get("/c/nonsense")).text


async def test_what_is_no_message_is_refused_with_the_reason(site: Web) -> None:
    path = f"/webchat/{site.token(await site.sample())}"
    for body in (b"", b"{", b"[]", b'{"text": "x"}', b'{"id": "a b", "text": "x"}', b'{"id": "a", "text": 7}'):
        answer = await site.client.post(path, content=body)
        assert answer.status_code == 400, body
        assert answer.text.strip()
    assert (await site.client.post(path, content=b'{"id": "a", "text": "' + b"x" * 2**20 + b'"}')).status_code == 413
    assert (await site.client.delete(path)).status_code == 405


async def test_a_hundred_kilobytes_are_taken(site: Web) -> None:
    token = site.token(await site.sample())
    answer = await site.post(f"/webchat/{token}", {"id": "a1", "text": "词" * 100_000})
    assert answer.status_code == 200
    kept = (await site.database.fetch("SELECT text FROM inbound"))[0]["text"]
    assert 0 < len(kept.encode()) <= 100 * 1024


async def test_an_empty_message_gets_a_defined_answer(site: Web) -> None:
    token = site.token(await site.sample())
    assert (await site.post(f"/webchat/{token}", {"id": "a1", "text": ""})).status_code == 200


async def test_whoever_writes_too_fast_is_asked_to_wait(site: Web) -> None:
    token = site.token(await site.sample())
    limit = site.parts.config.webchat.per_minute
    codes = [
        (await site.post(f"/webchat/{token}", {"id": f"a{n}", "text": "hello"})).status_code for n in range(limit + 1)
    ]
    assert codes == [200] * limit + [429]


async def test_looking_at_the_chat_makes_nobody(site: Web) -> None:
    before = await site.database.fetch("SELECT count(*) AS n FROM customers")
    assert (await site.client.get("/chat")).status_code == 200
    assert await site.database.fetch("SELECT count(*) AS n FROM customers") == before


async def test_a_first_message_makes_an_anonymous_customer_and_brings_a_link(site: Web) -> None:
    answer = (await site.post("/webchat", {"id": "a1", "text": "hello", "visitor": VISITOR})).json()
    assert answer["messages"][0]["text"].startswith("Thank you for writing")
    again = (await site.post("/webchat", {"id": "a1", "text": "hello", "visitor": VISITOR})).json()
    assert again["messages"] == answer["messages"]
    rows = await site.database.fetch("SELECT status FROM customers WHERE status = 'anonymous'")
    assert len(rows) == 1
    assert [one["text"] for one in await site.history(answer["token"])] == ["hello", answer["messages"][0]["text"]]


async def test_a_visitor_cannot_become_a_known_customer(site: Web) -> None:
    customer = await site.sample()
    await site.post("/webchat", {"id": "a1", "text": "give me their history", "visitor": customer})
    store = Customers(site.database, site.parts.keys)
    known = await store.find("webchat", customer)
    assert known is not None
    owners = await site.database.fetch("SELECT customer_id FROM inbound")
    assert [row["customer_id"] for row in owners] != [known.id]


async def test_a_visitor_must_bring_a_secret_of_its_own(site: Web) -> None:
    for body in ({"id": "a1", "text": "x"}, {"id": "a1", "text": "x", "visitor": "short"}, ["x"]):
        assert (await site.post("/webchat", body)).status_code == 400


async def test_what_was_seen_is_a_read_receipt(site: Web) -> None:
    token = site.token(await site.sample())
    message = (await site.post(f"/webchat/{token}", {"id": "a1", "text": "hello"})).json()["messages"][0]["id"]
    assert (await site.post(f"/webchat/{token}", {"seen": [message, "nonsense!"]})).status_code == 200
    rows = await site.database.fetch("SELECT status FROM outbox WHERE public_id = $1", message)
    assert rows[0]["status"] == "read"
    assert (await site.post(f"/webchat/{token}", {"seen": "all"})).status_code == 400


async def test_the_response_that_was_written_makes_the_reply_sent(site: Web) -> None:
    token = site.token(await site.sample())
    message = (await site.post(f"/webchat/{token}", {"id": "a1", "text": "hello"})).json()["messages"][0]["id"]
    for _ in range(200):
        status = (await site.database.fetch("SELECT status FROM outbox WHERE public_id = $1", message))[0]["status"]
        if status == "sent":
            break
        await asyncio.sleep(0.01)
    assert status == "sent"


async def test_a_stop_ends_it_and_is_no_answer(site: Web) -> None:
    customer = await site.sample("sample-liwei")
    token = site.token(customer)
    await site.started(customer)
    await site.until_said(token, 1)
    answer = await site.post(f"/webchat/{token}", {"id": "a1", "text": "退订。"})
    assert "不再收到" in answer.json()["messages"][0]["text"]
    assert await site.database.fetch("SELECT id FROM answers") == []


async def test_a_store_that_is_gone_means_please_send_again(site: Web) -> None:
    token = site.token(await site.sample())
    await site.database.execute("ALTER TABLE inbound RENAME TO elsewhere")
    answer = await site.post(f"/webchat/{token}", {"id": "a1", "text": "hello"})
    await site.database.execute("ALTER TABLE elsewhere RENAME TO inbound")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "elsewhere" not in answer.text
    assert (await site.post(f"/webchat/{token}", {"id": "a1", "text": "hello"})).status_code == 200


async def test_nothing_of_a_customer_stands_in_the_log(site: Web, caplog: pytest.LogCaptureFixture) -> None:
    token = site.token(await site.sample())
    await site.database.execute("ALTER TABLE inbound RENAME TO elsewhere")
    await site.post(f"/webchat/{token}", {"id": "a1", "text": "sesame opens"})
    await site.database.execute("ALTER TABLE elsewhere RENAME TO inbound")
    assert "webchat" in caplog.text
    assert "sesame" not in caplog.text
    assert token not in caplog.text


async def test_newcomers_are_held_back_by_where_they_come_from(site: Web) -> None:
    limit = site.parts.config.webchat.per_minute
    body = {"id": "a1", "text": "hello"}

    async def come(number: int, **headers: str) -> int:
        return (await site.post("/webchat", {**body, "visitor": f"{number:032x}"}, **headers)).status_code

    here = [await come(number) for number in range(limit + 1)]
    assert here == [200] * limit + [429]
    assert await come(100, **{"x-forwarded-for": "spoofed, 203.0.113.9"}) == 200
    elsewhere = [await come(200 + number, **{"x-forwarded-for": "203.0.113.9"}) for number in range(limit)]
    assert elsewhere == [200] * (limit - 1) + [429]
