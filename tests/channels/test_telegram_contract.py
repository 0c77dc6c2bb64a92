"""Telegram keeps the contract of a channel."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from channels.message import Address, Outbound, Request
from channels.telegram import TelegramChannel
from tests.channels.contract import ProviderContract, StoppedClock
from tests.fakes.scripted import json_answer
from tests.fakes.telegram_api import METHODS, TOKEN, TelegramApi, blocked, too_many

SECRET = "s3cret_of-the-webhook"
HEADER = "x-telegram-bot-api-secret-token"


def webhook(update: Mapping[str, Any]) -> Request:
    """A webhook request as Telegram makes it."""
    headers = {"content-type": "application/json", HEADER: SECRET}
    return Request("POST", "https://bot.example.com/webhooks/telegram", headers, orjson.dumps(update))


def telegram(url: str = "http://127.0.0.1:1", **settings: Any) -> TelegramChannel:
    return TelegramChannel(**({"token": TOKEN, "secret": SECRET, "clock": StoppedClock(), "api_url": url} | settings))


class TestTelegramContract(ProviderContract):
    secrets = (TOKEN, TOKEN.partition(":")[2], SECRET)

    def provider(self) -> TelegramApi:
        return TelegramApi()

    def channel(self, url: str, *, timeout: float = 5.0) -> TelegramChannel:
        return telegram(url, timeout=timeout)

    def without_secret(self) -> tuple[TelegramChannel, str]:
        return telegram(secret=""), "telegram.secret"

    def message(self, text: str, number: int = 1) -> Request:
        person = {"id": 5001, "is_bot": False, "first_name": "Ada"}
        chat = {"id": 5001, "type": "private", "first_name": "Ada"}
        message = {"message_id": number, "from": person, "chat": chat, "date": 1772703000, "text": text}
        return webhook({"update_id": 820_000_000 + number, "message": message})

    def unsigned(self, request: Request) -> Request:
        return replace(request, headers={})

    def forged(self, request: Request) -> Request:
        return replace(request, headers={HEADER: SECRET[:-1] + "K"})

    def to(self) -> Outbound:
        return Outbound(id="0" * 32, to=Address("telegram", "5001007"), text="How was it?")

    def sent_texts(self, provider: TelegramApi) -> list[str]:
        return [str(message["text"]) for message in provider.sent]

    def error_in_200(self) -> Any:
        return json_answer(200, {"ok": False, "error_code": 400, "description": "Bad Request: message is too odd"})

    def too_many(self, seconds: int) -> Any:
        return too_many(seconds)

    def recipient_blocked(self) -> Any:
        return blocked()


def test_the_fake_serves_only_methods_and_parameters_of_the_bot_api() -> None:
    specs = os.environ.get("MOTLINE_SPECS")
    if not specs:
        pytest.skip("MOTLINE_SPECS is not set: the fake's tables were not checked against the Bot API description")
    described = json.loads(Path(specs, "telegram_bot_api.json").read_text())["methods"]
    for name, (required, optional) in METHODS.items():
        fields = {field["name"]: field["required"] for field in described[name].get("fields", [])}
        assert required | optional <= set(fields), name
        assert {field for field, needed in fields.items() if needed} == required, name
