"""The HTTP client: what certainly did not leave, and what may have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.http import HttpClient
from channels.errors import NotSent, Unanswered

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/secret-token/send"


@asynccontextmanager
async def client() -> AsyncIterator[HttpClient]:
    http = HttpClient()
    try:
        yield http
    finally:
        await http.aclose()


async def test_an_answer_comes_whole_whatever_its_status() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(5)
        writer.write(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\n" + body[::-1])
        await writer.drain()

    async with server(talk) as url, client() as http:
        answer = await http.request("POST", url, body=b"hello", headers={"X-One": "1"})
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", b"olleh")


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with server(talk) as url, client() as http:
        assert (await http.request("GET", url)).status == 302


async def test_a_refused_connection_is_not_sent() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        return

    async with server(talk) as url:
        pass
    async with client() as http:
        with pytest.raises(NotSent) as caught:
            await http.request("POST", url, body=b"hello")
    assert "secret-token" not in str(caught.value)


async def test_an_address_that_is_none_is_not_sent() -> None:
    async with client() as http:
        with pytest.raises(NotSent):
            await http.request("POST", "no address at all")


async def test_a_connection_cut_after_the_request_was_read_is_unanswered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(5)

    async with server(talk) as url, client() as http:
        with pytest.raises(Unanswered) as caught:
            await http.request("POST", url, body=b"hello")
    assert "secret-token" not in str(caught.value)


async def test_an_answer_that_stops_halfway_is_unanswered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
        await writer.drain()

    async with server(talk) as url, client() as http:
        with pytest.raises(Unanswered):
            await http.request("POST", url, body=b"hello")


async def test_an_answer_that_does_not_come_in_time_is_unanswered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(talk) as url, client() as http:
        with pytest.raises(Unanswered):
            await http.request("POST", url, body=b"hello", timeout=0.2)


async def test_an_answer_without_end_is_refused() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            return

    async with server(talk) as url, client() as http:
        with pytest.raises(Unanswered):
            await http.request("GET", url)
