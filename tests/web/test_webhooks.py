"""Platforms' webhooks: what is refused, what is answered, and that nothing shows through."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.web import webhook as webhook_module
from bot.web.asgi import Disconnected, TooLarge, body_of
from bot.web.webhook import Proven, Webhook
from channels.capabilities import SMS
from channels.channel import Capabilities
from channels.errors import InvalidSignature, MalformedRequest, MissingSetting
from channels.message import Inbound, Outbound, Receipt, Request, Response


@dataclass
class Platform:
    """A channel whose every answer is given."""

    verified: Exception | None = None
    parsed: Exception | None = None
    events: tuple[Inbound | Receipt, ...] = (
        Receipt("sms", "AC1", "r1", "m1", "delivered", datetime(2025, 1, 1, tzinfo=UTC)),
    )
    seen: list[Request] = field(default_factory=list)
    name: str = "sms"
    account: str = "AC1"
    capabilities: Capabilities = SMS

    def verify(self, request: Request) -> None:
        self.seen.append(request)
        if self.verified:
            raise self.verified

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        if self.parsed:
            raise self.parsed
        return self.events

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        return Response(body=b"<Response/>", content_type="text/xml", headers={"x-one": "1"})

    async def send(self, outbound: Outbound) -> str:
        raise AssertionError("nothing is sent here")

    async def aclose(self) -> None:
        return


@dataclass
class House:
    """Conversations that do what they are told."""

    raises: Exception | None = None
    hangs: bool = False
    taken: list[Any] = field(default_factory=list)
    inline: list[bool] = field(default_factory=list)

    async def receive(self, channel: str, events: Sequence[Inbound | Receipt], *, inline: bool = True) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.raises:
            raise self.raises
        self.taken.append((channel, events))
        self.inline.append(inline)

    def written(self, reply: object) -> None:
        raise AssertionError("there was no reply")


class Gone(Exception):
    """What a store raises that is not there."""


async def call(
    platform: Platform,
    house: House,
    *,
    body: bytes = b"x=1",
    method: str = "POST",
    query: bytes = b"a=b%20c",
    proven: Proven | None = None,
) -> tuple[int, dict[str, str], bytes]:
    address = "https://feedback.example"
    hook = Webhook(platform, house, address=address, gone=(Gone,), proven=proven)  # type: ignore[arg-type]
    scope = {
        "type": "http",
        "method": method,
        "path": "/webhooks/sms",
        "query_string": query,
        "headers": [(b"x-twilio-signature", b"s")],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await hook(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


async def test_the_platforms_own_answer_is_given_with_its_headers() -> None:
    house, platform = House(), Platform()
    status, headers, body = await call(platform, house)
    assert (status, headers["content-type"], headers["x-one"], body) == (200, "text/xml", "1", b"<Response/>")
    assert len(house.taken) == 1


class PlatformThatReadsForms(Platform):
    """One that reads the response to a form alone."""

    def carries_reply(self, request: Request) -> bool:
        return not request.body.startswith(b"{")


async def test_a_reply_may_travel_in_the_response_where_the_platform_reads_it() -> None:
    house = House()
    await call(Platform(), house)
    await call(PlatformThatReadsForms(), house)
    await call(PlatformThatReadsForms(), house, body=b"{}")
    assert house.inline == [True, True, False]


async def test_an_adapter_sees_the_public_address_with_its_query_and_lower_case_headers() -> None:
    platform = Platform()
    await call(platform, House())
    assert platform.seen[0].url == "https://feedback.example/webhooks/sms?a=b%20c"
    assert platform.seen[0].headers == {"x-twilio-signature": "s"}


@pytest.mark.parametrize(
    ("platform", "house", "status"),
    [
        (Platform(verified=InvalidSignature("no")), House(), 403),
        (Platform(verified=MissingSetting("sms.auth_token")), House(), 503),
        (Platform(parsed=MalformedRequest("no form")), House(), 400),
        (Platform(parsed=KeyError("From")), House(), 500),
        (Platform(), House(raises=Gone("postgres at 10.0.0.7")), 503),
        (Platform(), House(raises=ValueError("sesame")), 500),
    ],
)
async def test_what_goes_wrong_has_a_status_and_no_trace(platform: Platform, house: House, status: int) -> None:
    found, headers, body = await call(platform, house)
    assert found == status
    assert house.taken == []
    for inside in (b"Traceback", b"sesame", b"10.0.0.7", b"auth_token", b"From"):
        assert inside not in body
    assert (found == 503) == ("retry-after" in headers)


async def test_what_is_not_committed_in_time_is_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_module, "SECONDS", 0.05)
    status, _headers, _body = await call(Platform(), House(hangs=True))
    assert status == 503


async def test_what_cannot_be_proven_in_time_is_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(event: Inbound | Receipt) -> Inbound | Receipt:
        await asyncio.Event().wait()
        return event

    monkeypatch.setattr(webhook_module, "SECONDS", 0.05)
    async with asyncio.timeout(10):
        status, _headers, _body = await call(Platform(), house := House(), proven=never)
    assert (status, house.taken) == (503, [])


async def test_a_body_over_a_mebibyte_is_refused_unread() -> None:
    platform = Platform()
    status, _headers, _body = await call(platform, House(), body=b"x" * (2**20 + 1))
    assert status == 413
    assert platform.seen == []


async def test_a_get_is_refused_where_the_platform_posts() -> None:
    assert (await call(Platform(), House(), method="GET"))[0] == 405


async def test_a_body_in_parts_is_put_together_and_never_past_the_limit() -> None:
    parts = iter([b"ab", b"cd", b""])

    async def receive() -> dict[str, Any]:
        part = next(parts)
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    assert await body_of(receive) == b"abcd"

    async def endless() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    with pytest.raises(TooLarge):
        await body_of(endless, limit=5000)


async def test_a_caller_that_leaves_is_no_error() -> None:
    async def left() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(Disconnected):
        await body_of(left)
