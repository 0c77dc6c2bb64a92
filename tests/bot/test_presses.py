"""A pressed button: its spinner stops, the choice is shown and marked, and nothing waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from channels.errors import OutcomeUnknown
from channels.message import Inbound
from channels.telegram import TelegramChannel
from channels.telegram_methods import CHOSEN
from storage.crypto import Keys
from storage.database import Database
from tests.bot.edge_parts import Home
from tests.channels.telegram_payloads import message, update
from tests.fakes.house import StandingClock
from tests.fakes.telegram_api import TOKEN, TelegramApi


def channel_of(fake: TelegramApi) -> TelegramChannel:
    return TelegramChannel(token=TOKEN, secret="s", clock=StandingClock(), api_url=fake.url)


def press(payload: str, keyboard: Any, number: int, at: int = 5) -> dict[str, Any]:
    pressed = message("How likely?") | {"message_id": at, "reply_markup": {"inline_keyboard": keyboard}}
    query = {"id": f"q{number}", "from": pressed["from"], "message": pressed, "chat_instance": "1", "data": payload}
    return update("callback_query", query, 900 + number)


async def asked(home: Home, channel: TelegramChannel) -> list[list[dict[str, str]]]:
    """Begin the dialog by its keyword; the keyboard of its question."""
    await home.hear(channel._read(update("message", message("feedback"), 800)))
    row = (await home.rows("SELECT body FROM outbox ORDER BY id DESC LIMIT 1"))[0]
    return [[{"text": title, "callback_data": payload} for title, payload, _ in orjson.loads(row["body"])["choices"]]]


async def test_a_press_is_answered_with_its_title_and_marked_on_the_message(store: Database, keys: Keys) -> None:
    async with TelegramApi() as fake:
        channel = channel_of(fake)
        home = await Home(store, keys, {"telegram": channel}).open()
        keyboard = await asked(home, channel)
        await home.hear(channel._read(press(keyboard[0][9]["callback_data"], keyboard, 1)))
        await home.house.presses.drain()
        await channel.aclose()
    answered, marked = fake.calls
    assert (answered.method, answered.parameters["text"]) == ("answerCallbackQuery", "9")
    assert marked.method == "editMessageReplyMarkup"
    texts = [button["text"] for row in marked.parameters["reply_markup"]["inline_keyboard"] for button in row]
    assert [text for text in texts if "9" in text] == [CHOSEN + "9"]
    assert fake.failures == []


async def test_a_button_of_a_dialog_that_ended_stops_turning_and_is_not_marked(store: Database, keys: Keys) -> None:
    async with TelegramApi() as fake:
        channel = channel_of(fake)
        home = await Home(store, keys, {"telegram": channel}).open()
        await home.hear(channel._read(press("c." + "0" * 32 + ".1.9", [], 2)))
        await home.house.presses.drain()
        await channel.aclose()
    assert fake.methods() == ["answerCallbackQuery"]


async def test_a_press_that_means_nothing_here_stops_turning_too(store: Database, keys: Keys) -> None:
    query = {"id": "q9", "from": message("x")["from"], "inline_message_id": "A", "game_short_name": "g"}
    async with TelegramApi() as fake:
        channel = channel_of(fake)
        home = await Home(store, keys, {"telegram": channel}).open()
        await home.hear(channel._read(update("callback_query", {**query, "chat_instance": "1"}, 950)))
        await home.house.presses.drain()
        await channel.aclose()
    assert fake.methods() == ["answerCallbackQuery"]
    assert await home.rows("SELECT id FROM inbound") == []


class Stubborn(TelegramChannel):
    """Whose acknowledgements break."""

    async def acknowledge(self, inbound: Inbound, chosen: str) -> None:
        raise OutcomeUnknown("no answer")


async def test_a_press_that_cannot_be_acknowledged_is_kept_all_the_same(store: Database, keys: Keys) -> None:
    channel = Stubborn(token=TOKEN, secret="s", clock=StandingClock())
    home = await Home(store, keys, {"telegram": channel}).open()
    keyboard = await asked(home, channel)
    await home.hear(channel._read(press(keyboard[0][9]["callback_data"], keyboard, 3)))
    await asyncio.wait_for(home.house.presses.drain(), 5)
    assert [row["value"] for row in await home.rows("SELECT value FROM answers")] == ["9"]
