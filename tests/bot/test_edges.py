"""What adapters know and the house acts on: who answers a stop, windows, first messages, failures after the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import orjson
import pytest

from bot.config import Config
from bot.config import WeChat as WeChatSettings
from bot.delivery import Delivery
from channels.capabilities import WECHAT
from channels.errors import Rejected, Temporary
from channels.message import Inbound, Kind, Outbound, Receipt
from channels.sms import SmsChannel
from storage import moments
from storage.crypto import Keys
from storage.database import Database
from tests.bot.delivery_parts import PACE, Platform
from tests.bot.edge_parts import Home
from tests.fakes.house import StandingClock
from tests.storage.books import make_address, make_customer, make_outgoing, status_of

NUMBER = "+14155550123"
HOUR = 3600 * 1000


class Sms(SmsChannel, Platform):
    """The real adapter, but its messages go into a book."""

    send = Platform.send  # type: ignore[assignment]

    def __init__(self, opt_out: Literal["twilio", "motline"] = "twilio", sender: str = "+15005550006") -> None:
        SmsChannel.__init__(
            self,
            account_sid="AC1",
            auth_token="x",
            clock=StandingClock(),
            sender=sender,
            opt_out=opt_out,
            per_second=5000.0,
        )
        self.book: list[Outbound] = []
        self.does = lambda outbound: None


def wechat() -> Platform:
    return Platform("wechat", capabilities=replace(WECHAT, per_second=5000.0))


def sms(kind: Kind, text: str, number: int, **raw: str) -> Inbound:
    at = StandingClock().now()
    return Inbound(kind, "sms", "AC1", f"SM{number}", NUMBER, NUMBER, at, text, raw=raw)


def followed(kind: Kind, number: int, text: str = "", *, at: StandingClock | None = None) -> Inbound:
    when = (at or StandingClock()).now()
    return Inbound(kind, "wechat", "wx", str(number), "openid", "openid", when, text)


async def known(home: Home, channel: str, id: str, customer: int | None = None, **more: Any) -> tuple[int, int]:
    """A customer with consent and this address; their ids."""
    if customer is None:
        customer = await make_customer(home.store, language="en")
        await home.store.execute(
            """INSERT INTO consents (customer_id, purpose, status, source, at)
 VALUES ($1, 'service', 'granted', 'test', 0)""",
            customer,
        )
    return customer, await make_address(home.store, home.keys, channel, id, customer_id=customer, **more)


async def happened(home: Home, customer: int, identity: str = "m1") -> None:
    """A moment, carried out."""
    await moments.report(home.store, identity, "visit.done", customer, now=home.now())
    await home.house.timers.once()


def loop(home: Home, *platforms: Any) -> Delivery:
    return Delivery(home.store, {p.name: p for p in platforms}, home.keys, home.clock, pace=PACE)


# Who answers a stop.


async def test_motline_is_silent_where_twilio_answers_the_stop_and_writes_no_more(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    await home.hear(sms("text", "feedback", 1))
    assert await home.hear(sms("stop", "STOP", 2)) is None
    (address,) = await home.rows("SELECT status FROM addresses")
    assert address["status"] == "stopped"
    assert [row["status"] for row in await home.rows("SELECT status FROM consents")] == ["withdrawn"]
    assert await home.hear(sms("start", "START", 3)) is None
    assert [row["status"] for row in await home.rows("SELECT status FROM addresses")] == ["open"]


async def test_motline_answers_the_stop_words_that_twilio_does_not_know(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    reply = await home.hear(sms("stop", "退订", 1))
    assert reply is not None
    assert reply.outbound.text
    (address,) = await home.rows("SELECT status FROM addresses")
    assert address["status"] == "open"


async def test_motline_answers_every_stop_where_twilios_handling_is_off(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms("motline")}).open()
    assert await home.hear(sms("stop", "STOP", 1)) is not None


@pytest.mark.parametrize(
    ("opt_out", "kind", "word", "answered"),
    [
        ("twilio", "help", "HELP", False),
        ("twilio", "start", "UNSTOP", False),
        ("twilio", "start", "恢复接收", True),
        ("motline", "help", "INFO", True),
        ("motline", "start", "START", True),
    ],
)
async def test_help_and_start_are_answered_once_by_twilio_or_by_us(
    store: Database, keys: Keys, opt_out: Literal["twilio", "motline"], kind: Kind, word: str, answered: bool
) -> None:
    home = await Home(store, keys, {"sms": Sms(opt_out)}).open()
    await home.hear(sms("text", "hello", 1))
    reply = await home.hear(sms(kind, word, 2))
    assert (reply is not None) is answered


# The first message.


async def test_only_the_first_sms_to_a_number_says_how_to_stop(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await happened(home, customer)
    first, second = (await home.texts())[:2]
    assert first == "Thank you for coming.\nReply STOP to opt out."
    assert "STOP" not in second
    await home.hear(sms("text", "9", 1))
    assert not any("STOP" in text for text in (await home.texts())[1:])


async def test_an_answer_to_a_strangers_first_sms_says_it_too_and_once(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    reply = await home.hear(sms("text", "feedback", 1))
    assert reply is not None
    assert reply.outbound.text.endswith("Reply STOP to opt out.")
    await home.hear(sms("text", "9", 2))
    assert [text.count("STOP") for text in await home.texts()] == [1, 0, 0]


async def test_no_dialog_begins_on_a_sender_that_is_a_name(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms(sender="MyShop")}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await happened(home, customer)
    (moment,) = await home.rows("SELECT outcome, reason FROM moments")
    assert moment == {"outcome": "not_sent", "reason": "nobody can answer on sms: its sender is a name, not a number"}


# WeChat's window.


async def test_the_customers_own_message_opens_the_long_window_and_a_press_the_brief_one(
    store: Database, keys: Keys
) -> None:
    home = await Home(store, keys, {"wechat": wechat()}).open()
    window = "SELECT window_at, window_left FROM addresses"
    await home.hear(followed("follow", 1))
    assert await home.rows(window) == [{"window_at": home.now() + 60_000, "window_left": 3}]
    await home.hear(followed("text", 2, "feedback"))
    long = [{"window_at": home.now() + 48 * HOUR, "window_left": 5}]
    assert await home.rows(window) == long
    await home.hear(followed("menu", 3))
    assert await home.rows(window) == long


async def test_what_a_turn_says_goes_as_one_message_with_the_question_last(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"wechat": wechat()}).open()
    reply = await home.hear(followed("text", 1, "feedback"))
    assert reply is not None
    assert reply.outbound.text.startswith("Thank you for coming.\n\nHow likely are you")
    (row,) = await home.rows("SELECT kind, sequence, status FROM outbox")
    assert row == {"kind": "question", "sequence": 2, "status": "sent"}


async def test_texts_too_long_for_one_message_stay_two(store: Database, keys: Keys) -> None:
    script = """
