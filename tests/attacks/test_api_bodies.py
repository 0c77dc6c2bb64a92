"""The REST API under bodies that no honest program sends: each is refused with its reason, none is an error of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.house import Web

LI: dict[str, Any] = {"external_id": "c-7", "name": "Li"}
SURROGATE = rb'{"external_id": "c-7", "name": "\ud800"}'
JSON = {"content-type": "application/json"}


NO_CUSTOMERS = [
    SURROGATE,
    rb'{"external_id": "\ud800"}',
    b'{"external_id": "c-7", "name": NaN}',
    b'{"external_id": "c-7", "attributes": {"a": Infinity}}',
    b'{"external_id": "c-7", "attributes": {"a": NaN}}',
    b'"\xff\xfe"',
    b"NaN",
    b"[" * 100_000,
    b"",
    b"null",
    rb'{"external_id": "a\u0000b"}',
    rb'{"external_id": "c-7", "name": "a\u0000b"}',
    rb'{"external_id": "c-7", "attributes": {"a": "x\u0000"}}',
    rb'{"external_id": "c-7", "attributes": {"x\u0000": "a"}}',
    rb'{"external_id": "c-7", "consents": [{"purpose": "service", "source": "\u0000"}]}',
]


async def test_a_customer_that_no_store_can_hold_is_refused(either: Web) -> None:
    key = {**await either.key("moments"), **JSON}
    for body in NO_CUSTOMERS:
        answer = await either.client.post("/api/customers", content=body, headers=key)
        assert answer.status_code in (400, 422), (body[:80], answer.text)
        assert answer.json()["detail"]
    assert await either.database.fetch("SELECT id FROM customers WHERE name = 'Li' OR external_id LIKE 'c-7%'") == []


NO_DATA = [
    rb'{"x": "\ud800"}',
    rb'{"\ud800": 1}',
    b'{"x": NaN}',
    rb'{"x": {"y": ["a\u0000b"]}}',
    b'{"x": ' + b"[" * 300 + b"]" * 300 + b"}",
    b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
]


async def test_a_moment_that_no_store_can_hold_is_refused(either: Web) -> None:
    key = {**await either.key("moments"), **JSON}
    for data in NO_DATA:
        body = b'{"id": "m1", "moment": "order.delivered", "customer": "sample-maya", "data": ' + data + b"}"
        answer = await either.client.post("/api/moments", content=body, headers=key)
        assert answer.status_code in (400, 422), (data[:80], answer.text)
    assert await either.database.fetch("SELECT id FROM moments WHERE public_id = 'm1'") == []


async def test_a_number_beyond_64_bits_is_kept_as_nearly_as_it_can_be(either: Web) -> None:
    key = {**await either.key("moments"), **JSON}
    body = b'{"external_id": "c-7", "attributes": {"a": -1' + b"0" * 19 + b"}}"
    answer = await either.client.post("/api/customers", content=body, headers=key)
    assert answer.status_code == 200, answer.text
    body = b'{"id": "m1", "moment": "order.delivered", "customer": "c-7", "data": {"x": 1' + b"0" * 25 + b"}}"
    answer = await either.client.post("/api/moments", content=body, headers=key)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("path", ["/api/customers", "/api/moments"])
async def test_a_body_over_the_limit_is_not_read_whoever_sends_it(site: Web, path: str) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while read < 64 * 2**20:
            read += 2**16
            yield b"[" * 2**16

    answer = await site.client.post(path, content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert read <= 2 * 2**20


async def test_a_time_outside_of_any_calendar_has_a_defined_answer(either: Web) -> None:
    key = await either.key("moments")
    for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 10**15, -(10**11), 1e300):
        moment = {"id": "m1", "moment": "order.delivered", "customer": "sample-maya", "at": at}
        answer = await either.client.post("/api/moments", json=moment, headers=key)
        assert answer.status_code in (202, 422), (at, answer.text)
        consent = {"purpose": "service", "source": "s", "at": at}
        answer = await either.client.post("/api/customers", json={**LI, "consents": [consent]}, headers=key)
        assert answer.status_code in (200, 422), (at, answer.text)
