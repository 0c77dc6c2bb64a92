"""A provider in a process of its own: `python -m benchmarks.push_fakes CHANNEL`.

Rule: a real provider works on another machine, so this one must cost as little of this machine as it can: requests are
split, kept and answered with what the adapter needs, and looked at only afterwards. That they are what the platforms
take is the matter of the strict fakes in the tests. It prints a line of JSON with its address; to each line on its
standard input it answers with what it was sent since the last one: how many messages, how many out of their address's
order, how many twice, how many to another than their address, and what it had to refuse.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any, cast
from urllib.parse import unquote

import orjson
import uvloop

MARK = re.compile(r"#(\d+)/(\d+)")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
#: Whom a message is to, as it lies in the request or in the mail's head.
TO = re.compile(
    rb'(?:^|&)(?:chat_id|To)=([^&]+)|"touser":"([^"]+)"|^To: *<?([^\s>]+)', re.MULTILINE | re.IGNORECASE
)
#: By path: the status, and what is answered.
ANSWERS = {
    "telegram": ("sendMessage", 200, {"ok": True, "result": {"message_id": 7, "date": 1, "chat": {"id": 7}}}),
    "sms": ("Messages.json", 201, {"sid": "SM" + "0" * 32, "status": "queued"}),
    "wechat": ("message/custom/send", 200, {"errcode": 0, "errmsg": "ok"}),
}  # fmt: skip
TOKEN = {"access_token": "token", "expires_in": 7200}


class Provider:
    """A server on one port; `taken` is what it was sent since that was last emptied."""

    scheme = "http"

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.failures: list[str] = []

    async def __aenter__(self) -> Provider:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.connection, "127.0.0.1", 0)
        self.url = f"{self.scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def connection(self) -> asyncio.Protocol:
        """One connection's side of it."""
        raise NotImplementedError

    def text(self, body: bytes) -> str:
        """What people read in it."""
        raise NotImplementedError


class HttpProvider(Provider):
    """HTTP/1.1: every message that is posted to the one path is taken."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.path, status, answer = ANSWERS[channel]
        self._answer, self._token = whole(status, answer), whole(200, TOKEN)

    def connection(self) -> asyncio.Protocol:
        return _Http(self)

    def text(self, body: bytes) -> str:
        return unquote(body.decode().replace("+", " "))

    def answer(self, head: bytes, body: bytes) -> bytes:
        """What is answered to one request."""
        target = head.split(b" ", 2)[1].partition(b"?")[0]
        if target.endswith(self.path.encode()):
            self.taken.append(body)
            return self._answer
        if b"token" not in target:
            self.failures.append(f"a call to {target.decode()}")
        return self._token


class SmtpProvider(Provider):
    """SMTP (RFC 5321), as far as a client that makes no mistakes needs it."""

    scheme = "smtp"

    def connection(self) -> asyncio.Protocol:
        return _Smtp(self)

    def text(self, body: bytes) -> str:
        part = message_from_bytes(body, policy=default).get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class _Connection(asyncio.Protocol):
    def __init__(self, server: Any) -> None:
        self._server, self._come = server, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none of its subclasses


class _Http(_Connection):
    def data_received(self, data: bytes) -> None:
        self._come += data
        while (end := self._come.find(b"\r\n\r\n") + 4) > 3:
            found = LENGTH.search(self._come, 0, end)
            whole_at = end + (int(found[1]) if found else 0)
            if len(self._come) < whole_at:
                return
            head, body, self._come = self._come[:end], self._come[end:whole_at], self._come[whole_at:]
            self._transport.write(self._server.answer(head, body))


class _Smtp(_Connection):
    _mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transport.write(b"220 ready\r\n")

    def data_received(self, data: bytes) -> None:
        self._come += data
        while (end := self._come.find(b"\r\n.\r\n" if self._mail else b"\r\n")) >= 0:
            said = self._come[:end]
            self._come = self._come[end + (5 if self._mail else 2) :]
            self._transport.write(self._answer(said))

    def _answer(self, said: bytes) -> bytes:
        if self._mail:
            self._mail = False
            self._server.taken.append(said)
            return b"250 taken\r\n"
        verb = said[:4].upper()
        self._mail = verb == b"DATA"
        if verb not in (b"EHLO", b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT"):
            self._server.failures.append(said.decode())
        return b"354 go on\r\n" if self._mail else b"250 fine\r\n"


def whole(status: int, answer: Any) -> bytes:
    """A response with JSON."""
    body = orjson.dumps(answer)
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def recipient(body: bytes) -> str:
    """Whom a message is to."""
    found = TO.search(body)
    assert found is not None, body
    return next(group for group in found.groups() if group).decode()


def report(sent: Sequence[tuple[str, str]], failures: Sequence[str]) -> dict[str, Any]:
    """What is wrong with them (recipient, text); each text names its address and its number there."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    whose: dict[str, str] = {}
    disordered = repeated = misdirected = 0
    for to, text in sent:
        found = MARK.search(text)
        assert found is not None, text
        address, number = found[1], int(found[2])
        misdirected += whose.setdefault(address, to) != to
        repeated += found[0] in seen
        seen.add(found[0])
        disordered += number < last.get(address, -1)
        last[address] = max(number, last.get(address, -1))
    # Each address has a recipient of its own.
    misdirected += len(whose) - len(set(whose.values()))
    wrong = {"disordered": disordered, "repeated": repeated, "misdirected": misdirected}
    return {"count": len(sent), **wrong, "failures": list(failures)[:3]}


async def main(channel: str) -> None:
    provider = SmtpProvider() if channel == "email" else HttpProvider(channel)
    async with provider:
        show({"url": provider.url})
        while await asyncio.to_thread(sys.stdin.readline):
            sent = [(recipient(body), provider.text(body)) for body in provider.taken]
            provider.taken.clear()
            show(report(sent, provider.failures))


def show(answer: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