dialog: visit
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
session: {expires_after: 3d}
steps:
  - say: {en: "LONG"}
  - collect: nps
    type: nps
    ask: {en: "How likely are you to recommend us, 0-10?"}
""".replace("LONG", "a " * 1020)
    home = await Home(store, keys, {"wechat": wechat()}).open(script)
    await home.hear(followed("text", 1, "feedback"))
    assert len(await home.texts()) == 2


async def test_each_message_is_counted_and_none_is_tried_when_the_allowance_is_used_up(
    store: Database, keys: Keys
) -> None:
    platform = wechat()
    home = await Home(store, keys, {"wechat": platform}).open()
    _, address = await known(home, "wechat", "openid", window_at=home.now() + HOUR, window_left=2)
    for number in range(3):
        await row_due(home, address, f"text {number}")
    await loop(home, platform).once()
    assert platform.texts == ["text 0", "text 1"]
    last = await home.rows("SELECT status, error FROM outbox ORDER BY id DESC LIMIT 1")
    assert last == [{"status": "dead", "error": "the platform takes no message until the customer writes again"}]


async def test_a_message_that_certainly_did_not_leave_is_given_back(store: Database, keys: Keys) -> None:
    platform = wechat()

    def busy(outbound: Outbound) -> object:
        raise Temporary("busy")

    platform.does = busy
    home = await Home(store, keys, {"wechat": platform}).open()
    _, address = await known(home, "wechat", "openid", window_at=home.now() + HOUR, window_left=2)
    await row_due(home, address, "hello")
    await loop(home, platform).once()
    assert await home.rows("SELECT window_left FROM addresses") == [{"window_left": 2}]


async def test_outside_the_window_a_push_goes_by_the_configured_template(store: Database, keys: Keys) -> None:
    platform = wechat()
    settings = WeChatSettings(push_template="template:tpl-1", push_fields="thing1={text}, thing2={brand}")
    home = await Home(store, keys, {"wechat": platform}, Config(wechat=settings)).open()
    customer, _ = await known(home, "wechat", "openid", window_at=1, window_left=0)
    await happened(home, customer)
    await loop(home, platform).once()
    (sent,) = platform.book
    assert sent.template == "template:tpl-1"
    assert sent.fields == {"thing1": "Thank you for comin…", "thing2": "Motline"}
    assert (await home.rows("SELECT outcome FROM moments")) == [{"outcome": "started"}]


async def test_after_a_payment_nothing_is_counted_and_then_the_old_count_holds(store: Database, keys: Keys) -> None:
    platform = wechat()
    home = await Home(store, keys, {"wechat": platform}).open()
    _, address = await known(home, "wechat", "openid", window_at=home.now() + 100 * HOUR, window_left=1)
    await home.hear(replace(followed("ignored", 1), paid=True))
    for number in range(7):
        await row_due(home, address, f"text {number}")
    await loop(home, platform).once()
    assert len(platform.texts) == 7
    assert await home.rows("SELECT window_left FROM addresses") == [{"window_left": 1}]
    home.clock.at += timedelta(hours=48)
    for number in range(7, 9):
        await row_due(home, address, f"text {number}")
    await loop(home, platform).once()
    assert platform.texts[7:] == ["text 7"]


async def test_a_moment_that_tells_of_a_payment_opens_the_long_window_and_its_dialog_may_begin(
    store: Database, keys: Keys
) -> None:
    settings = WeChatSettings(paid_moments=("visit.done",))
    home = await Home(store, keys, {"wechat": wechat()}, Config(wechat=settings)).open()
    customer, _ = await known(home, "wechat", "openid", window_at=1, window_left=0)
    await happened(home, customer)
    assert await home.rows("SELECT outcome FROM moments") == [{"outcome": "started"}]
    assert await home.rows("SELECT free_until FROM addresses") == [{"free_until": home.now() + 48 * HOUR}]


async def test_a_payment_of_last_week_opens_nothing(store: Database, keys: Keys) -> None:
    settings = WeChatSettings(paid_moments=("visit.done",))
    home = await Home(store, keys, {"wechat": wechat()}, Config(wechat=settings)).open()
    customer, _ = await known(home, "wechat", "openid", window_at=1, window_left=0)
    week = home.now() - 7 * 24 * HOUR
    await moments.report(home.store, "m1", "visit.done", customer, now=home.now(), at=week)
    await home.house.timers.once()
    assert await home.rows("SELECT outcome FROM moments") == [{"outcome": "not_sent"}]


# Failures after the fact.


async def test_a_push_that_dies_goes_to_the_next_address(store: Database, keys: Keys) -> None:
    def refused(outbound: Outbound) -> object:
        raise Rejected("filtered by the carrier", code="30007")

    text, page = Sms(), Platform("webchat")
    text.does = refused
    home = await Home(store, keys, {"sms": text, "webchat": page}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await known(home, "webchat", "c1", customer)
    await happened(home, customer)
    await loop(home, text, page).once()
    assert page.texts == []
    while await home.house.timers.once():
        pass
    await loop(home, text, page).once()
    assert page.texts[0] == "Thank you for coming."
    (moment,) = await home.rows("SELECT outcome, reason FROM moments")
    assert moment["outcome"] == "started"


async def test_with_no_other_address_the_moment_says_why_it_was_not_sent(store: Database, keys: Keys) -> None:
    def refused(outbound: Outbound) -> object:
        raise Rejected("filtered by the carrier", code="30007")

    text = Sms()
    text.does = refused
    home = await Home(store, keys, {"sms": text}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await happened(home, customer)
    await loop(home, text).once()
    while await home.house.timers.once():
        pass
    (moment,) = await home.rows("SELECT outcome, reason FROM moments")
    assert moment == {"outcome": "not_sent", "reason": "the sms address did not take the message"}


async def test_a_dialog_that_was_answered_is_not_begun_again_elsewhere(store: Database, keys: Keys) -> None:
    text, page = Sms(), Platform("webchat")
    home = await Home(store, keys, {"sms": text, "webchat": page}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await known(home, "webchat", "c1", customer)
    await happened(home, customer)
    await loop(home, text, page).once()
    await home.hear(sms("text", "9", 1))
    failed = (await home.rows("SELECT id, public_id FROM outbox ORDER BY id DESC LIMIT 1"))[0]
    await home.hear(receipt(failed["public_id"]))
    while await home.house.timers.once():
        pass
    assert await status_of(store, failed["id"]) == "dead"
    assert [row["channel"] for row in await home.rows("SELECT DISTINCT channel FROM outbox")] == ["sms"]


def receipt(reference: str, retry_after: float | None = None) -> Receipt:
    at = StandingClock().now()
    return Receipt("sms", "AC1", "x", "SMx", "failed", at, reference=reference, retry_after=retry_after)


async def test_a_message_that_failed_for_now_is_sent_again_later_as_a_new_one(store: Database, keys: Keys) -> None:
    text = Sms()
    home = await Home(store, keys, {"sms": text}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await happened(home, customer)
    await loop(home, text).once()
    question = (await home.rows("SELECT id, public_id FROM outbox WHERE kind = 'question'"))[0]
    await home.hear(receipt(question["public_id"], 900.0))
    await home.hear(receipt(question["public_id"], 900.0))
    while await home.house.timers.once():
        pass
    assert await status_of(store, question["id"]) == "dead"
    again = await home.rows("SELECT status, run_at FROM outbox WHERE kind = 'question' AND id > $1", question["id"])
    assert again == [{"status": "due", "run_at": home.now() + 900_000}]
    assert [row["status"] for row in await home.rows("SELECT status FROM conversations")] == ["open"]
    home.clock.at += timedelta(minutes=15)
    await loop(home, text).once()
    assert len(text.texts) == 3
    assert text.texts[1] == text.texts[2]


async def test_a_message_that_keeps_failing_is_given_up_and_its_dialog_hears_of_it(store: Database, keys: Keys) -> None:
    text = Sms()
    home = await Home(store, keys, {"sms": text}).open()
    customer, _ = await known(home, "sms", NUMBER)
    await happened(home, customer)
    for _attempt in range(6):
        await loop(home, text).once()
        last = (await home.rows("SELECT public_id FROM outbox WHERE kind = 'question' ORDER BY id DESC LIMIT 1"))[0]
        await home.hear(receipt(last["public_id"], 900.0))
        home.clock.at += timedelta(minutes=15)
    while await home.house.timers.once():
        pass
    tried = await home.rows("SELECT status FROM outbox WHERE kind = 'question'")
    assert [row["status"] for row in tried] == ["dead"] * 4
    assert [row["status"] for row in await home.rows("SELECT status FROM conversations")] == ["undelivered"]


async def test_an_address_closed_by_mistake_opens_with_the_customers_next_message(store: Database, keys: Keys) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    await known(home, "sms", NUMBER, status="closed", reason="30006")
    await home.hear(sms("text", "hello, are you there?", 1))
    assert await home.rows("SELECT status, reason FROM addresses") == [{"status": "open", "reason": ""}]


@pytest.mark.parametrize("kind", ["bounce", "unfollow", "blocked", "auto_reply"])
async def test_what_no_person_wrote_opens_nothing(store: Database, keys: Keys, kind: Kind) -> None:
    home = await Home(store, keys, {"sms": Sms()}).open()
    await known(home, "sms", NUMBER, status="closed")
    await home.hear(replace(sms(kind, "", 1), recipient=NUMBER))
    assert await home.rows("SELECT status FROM addresses") == [{"status": "closed"}]


async def row_due(home: Home, address: int, text: str) -> None:
    body = orjson.dumps({"language": "en"}).decode()
    now = home.now()
    await make_outgoing(home.store, address, channel="wechat", kind="staff", text=text, body=body, created_at=now)
