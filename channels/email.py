"""Email: mails out by SMTP, answers in by IMAP, by LMTP, or posted by a forwarder.

Rule: this file only puts the parts together. Composing, sending, fetching and parsing know nothing of each other.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, Final

from channels.capabilities import EMAIL
from channels.channel import Clock, Progress, Receive
from channels.email_compose import Composer, Sign
from channels.email_in import parse_mail
from channels.email_smtp import Security, Smtp
from channels.errors import InvalidSignature, MissingSetting, Rejected
from channels.message import Inbound, Outbound, Receipt, Request, Response

if TYPE_CHECKING:
    from channels.email_imap import Mailbox
    from channels.email_lmtp import MailServer

_OURS: Final = frozenset({"FILE", "LMTP", "IMAP"})
#: Mails under way for each connection of a quick server: while one is handed over, the next are marked in the store.
_AHEAD: Final = 4


class EmailChannel:
    """One mailbox of ours.

    `sender` is "Name <local@domain>". With `reply_address` (local@domain, at a server that takes plus addresses)
    answers come to `local+<token>@domain`. `forward_secret`: a program that knows it may post raw mails to the webhook.
    `smtp_connections`: so many mails are handed over at once. `dkim_key` is a private key in PEM. `timeout` in seconds
    holds for every step on the network.
    """

    name = "email"
    capabilities = EMAIL

    def __init__(
        self,
        *,
        clock: Clock,
        sender: str,
        reply_address: str = "",
        smtp_host: str = "",
        smtp_port: int = 587,
        smtp_user: str = "",
        smtp_password: str = "",
        smtp_security: Security = "starttls",
        smtp_connections: int = 20,
        imap_host: str = "",
        imap_port: int = 993,
        imap_user: str = "",
        imap_password: str = "",
        imap_security: Security = "tls",
        imap_folder: str = "INBOX",
        dkim_domain: str = "",
        dkim_selector: str = "",
        dkim_key: str = "",
        forward_secret: str = "",
        ca_file: str = "",
        timeout: float = 30.0,
    ) -> None:
        self.account = parseaddr(sender)[1].lower()
        self._clock, self._forward_secret, self._reply_address = clock, forward_secret, reply_address
        self._imap = (imap_host, imap_port, imap_user, imap_password, imap_security, imap_folder)
        self._ca_file, self._timeout, self._smtp_host = ca_file, timeout, smtp_host
        sign = signer(dkim_domain, dkim_selector, dkim_key) if dkim_key else None
        self._composer = Composer(sender=sender, reply_address=reply_address, sign=sign)
        self._smtp = Smtp(
            host=smtp_host, port=smtp_port, user=smtp_user, password=smtp_password,
            security=smtp_security, ca_file=ca_file,
            connections=smtp_connections, timeout=timeout,
        )  # fmt: skip
        self._slow = self.capabilities = replace(EMAIL, under_way=smtp_connections)
        self._quick = replace(EMAIL, under_way=smtp_connections * _AHEAD)

    def verify(self, request: Request) -> None:
        """Mails that we fetched or took ourselves need no proof; posted ones carry the forwarder's bearer token."""
        if request.method in _OURS:
            return
        if not self._forward_secret:
            raise MissingSetting("email.forward_secret", "it lets a program post mails here")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._forward_secret.encode()):
            raise InvalidSignature("the bearer token of the forwarder is missing or wrong")

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """Read the body as one raw mail. Whatever it holds, something comes out."""
        return self.read(request.body)

    def read(self, raw: bytes) -> tuple[Inbound | Receipt, ...]:
        """What a raw mail is."""
        local = self._reply_address.rpartition("@")[0]
        return parse_mail(raw, account=self.account, received_at=self._clock.now(), reply_local=local or "reply")

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """A bare acknowledgement: a mail is answered by a mail."""
        return Response()

    async def send(self, outbound: Outbound) -> str:
        """Compose and hand over; the Message-ID."""
        if not self._smtp_host:
            raise Rejected("setting email.smtp_host is missing")
        if len(outbound.text) > self.capabilities.max_text:
            raise Rejected(f"the text has {len(outbound.text)} characters, a mail takes {self.capabilities.max_text}")
        mail = self._composer.compose(outbound, now=self._clock.now())
        await self._smtp.send(mail)
        # Whoever waits for a connection is marked as being sent: that must be short.
        self.capabilities = self._quick if self._smtp.mean_seconds * _AHEAD < 1 else self._slow
        return mail.message_id

    async def lead_in(self, payload: str, lifetime: timedelta) -> str:
        """An address that opens a mail to us with `payload` in it, to be sent as it is (RFC 6068)."""
        return f"mailto:{self.account}?subject={payload}&body={payload}"

    async def start(self) -> None:
        """Sign in to the mail server once. Raises Temporary with what an admin has to look at."""
        if self._smtp_host:
            await self._smtp.check()

    async def poll(self, receive: Receive, progress: Progress) -> None:
        """Fetch new mails for ever, by IMAP."""
        await self._mailbox().follow(self.read, receive, progress)

    async def check_mailbox(self) -> None:
        """Sign in to the mailbox once. Raises Temporary with what an admin has to look at."""
        await self._mailbox().check()

    def _mailbox(self) -> Mailbox:
        from channels.email_imap import Mailbox

        host, port, user, password, security, folder = self._imap
        if not host:
            raise MissingSetting("email.imap_host", "answers are fetched there")
        return Mailbox(
            host=host, port=port, user=user, password=password, security=security, folder=folder,
            ca_file=self._ca_file, timeout=self._timeout, clock=self._clock,
        )  # fmt: skip

    def server(self, receive: Receive) -> MailServer:
        """An LMTP (or SMTP) server that takes mails for this channel; see `email_lmtp.MailServer.listen`."""
        from channels.email_lmtp import MailServer

        return MailServer(self.read, receive)

    async def aclose(self) -> None:
        """Close connections."""
        await self._smtp.aclose()


def signer(domain: str, selector: str, key: str) -> Sign:
    """A DKIM signer (RFC 6376) for one key; List-Unsubscribe is signed too, as RFC 8058 wants."""
    import dkim

    signed = [
        b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references",
        b"list-unsubscribe", b"list-unsubscribe-post", b"mime-version", b"content-type",
    ]  # fmt: skip

    def sign(mail: bytes) -> bytes:
        line: bytes = dkim.sign(
            mail, selector.encode(), domain.encode(), key.encode(), include_headers=signed,
            canonicalize=(b"relaxed", b"relaxed"),
        )  # fmt: skip
        return line

    try:
        sign(b"From: a@example.com\r\n\r\n")
    except Exception as error:
        why = "it is no private key in PEM, or email.dkim_domain or email.dkim_selector is missing"
        raise MissingSetting("email.dkim_key_file", f"{why} ({type(error).__name__})") from None
    return sign
