"""Strangers who send without end, or hardly at all: memory and connections stay bounded, and others are served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from bot import connections
from bot.serving import Server
from bot.web.asgi import Receive, Scope, Send, body_of

OK = b"HTTP/1.1 200 OK"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body, without end at /events."""
    if scope["type"] != "http":
        return
    body = await body_of(receive)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while scope["path"] == "/events":
        await send({"type": "http.response.body", "body": b"data: x\n\n", "more_body": True})
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": b"%d" % len(body)})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """The port of a server on this machine."""
    started = asyncio.Event()
    server = Server(app, ended=lambda: None, served=started.set)
    import socket

    sock = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve(sockets=[sock]))
    await started.wait()
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await running


async def answer_to(port: int, *pieces: bytes) -> bytes:
    """What comes back until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            with suppress(ConnectionError):
                await writer.drain()
        async with asyncio.timeout(20):
            with suppress(ConnectionError):
                return await reader.read()
        return b""
    finally:
        writer.close()


Pieces = Callable[[], Any]


@pytest.mark.parametrize(
    "pieces",
    [
        lambda: [b"GET / HTTP/1.1\r\n", *(b"x-%d: %s\r\n" % (n, b"a" * 4096) for n in range(1000))],
        lambda: [b"GET / HTTP/1.1\r\nx: ", *(b"a" * 65536 for _ in range(40))],
        lambda: [b"GET /", *(b"a" * 65536 for _ in range(40))],
    ],
)
async def test_a_head_without_end_is_refused(pieces: Pieces) -> None:
    async with served() as port:
        assert OK not in await answer_to(port, *pieces())


async def test_what_follows_a_body_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_FRAMING", 100_000)
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    async with served() as port:
        small = await answer_to(port, head, b"x-a: 1\r\n\r\n", b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
        assert small.count(OK) == 2
        assert OK not in await answer_to(port, head, *(b"x-%d: %s\r\n" % (n, b"a" * 4096) for n in range(400)))


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nhost",
        b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc",
        b"GET / HTTP/1.1\r\n\r\nGET / HT",
    ],
)
async def test_a_request_that_does_not_come_to_its_end_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(connections, "SECONDS", 0.1)
    async with served() as port:
        assert b"408" in await answer_to(port, begun) or begun.startswith(b"POST")
        assert OK in await answer_to(port, b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")


async def test_live_events_outlast_the_limit_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SECONDS", 0.05)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
        async with asyncio.timeout(20):
            read = b""
            while read.count(b"data: x") < 30:
                read += await reader.readexactly(1)
        writer.close()
        assert read.count(b"data: x") == 30


async def test_a_large_body_that_keeps_coming_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PACE", 1000)
    body = b"x" * 900_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with served() as port:
        assert b"900000" in await answer_to(port, head, body)
        chunked = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        assert b"50000" in await answer_to(port, chunked, b"1\r\na\r\n" * 50_000, b"0\r\n\r\n")
