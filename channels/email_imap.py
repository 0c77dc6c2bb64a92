"""New mails from an IMAP mailbox (RFC 3501), pushed by IDLE (RFC 2177).

Rule: how far the mailbox has been read is UIDVALIDITY and the last UID, kept after `receive` has committed; the mails
themselves are neither marked nor moved, so a mailbox may be shared with people. A first start begins with what arrives
from then on: an old mailbox is not answered. When the server numbers its mails anew, the last three days are read
again; what was received before is known by its id.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from channels.channel import Clock, Progress, Receive
from channels.email_in import BIGGEST
from channels.errors import Temporary
from channels.message import Inbound, Receipt

if TYPE_CHECKING:
    from aioimaplib import IMAP4

Read = Callable[[bytes], tuple[Inbound | Receipt, ...]]

_log: Final = logging.getLogger("motline.email")
# aioimaplib writes whole mails and commands at these levels; no customer's word may reach a log.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)

# Servers may drop an idle client after 30 minutes (RFC 2177); routers do so earlier.
_IDLE_SECONDS: Final = 20 * 60.0
_POLL_SECONDS: Final = 30.0
_LONGEST_WAIT: Final = 300.0
_SLOW: Final = 32 * 1024
_AGAIN: Final = timedelta(days=3)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Refused(Exception):
    """The server said no; the text names the setting."""


class Mailbox:
    """One folder of one account. `timeout` in seconds holds for every command; `pause` sleeps (tests give another)."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        clock: Clock,
        security: Literal["tls", "starttls", "none"] = "tls",
        folder: str = "INBOX",
        ca_file: str = "",
        timeout: float = 30.0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._host, self._port, self._user, self._password = host, port, user, password
        self._security, self._folder, self._ca_file = security, folder, ca_file
        self._timeout, self._clock, self._pause = timeout, clock, pause
        self._key = f"imap:{user}@{host}/{folder}"
        self._lost = asyncio.Event()

    async def follow(self, read: Read, receive: Receive, progress: Progress) -> None:
        """Receive new mails until cancelled, reconnecting with growing pauses."""
        wait = 1.0
        while True:
            try:
                client = await self._connect()
                try:
                    while True:
                        await self._fetch_new(client, read, receive, progress)
                        wait = 1.0
                        await self._until_news(client)
                finally:
                    await self._leave(client)
            except Exception as error:
                why = str(error) if isinstance(error, Refused) else type(error).__name__
                where = f"{self._folder} at {self._host}:{self._port}"
                _log.warning("mailbox %s: %s; again in %.0f s", where, why, wait)
            await self._pause(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def check(self) -> None:
        """Sign in and open the folder, and no more. Raises Temporary with what an admin has to look at."""
        where = f"the mailbox {self._folder} at {self._host}:{self._port}"
        try:
            client = await self._connect()
            try:
                if (await client.select(quoted(self._folder))).result != "OK":
                    raise Refused("there is no such folder, or it does not open (email.imap_folder)")
            finally:
                await self._leave(client)
        except Refused as error:
            raise Temporary(f"{where}: {error}", whole_channel=True) from None
        except Exception as error:
            why = f"no connection (email.imap_host, email.imap_port, email.imap_security): {type(error).__name__}"
            raise Temporary(f"{where}: {why}", whole_channel=True) from None

    async def _connect(self) -> IMAP4:
        from aioimaplib import IMAP4

        self._lost = lost = asyncio.Event()
        context = ssl.create_default_context(cafile=self._ca_file or None) if self._security != "none" else None
        client = IMAP4(
            self._host, self._port, timeout=self._timeout, conn_lost_cb=lambda _: lost.set(),
            ssl_context=context if self._security == "tls" else None,
        )  # fmt: skip
        try:
            await client.wait_hello_from_server()
            if self._security == "starttls" and context is not None:
                await self._start_tls(client, context)
            await self._sign_in(client)
        except BaseException:
            await self._leave(client)
            raise
        return client

    async def _start_tls(self, client: IMAP4, context: ssl.SSLContext) -> None:
        """aioimaplib knows the command but not the handshake."""
        from aioimaplib.aioimaplib import Command

        if not client.has_capability("STARTTLS"):
            raise Refused("it does not offer STARTTLS (email.imap_security)")
        protocol: Any = client.protocol
        async with asyncio.timeout(self._timeout):
            answer = await protocol.execute(Command("STARTTLS", protocol.new_tag()))
            if answer.result != "OK":
                raise Refused("it refuses STARTTLS (email.imap_security)")
            loop = asyncio.get_running_loop()
            protocol.transport = await loop.start_tls(protocol.transport, protocol, context, server_hostname=self._host)
            # What was said before the handshake may have been forged (RFC 3501, 6.2.1).
            await protocol.capability()

    async def _sign_in(self, client: IMAP4) -> None:
        if (await client.login(self._user, self._password)).result != "OK":
            raise Refused("it refuses the user name or the password (email.imap_user, email.imap_password)")
        async with asyncio.timeout(self._timeout):
            # Many servers tell all they can (IDLE) only after the sign-in.
            await client.protocol.capability()
        if client.has_capability("ID"):
            # NetEase opens a mailbox only to programs that name themselves.
            await client.id(name="Motline", version="1")

    async def _leave(self, client: IMAP4) -> None:
        """Close the connection and everything that waits on it; returns when it is closed."""
        connecting: Any = getattr(client, "_client_task", None)
        tasks = [*client.tasks, *client.protocol.tasks, *([connecting] if connecting is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        transport: Any = client.protocol.transport
        if transport is not None:
            transport.abort()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._lost.wait()

    async def _fetch_new(self, client: IMAP4, read: Read, receive: Receive, progress: Progress) -> None:
        answer = await client.select(quoted(self._folder))
        if answer.result != "OK":
            raise Refused("it has no such folder, or does not open it (email.imap_folder)")
        validity, following = _number(answer.lines, b"UIDVALIDITY"), _number(answer.lines, b"UIDNEXT")
        known, _, last = (await progress.load(self._key)).partition(":")
        if not known:
            await progress.keep(self._key, f"{validity}:{max(following - 1, 0)}")
            return
        since = self._days_ago() if known != str(validity) else f"UID {int(last or 0) + 1}:*"
        newest = int(last or 0) if known == str(validity) else 0
        for uid in await self._search(client, since):
            if uid > newest:
                for event in await self._read(client, uid, read):
                    await receive(event)
                await progress.keep(self._key, f"{validity}:{uid}")

    def _days_ago(self) -> str:
        day = self._clock.now() - _AGAIN
        return f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"

    async def _search(self, client: IMAP4, criterion: str) -> list[int]:
        answer = await client.uid_search(criterion, charset=None)
        if answer.result != "OK":
            raise Refused("it refuses to search")
        return sorted(int(word) for line in answer.lines[:-1] for word in line.split() if word.isdigit())

    async def _read(self, client: IMAP4, uid: int, read: Read) -> tuple[Inbound | Receipt, ...]:
        sized = await client.uid("fetch", str(uid), "(RFC822.SIZE)")
        size = next((int(found[1]) for line in sized.lines if (found := re.search(rb"RFC822\.SIZE (\d+)", line))), 0)
        what = "(BODY.PEEK[])" if size <= BIGGEST else "(BODY.PEEK[HEADER])"
        answer = await client.uid("fetch", str(uid), what)
        raw = next((bytes(line) for line in answer.lines if isinstance(line, bytearray)), b"")
        if not raw:
            return ()
        if size > BIGGEST:
            # The parser takes it for what it is by its length; the body that is missing is not looked at.
            raw = raw.ljust(BIGGEST + 1)
        return await asyncio.to_thread(read, raw) if len(raw) > _SLOW else read(raw)

    async def _until_news(self, client: IMAP4) -> None:
        """Until the server tells of something, or it is time to look."""
        if not client.has_capability("IDLE"):
            await self._pause(_POLL_SECONDS)
            await client.noop()
            return
        idle = await client.idle_start(timeout=_IDLE_SECONDS)
        pushed = asyncio.ensure_future(client.wait_server_push(timeout=_IDLE_SECONDS + self._timeout))
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({pushed, lost}, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise ConnectionResetError
            client.idle_done()
            async with asyncio.timeout(self._timeout):
                await asyncio.shield(idle)
        finally:
            for task in (pushed, lost):
                task.cancel()
            await asyncio.gather(pushed, lost, return_exceptions=True)


def _number(lines: list[bytes], name: bytes) -> int:
    """The value of a response code such as [UIDNEXT 4392], 0 where the server gave none."""
    found = (re.search(rb"\[" + name + rb" (\d+)", line) for line in lines)
    return next((int(match[1]) for match in found if match), 0)


def quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: in modified UTF-7 (RFC 3501, 5.1.3) and in quotes."""
    plain = folder.replace("&", "&-").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[^\x20-\x7e]+", lambda found: _utf7(found[0]), plain) + '"'


def _utf7(text: str) -> str:
    packed = base64.b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
    return f"&{packed}-"
