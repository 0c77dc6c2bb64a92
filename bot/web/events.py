"""Server-sent events: one open response that brings each message as it happens.

Rule: an event may come twice (from the bell and from the store); its id is the message's, and a page shows it once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson

from bot.feed import Subscription
from bot.web.asgi import Receive, Send
from channels.message import Outbound

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep events back to fill a buffer.
    (b"x-accel-buffering", b"no"),
]
_BEAT: Final = b": beat\n\n"
_BEAT_SECONDS: Final = 15.0

Message = dict[str, Any]
Look = Callable[[], Awaitable[list[Message]]]


async def stream(
    subscription: Subscription,
    receive: Receive,
    send: Send,
    *,
    shape: Callable[[Outbound], Message],
    look: Look | None,
    every: float,
) -> None:
    """Write events until the page leaves or the process ends. `look` reads the store for what other processes sent."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    # `hello` tells the page to read the history: from here on nothing is missed.
    await _write(send, b"event: hello\ndata: {}\n\n")
    left = asyncio.ensure_future(_disconnected(receive))
    known: set[str] = {one["id"] for one in await look()} if look else set()
    beaten = time.monotonic()
    try:
        while not left.done() and not subscription.closed:
            fresh = [shape(one) for one in await _news(subscription, left, every)]
            if look:
                fresh = [one for one in await look() if one["id"] not in known]
                known.update(one["id"] for one in fresh)
            if subscription.missed:
                subscription.missed = False
                await _write(send, b"event: hello\ndata: {}\n\n")
            if fresh:
                await _write(send, b"".join(b"data: " + orjson.dumps(one) + b"\n\n" for one in fresh))
            elif time.monotonic() - beaten >= _BEAT_SECONDS:
                await _write(send, _BEAT)
            else:
                continue
            beaten = time.monotonic()
    finally:
        left.cancel()
    if not left.done() or left.cancelled():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _news(subscription: Subscription, left: asyncio.Future[None], seconds: float) -> list[Outbound]:
    waiting = asyncio.ensure_future(subscription.news(seconds=seconds))
    both: set[asyncio.Future[Any]] = {waiting, left}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        return []
    return waiting.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
