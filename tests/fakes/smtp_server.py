"""A mail server on loopback: what it takes it keeps, and it can be told to refuse, to hang or to cut."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.fakes.scripted import Cut, Hang

USER, PASSWORD = "feedback", "sesame-Öffne"


@dataclass(frozen=True, slots=True)
class Refuse:
    """This line instead of the true answer, at one stage of a mail."""

    stage: Literal["mail", "rcpt", "data"]
    line: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that was taken."""

    sender: str
    recipient: str
    data: bytes

    @property
    def text(self) -> str:
        """The plain text of it."""
        first, _ = message_from_bytes(self.data).get_payload()
        payload: bytes = first.get_payload(decode=True)
        return payload.decode().replace("\r\n", "\n").removesuffix("\n")


class MailSink:
    """An SMTP server on a free port of 127.0.0.1. `connections` counts how often somebody came in."""

    def __init__(self, *, signs_in: bool = False) -> None:
        self.url = ""
        self.taken: list[Taken] = []
        self.failures: list[str] = []
        self.connections = 0
        self._signs_in = signs_in
        self._scripted: deque[Refuse | Hang | Cut] = deque()
        self._over = asyncio.Event()
        self._open: list[SMTP] = []

    def script(self, *answers: Refuse | Hang | Cut) -> None:
        """The next answers, in order; after them the true ones again."""
        self._scripted.extend(answers)

    async def __aenter__(self) -> Self:
        logging.getLogger("mail").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"smtp://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        self.drop_all()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.sleep(0.02)

    def drop_all(self) -> None:
        """Close every connection, as a server does that has waited long enough."""
        for server in self._open:
            if server.transport is not None:
                server.transport.abort()
        self._open.clear()

    def _connection(self) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings():
            # It warns of passwords without TLS, which is what these tests are about.
            warnings.simplefilter("ignore")
            server = SMTP(
                self, hostname="sink.example", enable_SMTPUTF8=True, auth_required=self._signs_in,
                auth_require_tls=False,
                authenticator=self._authenticate, loop=asyncio.get_running_loop(),
            )  # fmt: skip
        self._open.append(server)
        return server

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    def _next(self, stage: str) -> Refuse | Hang | Cut | None:
        if not self._scripted:
            return None
        first = self._scripted[0]
        at = first.stage if isinstance(first, Refuse) else "data"
        return self._scripted.popleft() if at == stage else None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        refused = self._next("mail")
        if isinstance(refused, Refuse):
            return refused.line
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        refused = self._next("rcpt")
        if isinstance(refused, Refuse):
            return refused.line
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        match self._next("data"):
            case Refuse(_, line):
                return line
            case Hang():
                await self._over.wait()
            case Cut():
                server.transport.abort()
            case None:
                self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


#: What a server that falls silent has said until then, by the stage at which it does.
SILENT: Mapping[str, Sequence[bytes]] = {
    "greeting": [],
    "ehlo": [b"220 mx.example\r\n"],
    "mail": [b"220 mx.example\r\n", b"250 mx.example\r\n"],
    "rcpt": [b"220 mx.example\r\n", b"250 mx.example\r\n", b"250 2.1.0 Ok\r\n"],
}


@asynccontextmanager
async def silent(said: Sequence[bytes]) -> AsyncIterator[str]:
    """A server that says so much and then nothing, on every connection."""
    gone = asyncio.Event()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        for number, line in enumerate(said):
            if number:
                await reader.readline()
            writer.write(line)
        await gone.wait()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"smtp://{host}:{port}"
    finally:
        gone.set()
        server.close()
        await asyncio.gather(*serving)
