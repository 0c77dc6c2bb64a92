"""Where a push goes in the house itself: consent, preference, last answer, window, cost, the next way, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.config import Business, Config
from bot.config_values import Hours
from channels.capabilities import CAPABILITIES
from channels.errors import RecipientGone, Rejected, SendError
from channels.message import Outbound
from storage import consents, moments
from storage.crypto import Keys
from storage.database import Database
from storage.merging import merge
from tests.bot.delivery_parts import Platform
from tests.bot.edge_parts import SCRIPT, Home
from tests.review.parts import Street

DAY = Config(business=Business(quiet_hours=None, push_interval=timedelta(0)))
WHO = {"sms": "+8613800138000", "telegram": "77", "email": "li@example.com", "webchat": "v1", "wechat": "oLi"}
CHOOSES = """
dialog: visit
title: {en: Visit}
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
session: {expires_after: 3d}
steps:
  - collect: way
    type: choice
    options: {sms: {en: Text}, email: {en: Mail}}
    ask: {en: How may we write to you?}
  - set: {profile.preferred_channel: "{{ slots.way }}"}
  - say: {en: Thank you!}
"""


class House(Street):
    """All five channels, whose platforms keep books."""

    def __init__(self, store: Database, keys: Keys, config: Config = DAY) -> None:
        self.platforms = {
            name: Platform(name, capabilities=replace(CAPABILITIES[name], per_second=5000.0, per_address_seconds=0.0))
            for name in WHO
        }
        Home.__init__(self, store, keys, self.platforms, config)

    async def customer(self, *channels: str, consented: bool = True) -> int:
        customer = await self.known("Li", *(("service",) if consented else ()))
        for channel in channels:
            await self.link(WHO[channel], channel, customer)
        return customer

    async def happened(self, customer: int, identity: str = "m1") -> dict[str, str]:
        """A moment, carried out as far as it goes; what came of it."""
        await moments.report(self.store, identity, "visit.done", customer, now=self.now())
        await self.settled()
        return await self.outcome(identity)

    async def settled(self) -> None:
        """Jobs and messages, until nothing is due."""
        while await self.house.timers.once() or await self.house.delivery.once():
            pass

    async def outcome(self, identity: str = "m1") -> dict[str, str]:
        row = await self.one("SELECT outcome, reason FROM moments WHERE public_id = $1", identity)
        return {"outcome": row["outcome"], "reason": row["reason"]}

    def asked(self) -> list[str]:
        """The channels on which the question arrived, in their order of time."""
        return [name for name, platform in self.platforms.items() for text in platform.texts if "How likely" in text]

    def breaks(self, name: str, error: SendError) -> None:
        def refuse(outbound: Outbound) -> object:
            raise error

        self.platforms[name].does = refuse


@pytest.fixture
async def home(store: Database, keys: Keys) -> House:
    made = House(store, keys)
    await made.open()
    return made


async def test_without_a_consent_for_its_purpose_nothing_is_written_and_the_moment_says_why(home: House) -> None:
    customer = await home.customer("sms", "email", consented=False)
    await consents.say(home.store, customer, "marketing", "granted", source="form", actor="x", at=1)
    assert await home.happened(customer) == {"outcome": "not_sent", "reason": "no consent for service messages"}
    assert await home.rows("SELECT id FROM outbox") == []


async def test_a_stated_preference_goes_before_where_they_last_wrote(home: House) -> None:
    customer = await home.customer("telegram", "sms", "email")
    await home.write("hello", WHO["telegram"], "telegram")
    await home.store.execute("UPDATE customers SET attributes = '{\"preferred_channel\":\"email\"}'")
    await home.happened(customer)
    assert home.asked() == ["email"]


async def test_what_a_customer_answers_in_a_dialog_is_their_stated_preference(store: Database, keys: Keys) -> None:
    home = House(store, keys)
    await home.open(CHOOSES)
    customer = await home.customer("telegram", "sms", "email")
    for said in ("feedback", "Mail"):
        await home.write(said, WHO["telegram"], "telegram")
    await home.happened(customer)
    rows = await home.rows("SELECT channel FROM outbox WHERE text LIKE 'How may we%' ORDER BY id")
    assert [row["channel"] for row in rows] == ["telegram", "email"]


async def test_without_one_they_are_asked_where_they_last_answered_though_that_costs_more(home: House) -> None:
    customer = await home.customer("telegram", "sms", "email")
    await home.write("hello", WHO["telegram"], "telegram")
    home.clock.at += timedelta(minutes=1)
    await home.write("hello", WHO["sms"], "sms")
    await home.happened(customer)
    assert home.asked() == ["sms"]


@pytest.mark.parametrize(
    ("channels", "cheapest"), [(("sms", "email"), "email"), (("email", "telegram"), "telegram"), (("sms",), "sms")]
)
async def test_who_never_wrote_is_asked_where_it_costs_least(
    home: House, channels: Sequence[str], cheapest: str
) -> None:
    await home.happened(await home.customer(*channels))
    assert home.asked() == [cheapest]


async def test_a_message_that_died_before_a_merge_goes_to_the_next_channel_of_the_one_customer(home: House) -> None:
    customer = await home.customer("sms", "telegram")
    home.breaks("telegram", Rejected("refused"))
    await moments.report(home.store, "m1", "visit.done", customer, now=home.now())
    while not await home.rows("SELECT id FROM outbox WHERE status = 'dead'"):
        await home.house.timers.once()
        await home.house.delivery.once()
    await merge(home.store, await home.known("Li Wei"), customer, actor="cli", now=home.now())
    await home.settled()
    assert home.asked() == ["sms"]


async def test_a_platform_whose_window_is_closed_is_passed_over_for_the_next_channel(home: House) -> None:
    customer = await home.customer("wechat", "sms")
    await home.write("hello", WHO["wechat"], "wechat")
    home.clock.at += timedelta(hours=49)
    await home.happened(customer)
    assert home.asked() == ["sms"]


async def test_inside_its_window_they_are_asked_there(home: House) -> None:
    customer = await home.customer("wechat", "sms")
    await home.write("hello", WHO["wechat"], "wechat")
    home.clock.at += timedelta(hours=47)
    await home.happened(customer)
    assert home.asked() == ["wechat"]


@pytest.mark.parametrize("error", [Rejected("filtered", code="30007"), RecipientGone("no such number", code="21211")])
async def test_a_send_that_dies_is_followed_by_one_on_the_next_channel_and_the_next(
    home: House, error: SendError
) -> None:
    customer = await home.customer("telegram", "email", "sms")
    home.breaks("telegram", error)
    home.breaks("email", error)
    assert await home.happened(customer) == {"outcome": "started", "reason": ""}
    assert home.asked() == ["sms"]
    talks = await home.rows("SELECT status FROM conversations ORDER BY id")
    assert [row["status"] for row in talks] == ["undelivered", "undelivered", "open"]


async def test_when_every_send_dies_the_moment_says_what_was_tried(home: House) -> None:
    customer = await home.customer("email", "sms")
    for name in ("email", "sms"):
        home.breaks(name, Rejected("filtered"))
    assert await home.happened(customer) == {
        "outcome": "not_sent",
        "reason": "the email address did not take the message; the sms address did not take the message",
    }


async def test_a_mail_that_bounces_is_followed_by_the_next_channel(home: House) -> None:
    customer = await home.customer("email", "sms")
    await home.happened(customer)
    assert home.asked() == ["email"]
    mail = await home.one("SELECT public_id FROM outbox WHERE text LIKE '%How likely%'")
    bounce = home.event("", "mailer-daemon@example.com", "email", kind="bounce", recipient="elsewhere@example.org",
                        permanent=True, reply_to=f"<motline.{mail['public_id']}@example.com>")  # fmt: skip
    await home.house.conversations.receive("email", [await home.house.believed(bounce)], inline=False)
    await home.settled()
    assert home.asked() == ["sms", "email"]
    assert (await home.one("SELECT status FROM addresses WHERE channel = 'email'"))["status"] == "closed"


async def test_a_customer_who_blocks_the_bot_unread_is_asked_on_the_next_channel(home: House) -> None:
    customer = await home.customer("telegram", "sms")
    await home.happened(customer)
    await home.write("", WHO["telegram"], "telegram", kind="blocked")
    await home.settled()
    assert sorted(home.asked()) == ["sms", "telegram"]


async def test_who_answered_before_the_bounce_is_not_asked_again(home: House) -> None:
    customer = await home.customer("telegram", "sms")
    await home.happened(customer)
    await home.write("9", WHO["telegram"], "telegram")
    await home.write("", WHO["telegram"], "telegram", kind="blocked")
    await home.settled()
    assert home.asked() == ["telegram"]


async def test_a_mail_that_comes_back_for_now_changes_nothing(home: House) -> None:
    customer = await home.customer("email", "sms")
    await home.happened(customer)
    await home.write("", WHO["email"], "email", kind="bounce", recipient=WHO["email"])
    await home.settled()
    assert home.asked() == ["email"]
    assert (await home.one("SELECT status FROM conversations"))["status"] == "open"


async def test_who_said_stop_meanwhile_is_not_asked_on_the_next_channel(home: House) -> None:
    customer = await home.customer("email", "sms")
    await home.happened(customer)
    await consents.say(home.store, customer, "service", "withdrawn", source="form", actor="x", at=home.now())
    await home.write("", WHO["email"], "email", kind="bounce", recipient=WHO["email"], permanent=True)
    await home.settled()
    assert home.asked() == ["email"]
    assert await home.outcome() == {"outcome": "not_sent", "reason": "no consent for service messages"}


async def test_at_night_it_waits_says_so_and_goes_in_the_morning(store: Database, keys: Keys) -> None:
    business = Business(quiet_hours=Hours(time(21), time(9)), timezone="UTC", push_interval=timedelta(0))
    home = House(store, keys, Config(business=business))
    await home.open()
    customer = await home.customer("sms", "email")
    home.clock.at = home.clock.at.replace(hour=22)
    assert await home.happened(customer) == {"outcome": "waiting", "reason": "quiet hours"}
    home.clock.at += timedelta(hours=11)
    await home.settled()
    assert (await home.outcome())["outcome"] == "started"
    assert home.asked() == ["email"]


async def test_who_was_asked_lately_or_is_being_asked_is_not_asked_again_and_the_reason_stands(
    store: Database, keys: Keys
) -> None:
    home = House(store, keys, Config(business=Business(quiet_hours=None, push_interval=timedelta(days=3))))
    await home.open(SCRIPT)
    customer = await home.customer("sms")
    await home.happened(customer)
    assert (await home.happened(customer, "m2"))["reason"] == "another dialog is open with this customer"
    for said in ("9", "yes"):
        await home.write(said, WHO["sms"], "sms")
    assert await home.happened(customer, "m3") == {"outcome": "not_sent", "reason": "asked less than 3 days ago"}


async def test_an_address_that_is_unknown_closed_stopped_or_off_stands_in_the_reason(home: House) -> None:
    customer = await home.customer("sms", "telegram")
    await home.store.execute("UPDATE addresses SET status = 'closed' WHERE channel = 'sms'")
    await home.store.execute("UPDATE addresses SET status = 'stopped' WHERE channel = 'telegram'")
    assert (await home.happened(customer))["reason"] == "the sms address is closed; the telegram address is stopped"
    nobody = await home.known("Wu", "service")
    assert (await home.happened(nobody, "m2"))["reason"] == "no address is known"
