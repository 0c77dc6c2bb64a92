"""WeChat's Official Account interface on loopback, as its documents describe it.

Rule: see `errcodes.py`. Sources: developers.weixin.qq.com/doc/offiaccount: "Get stable access token", "Customer service
messages", "Template messages", "Subscribe notifications", "Generating a QR code with parameters".
"""

from __future__ import annotations

from itertools import count
from typing import Final

from aiohttp import web

from tests.fakes.errcodes import OK, Errcode, Payload, Sent, check_text, only, serve
from tests.fakes.scripted import FakeProvider

APP_ID: Final = "wx0123456789abcdef"
SECRET: Final = "5ecre7ofthewechataccount00000000"
OPEN_ID: Final = "oCustomer-of-the-account_001"
_TYPES: Final = {"text": "content", "msgmenu": "head_content list tail_content"}


class WeChatApi(FakeProvider):
    """One account with its followers, templates and consents. `sent` are the messages that it took.

    `windows[open_id]` is how many messages may still be sent (missing: any number), `consents[(open_id, template)]` how
    many subscribe messages are agreed to.
    """

    def __init__(self, app_id: str = APP_ID, secret: str = SECRET) -> None:
        super().__init__()
        self._handlers = {
            "/cgi-bin/stable_token": ("POST", self._stable_token),
            "/cgi-bin/message/custom/send": ("POST", self._service_message),
            "/cgi-bin/message/template/send": ("POST", self._template_message),
            "/cgi-bin/message/subscribe/bizsend": ("POST", self._subscribe_message),
            "/cgi-bin/qrcode/create": ("POST", self._qr_code),
        }
        self.app_id, self.secret = app_id, secret
        self.sent: list[Sent] = []
        self.followers = {OPEN_ID}
        self.any_follower = False  # for benchmarks: everybody follows the account
        self.templates = {"tpl-1"}
        self.windows: dict[str, int] = {}
        self.consents: dict[tuple[str, str], int] = {}
        self.token_calls = 0
        self._ids = count(200163841)
        self._made = count(1)
        self.token = f"token-{next(self._made)}"

    def expire_token(self) -> None:
        """The token that everybody holds stops working; stable_token gives another one."""
        self.token = f"token-{next(self._made)}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return await serve(request, self._handlers, self.failures)

    async def _stable_token(self, _: web.Request, payload: Payload) -> Payload:
        self.token_calls += 1
        only(payload, "grant_type appid secret force_refresh")
        if payload.get("grant_type") != "client_credential":
            raise Errcode(40002, "invalid grant_type", "grant_type")
        if payload.get("appid") != self.app_id:
            raise Errcode(40013, "invalid appid")
        if payload.get("secret") != self.secret:
            raise Errcode(40125, "invalid appsecret")
        if payload.get("force_refresh"):
            self.expire_token()
        return {"access_token": self.token, "expires_in": 7200}

    async def _service_message(self, request: web.Request, payload: Payload) -> Payload:
        kind = str(payload.get("msgtype"))
        self._check(request, payload, f"touser msgtype customservice {kind}")
        if kind not in _TYPES:
            raise Errcode(40008, "invalid message type", f"msgtype {kind}")
        only(payload.get(kind), _TYPES[kind])
        sent = Sent(request.path, payload)
        check_text(sent.text)
        left = self.windows.get(payload["touser"])
        if left is not None:
            if left <= 0:
                raise Errcode(45047, "out of response count limit")
            self.windows[payload["touser"]] = left - 1
        self.sent.append(sent)
        return OK

    async def _template_message(self, request: web.Request, payload: Payload) -> Payload:
        self._check(request, payload, "touser template_id url miniprogram data client_msg_id")
        return self._templated(request, payload)

    async def _subscribe_message(self, request: web.Request, payload: Payload) -> Payload:
        self._check(request, payload, "touser template_id page miniprogram data")
        agreed = (payload["touser"], str(payload.get("template_id")))
        if self.consents.get(agreed, 0) <= 0:
            raise Errcode(43101, "user refuse to accept the msg")
        self.consents[agreed] -= 1
        return self._templated(request, payload)

    def _templated(self, request: web.Request, payload: Payload) -> Payload:
        if payload.get("template_id") not in self.templates:
            raise Errcode(40037, "invalid template_id")
        data = payload.get("data")
        if not isinstance(data, dict) or any(set(item) - {"value", "color"} for item in data.values()):
            raise Errcode(47003, "argument invalid!", "data")
        self.sent.append(Sent(request.path, payload))
        return OK | {"msgid": next(self._ids)}

    async def _qr_code(self, request: web.Request, payload: Payload) -> Payload:
        self._check_token(request)
        only(payload, "expire_seconds action_name action_info")
        scene = payload.get("action_info", {}).get("scene", {}).get("scene_str", "")
        if payload.get("action_name") != "QR_STR_SCENE" or not 1 <= len(scene) <= 64:
            raise Errcode(40053, "invalid action info", "scene")
        seconds = payload.get("expire_seconds")
        if not isinstance(seconds, int) or not 1 <= seconds <= 2_592_000:
            raise Errcode(40052, "invalid expire_seconds", "expire_seconds")
        return {"ticket": f"ticket-of-{scene}", "expire_seconds": seconds, "url": f"http://weixin.qq.com/q/{scene}"}

    def _check(self, request: web.Request, payload: Payload, allowed: str) -> None:
        self._check_token(request)
        only(payload, allowed)
        if not self.any_follower and payload.get("touser") not in self.followers:
            raise Errcode(40003, "invalid openid")

    def _check_token(self, request: web.Request) -> None:
        given = request.query.get("access_token", "")
        if not given:
            raise Errcode(41001, "access_token missing", "no token")
        if given != self.token:
            raise Errcode(40001, "invalid credential, access_token is invalid or not latest")
