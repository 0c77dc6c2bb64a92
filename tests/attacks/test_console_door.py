"""The console without a session: nothing of it is made, told or connected; with one, only for as long as it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from bot.access import COOKIE
from bot.console.gate import Gate
from tests.web.house import Web

PATHS = ("/console", "/console/", "/console/keys", "/console/_nicegui/x.js", "/console/_nicegui_ws/socket.io/")


async def inside(asked: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside {asked.url.path}")


async def socket(asked: WebSocket) -> None:
    await asked.accept()


@pytest.fixture
def app(site: Web) -> ASGIApp:
    routes = [
        Mount("/console", routes=[WebSocketRoute("/_nicegui_ws", socket), Route("/{path:path}", inside)]),
        Route("/consoles", inside),
    ]
    made = Starlette(routes=routes)
    made.add_middleware(Gate, parts=site.parts)  # type: ignore[arg-type]
    return made


@pytest.fixture
async def stranger(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", follow_redirects=True) as client:
        yield client


async def shake_hands(app: ASGIApp, session: str) -> list[str]:
    """The types of what the socket answers."""
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message["type"])

    headers = [(b"host", b"127.0.0.1"), (b"cookie", f"{COOKIE}={session}".encode())]
    scope = {"type": "websocket", "path": "/console/_nicegui_ws", "headers": headers, "query_string": b""}
    await app(scope, receive, send)
    return said


NO_SESSIONS = ["", "x", "' OR 1=1 --", "\xff", "a" * 4000]


async def test_a_stranger_gets_one_plain_page_everywhere(stranger: httpx.AsyncClient) -> None:
    for path in PATHS:
        for session in NO_SESSIONS:
            headers = {"cookie": f"{COOKIE}={session}".encode("latin-1")} if session else {}
            for method in ("GET", "POST", "HEAD"):
                answer = await stranger.request(method, path, headers=headers)
                assert answer.status_code == 403
                assert "inside" not in answer.text
            assert "motline admin link NAME" in (await stranger.get(path)).text


async def test_other_pages_are_not_the_consoles(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/consoles")).text == "inside /consoles"


async def test_the_socket_is_not_a_strangers(site: Web, app: ASGIApp) -> None:
    assert await shake_hands(app, "") == ["websocket.close"]
    assert await shake_hands(app, await site.signed_in()) == ["websocket.accept"]


async def test_a_session_that_was_ended_opens_nothing(site: Web, stranger: httpx.AsyncClient) -> None:
    session = await site.signed_in()
    cookie = {"cookie": f"{COOKIE}={session}"}
    assert (await stranger.get("/console/keys", headers=cookie)).text == "inside /console/keys"
    await site.parts.access.sign_out(session)
    assert (await stranger.get("/console/keys", headers=cookie)).status_code == 403
