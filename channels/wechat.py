"""WeChat Official Accounts: plain, compatible and encrypted callbacks; passive replies; customer-service, template and
subscribe messages; scene QR codes.

Rule: the query of a callback, not its body, says whether it is encrypted, and then only the ciphertext is read: in
compatible mode the plain fields beside it are covered by no signature.

What becomes what is the table in `wechat_parse.py`; the error codes are in `wechat_errors.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from wechatpy import parse_message

from channels.capabilities import WECHAT
from channels.channel import Clock, Http, Tokens
from channels.errors import InvalidSignature, MissingSetting, Rejected, SendError, Temporary
from channels.message import Inbound, Outbound, Receipt, Request, Response
from channels.render import fit
from channels.wechat_api import Api, posted, token_of, unsent
from channels.wechat_envelope import (
    Envelope,
    as_json,
    check,
    ciphertext_of,
    field,
    fields_of,
    is_json,
    outer,
    plain,
    push_text,
    query_of,
    reply_json,
    reply_xml,
    signed_part,
)
from channels.wechat_errors import refusal
from channels.wechat_parse import Push, read

LONGEST_SCENE: Final = 64
LONGEST_LIFETIME: Final = timedelta(days=30)

_SUCCESS: Final = Response(body=b"success")
_XML: Final = "application/xml; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_SUBSCRIBE: Final = "/cgi-bin/message/subscribe/bizsend"


class WeChatChannel:
    """One Official Account.

    `fresh_for`: refuse callbacks whose `timestamp` differs from the clock by more; in plain mode the signature does not
    cover the body, so that an address once seen could carry any body later. None (as for recordings): any age.
    """

    name = "wechat"
    capabilities = WECHAT

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        token: str,
        aes_key: str = "",
        clock: Clock,
        http: Http,
        tokens: Tokens,
        api_url: str = "https://api.weixin.qq.com",
        timeout: float = 10.0,
        fresh_for: timedelta | None = None,
    ) -> None:
        self.account = app_id
        self._secret = app_secret
        self._token = token
        self._encrypts = bool(aes_key)
        self._clock = clock
        self._http = http
        self._api_url = api_url.rstrip("/")
        self._timeout = timeout
        self._fresh_for = fresh_for
        self._envelope = Envelope(
            channel="wechat", token=token, aes_key=aes_key, receiver=app_id, receiver_setting="app_id"
        )
        self._api = Api(
            platform="WeChat",
            api_url=self._api_url,
            http=http,
            tokens=tokens,
            token_name=f"wechat:{app_id}",
            fetch_token=self._fetch_token,
            refuse=self._refusal,
            timeout=timeout,
        )

    def verify(self, request: Request) -> None:
        """Check `signature`, and `msg_signature` with the ciphertext where the request is encrypted."""
        if not self._token:
            raise MissingSetting("wechat.token")
        query = query_of(request.url)
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        encrypted = request.method != "GET" and _is_encrypted(query)
        if not encrypted or "signature" in query:
            check("signature", query.get("signature", ""), self._token, stamp, nonce)
        if encrypted:
            check("msg_signature", query.get("msg_signature", ""), self._token, stamp, nonce, signed_part(request))
            if self._reads_ciphertext(request):
                self._envelope.ready()
        self._check_age(stamp)

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """The push of a verified request; nothing for the address check (GET)."""
        if request.method == "GET":
            return ()
        told = self._opened(request)
        return read(Push("wechat", fields_of(told, parse_message), told, self._clock.now()))

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """`echostr` for the address check, "success", or a passive reply, encrypted if the request was."""
        query = query_of(request.url)
        if request.method == "GET":
            return Response(body=query.get("echostr", "").encode("utf-8", "replace"))
        if reply is None or reply.template or not reply.text.strip():
            return _SUCCESS
        seconds = int(self._clock.now().timestamp())
        source = field(outer(request.body), "ToUserName")
        text = fit(reply, WECHAT)[0].text
        told_in_json = is_json(push_text(request.body))
        written = reply_json if told_in_json else reply_xml
        body = written(source=source, target=reply.to.id, text=text, seconds=seconds)
        if _is_encrypted(query) and self._encrypts:
            body = self._envelope.sealed(body, seconds)
            body = as_json(body) if told_in_json else body
        return Response(body=body.encode(), content_type=_JSON if told_in_json else _XML)

    async def send(self, outbound: Outbound) -> str:
        """A customer-service message; with `template` "template:<id>" or "subscribe:<id>" one of those.

        Choices that are still there (`render.fit` lists them in the text) go as a menu message, which real accounts
        may send and test accounts may not. Customer-service messages get no id from WeChat: ours is returned.
        """
        match outbound.template.partition(":"):
            case ("", "", ""):
                answer = await self._api.call("/cgi-bin/message/custom/send", _service_message(outbound))
            case ("template", _, template) if template:
                answer = await self._api.call("/cgi-bin/message/template/send", _template(outbound, template))
            case ("subscribe", _, template) if template:
                answer = await self._api.call(_SUBSCRIBE, _subscription(outbound, template))
            case _:
                raise Rejected(f"template {outbound.template!r} is neither template:<id> nor subscribe:<id>")
        return str(answer.get("msgid") or outbound.id)

    async def lead_in(self, payload: str, lifetime: timedelta) -> str:
        """A QR code with a scene; who scans it follows the account, or is brought to it."""
        return await self.scene_qr(payload, lifetime)

    async def scene_qr(self, scene: str, lifetime: timedelta) -> str:
        """The address that a QR code must hold so that scanning it brings `scene` (1–64 characters) back.

        `lifetime` of at most 30 days. Raises ValueError for what WeChat would refuse, else a SendError.
        """
        if not 1 <= len(scene) <= LONGEST_SCENE:
            raise ValueError(f"scene {scene!r} has {len(scene)} characters; WeChat takes 1 to {LONGEST_SCENE}")
        if not timedelta(seconds=1) <= lifetime <= LONGEST_LIFETIME:
            raise ValueError(f"lifetime {lifetime} is not between a second and {LONGEST_LIFETIME.days} days")
        payload = {
            "expire_seconds": int(lifetime.total_seconds()),
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = await self._api.call("/cgi-bin/qrcode/create", payload)
        url = answer.get("url")
        if not isinstance(url, str) or not url:
            raise Temporary("WeChat made no QR code: its answer has no url")
        return url

    async def start(self) -> None:
        """Fetch the access token, so that a wrong app id, secret or IP white list shows at once."""
        if self._secret:
            await self._api.token()

    async def aclose(self) -> None:
        """Nothing is held: connections are the Http's."""

    def _opened(self, request: Request) -> str:
        if self._reads_ciphertext(request):
            return push_text(self._envelope.opened(ciphertext_of(request)).encode())
        return push_text(request.body)

    def _reads_ciphertext(self, request: Request) -> bool:
        """Also without a key when nothing else is there to read: then the missing key is the answer."""
        if not _is_encrypted(query_of(request.url)):
            return False
        return self._encrypts or not field(outer(request.body), "MsgType")

    def _check_age(self, stamp: str) -> None:
        if self._fresh_for is None:
            return
        age = self._clock.now().timestamp() - int(stamp) if stamp.isascii() and stamp.isdigit() else None
        if age is None or abs(age) > self._fresh_for.total_seconds():
            raise InvalidSignature("timestamp is too far from this server's clock: an old request, or a wrong clock")

    async def _fetch_token(self, stale: str) -> tuple[str, float]:
        """stable_token gives the same token to all; it is forced to make a new one (20 a day) only if that is stale."""
        found = await self._stable_token(force_refresh=False)
        return await self._stable_token(force_refresh=True) if stale and found[0] == stale else found

    async def _stable_token(self, *, force_refresh: bool) -> tuple[str, float]:
        if not (self.account and self._secret):
            missing = "wechat.app_secret" if self.account else "wechat.app_id"
            raise Temporary(str(MissingSetting(missing)), whole_channel=True)
        payload = {
            "grant_type": "client_credential",
            "appid": self.account,
            "secret": self._secret,
            "force_refresh": force_refresh,
        }
        url = f"{self._api_url}/cgi-bin/stable_token"
        answer = await unsent(posted(self._http, url, payload, platform="WeChat", timeout=self._timeout))
        return token_of(answer, platform="WeChat", settings="wechat.app_id, wechat.app_secret and the IP white list")

    def _refusal(self, code: int, message: str) -> SendError:
        return refusal(code, message, self._clock.now())


def _is_encrypted(query: Mapping[str, str]) -> bool:
    return query.get("encrypt_type") == "aes" or "msg_signature" in query


def _service_message(outbound: Outbound) -> dict[str, object]:
    to, text = outbound.to.id, plain(outbound.text)
    if not outbound.choices:
        return {"touser": to, "msgtype": "text", "text": {"content": text}}
    lines = [{"id": choice.payload, "content": plain(choice.title)} for choice in outbound.choices]
    return {"touser": to, "msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": lines, "tail_content": ""}}


def _template(outbound: Outbound, template: str) -> dict[str, object]:
    """`client_msg_id` makes WeChat itself drop a repetition within ten minutes."""
    message = _subscription(outbound, template)
    if "page" in message:
        message["url"] = message.pop("page")
    return {**message, "client_msg_id": outbound.id}


def _subscription(outbound: Outbound, template: str) -> dict[str, object]:
    data = {name: {"value": plain(value)} for name, value in outbound.fields.items()}
    message: dict[str, object] = {"touser": outbound.to.id, "template_id": template, "data": data}
    return {**message, "page": outbound.page_url} if outbound.page_url else message
