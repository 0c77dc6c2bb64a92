"""Email against real servers: out through Postfix with STARTTLS, answers from Dovecot by IDLE, LMTP into Motline."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from channels.email import EmailChannel
from channels.email_imap import Mailbox
from channels.errors import RecipientGone, Temporary
from channels.message import Address, Choice, Inbound, Outbound, Receipt
from tests.mail import prepare_mail
from tests.mail.prepare_mail import PASSWORD, MailHouse
from tests.untested import untested

OURS, ANN = "feedback@jade.example", "ann.lee@example.net"
ASK = Outbound(
    id="0123456789abcdef" * 2, to=Address("email", ANN), text="您满意吗？ How was it?", language="zh",
    subject="您的入住",
    choices=(Choice("满意", "c:1", url="https://jade.example/a/1"),), reply_token="Tok3n-aB_9",
    unsubscribe_url="https://jade.example/u/9",
)  # fmt: skip


@pytest.fixture(scope="module")
def house() -> Iterator[MailHouse]:
    reason = prepare_mail.missing()
    if reason:
        untested(f"email against real Postfix and Dovecot: {reason}")
    with prepare_mail.running() as started:
        yield started


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Books:
    """What was received, and how far."""

    events: list[Inbound | Receipt] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    refusals: int = 0

    async def receive(self, event: Inbound | Receipt) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("the store is gone")
        self.events.append(event)

    async def load(self, name: str) -> str:
        return self.kept.get(name, "")

    async def keep(self, name: str, value: str) -> None:
        self.kept[name] = value


def channel(house: MailHouse, **settings: Any) -> EmailChannel:
    ready = {
        "clock": RealClock(), "sender": f"翠湖酒店 <{OURS}>", "reply_address": "reply@jade.example",
        "smtp_host": "127.0.0.1", "smtp_port": house.smtp, "smtp_user": OURS, "smtp_password": PASSWORD,
        "imap_host": "127.0.0.1", "imap_port": house.imaps, "imap_user": OURS, "imap_password": PASSWORD,
        "ca_file": house.ca_file, "timeout": 10.0,
    }  # fmt: skip
    return EmailChannel(**(ready | settings))


async def until(house: MailHouse, there: Callable[[], object]) -> None:
    """Wait for it, at most 20 s."""
    for _ in range(400):
        if there():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not come: {house.log()}")


@asynccontextmanager
async def polling(house: MailHouse, books: Books, **settings: Any) -> AsyncIterator[EmailChannel]:
    mails = channel(house, **settings)
    task = asyncio.create_task(mails.poll(books.receive, books))
    await until(house, lambda: books.kept)
    yield mails
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await mails.aclose()


def submit(house: MailHouse, message: EmailMessage) -> None:
    """As a customer's mail program does."""
    sender = message["From"].addresses[0].addr_spec
    with smtplib.SMTP("127.0.0.1", house.smtp) as client:
        client.starttls(context=ssl.create_default_context(cafile=house.ca_file))
        client.login(sender, PASSWORD)
        client.send_message(message)


def answer(text: str, *, to: str = "reply+Tok3n-aB_9@jade.example", sender: str = ANN, number: int = 1) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Re: 您的入住"
    message["Message-ID"] = f"<answer-{number}@example.net>"
    message["In-Reply-To"] = f"<motline.{ASK.id}@jade.example>"
    message.set_content(f"{text}\n\n在 2026年10月5日，10:00，翠湖酒店 <{OURS}> 写道：\n\n> 您满意吗？ 0-10\n")
    return message


def handed_over(house: MailHouse, recipient: str) -> int:
    """Motline's answer to a mail, handed over as Postfix does."""
    with smtplib.LMTP("127.0.0.1", house.direct, timeout=10) as client:
        try:
            client.sendmail(ANN, [recipient], answer("9", to=recipient, number=10).as_bytes())
        except smtplib.SMTPDataError as refused:
            return refused.smtp_code
    return 250


async def test_a_mail_is_submitted_over_tls_and_delivered(house: MailHouse) -> None:
    mails = channel(house)
    await mails.start()
    message_id = await mails.send(ASK)
    await mails.aclose()
    await until(house, lambda: any(message_id.encode() in raw for raw in house.mails(ANN)))
    (raw,) = (raw for raw in house.mails(ANN) if message_id.encode() in raw)
    assert b"with ESMTPSA" in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw


async def test_a_wrong_password_and_an_unknown_certificate_are_told(house: MailHouse) -> None:
    for settings, setting in (({"smtp_password": "wrong"}, "email.smtp_password"), ({"ca_file": ""}, "certificate")):
        mails = channel(house, **settings)
        with pytest.raises(Temporary) as refused:
            await mails.start()
        await mails.aclose()
        assert setting in refused.value.reason


async def test_an_answer_is_pushed_and_read(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books):
        submit(house, answer("9分，很满意"))
        await until(house, lambda: books.events)
    (event,) = books.events
    assert isinstance(event, Inbound)
    assert (event.kind, event.text, event.sender) == ("text", "9分，很满意", ANN)
    assert (event.token, event.reply_to) == ("Tok3n-aB_9", f"<motline.{ASK.id}@jade.example>")


