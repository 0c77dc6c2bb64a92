"""Handing mails to an SMTP server (RFC 5321), over connections that are kept.

Rule: what is known at the moment of an error decides what it means. Before the mail's bytes leave nothing is lost and
it may be tried again; from then on only the server's answer tells, and without one the outcome is unknown.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final, Literal

from channels.email_compose import Mail
from channels.errors import OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary

if TYPE_CHECKING:
    from aiosmtplib import SMTP

Security = Literal["starttls", "tls", "none"]
_ENHANCED: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# No such mailbox, no such domain, bad form, moved away, mailbox closed (RFC 3463; .1.10 is a null MX or Exchange's).
_GONE: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_GONE_WORDS: Final = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox)|(?:user|recipient|mailbox|address)[^.]{0,30}"
    r"(?:not found|not exist|unknown|disabled)|does ?n.t exist|does not exist|不存在|无此用户",
    re.IGNORECASE,
)
_FULL: Final = ("5.2.2", "4.2.2")
_MEAN_OF: Final = 8


class Smtp:
    """A server and at most `connections` to it at once; who comes too many waits for one that is done.

    `timeout` in seconds is what one mail may take as a whole: half of it to connect, two thirds until the server has
    taken sender and recipient. So whoever stops a mail that takes longer stops none that surely did not leave.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str = "",
        password: str = "",
        security: Security = "starttls",
        ca_file: str = "",
        connections: int = 20,
        timeout: float = 30.0,
    ) -> None:
        self._host, self._port, self._user, self._password = host, port, user, password
        self._security, self._ca_file, self._timeout = security, ca_file, timeout
        self._room = asyncio.Semaphore(connections)
        #: How long the server takes for a mail, by those that went last.
        self.mean_seconds = timeout
        self._idle: deque[SMTP] = deque()
        self._tls: ssl.SSLContext | None = None

    async def send(self, mail: Mail) -> None:
        """Hand over one mail. Raises a SendError and nothing else."""
        client, begun = await self._taken(mail)
        try:
            async with asyncio.timeout(self._timeout):
                await client.data(mail.data)
        except TimeoutError:
            client.close()
            raise OutcomeUnknown("the mail server gave no answer to the mail in time") from None
        except Exception as error:
            raise self._after_data(client, error) from None
        except BaseException:
            client.close()
            raise
        else:
            self._keep(client)
            self.mean_seconds += (asyncio.get_running_loop().time() - begun - self.mean_seconds) / _MEAN_OF
        finally:
            self._room.release()

    async def _taken(self, mail: Mail) -> tuple[SMTP, float]:
        """A connection on which sender and recipient are taken, and since when; the caller frees the room."""
        waits, where = True, f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(self._timeout * 2 / 3):
                await self._room.acquire()
                waits, begun = False, asyncio.get_running_loop().time()
                try:
                    return await self._ready(mail), begun
                except BaseException:
                    self._room.release()
                    raise
        except TimeoutError:
            if waits:
                why = "is slow: every connection was busy (email.smtp_connections)"
                raise Temporary(f"the mail server {where} {why}", retry_after=1.0, whole_channel=True) from None
            why = "did not take a mail in time (email.smtp_host, delivery.timeout)"
            raise Temporary(f"the mail server {where} {why}") from None

    async def aclose(self) -> None:
        """Close the connections."""
        while self._idle:
            client = self._idle.pop()
            try:
                async with asyncio.timeout(2):
                    await client.quit()
            except Exception:
                client.close()

    async def check(self) -> None:
        """Connect and sign in, and no more. Raises Temporary with what an admin has to look at."""
        self._keep(await self._connect())

    async def _ready(self, mail: Mail) -> SMTP:
        """A connection on which the server has taken sender and recipient; a kept one that went stale is replaced."""
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                try:
                    return await self._envelope(client, mail)
                except _Stale:
                    continue
        client = await self._connect()
        try:
            return await self._envelope(client, mail)
        except _Stale:
            raise Temporary("the mail server closed the connection", whole_channel=True) from None

    async def _envelope(self, client: SMTP, mail: Mail) -> SMTP:
        from aiosmtplib import SMTPResponseException

        try:
            await client.mail(mail.sender)
            await client.rcpt(mail.recipient)
        except SMTPResponseException as error:
            await self._give_back(client)
            raise meaning(error.code, str(error.message)) from None
        except Exception:
            client.close()
            raise _Stale from None
        except BaseException:
            client.close()
            raise
        return client

    def _after_data(self, client: SMTP, error: Exception) -> SendError:
        from aiosmtplib import SMTPResponseException

        if isinstance(error, SMTPResponseException) and error.code > 0:
            self._keep(client)
            return meaning(error.code, str(error.message))
        client.close()
        return OutcomeUnknown("the connection to the mail server broke while the mail was handed over")

    async def _give_back(self, client: SMTP) -> None:
        """After a refusal in the envelope the connection is good for the next mail."""
        try:
            async with asyncio.timeout(self._timeout):
                await client.rset()
        except Exception:
            client.close()
        else:
            self._keep(client)

    def _keep(self, client: SMTP) -> None:
        if client.is_connected:
            self._idle.append(client)
        else:
            client.close()

    async def _connect(self) -> SMTP:
        from aiosmtplib import SMTP

        client = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user or None,
            password=self._password or None,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._context() if self._security != "none" else None,
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout(self._timeout / 2):
                await client.connect()
        except BaseException as error:
            client.close()
            if isinstance(error, Exception):
                raise self._no_connection(error) from None
            raise
        return client

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file or None)
        return self._tls

    def _no_connection(self, error: Exception) -> Temporary:
        """Why there is no connection, in words for an admin; nothing that the server said is repeated, it may echo."""
        from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPResponseException

        where = f"{self._host}:{self._port}"
        match error:
            case SMTPAuthenticationError():
                why = "refused the user name or the password (email.smtp_user, email.smtp_password)"
                return Temporary(f"the mail server {where} {why}", code=str(error.code), whole_channel=True)
            case ssl.SSLError():
                why = "its certificate or its TLS is not accepted (email.smtp_host, email.smtp_security)"
            case SMTPResponseException():
                why = "refuses us; if it takes few connections at once, lower email.smtp_connections"
                return Temporary(f"the mail server {where} {why}", code=str(error.code), whole_channel=True)
            case TimeoutError():
                why = "no answer in time (email.smtp_host, email.smtp_port)"
            case SMTPException() if "STARTTLS" in str(error).upper():
                why = "it does not offer STARTTLS (email.smtp_security)"
            case SMTPException() if "AUTH" in str(error).upper():
                why = "it takes no sign-in here (email.smtp_security, email.smtp_port)"
            case _:
                why = "no connection (email.smtp_host, email.smtp_port)"
        return Temporary(f"the mail server {where}: {why}", whole_channel=True)


class _Stale(Exception):
    """The connection was gone before the mail's bytes left."""


def meaning(code: int, message: str) -> SendError:
    """What an SMTP answer to a mail means. `message` is the server's text, kept only as a code."""
    found = _ENHANCED.search(message)
    status = found[1] if found else ""
    said = f"{code} {status}".strip()
    if code == 421 or code in (530, 534, 535, 538, 454):
        return Temporary("the mail server refuses us for now", code=said, whole_channel=True)
    if status in _FULL or (code in (452, 552) and re.search(r"quota|full|storage|space", message, re.IGNORECASE)):
        return Temporary("the recipient's mailbox is full", code=said, retry_after=6 * 3600.0)
    if 400 <= code < 500:
        return Temporary("the mail server asks to try again later", code=said)
    if status in _GONE or (code in (550, 551, 553, 554) and _says_gone(status, message)):
        return RecipientGone("there is no such mailbox", code=said)
    return Rejected("the mail server refused the mail", code=said)


def _says_gone(status: str, message: str) -> bool:
    return status in ("", "5.0.0", "5.1.0", "5.5.0", "5.3.0") and _GONE_WORDS.search(message) is not None
