"""From the link that we show to the chat that it connects: each channel with what its platform really sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.http import HttpClient
from channels.channel import Channel
from channels.email import EmailChannel
from channels.message import Inbound, Request
from channels.telegram import TelegramChannel
from channels.wechat import WeChatChannel
from storage.crypto import Keys
from storage.database import Database
from tests.bot.edge_parts import SCRIPT, Home
from tests.channels.telegram_payloads import message as said
from tests.channels.telegram_payloads import update
from tests.channels.test_sms_contract import message as text_message
from tests.channels.test_sms_contract import posted, sms
from tests.channels.wechat_payloads import TOKEN as WECHAT_TOKEN
from tests.channels.wechat_payloads import event_xml, plain
from tests.fakes.house import StandingClock, TokensInMemory
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.wechat_api import APP_ID, SECRET, WeChatApi

CHANNELS = ("telegram", "wechat", "sms", "email")


@dataclass
class Way:
    """A channel, and what its platform sends when somebody (by number) has opened the address and gone on."""

    channel: Channel
    opened: Callable[[str, int], Inbound]


def _query(address: str, name: str) -> str:
    return parse_qs(urlsplit(address.replace("?&", "?")).query)[name][0]


@asynccontextmanager
async def way(name: str) -> AsyncIterator[Way]:
    async with AsyncExitStack() as stack:
        match name:
            case "telegram":
                fake = await stack.enter_async_context(TelegramApi())
                telegram = TelegramChannel(token=TOKEN, secret="s", clock=StandingClock(), api_url=fake.url)
                stack.push_async_callback(telegram.aclose)

                def started(address: str, number: int) -> Inbound:
                    assert urlsplit(address)[:3] == ("https", "t.me", f"/{telegram.username}")
                    person = {"id": number, "is_bot": False, "first_name": "Li"}
                    content = said(f"/start {_query(address, 'start')}") | {
                        "from": person, "chat": {"id": number, "type": "private"},
                    }  # fmt: skip
                    return telegram._read(update("message", content, 900 + number))

                yield Way(telegram, started)
            case "wechat":
                api = await stack.enter_async_context(WeChatApi())
                http = HttpClient()
                stack.push_async_callback(http.aclose)
                wechat = WeChatChannel(
                    app_id=APP_ID, app_secret=SECRET, token=WECHAT_TOKEN, api_url=api.url, clock=StandingClock(),
                    http=http, tokens=TokensInMemory({f"wechat:{APP_ID}": api.token}), timeout=5.0,
                )  # fmt: skip

                def scanned(address: str, number: int) -> Inbound:
                    scene = urlsplit(address).path.rpartition("/")[2]
                    key = f"<EventKey>qrscene_{scene}</EventKey><Ticket>T</Ticket>"
                    xml = event_xml("subscribe", key).replace("oCustomer", f"o{number}")
                    (event,) = wechat.parse(plain(xml))
                    assert isinstance(event, Inbound)
                    return event

                yield Way(wechat, scanned)
            case "sms":
                channel = sms()

                def texted(address: str, number: int) -> Inbound:
                    assert urlsplit(address).scheme == "sms"
                    body = f"{_query(address, 'body')} "
                    form = text_message(body, number, From=f"+1415555{number:04}")
                    (event,) = channel.parse(posted(form))
                    assert isinstance(event, Inbound)
                    return event

                yield Way(channel, texted)
            case _:
                mails = EmailChannel(clock=StandingClock(), sender="Jade Hotel <feedback@jade.example>")

                def mailed(address: str, number: int) -> Inbound:
                    assert urlsplit(address).path == "feedback@jade.example"
                    head = f"From: li{number}@example.com\nMessage-ID: <{number}@example.com>\n"
                    raw = f"{head}Subject: {_query(address, 'subject')}\n\n{_query(address, 'body')}\n\n--\nLi\n"
                    (event,) = mails.parse(Request("FILE", "", {}, raw.encode()))
                    assert isinstance(event, Inbound)
                    return event

                yield Way(mails, mailed)


async def known(home: Home, name: str = "Li") -> int:
    rows = await home.rows(
        "INSERT INTO customers (public_id, external_id, name, created_at) VALUES ($1, $1, $1, 0) RETURNING id", name
    )
    return int(rows[0]["id"])


async def owner(home: Home, event: Inbound) -> str:
    """Whose this sender's address is: a customer's name, "" for a stranger's."""
    rows = await home.rows(
        "SELECT c.name, c.status FROM addresses a JOIN customers c ON c.id = a.customer_id WHERE a.lookup = $1",
        home.keys.lookup(event.channel, event.sender),
    )
    return "" if not rows or rows[0]["status"] == "anonymous" else str(rows[0]["name"])


