"""SMS by Twilio: signed webhooks, replies as TwiML, sends and look-ups over its REST API.

Rule: a send is not idempotent, so nothing here tries twice. Receiving needs no `twilio.rest`; `sms_api.py` brings it,
in a thread, when something is first sent.

What a form becomes stands in sms_form.py, how JSON becomes a form in sms_json.py, what a code means in sms_errors.py.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from channels.capabilities import SMS
from channels.channel import Clock
from channels.errors import InvalidSignature, MissingSetting, OutcomeUnknown, RecipientGone, Rejected, SendError
from channels.message import Inbound, Outbound, Receipt, Request, Response
from channels.sms_form import Form, form_of, plain, read
from channels.sms_json import is_hash, said, said_in_json
from channels.sms_numbers import answerable, e164
from channels.words import SMS_CHINA, SMS_TWILIO, TWILIO_ANSWERS, kind_of

if TYPE_CHECKING:
    from channels.sms_api import TwilioApi

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>'
# https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys
_BY_RULE: Final = "x-twilio-webhooks-signature-settings"
_NOTHING: Final = Response(body=f"{_HEAD}<Response/>".encode(), content_type="text/xml; charset=utf-8")
# What XML 1.0 has no way to write.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: Final = {"twilio": SMS_TWILIO, "china": SMS_CHINA}
_OPT_OUT_LINE: Final = {
    "twilio": {"en": "Reply STOP to opt out.", "zh": "回复 STOP 退订。"},
    "china": {"en": "Reply TD to opt out.", "zh": "回复 TD 退订。"},
}


class SmsChannel:
    """One Twilio account, sending from `sender` (a number, a short code, a name) or a `messaging_service` (MG…).

    `public_url` is our address as Twilio sees it: signatures are checked over it, and status callbacks go to it with
    `status_path`. `opt_out`: who answers STOP, START and HELP, "twilio" or "motline". `words`: whose stop words hold.
    `per_second`: what the sender may send. `timeout` in seconds holds for every call.
    """

    name = "sms"
    capabilities = SMS

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        clock: Clock,
        sender: str = "",
        messaging_service: str = "",
        api_url: str = "https://api.twilio.com",
        public_url: str = "",
        opt_out: Literal["twilio", "motline"] = "twilio",
        status_path: str = "/webhooks/sms/status",
        words: Literal["twilio", "china"] = "twilio",
        per_second: float = SMS.per_second,
        timeout: float = 10.0,
    ) -> None:
        self.account = account_sid
        self.capabilities = replace(SMS, per_second=per_second)
        self.opt_out = opt_out
        self.words = _WORDS[words]
        self._opt_out_line = _OPT_OUT_LINE[words]
        self._auth_token, self._clock, self._timeout = auth_token, clock, timeout
        self._sender, self._messaging_service = sender, messaging_service
        self._api_url, self._public_url = api_url.rstrip("/"), public_url.rstrip("/")
        self._status_url = self._public_url + status_path if public_url else ""
        self._validator: Any = None
        self._api: TwilioApi | None = None

    @property
    def answerable(self) -> bool:
        """Whether customers can write back; not to an alphanumeric sender, on which no dialog may run."""
        return bool(self._messaging_service) or answerable(self._sender)

    async def lead_in(self, payload: str, lifetime: timedelta) -> str:
        """An address that opens a message to us with `payload` in it, to be sent as it is (RFC 5724)."""
        if not self._sender.startswith("+"):
            raise MissingSetting("sms.sender", "people write to that number")
        # Without the ampersand iPhones leave the text out.
        return f"sms:{self._sender}?&body={payload}"

    def opt_out_line(self, language: str) -> str:
        """What the first message to a number says of stopping; `language` "en", "zh", …"""
        return self._opt_out_line.get(language.partition("-")[0].lower(), self._opt_out_line["en"])

    def platform_answers(self, inbound: Inbound) -> bool:
        """Whether Twilio itself answers (and blocks) upon this stop, start or help, so that we must be silent."""
        if self.opt_out != "twilio" or inbound.kind not in ("stop", "start", "help"):
            return False
        raw = inbound.raw if isinstance(inbound.raw, dict) else {}
        return bool(raw.get("OptOutType")) or kind_of(inbound.text, words=TWILIO_ANSWERS) == inbound.kind

    def verify(self, request: Request) -> None:
        """Check X-Twilio-Signature over the public address and the form, or the hash of a JSON body in that address."""
        if not self._auth_token:
            raise MissingSetting("sms.auth_token", "it is the key of Twilio's signatures")
        given = request.headers.get("x-twilio-signature", "")
        try:
            right = bool(given) and self._is_signature(given, request)
        except ValueError:  # no address, or one that nobody could have signed
            right = False
        if not right and _BY_RULE in request.headers:
            raise InvalidSignature(
                "the request is signed with a shared key by a webhook rule of the account; only the signature by the "
                "Auth Token is checked, so take this address out of the rule"
            )
        if not right:
            raise InvalidSignature(
                "X-Twilio-Signature is missing or wrong; besides forgery the reason may be sms.auth_token, or a public "
                "address other than the one that Twilio was given"
            )
        if said_in_json(request) and not is_hash(request):
            raise InvalidSignature("the body is not the one whose hash Twilio signed (bodySHA256 in the address)")

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """The one event of a form, or all those of a JSON body."""
        reference = parse_qs(request.url.partition("?")[2]).get("id", [""])[0]
        now = self._clock.now()
        if said_in_json(request):
            return tuple(self._events(request.body, reference, now))
        return (read(_form(request), account=self.account, reference=reference, words=self.words, at=now),)

    def carries_reply(self, request: Request) -> bool:
        """Whether TwiML in the response is read: not by Event Streams, nor by a Studio flow's request."""
        return not said_in_json(request)

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """TwiML: an empty response sends nothing, a `Message` is sent and reported under our own id."""
        if reply is None:
            return _NOTHING
        callback = self._callback(reply)
        attribute = f" statusCallback={quoteattr(callback)}" if callback else ""
        text = escape(_NOT_XML.sub("", reply.text))
        body = f"{_HEAD}<Response><Message{attribute}>{text}</Message></Response>"
        return Response(body=body.encode(), content_type="text/xml; charset=utf-8")

    async def send(self, outbound: Outbound) -> str:
        """Send; the message's sid."""
        if len(outbound.text) > SMS.max_text:
            reason = f"the text has {len(outbound.text)} characters, Twilio takes {SMS.max_text}"
            raise Rejected(reason, code="21617")
        parameters = {"to": _number(outbound.to.id), "body": outbound.text, **self._from()}
        if callback := self._callback(outbound):
            parameters["status_callback"] = callback
        return await (self._api or await self._connected()).create(parameters)

    async def look_up(self, outbound: Outbound, since: datetime) -> str | None:
        """The sid of this message if Twilio has it since then, by number, text and time, by whichever sender."""
        api = self._api or await self._connected()
        try:
            return await api.find(to=_number(outbound.to.id), text=outbound.text, since=since)
        except SendError as error:
            raise OutcomeUnknown(f"the message could not be looked up: {error.reason}", code=error.code) from None

    async def start(self) -> None:
        """Check that there is what sending needs. Raises MissingSetting."""
        needed = {"sms.account_sid": self.account, "sms.auth_token": self._auth_token}
        for key, value in needed.items():
            if not value:
                raise MissingSetting(key, "Twilio's console shows it")
        if not self._sender and not self._messaging_service:
            raise MissingSetting("sms.sender", "set it, or sms.messaging_service")
        await self._connected()

    async def aclose(self) -> None:
        """Close connections."""
        if self._api is not None:
            await self._api.aclose()
            self._api = None

    def _events(self, body: bytes, reference: str, now: datetime) -> Iterator[Inbound | Receipt]:
        for one in said(body):
            # What is no message (a test of the sink, a call) may lack an account; it is ignored, not refused.
            account = self.account or one.form.first("AccountSid") or "twilio"
            event = read(one.form, account=account, reference=reference, words=self.words, at=one.at or now)
            # A sink hears of all the account's numbers; what was written to another of them is not for us.
            to = re.sub(r"[^\d+]", "", one.form.first("To"))
            if isinstance(event, Inbound) and self._sender.startswith("+") and to and to != self._sender:
                event = replace(event, kind="ignored")
            yield replace(event, raw={**one.raw, **plain(one.form)})

    def _is_signature(self, given: str, request: Request) -> bool:
        if self._validator is None:
            self._validator = import_module("twilio.request_validator").RequestValidator(self._auth_token)
        in_url = request.method != "POST" or said_in_json(request)
        form = Form() if in_url else form_of(request.body.decode("utf-8", "replace"))
        url = self._signed_url(request.url)
        expected: str = self._validator.compute_signature(url, form)
        if hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return True
        # Twilio signs some addresses with their port and some without; its validator tries both.
        return bool(self._validator.validate(url, form, given))

    def _signed_url(self, url: str) -> str:
        if not self._public_url or url.startswith(self._public_url + "/"):
            return url
        parts = urlsplit(url)
        return self._public_url + parts.path + (f"?{parts.query}" if parts.query else "")

    def _callback(self, outbound: Outbound) -> str:
        return f"{self._status_url}?{urlencode({'id': outbound.id})}" if self._status_url else ""

    def _from(self) -> dict[str, str]:
        if self._messaging_service:
            return {"messaging_service_sid": self._messaging_service}
        return {"from_": self._sender}

    async def _connected(self) -> TwilioApi:
        module = await asyncio.to_thread(import_module, "channels.sms_api")
        if self._api is None:
            self._api = module.TwilioApi(
                account_sid=self.account, auth_token=self._auth_token, api_url=self._api_url, timeout=self._timeout
            )
        return self._api


def _form(request: Request) -> Form:
    if request.method == "GET":
        return form_of(request.url.partition("?")[2])
    return form_of(request.body.decode("utf-8", "replace"))


def _number(address: str) -> str:
    """The number to send to, in E.164. A number's own words are not repeated: the reason is logged."""
    prefix, colon, number = address.rpartition(":")
    try:
        return prefix + colon + e164(number)
    except ValueError:
        raise RecipientGone("the address is no telephone number in international form", code="21211") from None
