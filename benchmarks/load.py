"""A load of its own process: HTTP/1.1 over so many kept connections, each sending its next request when it is answered.

`python -m benchmarks.load PORT CONNECTIONS SECONDS < requests` reads requests as 4-byte lengths and bytes, sends each
once, and prints one line of JSON: replies, seconds, p50_ms, p99_ms, failed (by status), shown (a sample of answers).
"""

from __future__ import annotations

import asyncio
import struct
import sys
import time
from collections import Counter
from typing import cast

import orjson
import uvloop


class Connection(asyncio.Protocol):
    """One kept connection; it takes requests from the shared list until that or the time has run out."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._buffer = b""
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are transports by shape alone.
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        request = self._work.take()
        assert self._transport is not None
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lower = self._buffer[:head].lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head + 4 + length:
            return
        body = self._buffer[head + 4 : head + 4 + length]
        self._work.answered(int(self._buffer[9:12]), body, time.perf_counter() - self._began)
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._work.left()


class Work:
    """The requests, the clock, and what came back."""

    def __init__(self, requests: list[bytes], connections: int, seconds: float) -> None:
        self._requests = iter(requests)
        self._ends = time.perf_counter() + seconds
        self.open = connections
        self.began = time.perf_counter()
        self.ended = self.began
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.shown: list[str] = []
        self.empty = 0
        self.done = asyncio.Event()

    def take(self) -> bytes | None:
        return None if time.perf_counter() > self._ends else next(self._requests, None)

    def answered(self, status: int, body: bytes, seconds: float) -> None:
        self.ended = time.perf_counter()
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if len(self.shown) < 3:
            self.shown.append(body[:200].decode("utf-8", "replace"))

    def left(self) -> None:
        self.open -= 1
        if self.open == 0:
            self.done.set()


def read_requests() -> list[bytes]:
    found, raw, at = [], sys.stdin.buffer.read(), 0
    while at < len(raw):
        (length,) = struct.unpack_from(">I", raw, at)
        found.append(raw[at + 4 : at + 4 + length])
        at += 4 + length
    return found


async def main(port: int, connections: int, seconds: float) -> None:
    requests = read_requests()
    work = Work(requests, connections, seconds)
    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(loop.create_connection(lambda: Connection(work), "127.0.0.1", port) for _ in range(connections))
    )
    stuck = 0
    try:
        async with asyncio.timeout(seconds + 15):
            await work.done.wait()
    except TimeoutError:
        stuck = work.open
    ordered = sorted(work.latencies) or [0.0]
    result = {
        "replies": work.statuses[200],
        "seconds": work.ended - work.began,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "statuses": {str(status): count for status, count in work.statuses.items()},
        "shown": work.shown,
        "stuck": stuck,
    }
    print(orjson.dumps(result).decode())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
