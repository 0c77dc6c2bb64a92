"""Calls and servers for the tests of actions."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from bot.actions import Call

ROOT = Path(__file__).parents[2]
PACKAGE = "tests.actions.pack"


def call(action: str, slots: Mapping[str, Any] | None = None, **more: Any) -> Call:
    """A call of step 2, number 5, of conversation 1."""
    given: dict[str, Any] = {
        "key": "talk.2.5",
        "sender": "c0ffee",
        "conversation_id": 1,
        "step": 2,
        "sequence": 5,
        "text": "nine",
        "profile": {"name": "Ann"},
        **more,
    }
    return Call(action, slots=slots if slots is not None else {"nps": 9}, **given)


def check(form: str, slot: str, value: Any, **more: Any) -> Call:
    """A call that validates an answer."""
    return call(f"validate_{form}", more.pop("slots", {}), validates=slot, value=value, **more)


@contextmanager
def action_server() -> Iterator[str]:
    """The address of a real rasa-sdk action server with the package, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rasa_sdk", "--actions", PACKAGE, "--port", str(port)]
    environment = {"SANIC_HOST": "127.0.0.1", "PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                raise RuntimeError(f"the action server ended with {server.returncode}") from None
            time.sleep(0.1)
    raise RuntimeError("the action server did not start")


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """The address of a server that says what `talk` says, once it has read the request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/webhook"


def answering(status: int, body: bytes) -> Talk:
    """Answers with this status and body."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return talk
