"""WeCom as a staff channel: group robots, which only send, and application messages, which go both ways.

Rule: an address says which of the two it is. `robot:<key>` is a group's robot (20 messages a minute; nobody can answer
there); anything else is a colleague's user id, written to by the application. Callbacks are always encrypted.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from wechatpy.enterprise.parser import parse_message

from channels.capabilities import WECOM
from channels.channel import Clock, Http, Tokens
from channels.errors import InvalidSignature, MalformedRequest, MissingSetting, RecipientGone, Rejected, Temporary
from channels.message import Inbound, Outbound, Receipt, Request, Response
from channels.render import fit
from channels.wechat_api import (
    Api,
    code_of,
    fetched,
    message_of,
    posted,
    token_of,
    unsent,
)
from channels.wechat_envelope import (
    Envelope,
    check,
    ciphertext_of,
    field,
    fields_of,
    outer,
    plain,
    push_text,
    query_of,
    reply_xml,
    signed_part,
)
from channels.wechat_parse import Push
from channels.wecom_errors import refusal
from channels.wecom_parse import read_wecom

ROBOT: Final = "robot:"
_XML: Final = "application/xml; charset=utf-8"


class WeComChannel:
    """One corporation's application, and any number of group robots.

    Robots need no setting at all. Sending by the application needs `corp_id`, `agent_id` and `secret`; receiving needs
    `corp_id`, `token` and `aes_key`.
    """

    name = "wecom"
    capabilities = WECOM

    def __init__(
        self,
        *,
        corp_id: str = "",
        agent_id: str = "",
        secret: str = "",
        token: str = "",
        aes_key: str = "",
        clock: Clock,
        http: Http,
        tokens: Tokens,
        api_url: str = "https://qyapi.weixin.qq.com",
        timeout: float = 10.0,
    ) -> None:
        self.account = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._token = token
        self._clock = clock
        self._http = http
        self._api_url = api_url.rstrip("/")
        self._timeout = timeout
        self._envelope = Envelope(
            channel="wecom", token=token, aes_key=aes_key, receiver=corp_id, receiver_setting="corp_id"
        )
        self._api = Api(
            platform="WeCom",
            api_url=self._api_url,
            http=http,
            tokens=tokens,
            token_name=f"wecom:{corp_id}:{agent_id}",
            fetch_token=self._fetch_token,
            refuse=refusal,
            timeout=timeout,
        )

    def verify(self, request: Request) -> None:
        """Check `msg_signature` over the ciphertext: `echostr` of the address check, `Encrypt` of a callback."""
        if not self._token:
            raise MissingSetting("wecom.token")
        query = query_of(request.url)
        is_address_check = request.method == "GET"
        ciphertext = query.get("echostr", "") if is_address_check else signed_part(request)
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check("msg_signature", query.get("msg_signature", ""), self._token, stamp, nonce, ciphertext)
        self._envelope.ready()
        if is_address_check:
            try:
                self._envelope.opened(ciphertext)
            except MalformedRequest as error:
                raise InvalidSignature(str(error)) from None

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """The callback of a verified request; nothing for the address check (GET)."""
        if request.method == "GET":
            return ()
        xml = push_text(self._envelope.opened(ciphertext_of(request)).encode())
        return read_wecom(Push("wecom", fields_of(xml, parse_message), xml, self._clock.now()))

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """The decrypted `echostr`, an empty body for "no reply", or an encrypted passive reply."""
        if request.method == "GET":
            return Response(body=self._envelope.opened(query_of(request.url).get("echostr", "")).encode())
        if reply is None or not reply.text.strip():
            return Response()
        seconds = int(self._clock.now().timestamp())
        source = field(outer(request.body), "ToUserName")
        xml = reply_xml(source=source, target=reply.to.id, text=fit(reply, WECOM)[0].text, seconds=seconds)
        return Response(body=self._envelope.sealed(xml, seconds).encode(), content_type=_XML)

    async def send(self, outbound: Outbound) -> str:
        """A text to a group, by its robot (which gives no id: ours is returned), or to a colleague."""
        fitted = fit(outbound, WECOM)
        if len(fitted) > 1:
            # WeCom would cut it off without a word.
            raise Rejected(f"the text is longer than {WECOM.max_text} bytes")
        if outbound.to.id.startswith(ROBOT):
            return await self._send_by_robot(fitted[0])
        return await self._send_by_application(fitted[0])

    async def start(self) -> None:
        """Fetch the access token, so that a wrong corporation id or secret shows at once."""
        if self._secret:
            await self._api.token()

    async def aclose(self) -> None:
        """Nothing is held: connections are the Http's."""

    async def _send_by_robot(self, outbound: Outbound) -> str:
        key = outbound.to.id.removeprefix(ROBOT)
        url = f"{self._api_url}/cgi-bin/webhook/send?key={quote(key, safe='')}"
        payload = {"msgtype": "text", "text": {"content": plain(outbound.text)}}
        answer = await posted(self._http, url, payload, platform="WeCom", timeout=self._timeout)
        if code_of(answer) != 0:
            raise refusal(code_of(answer), message_of(answer).replace(key, "***"))
        return outbound.id

    async def _send_by_application(self, outbound: Outbound) -> str:
        to = outbound.to.id
        if not to or to == "@all" or "|" in to:
            raise Rejected("the address is not one colleague's user id")
        payload = {
            "touser": to,
            "msgtype": "text",
            "agentid": self._agent(),
            "text": {"content": plain(outbound.text)},
        }
        answer = await self._api.call("/cgi-bin/message/send", payload)
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise RecipientGone("there is no such colleague, or they may not use the application", code="invaliduser")
        return str(answer.get("msgid") or outbound.id)

    def _agent(self) -> int:
        if not self._agent_id.isascii() or not self._agent_id.isdigit():
            raise _unset("wecom.agent_id", "the application's number, as in 1000002")
        return int(self._agent_id)

    async def _fetch_token(self, stale: str) -> tuple[str, float]:
        if not (self.account and self._secret):
            raise _unset("wecom.secret" if self.account else "wecom.corp_id", "needed to write to colleagues")
        query = f"corpid={quote(self.account, safe='')}&corpsecret={quote(self._secret, safe='')}"
        url = f"{self._api_url}/cgi-bin/gettoken?{query}"
        answer = await unsent(fetched(self._http, url, platform="WeCom", timeout=self._timeout))
        return token_of(answer, platform="WeCom", settings="wecom.corp_id, wecom.secret and the trusted addresses")


def _unset(setting: str, why: str) -> Temporary:
    return Temporary(str(MissingSetting(setting, why)), whole_channel=True)