async def last(home: Home) -> str:
    return (await home.texts())[-1]


@pytest.mark.parametrize("name", CHANNELS)
async def test_the_link_connects_whoever_opens_it_first_and_nobody_after(
    store: Database, keys: Keys, name: str
) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open()
        address = await home.house.deep_links.address(await known(home), one.channel)
        mine, theirs = one.opened(address, 11), one.opened(address, 22)
        await home.hear(mine)
        assert await owner(home, mine) == "Li"
        assert "connected" in await last(home)
        await home.hear(theirs)
        assert await owner(home, theirs) == ""
        assert "no longer valid" in await last(home)


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_link_that_is_too_old_connects_nobody(store: Database, keys: Keys, name: str) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open()
        address = await home.house.deep_links.address(await known(home), one.channel)
        home.clock.at += timedelta(days=31)
        late = one.opened(address, 11)
        await home.hear(late)
        assert await owner(home, late) == ""
        assert "no longer valid" in await last(home)


@pytest.mark.parametrize("name", CHANNELS)
async def test_what_a_stranger_said_before_comes_along(store: Database, keys: Keys, name: str) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open()
        customer = await known(home)
        opened = one.opened(await home.house.deep_links.address(customer, one.channel), 11)
        await home.hear(replace(opened, kind="text", text="hello there", payload="", external_id="before"))
        await home.hear(opened)
        rows = await home.rows("SELECT customer_id FROM inbound ORDER BY id")
        assert [row["customer_id"] for row in rows] == [customer, customer]
        assert await home.rows("SELECT actor FROM audit WHERE action = 'customer.merged'") == [
            {"actor": f"customer:{customer}"}
        ]


@pytest.mark.parametrize("name", CHANNELS)
async def test_the_link_opens_the_dialog_that_it_names(store: Database, keys: Keys, name: str) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open(SCRIPT)
        address = await home.house.deep_links.address(await known(home), one.channel, script="visit")
        await home.hear(one.opened(address, 11))
        assert "How likely are you" in await last(home)


async def test_a_link_of_one_channel_opens_no_other(store: Database, keys: Keys) -> None:
    async with way("telegram") as telegram, way("sms") as text:
        home = await Home(store, keys, {"telegram": telegram.channel, "sms": text.channel}).open()
        address = await home.house.deep_links.address(await known(home), telegram.channel)
        event = text.opened(f"sms:+1?&body={_query(address, 'start')}", 11)
        await home.hear(event)
        assert await owner(home, event) == ""


@pytest.mark.parametrize(("name", "taken"), [("sms", False), ("email", False), ("telegram", True)])
async def test_a_number_or_a_mailbox_is_not_taken_from_a_known_customer_on_a_claim(
    store: Database, keys: Keys, name: str, taken: bool
) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open()
        first, second = await known(home, "Wu"), await known(home, "Li")
        await home.hear(one.opened(await home.house.deep_links.address(first, one.channel), 11))
        again = one.opened(await home.house.deep_links.address(second, one.channel), 11)
        await home.hear(replace(again, external_id="again"))
        assert await owner(home, again) == ("Li" if taken else "Wu")


@pytest.mark.parametrize("name", ["sms", "email"])
async def test_words_that_only_look_like_a_link_are_words(store: Database, keys: Keys, name: str) -> None:
    async with way(name) as one:
        home = await Home(store, keys, {name: one.channel}).open()
        opened = one.opened("sms:feedback@jade.example?subject=a&body=m-short", 11)
        await home.hear(opened)
        assert "Thank you for writing" in await last(home)
