"""WeCom's interface for group robots and application messages on loopback, as its documents describe it.

Rule: see `errcodes.py`. Sources: developer.work.weixin.qq.com/document/path/91039 (token), /90236 (application
messages), /91770 (group robots).
"""

from __future__ import annotations

from itertools import count
from typing import Final

from aiohttp import web

from tests.fakes.errcodes import OK, Errcode, Payload, Sent, check_text, only, serve
from tests.fakes.scripted import FakeProvider

CORP_ID: Final = "ww0123456789abcdef"
SECRET: Final = "5ecre7-of-the-wecom-application"
AGENT_ID: Final = 1000002
COLLEAGUE: Final = "colleague-lihua"
ROBOT_KEY: Final = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"


class WeComApi(FakeProvider):
    """One corporation with its colleagues, one application, and the robot of one group."""

    def __init__(self) -> None:
        super().__init__()
        self._handlers = {
            "/cgi-bin/gettoken": ("GET", self._gettoken),
            "/cgi-bin/message/send": ("POST", self._application_message),
            "/cgi-bin/webhook/send": ("POST", self._robot_message),
        }
        self.sent: list[Sent] = []
        self.colleagues = {COLLEAGUE}
        self.token_calls = 0
        self._made = count(1)
        self._ids = count(1)
        self.token = f"token-{next(self._made)}"

    def expire_token(self) -> None:
        """The token that everybody holds stops working; gettoken gives another one."""
        self.token = f"token-{next(self._made)}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return await serve(request, self._handlers, self.failures)

    async def _gettoken(self, request: web.Request, _: Payload) -> Payload:
        self.token_calls += 1
        if set(request.query) != {"corpid", "corpsecret"}:
            raise Errcode(41004, "corpsecret missing", f"query {sorted(request.query)}")
        if request.query["corpid"] != CORP_ID:
            raise Errcode(40013, "invalid corpid")
        if request.query["corpsecret"] != SECRET:
            raise Errcode(40001, "invalid credential")
        return OK | {"access_token": self.token, "expires_in": 7200}

    async def _application_message(self, request: web.Request, payload: Payload) -> Payload:
        if request.query.get("access_token") != self.token:
            raise Errcode(40014, "invalid access_token")
        only(payload, "touser msgtype agentid text safe")
        if payload.get("agentid") != AGENT_ID:
            raise Errcode(40056, "invalid agentid")
        self._check_text(payload, "content")
        if set(str(payload.get("touser")).split("|")) - self.colleagues:
            raise Errcode(81013, "user & party & tag all invalid")
        self.sent.append(Sent(request.path, payload))
        return OK | {"invaliduser": "", "msgid": f"msg-{next(self._ids)}"}

    async def _robot_message(self, request: web.Request, payload: Payload) -> Payload:
        if request.query.get("key") != ROBOT_KEY:
            raise Errcode(93000, "invalid webhook url, hint: [1700000000]")
        only(payload, "msgtype text")
        self._check_text(payload, "content mentioned_list mentioned_mobile_list")
        self.sent.append(Sent(request.path, payload))
        return OK

    def _check_text(self, payload: Payload, allowed: str) -> None:
        if payload.get("msgtype") != "text":
            raise Errcode(40008, "invalid message type", f"msgtype {payload.get('msgtype')}")
        only(payload.get("text"), allowed)
        check_text(str(payload["text"].get("content", "")))
