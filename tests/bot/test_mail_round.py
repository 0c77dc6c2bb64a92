"""A question by mail, all the way: composed, signed, sent, opened, pressed, answered, unsubscribed."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.app import links_of
from bot.config import Config
from bot.delivery import Delivery
from channels.message import Address, Request
from storage import consents, moments
from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database
from tests.bot.delivery_parts import PACE
from tests.fakes.house import StandingClock
from tests.fakes.smtp_server import MailSink
from tests.storage.books import make_customer
from tests.web.house import Web, web

MAIL = "hannah@example.com"
PUBLIC = "https://feedback.jade.example"
COUNT = "SELECT count(*) AS n FROM inbound"


@dataclass
class Round:
    """The site with a mailbox, and the mail server behind it."""

    site: Web
    sink: MailSink
    delivery: Delivery

    async def asked(self) -> EmailMessage:
        """A moment, for a customer with a mailbox alone; the mail that follows."""
        store = self.site.database
        customers = Customers(store, self.site.parts.keys)
        now = int(self.site.clock.now().timestamp() * 1000)
        customer = await make_customer(store, "Hannah", attributes='{"orders": 3}')
        await customers.attach(customer, "email", MAIL, now)
        await consents.say(store, customer, "service", "granted", source="form", actor="x", at=now)
        await moments.report(store, "m1", "order.delivered", customer, now=now)
        await self.site.parts.house.timers.once()
        return await self.next()

    async def next(self) -> EmailMessage:
        """The next mail that arrives."""
        before = len(self.sink.taken)
        await self.delivery.once()
        assert len(self.sink.taken) > before, "no mail came"
        message = message_from_bytes(self.sink.taken[-1].data, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    async def count(self, sql: str) -> int:
        return int((await self.site.database.fetch(sql))[0]["n"])


@asynccontextmanager
async def opened(store: Database, keys: Keys, *, public: str = PUBLIC, dkim_key: str = "") -> AsyncIterator[Round]:
    async with MailSink() as sink:
        where = urlsplit(sink.url)
        assert where.hostname
        assert where.port
        email = replace(
            Config().email, enabled=True, sender="Jade Hotel <feedback@jade.example>", smtp_host=where.hostname,
            smtp_port=where.port, smtp_security="none", reply_address="reply@jade.example",
            **({"dkim_domain": "jade.example", "dkim_selector": "m1", "dkim_key_file": dkim_key} if dkim_key else {}),
        )  # fmt: skip
        business = replace(Config().business, quiet_hours=None)
        config = replace(
            Config(), email=email, business=business, server=replace(Config().server, public_url=public, samples=False)
        )
        async with web(store, keys, config, working=False) as site:
            channel = site.parts.channels["email"]
            links = links_of(config, keys, StandingClock())
            delivery = Delivery(store, {"email": channel}, keys, site.clock, links=links, pace=PACE)
            yield Round(site, sink, delivery)
            await channel.aclose()


def face(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


def path_of(link: str) -> str:
    assert link.startswith(PUBLIC)
    return link.removeprefix(PUBLIC)


async def test_a_link_shows_the_choice_marked_and_one_press_sends_it(store: Database, keys: Keys) -> None:
    async with opened(store, keys) as round_:
        mail = await round_.asked()
        plain, rich = face(mail, "plain"), html.unescape(face(mail, "html"))
        link = next(line.split()[-1] for line in plain.splitlines() if line.startswith("9  "))
        assert link in rich
        client = round_.site.client
        for method in (client.get, client.head):
            assert (await method(path_of(link))).status_code == 200
        page = (await client.get(path_of(link))).text
        marked = re.findall(r'<input[^>]*value="([^"]*)"[^>]*checked', page)
        assert [value.rpartition(".")[2] for value in marked] == ["9"]
        assert await round_.count(COUNT) == 0, "opening a link records nothing"
        nonce = re.search(r'name="nonce" value="([^"]*)"', page)
        assert nonce is not None
        done = await client.post(path_of(link), data={"payload": marked[0], "nonce": nonce[1]})
        assert done.status_code == 200
        rows = await store.fetch("SELECT slot, number FROM answers")
        assert [(row["slot"], row["number"]) for row in rows] == [("nps", 9.0)]
        following = await round_.next()
        assert following["In-Reply-To"] == mail["Message-ID"]
        assert following["Subject"] == f"Re: {mail['Subject']}"


async def test_one_click_of_the_mail_program_unsubscribes(store: Database, keys: Keys) -> None:
    async with opened(store, keys) as round_:
        mail = await round_.asked()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = mail["List-Unsubscribe"].strip("<>")
        assert (await round_.site.client.get(path_of(link))).status_code == 200
        assert await consents.allowed(store, 1, "service")
        answer = await round_.site.client.post(path_of(link), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not await consents.allowed(store, 1, "service")
        assert (await store.fetch("SELECT status FROM conversations"))[0]["status"] == "stopped"


async def test_without_a_public_address_no_link_travels_and_unsubscribing_goes_by_mail(
    store: Database, keys: Keys
) -> None:
    async with opened(store, keys, public="") as round_:
        mail = await round_.asked()
        plain, rich = face(mail, "plain"), face(mail, "html")
        assert "http" not in plain + rich.replace("http-equiv", "")
        assert "0  1  2  3  4  5  6  7  8  9  10" in plain
        assert "simply reply to this email" in plain
        assert mail["List-Unsubscribe"] == "<mailto:feedback@jade.example?subject=unsubscribe>"
        assert mail["List-Unsubscribe-Post"] is None


async def test_a_mail_arrives_signed_by_the_configured_key(store: Database, keys: Keys, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "dkim.pem"
    encoding = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    async with opened(store, keys, dkim_key=str(file)) as round_:
        await round_.asked()
        (taken,) = round_.sink.taken
        assert dkim.verify(taken.data, dnsfunc=lambda name, timeout=5: record)
        forged = taken.data.replace(b"hannah@example.com", b"eve@example.com")
        assert not dkim.verify(forged, dnsfunc=lambda name, timeout=5: record)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: auto-replied\n", "auto_reply"),
        ("Return-Path: <>\n", "auto_reply"),
        ("List-Id: <x.example.com>\nPrecedence: list\n", "list_mail"),
    ],
)
async def test_what_a_machine_writes_is_never_answered_and_is_no_answer(
    store: Database, keys: Keys, head: str, kind: str
) -> None:
    async with opened(store, keys) as round_:
        mail = await round_.asked()
        before = await store.fetch("SELECT state, revision FROM conversations")
        raw = f"{head}From: {MAIL}\nMessage-ID: <a@b>\nIn-Reply-To: {mail['Message-ID']}\nSubject: Away\n\n9\n"
        (event,) = round_.site.parts.channels["email"].parse(Request("FILE", "", {}, raw.encode()))
        assert event.kind == kind
        house = round_.site.parts.house
        await house.conversations.receive("email", [await house.believed(event)], inline=False)
        assert await store.fetch("SELECT state, revision FROM conversations") == before
        assert await round_.delivery.once() == 0
        assert await store.fetch("SELECT id FROM answers") == []


async def test_a_card_that_goes_to_a_teams_mailbox_offers_no_unsubscribing(store: Database, keys: Keys) -> None:
    async with opened(store, keys) as round_:
        house = round_.site.parts.house
        row = await store.fetch(
            """INSERT INTO addresses (public_id, channel, lookup, sealed, created_at)
 VALUES ('t', 'email', 't', $1, 0) RETURNING id""",
            keys.seal(b"team@jade.example"),
        )
        await store.execute(
            """INSERT INTO outbox (public_id, address_id, channel, kind, text, body, run_at, created_at)
 VALUES ($1, $2, 'email', 'desk', 'A dialog is broken', '{"language":"en"}', 0, 0)""",
            "a" * 32,
            row[0]["id"],
        )
        delivery = Delivery(
            store, {"email": house.channels["email"]}, keys, house.clock,
            links=links_of(house.config, keys, house.clock), pace=PACE, composer=house.desk,
        )  # fmt: skip
        await delivery.once()
        mail = message_from_bytes(round_.sink.taken[-1].data, policy=policy.default)
        assert mail["To"] == "team@jade.example"
        assert mail["List-Unsubscribe"] is None
        assert links_of(house.config, keys, house.clock).unsubscribe_url(Address("email", MAIL)) != ""
