"""An action server that misbehaves: every answer, and none, is an error in words for staff."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from bot.actions import Actions, Remote
from bot.http import HttpClient
from channels.channel import HttpAnswer
from tests.actions.calls import answering, call, check, raw_server
from tests.actions.pack import forms


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b'{"error": "x"}', "action_a: the action server has no such action (404); is its package the right one?"),
        (400, b'{"error": "x"}', "action_a: the action refused to run (400)"),
        (449, b"{}", "action_a: the action server wants a domain (449), which it was sent; is it rasa-sdk 3?"),
        (500, b"{}", "action_a: the action raised an exception (500); the action server's own log says where"),
        (302, b"", "action_a: the action server answered with status 302"),
        (200, b"<html>", "action_a: the action server answered with no JSON"),
        (200, b"\xff\xfe", "action_a: the action server answered with no JSON"),
        (200, b"null", "action_a: the action server answered with no JSON object"),
        (200, b"{}", "action_a answered without a list of events and a list of responses"),
        (
            200,
            b'{"events": null, "responses": []}',
            "action_a answered without a list of events and a list of responses",
        ),
    ],
)
async def test_every_answer_but_the_right_one_is_an_error(
    http: HttpClient, status: int, body: bytes, reason: str
) -> None:
    async with raw_server(answering(status, body)) as url:
        acted = await Actions(Remote(url, http), 20).run(call("action_a"))
    assert (acted.error, acted.slots) == (reason, {})


async def test_what_is_odd_inside_an_answer_is_passed_over(http: HttpClient) -> None:
    body = orjson.dumps(
        {
            "events": [7, None, {}, {"event": "slot"}, {"event": "slot", "name": 3}, {"event": "slot", "name": "a"}],
            "responses": ["x", None, {"text": 5, "buttons": "many"}, {"buttons": [1, {"title": 2}, {"title": "Tea"}]}],
        }
    )
    async with raw_server(answering(200, body)) as url:
        acted = await Actions(Remote(url, http), 20).run(call("action_a"))
    assert (acted.error, acted.slots) == ("", {"a": None})
    assert acted.messages == ({"text": ""}, {"text": "• Tea"})


async def test_a_connection_cut_after_the_request_is_an_error(http: HttpClient) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with raw_server(cut) as url:
        acted = await Actions(Remote(url, http), 20).run(call("action_a"))
    assert acted.error == f"action_a: the action server at {url!r} did not answer to the end"


async def test_a_server_that_is_too_slow_is_an_error(http: HttpClient) -> None:
    over = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()

    async with raw_server(slow) as url:
        acted = await Actions(Remote(url, http), 0.1).run(call("action_a"))
        over.set()
    assert acted.error == "action_a took longer than 0.1 s"


async def test_nobody_at_the_address_is_an_error_that_names_the_setting(http: HttpClient) -> None:
    async with raw_server(answering(200, b"")) as url:
        pass
    acted = await Actions(Remote(url, http), 20).run(call("action_a"))
    assert acted.error == f"action_a: nothing answers at actions.url = {url!r}; start the server"


class Recording:
    """Keeps what would have gone to the server."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def request(self, method: str, url: str, *, body: bytes = b"", **_: Any) -> HttpAnswer:
        self.sent.append(orjson.loads(body))
        return HttpAnswer(200, {}, b'{"events": [], "responses": []}')


async def test_the_json_is_rasas_own_with_the_candidate_last_and_a_domain_that_is_never_empty() -> None:
    http = Recording()
    actions = Actions(Remote("http://127.0.0.1:1/webhook", http), 20)
    await actions.run(call("action_a", {}))
    await actions.run(check("order", "number", 7, slots={"nps": 9}))
    plain, checking = http.sent
    assert set(plain) == {"next_action", "sender_id", "tracker", "domain", "version"}
    assert plain["tracker"]["events"] == [
        {
            "event": "user",
            "timestamp": None,
            "text": "nine",
            "metadata": {"idempotency_key": "talk.2.5", "profile": {"name": "Ann"}},
        }
    ]
    assert plain["domain"]["actions"] == ["action_a"]
    assert checking["tracker"]["events"][-1] == {"event": "slot", "timestamp": None, "name": "number", "value": 7}
    assert checking["tracker"]["slots"] == {"nps": 9, "number": 7, "requested_slot": "number"}
    assert checking["tracker"]["active_loop"] == {"name": "order"}
    assert checking["domain"]["forms"] == {"order": {"required_slots": ["number"]}}
    assert forms.OrderForm().name() == checking["next_action"]
