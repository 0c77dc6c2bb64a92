"""Telegram without a public address: updates are fetched."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.message import Inbound, Receipt
from channels.telegram import TelegramChannel
from tests.channels.telegram_payloads import message, update
from tests.channels.test_telegram_contract import telegram
from tests.fakes.scripted import html_answer
from tests.fakes.telegram_api import TOKEN, TelegramApi, too_many

NAME = f"telegram:{TOKEN.partition(':')[0]}"


class Kept(dict[str, str]):
    """Progress in memory."""

    async def load(self, name: str) -> str:
        return self.get(name, "")

    async def keep(self, name: str, value: str) -> None:
        self[name] = value


class Polling:
    """Polls until `wanted` events arrived, then stops. `failures` are raised by the first calls of `receive`."""

    def __init__(self, channel: TelegramChannel, wanted: int, *failures: Exception) -> None:
        self.events: list[Inbound] = []
        self.progress = Kept()
        self._channel, self._wanted, self._failures = channel, wanted, list(failures)
        self._enough = asyncio.Event()

    async def receive(self, event: Inbound | Receipt) -> None:
        if self._failures:
            raise self._failures.pop(0)
        assert isinstance(event, Inbound)
        self.events.append(event)
        if len(self.events) == self._wanted:
            self._enough.set()

    async def run(self) -> None:
        task = asyncio.create_task(self._channel.poll(self.receive, self.progress))
        await self._enough.wait()
        while self.progress.get(NAME) != str(int(self.events[-1].external_id) + 1):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._channel.aclose()


def updates(count: int) -> list[dict[str, Any]]:
    return [update("message", message(str(n)), 820123456 + n) for n in range(count)]


def resting(pauses: list[float], fake: TelegramApi) -> TelegramChannel:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return telegram(fake.url, pause=pause)


async def test_polling_reads_in_order_and_keeps_its_progress() -> None:
    async with TelegramApi() as fake:
        polling = Polling(telegram(fake.url), 3)
        fake.arrive(*updates(3))
        await polling.run()
    assert [event.text for event in polling.events] == ["0", "1", "2"]
    assert polling.progress == {NAME: "820123459"}


async def test_polling_goes_on_where_it_stopped() -> None:
    async with TelegramApi() as fake:
        polling = Polling(telegram(fake.url), 2)
        polling.progress[NAME] = "820123457"
        fake.arrive(*updates(3))
        await polling.run()
    assert [event.text for event in polling.events] == ["1", "2"]


async def test_what_could_not_be_kept_is_fetched_again() -> None:
    pauses: list[float] = []
    async with TelegramApi() as fake:
        fake.arrive(*updates(2))
        polling = Polling(resting(pauses, fake), 2, OSError("the database is gone"), OSError("still"))
        await polling.run()
    assert [event.text for event in polling.events] == ["0", "1"]
    assert pauses == [1.0, 2.0]


async def test_polling_survives_floods_and_bad_gateways() -> None:
    pauses: list[float] = []
    async with TelegramApi() as fake:
        fake.script(too_many(9), html_answer(502))
        fake.arrive(*updates(1))
        polling = Polling(resting(pauses, fake), 1)
        await polling.run()
    assert pauses == [9.0, 2.0]


async def test_updates_that_aiograms_models_refuse_are_polled_all_the_same() -> None:
    sparse = {"update_id": 820123456, "message": {"message_id": 1, "chat": {"id": 5}, "text": "9"}}
    async with TelegramApi() as fake:
        fake.arrive(sparse)
        polling = Polling(telegram(fake.url), 1)
        await polling.run()
    assert [(event.text, event.chat) for event in polling.events] == [("9", "5")]


async def test_with_a_webhook_nothing_is_polled() -> None:
    async with TelegramApi() as fake:
        channel = telegram(fake.url, public_url="https://bot.example.com")
        polling = Polling(channel, 1)
        await channel.poll(polling.receive, polling.progress)
        await channel.aclose()
    assert fake.calls == []
