"""A connection as a stranger may use it: a request's head is limited in bytes, and its coming in time.

Rule: uvicorn counts neither, and whatever it waits for lies in memory and holds one of the process's files. What is not
whole in time is cut off. An answer may take its time: a page's live events last for hours.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request line with its headers; most proxies take no more either.
LONGEST_HEAD: Final = 64 * 1024
#: Bytes of a body that are none of it: the sizes of its chunks and what follows the last one.
MOST_FRAMING: Final = 8 * 1024 * 1024
#: Seconds until a request is here, counted anew with each `PACE` bytes of its body.
SECONDS: Final = 30.0
PACE: Final = 256 * 1024

_TOO_LONG: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """uvicorn's own, with these limits."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head = self._framing = self._body = 0
        self._part = "head"
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from here: whoever connects has something to ask."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see that it stays within the limits."""
        if self._part == "head":
            self._head += len(data)
        else:
            self._framing += len(data)
        super().data_received(data)
        if (self._part == "head" and self._head > LONGEST_HEAD) or self._framing > MOST_FRAMING:
            self._cut(_TOO_LONG)
        elif self._part != "whole" and (self._deadline is None or self._body >= PACE):
            self._start()

    def handle_websocket_upgrade(self) -> None:
        """The connection is another protocol's now."""
        self._stop()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._part, self._head, self._framing = "head", 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what stands behind a body is read by nobody, so it is not kept."""
        if self._part == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._part = "body"
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._framing -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._part = "whole"
        self._stop()
        super().on_message_complete()

    def _start(self) -> None:
        self._stop()
        self._body = 0
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(SECONDS, self._cut, _TOO_SLOW)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self, answer: bytes) -> None:
        """Answer where no answer is under way, and hang up."""
        self._stop()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(answer)
        self.transport.close()
