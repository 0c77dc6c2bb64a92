"""Who watches hears what happens, and only of their own address; and how often somebody may write."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from bot.feed import Feed
from bot.web.events import stream
from bot.web.rate import Rate
from channels.message import Address, Outbound
from channels.webchat import as_json

ANN, BO = Address("webchat", "ann"), Address("webchat", "bo")


def message(to: Address, number: int) -> Outbound:
    return Outbound(f"{number:032x}", to, f"message {number}")


class Browser:
    """The other end of an open response."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.read = b""
        self.news = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, part: Any) -> None:
        self.read += part.get("body", b"")
        self.news.set()

    async def until(self, words: bytes) -> None:
        async with asyncio.timeout(10):
            while words not in self.read:
                self.news.clear()
                await self.news.wait()

    def ids(self) -> list[str]:
        lines = [line[6:] for line in self.read.splitlines() if line.startswith(b"data: ") and len(line) > 8]
        return [orjson.loads(line)["id"] for line in lines]


async def test_a_page_hears_of_its_own_address_in_order() -> None:
    feed, browser = Feed(), Browser()
    with feed.subscribe(ANN) as subscription:
        work = asyncio.create_task(
            stream(subscription, browser.receive, browser.send, shape=as_json, look=None, every=60)
        )
        await browser.until(b"event: hello")
        for number in range(3):
            feed.publish(message(ANN, number))
            feed.publish(message(BO, 100 + number))
        await browser.until(b"message 2")
        browser.left.set()
        await work
    assert browser.ids() == [f"{number:032x}" for number in range(3)]
    assert feed.watchers() == 0


async def test_a_page_is_let_go_when_the_process_ends() -> None:
    feed, browser = Feed(), Browser()
    with feed.subscribe(ANN) as subscription:
        work = asyncio.create_task(
            stream(subscription, browser.receive, browser.send, shape=as_json, look=None, every=60)
        )
        await browser.until(b"event: hello")
        feed.close()
        async with asyncio.timeout(10):
            await work
    assert browser.read.count(b"event: hello") == 1


async def test_what_another_process_sent_is_found_in_the_store_and_told_once() -> None:
    feed, browser = Feed(), Browser()
    kept = [as_json(message(ANN, 1))]

    async def look() -> list[dict[str, Any]]:
        return list(kept)

    with feed.subscribe(ANN) as subscription:
        work = asyncio.create_task(
            stream(subscription, browser.receive, browser.send, shape=as_json, look=look, every=0.01)
        )
        await browser.until(b"event: hello")
        await asyncio.sleep(0)
        kept.append(as_json(message(ANN, 2)))
        await browser.until(b"message 2")
        feed.publish(message(ANN, 2))
        kept.append(as_json(message(ANN, 3)))
        await browser.until(b"message 3")
        browser.left.set()
        await work
    assert browser.ids() == [f"{number:032x}" for number in (2, 3)]


async def test_a_page_that_does_not_read_is_told_to_read_the_store() -> None:
    feed = Feed()
    with feed.subscribe(ANN) as subscription:
        for number in range(1000):
            feed.publish(message(ANN, number))
        news = await subscription.news(seconds=1)
        assert len(news) <= 100
        assert subscription.missed


def test_a_rate_lets_a_burst_pass_and_then_one_after_another() -> None:
    at = [0.0]
    rate = Rate(6, now=lambda: at[0])
    assert [rate.wait("ann") for _ in range(6)] == [0.0] * 6
    assert rate.wait("ann") == 10.0
    assert rate.wait("bo") == 0.0
    at[0] = 10.0
    assert rate.wait("ann") == 0.0
    assert rate.wait("ann") == 10.0
    at[0] = 1000.0
    assert [rate.wait("ann") for _ in range(7)][-1] == 10.0


def test_a_rate_remembers_a_bounded_number() -> None:
    at = [0.0]
    rate = Rate(1, now=lambda: at[0])
    for number in range(60_000):
        at[0] += 0.001
        rate.wait(f"visitor {number}")
    assert len(rate._buckets) <= 50_000
