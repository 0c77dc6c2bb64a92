"""WeChat keeps the contract of a channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.http import HttpClient
from channels.message import Address, Outbound, Request
from channels.wechat import WeChatChannel
from tests.channels import wechat_payloads
from tests.channels.contract import ProviderContract, StoppedClock
from tests.fakes.errcodes import errcode
from tests.fakes.house import TokensInMemory
from tests.fakes.scripted import json_answer
from tests.fakes.wechat_api import APP_ID, OPEN_ID, SECRET, WeChatApi


class TestWeChatContract(ProviderContract):
    secrets = (SECRET, wechat_payloads.TOKEN, wechat_payloads.AES_KEY, "token-1")

    @pytest.fixture(autouse=True)
    async def _http(self) -> AsyncIterator[None]:
        self.http = HttpClient()
        yield
        await self.http.aclose()

    def provider(self) -> WeChatApi:
        return WeChatApi()

    def channel(self, url: str, *, timeout: float = 5.0, token: str = wechat_payloads.TOKEN) -> WeChatChannel:
        return WeChatChannel(
            app_id=APP_ID,
            app_secret=SECRET,
            token=token,
            aes_key=wechat_payloads.AES_KEY,
            clock=StoppedClock(),
            http=self.http,
            tokens=TokensInMemory({f"wechat:{APP_ID}": "token-1"}),
            api_url=url,
            timeout=timeout,
        )

    def without_secret(self) -> tuple[WeChatChannel, str]:
        return self.channel("http://127.0.0.1:1", token=""), "wechat.token"

    def message(self, text: str, number: int = 1) -> Request:
        return wechat_payloads.plain(wechat_payloads.text_xml(text, msg_id=f"2345678901234567{number}"))

    def unsigned(self, request: Request) -> Request:
        return replace(request, url=wechat_payloads.URL)

    def forged(self, request: Request) -> Request:
        return wechat_payloads.plain(request.body.decode(), token="another")

    def to(self) -> Outbound:
        return Outbound(id="0" * 32, to=Address("wechat", OPEN_ID), text="您觉得怎么样？")

    def sent_texts(self, provider: WeChatApi) -> list[str]:
        return [sent.text for sent in provider.sent]

    def error_in_200(self) -> Any:
        return errcode(45015, "response out of time limit or subscription is canceled")

    def too_many(self, seconds: int) -> Any:
        return json_answer(429, {}, retry_after=str(seconds))

    def recipient_blocked(self) -> Any:
        return errcode(43004, "require subscribe")


class TestEncryptedWeChatContract(TestWeChatContract):
    """The same in encrypted mode, where the signature covers the body."""

    def message(self, text: str, number: int = 1) -> Request:
        return wechat_payloads.encrypted(wechat_payloads.text_xml(text, msg_id=f"2345678901234567{number}"))

    def forged(self, request: Request) -> Request:
        return replace(request, body=request.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA"))