async def test_a_mailbox_over_starttls_is_followed_too(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books, imap_port=house.imap, imap_security="starttls"):
        submit(house, answer("8", number=2))
        await until(house, lambda: books.events)
    assert [event.external_id.split()[0] for event in books.events] == ["<answer-2@example.net>"]


async def test_what_came_while_nobody_looked_is_read_once(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books):
        submit(house, answer("first", number=3))
        await until(house, lambda: len(books.events) == 1)
    before = len(house.mails(OURS))
    submit(house, answer("second", number=4))
    await until(house, lambda: len(house.mails(OURS)) > before)
    async with polling(house, books):
        await until(house, lambda: len(books.events) == 2)
    assert [event.text for event in books.events if isinstance(event, Inbound)] == ["first", "second"]


async def test_a_mail_is_kept_until_it_is_committed(house: MailHouse) -> None:
    books = Books(refusals=1)
    async with polling(house, books):
        submit(house, answer("7", number=5))
        await until(house, lambda: books.events)
    assert (len(books.events), books.refusals) == (1, 0)


async def test_a_broken_connection_is_made_anew(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books):
        house.kick(OURS)
        submit(house, answer("6", number=6))
        await until(house, lambda: books.events)
    assert len(books.events) == 1


async def test_a_mailbox_that_was_numbered_anew_is_read_again_from_three_days_ago(house: MailHouse) -> None:
    books = Books()
    books.kept[f"imap:{OURS}@127.0.0.1/INBOX"] = "1:99999"
    async with polling(house, books):
        await until(house, lambda: len(books.events) == len(house.mails(OURS)))
    assert len(books.events) > 1


async def test_a_server_without_idle_is_asked_now_and_then(house: MailHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from aioimaplib import IMAP4

    monkeypatch.setattr(
        IMAP4, "has_capability", lambda self, name: name != "IDLE" and name in self.protocol.capabilities
    )
    books, pauses = Books(), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0.05)

    mailbox = Mailbox(
        host="127.0.0.1", port=house.imaps, user=OURS, password=PASSWORD, clock=RealClock(), ca_file=house.ca_file,
        pause=pause,
    )  # fmt: skip
    task = asyncio.create_task(mailbox.follow(channel(house).read, books.receive, books))
    await until(house, lambda: books.kept)
    submit(house, answer("5", number=7))
    await until(house, lambda: books.events)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert set(pauses) == {30.0}


async def test_a_wrong_imap_password_is_logged_with_its_setting(
    house: MailHouse, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox = Mailbox(
        host="127.0.0.1", port=house.imaps, user=OURS, password="wrong-word", clock=RealClock(), ca_file=house.ca_file
    )
    books = Books()
    task = asyncio.create_task(mailbox.follow(channel(house).read, books.receive, books))
    await until(house, lambda: "email.imap_password" in caplog.text)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "wrong-word" not in caplog.text


async def test_a_bounce_names_who_is_not_there_and_which_mail_came_back(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books) as mails:
        message_id = await mails.send(replace(ASK, id="b" * 32, to=Address("email", "nobody@example.net")))
        await until(house, lambda: books.events)
    (event,) = books.events
    assert isinstance(event, Inbound)
    assert (event.kind, event.recipient, event.permanent) == ("bounce", "nobody@example.net", True)
    assert (event.reply_to, event.token) == (message_id, "Tok3n-aB_9")


async def test_our_mails_provoke_no_answering_machine_and_a_persons_does(house: MailHouse) -> None:
    books = Books()
    async with polling(house, books) as mails:
        message_id = await mails.send(replace(ASK, id="c" * 32, to=Address("email", "away@example.net")))
        await until(house, lambda: any(message_id.encode() in raw for raw in house.mails("away@example.net")))
        submit(house, answer("are you there?", to="away@example.net", sender=OURS, number=8))
        await until(house, lambda: books.events)
    (event,) = books.events
    assert isinstance(event, Inbound)
    assert (event.kind, event.text) == ("auto_reply", "I am away until Monday.")
    assert event.reply_to == "<answer-8@example.net>"


async def test_postfix_hands_mails_to_motline_by_lmtp_and_keeps_what_is_not_committed(house: MailHouse) -> None:
    books = Books()
    server = channel(house).server(books.receive)
    await server.listen("127.0.0.1", house.direct)
    await asyncio.to_thread(submit, house, answer("10", to="reply+L1@direct.example", number=9))
    await until(house, lambda: books.events)
    books.refusals = 1
    refused = await asyncio.to_thread(handed_over, house, "reply+L2@direct.example")
    assert refused == 451
    await server.aclose()
    (event,) = books.events
    assert isinstance(event, Inbound)
    assert (event.kind, event.text, event.token) == ("text", "10", "L1")


async def test_dovecot_refuses_a_missing_mailbox_at_once(house: MailHouse) -> None:
    mails = channel(house, smtp_port=house.smtp, smtp_security="starttls")
    with pytest.raises(RecipientGone):
        await mails.send(replace(ASK, to=Address("email", "ann@nowhere.invalid")))
    await mails.aclose()
