"""Email keeps the contract of a channel, and hands mails over without ever sending one twice."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from channels.email import EmailChannel
from channels.email_smtp import meaning
from channels.errors import MissingSetting, OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary
from channels.message import Address, Outbound, Request
from tests.channels.contract import ProviderContract, StoppedClock
from tests.channels.email_mails import head, plain
from tests.fakes.scripted import Cut, Hang
from tests.fakes.smtp_server import PASSWORD, USER, MailSink, Refuse

TO = Outbound(id="0123456789abcdef" * 2, to=Address("email", "ann.lee@example.net"), text="How was it?")


def channel(url: str, **settings: Any) -> EmailChannel:
    where = urlsplit(url)
    ready = {
        "clock": StoppedClock(), "sender": "Jade Hotel <feedback@jade.example>", "smtp_host": where.hostname,
        "smtp_port": where.port, "smtp_security": "none", "forward_secret": "forward-secret", "timeout": 5.0,
    }  # fmt: skip
    return EmailChannel(**(ready | settings))


class TestEmailContract(ProviderContract):
    secrets = (PASSWORD, "forward-secret")

    def provider(self) -> MailSink:  # type: ignore[override]
        return MailSink(signs_in=True)

    def channel(self, url: str, *, timeout: float = 5.0) -> EmailChannel:
        return channel(url, timeout=timeout, smtp_user=USER, smtp_password=PASSWORD)

    def without_secret(self) -> tuple[EmailChannel, str]:
        return channel("http://127.0.0.1:1", forward_secret=""), "email.forward_secret"

    def message(self, text: str, number: int = 1) -> Request:
        mail = plain(text, headers=head().replace("CAF1x7a9", f"CAF1x7a{number}"))
        return Request("POST", "https://jade.example/webhooks/email", {"authorization": "Bearer forward-secret"}, mail)

    def unsigned(self, request: Request) -> Request:
        return replace(request, headers={})

    def forged(self, request: Request) -> Request:
        return replace(request, headers={"authorization": "Bearer another"})

    def to(self) -> Outbound:
        return TO

    def sent_texts(self, provider: Any) -> list[str]:
        return [taken.text for taken in provider.taken]

    def too_many(self, seconds: int) -> None:
        return None

    def recipient_blocked(self) -> Refuse:
        return Refuse("rcpt", "550 5.1.1 <ann.lee@example.net>: User unknown")


async def failure(answer: Any, **settings: Any) -> SendError:
    async with MailSink() as sink:
        sink.script(answer)
        mails = channel(sink.url, **settings)
        with pytest.raises(SendError) as raised:
            await mails.send(TO)
        await mails.aclose()
    return raised.value


async def test_connections_are_kept_for_the_next_mail() -> None:
    async with MailSink() as sink:
        mails = channel(sink.url)
        for _ in range(5):
            await mails.send(TO)
        await mails.aclose()
        assert (len(sink.taken), sink.connections) == (5, 1)


async def test_a_kept_connection_that_the_server_closed_is_replaced_unseen() -> None:
    async with MailSink() as sink:
        mails = channel(sink.url)
        await mails.send(TO)
        sink.drop_all()
        await mails.send(TO)
        await mails.aclose()
        assert (len(sink.taken), sink.connections) == (2, 2)


async def test_mails_go_side_by_side() -> None:
    async with MailSink() as sink:
        mails = channel(sink.url)
        await asyncio.gather(*(mails.send(replace(TO, id=f"{n:032x}")) for n in range(8)))
        await mails.aclose()
        assert len({taken.data for taken in sink.taken}) == 8


async def test_after_a_refused_recipient_the_connection_serves_the_next() -> None:
    async with MailSink() as sink:
        sink.script(Refuse("rcpt", "550 5.7.1 Policy"))
        mails = channel(sink.url)
        with pytest.raises(Rejected):
            await mails.send(TO)
        await mails.send(TO)
        await mails.aclose()
        assert (len(sink.taken), sink.connections) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Refuse("rcpt", "450 4.2.0 Greylisted"), Temporary),
        (Refuse("rcpt", "452 4.2.2 Mailbox full"), Temporary),
        (Refuse("rcpt", "552 5.2.2 Over quota"), Temporary),
        (Refuse("rcpt", "550 5.1.1 User unknown"), RecipientGone),
        (Refuse("rcpt", "550 5.1.10 Recipient not found"), RecipientGone),
        (Refuse("rcpt", "550 No such user here"), RecipientGone),
        (Refuse("rcpt", "550 5.7.1 Access denied, address 1.2.3.4 is listed"), Rejected),
        (Refuse("mail", "553 5.7.1 Sender address rejected"), Rejected),
        (Refuse("data", "554 5.6.0 Message content rejected"), Rejected),
        (Refuse("data", "550 5.1.1 No such mailbox"), RecipientGone),
        (Refuse("data", "451 4.3.0 Try again later"), Temporary),
        (Hang(), OutcomeUnknown),
        (Cut(), OutcomeUnknown),
    ],
)
async def test_each_refusal_says_what_to_do_next(answer: Any, kind: type[SendError]) -> None:
    error = await failure(answer, timeout=0.4 if isinstance(answer, Hang) else 5.0)
    assert type(error) is kind
    assert "ann.lee" not in str(error)


@pytest.mark.parametrize(("code", "whole"), [(421, True), (454, True), (530, True), (451, False)])
def test_what_concerns_every_mail_rests_the_channel(code: int, whole: bool) -> None:
    error = meaning(code, "4.3.0 later")
    assert isinstance(error, Temporary)
    assert error.whole_channel is whole


async def test_a_wrong_password_is_told_to_the_admin_and_may_be_tried_again() -> None:
    async with MailSink(signs_in=True) as sink:
        mails = channel(sink.url, smtp_user=USER, smtp_password="not-the-password")
        with pytest.raises(Temporary) as refused:
            await mails.start()
        await mails.aclose()
    assert "email.smtp_password" in refused.value.reason
    assert refused.value.whole_channel
    assert "not-the-password" not in repr(refused.value)


async def test_a_server_without_starttls_gets_no_password_in_clear() -> None:
    async with MailSink(signs_in=True) as sink:
        mails = channel(sink.url, smtp_user=USER, smtp_password=PASSWORD, smtp_security="starttls")
        with pytest.raises(Temporary) as refused:
            await mails.send(TO)
        await mails.aclose()
    assert "email.smtp_security" in refused.value.reason


async def test_an_address_that_is_none_is_rejected_unsent() -> None:
    async with MailSink() as sink:
        mails = channel(sink.url)
        for address in ("nobody", "a@b\r\nBcc: eve@evil.example", "a b@c.example", "<a@b.example>", "é@b.example"):
            with pytest.raises(Rejected):
                await mails.send(replace(TO, to=Address("email", address)))
        await mails.aclose()
    assert sink.connections == 0


def test_a_dkim_key_that_is_none_is_named_at_once() -> None:
    with pytest.raises(MissingSetting) as missing:
        channel("smtp://127.0.0.1:1", dkim_key="rubbish", dkim_domain="jade.example", dkim_selector="m1")
    assert missing.value.key == "email.dkim_key_file"


def test_a_file_or_a_mailbox_needs_no_bearer_token() -> None:
    mails = channel("smtp://127.0.0.1:1", forward_secret="")
    for method in ("FILE", "IMAP", "LMTP"):
        mails.verify(Request(method, "", {}, b""))
    (event,) = mails.parse(Request("FILE", "", {}, plain("9")))
    assert event.kind == "text"


async def test_addresses_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await failure(Refuse("rcpt", "550 5.1.1 <ann.lee@example.net> unknown"))
    assert "ann.lee" not in caplog.text
