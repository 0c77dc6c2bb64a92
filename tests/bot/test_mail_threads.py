"""The mails of one conversation are one thread: what they answer, what went before, one subject."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.turn_carry import StaffWord
from channels.capabilities import EMAIL
from channels.email_in import parse_mail
from channels.message import Inbound, Outbound
from storage.crypto import Keys, new_public_id
from storage.database import Database
from tests.bot.delivery_parts import Platform
from tests.bot.edge_parts import SCRIPT, Home
from tests.review.parts import Street

MAIL = "li@example.com"


class Mailbox(Platform):
    """Gives Message-IDs, as a mail server does."""

    async def send(self, outbound: Outbound) -> str:
        await super().send(outbound)
        return message_id(outbound)


def message_id(outbound: Outbound) -> str:
    return f"<motline.{outbound.id}@example.com>"


class House(Street):
    """A street with a mailbox alone."""

    def __init__(self, store: Database, keys: Keys) -> None:
        self.mails = Mailbox("email", capabilities=replace(EMAIL, per_second=5000.0))
        Home.__init__(self, store, keys, {"email": self.mails})

    async def mail(self, text: str, number: int, **headers: str) -> None:
        """A mail as it comes in, with these header fields."""
        fields = {"From": MAIL, "To": "feedback@example.com", "Message-ID": f"<c{number}@mail.example>"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\n" for name, value in (fields | named).items())
        (event,) = parse_mail(f"{head}\n{text}\n".encode(), account="feedback", received_at=self.clock.now())
        assert isinstance(event, Inbound)
        await self.house.conversations.receive("email", [event], inline=False)
        await self.house.delivery.once()

    async def asked(self) -> Outbound:
        customer = await self.known("Li", "service")
        await self.begin(customer, await self.link(MAIL, "email", customer), "email")
        await self.house.delivery.once()
        return self.mails.book[-1]


@pytest.fixture
async def home(store: Database, keys: Keys) -> House:
    made = House(store, keys)
    await made.open(SCRIPT)
    return made


def thread(outbound: Outbound) -> dict[str, Any]:
    return {"answers": outbound.reply_to, "after": list(outbound.references), "subject": outbound.subject}


async def test_what_a_dialog_begins_with_is_one_mail_that_begins_a_thread(home: House) -> None:
    first = await home.asked()
    assert len(home.mails.book) == 1
    assert first.text == "Thank you for coming.\n\nHow likely are you to recommend us, 0-10?"
    assert len(first.choices) == 11
    assert thread(first) == {"answers": "", "after": [], "subject": ""}


async def test_the_next_question_answers_the_customers_mail_and_keeps_its_subject(home: House) -> None:
    first = message_id(await home.asked())
    subject = "=?utf-8?b?5Zue5aSN77ya?= Thank you for coming."
    await home.mail("9", 1, In_Reply_To=first, References=first, Subject=subject)
    second, theirs = home.mails.book[-1], "<c1@mail.example>"
    assert second.text == "Will you come again?"
    assert thread(second) == {"answers": theirs, "after": [first, theirs], "subject": "Re: Thank you for coming."}


async def test_a_reminder_follows_our_own_last_mail(home: House) -> None:
    first = message_id(await home.asked())
    await home.later(timedelta(hours=21))
    await home.house.delivery.once()
    assert thread(home.mails.book[-1]) == {"answers": first, "after": [first], "subject": "Re: Thank you for coming."}


async def test_after_a_press_on_the_page_the_thread_goes_on_from_our_mail(home: House) -> None:
    first = await home.asked()
    press = home.event("", MAIL, "email", kind="choice", payload=first.choices[9].payload)
    await home.house.conversations.receive("email", [press], inline=False)
    await home.house.delivery.once()
    sent = message_id(first)
    assert thread(home.mails.book[-1]) == {"answers": sent, "after": [sent], "subject": "Re: Thank you for coming."}


async def test_who_writes_first_is_answered_in_their_own_thread(home: House) -> None:
    await home.mail("feedback", 7, Subject="My visit")
    expected = {"answers": "<c7@mail.example>", "after": ["<c7@mail.example>"], "subject": "Re: My visit"}
    assert thread(home.mails.book[-1]) == expected


async def test_a_colleague_answers_in_the_thread_of_the_customers_own_mail(home: House) -> None:
    await home.mail("this is terrible, the worst service ever, I will sue you", 3, Subject="My visit")
    ticket = await home.one("SELECT id, customer_id, address_id FROM tickets")
    staff = await home.rows("INSERT INTO staff (public_id, name, created_at) VALUES ('bo', 'Bo', 0) RETURNING id")
    word = StaffWord(
        "say", ticket["id"], staff[0]["id"], "Bo", text="I am sorry.", address_id=ticket["address_id"],
        channel="email", public_id=new_public_id(),
    )  # fmt: skip
    await home.house.conversations.nudge(ticket["customer_id"], word)
    await home.house.delivery.once()
    sent = home.mails.book[-1]
    assert "I am sorry." in sent.text
    assert (sent.reply_to, sent.subject) == ("<c3@mail.example>", "Re: My visit")


async def test_another_conversation_begins_another_thread(home: House, store: Database) -> None:
    await home.asked()
    await home.later(timedelta(days=4))
    await home.house.delivery.once()
    await home.begin(1, 1, "email")
    await home.house.delivery.once()
    assert thread(home.mails.book[-1]) == {"answers": "", "after": [], "subject": ""}


async def test_a_long_thread_keeps_its_first_mail_and_the_last_ones(home: House) -> None:
    first = message_id(await home.asked())
    before = " ".join([first, *(f"<x{n}@mail.example>" for n in range(40))])
    await home.mail("9", 1, In_Reply_To="<x39@mail.example>", References=before)
    after = home.mails.book[-1].references
    assert (after[0], after[-1], len(after) <= 20) == (first, "<c1@mail.example>", True)


async def test_a_raw_mail_that_was_wiped_still_leaves_its_name(home: House, store: Database) -> None:
    await home.asked()
    events = [home.event("9", MAIL, "email", external_id="<c9@mail.example> li", message="")]
    await home.house.conversations.receive("email", events, inline=False)
    await store.execute("UPDATE inbound SET raw_sealed = NULL")
    await home.house.delivery.once()
    assert home.mails.book[-1].reply_to == "<c9@mail.example>"
