"""Rasa's REST channel: other programs talk as customers, each within its own key."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.web.house import Web

PATH = "/webhooks/rest/webhook"


async def said(site: Web, key: dict[str, str], sender: str, message: str, identity: str = "") -> list[dict[str, Any]]:
    body: dict[str, Any] = {"sender": sender, "message": message}
    if identity:
        body["metadata"] = {"message_id": identity}
    answer = await site.client.post(PATH, json=body, headers=key)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_message_is_answered_in_rasas_shape(either: Web) -> None:
    key = await either.key("rest")
    answer = await said(either, key, "u1", "hello")
    assert [one["recipient_id"] for one in answer] == ["u1"]
    assert answer[0]["text"].startswith("Thank you for writing")


async def test_without_a_key_of_the_scope_nothing_is_taken(site: Web) -> None:
    body = {"sender": "u1", "message": "hello"}
    assert (await site.client.post(PATH, json=body)).status_code == 401
    wrong = await site.key("moments")
    assert (await site.client.post(PATH, json=body, headers=wrong)).status_code == 401
    assert (await site.client.get("/webhooks/rest/messages?sender=u1")).status_code == 401
    assert await site.database.fetch("SELECT id FROM inbound") == []


async def test_a_key_may_stand_in_the_address_as_rasa_has_it(site: Web) -> None:
    key = (await site.key("rest"))["authorization"].removeprefix("Bearer ")
    answer = await site.client.post(f"{PATH}?token={key}", json={"sender": "u1", "message": "hello"})
    assert answer.status_code == 200


async def test_a_revoked_key_opens_nothing(site: Web) -> None:
    key = await site.key("rest")
    entry = (await site.parts.access.store.keys())[0]
    await site.parts.access.store.revoke_key(entry.public_id, by="test", now=1)
    assert (await site.client.post(PATH, json={"sender": "u1", "message": "x"}, headers=key)).status_code == 401


async def test_the_same_sender_of_two_programs_is_two_customers(site: Web) -> None:
    for name in ("shop", "kiosk"):
        await said(site, await site.key("rest", name), "u1", "hello")
    rows = await site.database.fetch("SELECT DISTINCT customer_id FROM inbound")
    assert len(rows) == 2


async def test_no_key_reads_what_another_programs_sender_was_told(site: Web) -> None:
    mine, other = await site.key("rest", "shop"), await site.key("rest", "kiosk")
    await site.client.post(PATH, json={"sender": "u1", "message": "hello"}, headers=mine)
    answer = await site.client.get("/webhooks/rest/messages?sender=u1", headers=other)
    assert answer.json() == []


async def test_a_message_with_an_id_is_taken_once(site: Web) -> None:
    key = await site.key("rest")
    await said(site, key, "u1", "hello", "m1")
    await said(site, key, "u1", "hello", "m1")
    assert len(await site.database.fetch("SELECT id FROM inbound")) == 1
    await said(site, key, "u1", "hello")
    await said(site, key, "u1", "hello")
    assert len(await site.database.fetch("SELECT id FROM inbound")) == 3


async def test_a_whole_dialog_is_held_and_each_message_is_given_once(site: Web) -> None:
    key = await site.key("rest")
    await said(site, key, "u1", "hello")
    customer = (await site.database.fetch("SELECT customer_id FROM inbound"))[0]["customer_id"]
    await site.database.execute(
        "INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, 'service', 'granted', 'test', 1)",
        customer,
    )
    public = (await site.database.fetch("SELECT public_id FROM customers WHERE id = $1", customer))[0]["public_id"]
    await site.started(public)
    fetched: list[dict[str, Any]] = []
    for _ in range(200):
        fetched = (await site.client.get("/webhooks/rest/messages?sender=u1", headers=key)).json()
        if fetched:
            break
        await asyncio.sleep(0.01)
    assert "How likely" in fetched[0]["text"]
    assert [one["title"] for one in fetched[0]["buttons"]][:2] == ["0", "1"]
    assert (await site.client.get("/webhooks/rest/messages?sender=u1", headers=key)).json() == []
    seven = next(one["payload"] for one in fetched[0]["buttons"] if one["title"] == "7")
    answer = await said(site, key, "u1", seven)
    assert "10" in answer[0]["text"]
    assert (await site.database.fetch("SELECT number FROM answers"))[0]["number"] == 7.0


async def test_what_is_no_message_is_refused_with_the_field(site: Web) -> None:
    key = await site.key("rest")
    for body, field in (
        ({"message": "x"}, "sender"),
        ({"sender": "", "message": "x"}, "sender"),
        ({"sender": "u1"}, "message"),
        ({"sender": "u1", "message": 7}, "message"),
        ({"sender": "u1", "message": "x", "metadata": {"message_id": 7}}, "message_id"),
        (["x"], "sender"),
    ):
        answer = await site.client.post(PATH, json=body, headers=key)
        assert answer.status_code == 400, body
        assert field in answer.json()["error"]
    assert (await site.client.post(PATH, content=b"{", headers=key)).status_code == 400
    assert (await site.client.post(PATH, content=b"x" * 2**20 + b"x", headers=key)).status_code == 413
    assert (await site.client.get(PATH, headers=key)).status_code == 405
    assert (await site.client.get("/webhooks/rest/messages", headers=key)).status_code == 400
