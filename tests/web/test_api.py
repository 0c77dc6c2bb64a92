"""The REST API: customers and moments from other programs."""

from __future__ import annotations

from typing import Any

import pytest

from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database
from tests.web.house import TWILIO, Web, web

LI: dict[str, Any] = {
    "external_id": "c-7",
    "name": "Li Wei",
    "language": "zh",
    "timezone": "Asia/Shanghai",
    "attributes": {"orders": 3},
    "addresses": {"email": "Li@Example.com", "sms": "+86 138 0013 8000"},
    "consents": [{"purpose": "service", "source": "checkout"}],
}


async def test_a_customer_is_created_then_updated(either: Web) -> None:
    key = await either.key("moments")
    first = await either.client.post("/api/customers", json=LI, headers=key)
    assert (first.status_code, first.json()["outcome"]) == (200, "created")
    again = await either.client.post("/api/customers", json={"external_id": "c-7", "name": "Li"}, headers=key)
    assert (again.json()["outcome"], again.json()["id"]) == ("updated", first.json()["id"])
    store = Customers(either.database, either.parts.keys)
    found = await store.find("email", "li@example.com")
    assert found is not None
    assert (found.name, found.language, found.attributes) == ("Li", "zh", {"orders": 3})
    assert await store.find("sms", "+8613800138000") == found


async def test_the_answer_brings_the_customers_own_chat(site: Web) -> None:
    answer = await site.client.post("/api/customers", json=LI, headers=await site.key("moments"))
    path = answer.json()["chat_url"].removeprefix(site.parts.config.address)
    token = path.rpartition("/")[2]
    assert (await site.client.get(path)).status_code == 200
    await site.post(f"/webchat/{token}", {"id": "a1", "text": "你好"})
    rows = await site.database.fetch("SELECT c.external_id FROM inbound i JOIN customers c ON c.id = i.customer_id")
    assert [row["external_id"] for row in rows] == ["c-7"]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"external_id": ""}, "external_id", ""),
        ({"nmae": "x"}, "nmae", ""),
        ({"attributes": {"preferred_channel": "pigeon"}}, "attributes", "write one of telegram, wechat"),
        ({"timezone": "Asia/Beijing"}, "timezone", "Asia/Shanghai"),
        ({"language": "中文"}, "language", "'zh'"),
        ({"addresses": {"sms": "12"}}, "sms", "+86"),
        ({"addresses": {"sms": "13800138000"}}, "sms", "country"),
        ({"addresses": {"email": "nobody"}}, "email", "li@example.com"),
        ({"addresses": {"telegram": "77"}}, "telegram", ""),
        ({"consents": [{"purpose": "fun", "source": "x"}]}, "purpose", "service"),
        ({"consents": [{"purpose": "service"}]}, "source", ""),
        ({"attributes": {"a": {"b": 1}}}, "attributes", ""),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    site: Web, change: dict[str, Any], field: str, said: str
) -> None:
    answer = await site.client.post("/api/customers", json={**LI, **change}, headers=await site.key("moments"))
    assert answer.status_code == 422
    problems = answer.json()["detail"]
    assert any(field in map(str, one["loc"]) for one in problems), problems
    assert said in str(problems)
    assert await Customers(site.database, site.parts.keys).named("c-7") is None


async def test_an_address_of_another_customer_is_refused(site: Web) -> None:
    key = await site.key("moments")
    await site.client.post("/api/customers", json=LI, headers=key)
    answer = await site.client.post("/api/customers", json={**LI, "external_id": "c-8"}, headers=key)
    assert answer.status_code == 422
    assert "another customer" in str(answer.json())


async def test_a_moment_starts_a_dialog_once_however_often_it_is_reported(either: Web) -> None:
    key = await either.key("moments")
    moment = {"id": "order-9", "moment": "order.delivered", "customer": "sample-maya", "data": {"store": "desk"}}
    codes = [await either.client.post("/api/moments", json=moment, headers=key) for _ in range(3)]
    assert [(one.status_code, one.json()["outcome"]) for one in codes] == [
        (202, "new"),
        (202, "known"),
        (202, "known"),
    ]
    token = either.token(await either.sample())
    await either.until_said(token, 1)
    assert len(await either.database.fetch("SELECT id FROM conversations")) == 1


async def test_a_moment_of_somebody_unknown_names_the_field(site: Web) -> None:
    moment = {"id": "1", "moment": "order.delivered", "customer": "nobody"}
    answer = await site.client.post("/api/moments", json=moment, headers=await site.key("moments"))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "customer"]


async def test_without_a_key_nothing_is_said(site: Web) -> None:
    for path in ("/api/customers", "/api/moments"):
        assert (await site.client.post(path, json=LI)).status_code == 401
        assert (await site.client.post(path, json=LI, headers=await site.key("rest", path))).status_code == 401


async def test_the_api_describes_itself(site: Web) -> None:
    described = (await site.client.get("/api/openapi.json")).json()
    assert {"/customers", "/moments"} <= set(described["paths"])


async def test_a_link_that_connects_a_channel_is_made_for_a_known_customer(store: Database, keys: Keys) -> None:
    async with web(store, keys, TWILIO) as site:
        key = await site.key("moments")
        await site.client.post("/api/customers", json=LI | {"external_id": "c/7"}, headers=key)
        path = "/api/customers/c%2F7/links"
        answer = await site.client.post(path, json={"channel": "sms", "dialog": "delivery_checkin"}, headers=key)
        assert answer.status_code == 200
        made = answer.json()
        assert made["url"].startswith("sms:+15005550006?&body=m-")
        assert made["expires_at"][:10] == "2025-03-31"
        kept = await store.fetch("SELECT channel, script FROM deep_links")
        assert kept == [{"channel": "sms", "script": "delivery_checkin"}]
        for where, body, status, said in (
            ("/api/customers/nobody/links", {"channel": "sms"}, 404, "send the customer first"),
            (path, {"channel": "telegram"}, 422, "telegram is not switched on"),
            (path, {"channel": "pigeon"}, 422, "channel"),
        ):
            refused = await site.client.post(where, json=body, headers=key)
            assert (refused.status_code, said in refused.text) == (status, True)
        assert (await site.client.post(path, json={"channel": "sms"})).status_code == 401
