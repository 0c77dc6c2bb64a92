"""WeCom keeps the contract of a channel, by the application and by a group's robot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.http import HttpClient
from channels.message import Address, Outbound, Request
from channels.wecom import WeComChannel
from tests.channels import wechat_payloads
from tests.channels.contract import ProviderContract, StoppedClock
from tests.fakes.errcodes import errcode
from tests.fakes.house import TokensInMemory
from tests.fakes.scripted import json_answer
from tests.fakes.wecom_api import AGENT_ID, COLLEAGUE, CORP_ID, ROBOT_KEY, SECRET, WeComApi


class TestWeComContract(ProviderContract):
    secrets = (SECRET, wechat_payloads.TOKEN, wechat_payloads.AES_KEY, "token-1", ROBOT_KEY)

    @pytest.fixture(autouse=True)
    async def _http(self) -> AsyncIterator[None]:
        self.http = HttpClient()
        yield
        await self.http.aclose()

    def provider(self) -> WeComApi:
        return WeComApi()

    def channel(self, url: str, *, timeout: float = 5.0, token: str = wechat_payloads.TOKEN) -> WeComChannel:
        return WeComChannel(
            corp_id=CORP_ID,
            agent_id=str(AGENT_ID),
            secret=SECRET,
            token=token,
            aes_key=wechat_payloads.AES_KEY,
            clock=StoppedClock(),
            http=self.http,
            tokens=TokensInMemory({f"wecom:{CORP_ID}:{AGENT_ID}": "token-1"}),
            api_url=url,
            timeout=timeout,
        )

    def without_secret(self) -> tuple[WeComChannel, str]:
        return self.channel("http://127.0.0.1:1", token=""), "wecom.token"

    def message(self, text: str, number: int = 1) -> Request:
        xml = wechat_payloads.text_xml(text, f"2345678901234567{number}", f"<AgentID>{AGENT_ID}</AgentID>")
        return wechat_payloads.encrypted(xml, receiver=CORP_ID)

    def unsigned(self, request: Request) -> Request:
        return replace(request, url=wechat_payloads.URL)

    def forged(self, request: Request) -> Request:
        return replace(request, body=request.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA"))

    def to(self) -> Outbound:
        return Outbound(id="0" * 32, to=Address("wecom", COLLEAGUE), text="有一位客户不满意。")

    def sent_texts(self, provider: WeComApi) -> list[str]:
        return [sent.text for sent in provider.sent]

    def error_in_200(self) -> Any:
        return errcode(45002, "content size out of limit")

    def too_many(self, seconds: int) -> Any:
        return json_answer(429, {}, retry_after=str(seconds))

    def recipient_blocked(self) -> Any:
        return errcode(81013, "user & party & tag all invalid")


class TestWeComRobotContract(TestWeComContract):
    """The same to a group, by its robot."""

    def to(self) -> Outbound:
        return Outbound(id="0" * 32, to=Address("wecom", f"robot:{ROBOT_KEY}"), text="有一位客户不满意。")

    def recipient_blocked(self) -> Any:
        return errcode(93000, "invalid webhook url, hint: [1700000000]")
