"""Mails taken directly from a mail server of the house (Postfix), by LMTP (RFC 2033) or SMTP.

Rule: a mail is acknowledged only when `receive` has committed all of it; until then the sending server keeps it and
tries again. It listens for a server next to it, not for the open internet: nothing here asks who sends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from channels.channel import Receive
from channels.message import Inbound, Receipt

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP as SMTPServer

Read = Callable[[bytes], tuple[Inbound | Receipt, ...]]

_log: Final = logging.getLogger("motline.email")
_BIGGEST: Final = 40 * 1024 * 1024
_SLOW: Final = 32 * 1024


class MailServer:
    """Listens for mails; `read` parses one, `receive` commits an event."""

    def __init__(self, read: Read, receive: Receive) -> None:
        self._read, self._receive = read, receive
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int, *, protocol: Literal["lmtp", "smtp"] = "lmtp") -> tuple[str, int]:
        """Start; the address it listens at (port 0: a free one). Raises OSError where the port is taken."""
        from aiosmtpd.lmtp import LMTP
        from aiosmtpd.smtp import SMTP

        # aiosmtpd writes addresses and commands at these levels.
        logging.getLogger("mail").setLevel(logging.WARNING)
        served = LMTP if protocol == "lmtp" else SMTP
        loop = asyncio.get_running_loop()

        def connection() -> SMTPServer:
            server: SMTPServer = served(
                self, data_size_limit=_BIGGEST, enable_SMTPUTF8=True, decode_data=False, loop=loop, ident="Motline"
            )
            return server

        self._server = await loop.create_server(connection, host, port)
        name = self._server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    async def aclose(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """One whole mail. LMTP wants an answer for each recipient."""
        answer = await self._take(with_envelope(envelope.content, envelope.mail_from, envelope.rcpt_tos))
        count = len(envelope.rcpt_tos) if type(server).__name__ == "LMTP" else 1
        return "\r\n".join([answer] * count)

    async def _take(self, raw: bytes) -> str:
        try:
            events = await asyncio.to_thread(self._read, raw) if len(raw) > _SLOW else self._read(raw)
            for event in events:
                await self._receive(event)
        except Exception as error:
            _log.warning("a mail could not be taken: %s", type(error).__name__)
            return "451 4.3.0 Not taken, try again later"
        return "250 2.0.0 Taken"


def with_envelope(raw: bytes, sender: str | None, recipients: list[str]) -> bytes:
    """The mail with its envelope on top, as a delivering server writes it: tokens and bounces are told by it."""
    lines = [f"Return-Path: <{(sender or '').strip('<>')}>", *(f"Delivered-To: {one}" for one in recipients)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace") + raw
