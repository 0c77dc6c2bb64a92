"""Twilio's REST API on loopback: messages made and listed, as strict as Twilio about parameters.

The tables are checked against Twilio's OpenAPI description in MOTLINE_SPECS. Besides tests, benchmarks start it:
`async with TwilioApi() as fake: … fake.url, fake.sent, fake.script(too_many(3), html_answer(502), Hang(), Cut())`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import orjson
from aiohttp import web

from tests.fakes.scripted import Answer, FakeProvider, json_answer

ACCOUNT: Final = "AC0123456789abcdef0123456789abcdef"
AUTH_TOKEN: Final = "9f86d081884c7d659a2feaa0c55ad015"
LISTED: Final = frozenset({"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"})
MADE: Final = frozenset({"To", "From", "MessagingServiceSid", "Body", "StatusCallback"})
PATH: Final = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


class Refusal(Exception):
    """What Twilio answers with an error."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = error(status, code, message)


def error(status: int, code: int, message: str, **headers: str) -> Answer:
    """Twilio's own refusal."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return json_answer(status, body, **headers)


def too_many(seconds: int) -> Answer:
    """429 with Retry-After."""
    return error(429, 20429, "Too Many Requests", Retry_After=str(seconds))


def opted_out() -> Answer:
    """400, 21610."""
    return error(400, 21610, "Attempt to send to unsubscribed recipient")


class TwilioApi(FakeProvider):
    """One account. `sent` are the messages made, the newest last; `now` is Twilio's clock."""

    def __init__(self, now: datetime = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)) -> None:
        super().__init__()
        self.now = now
        self.sent: list[dict[str, Any]] = []
        self.parameters: list[Mapping[str, str]] = []

    def made(self, to: str, body: str, *, age: timedelta = timedelta(), direction: str = "outbound-api") -> str:
        """A message that Twilio has, made so long ago; its sid."""
        sid = f"SM{len(self.sent):032x}"
        self.sent.append(self._resource(sid, {"To": to, "Body": body}, self.now - age) | {"direction": direction})
        return sid

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_login(request)
            if request.path != PATH.format(AccountSid=ACCOUNT):
                self.failures.append(f"no resource {request.path}")
                raise Refusal(404, 20404, f"The requested resource {request.path} was not found")
            if request.method == "POST":
                return _json(201, self._create({k: str(v) for k, v in (await request.post()).items()}))
            return _json(200, self._list(request.query))
        except Refusal as refusal:
            return web.Response(status=refusal.answer.status, body=refusal.answer.body, content_type="application/json")

    def _check_login(self, request: web.Request) -> None:
        scheme, _, login = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic" or base64.b64decode(login).decode() != f"{ACCOUNT}:{AUTH_TOKEN}":
            raise Refusal(401, 20003, "Authenticate")

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        if unknown := set(form) - MADE:
            self.failures.append(f"a message has no parameter {sorted(unknown)}")
            raise Refusal(400, 20001, f"unknown parameters {sorted(unknown)}")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", form.get("To", "")):
            raise Refusal(400, 21211, f"The 'To' number {form.get('To')} is not a valid phone number.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            raise Refusal(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body"):
            raise Refusal(400, 21602, "Message body is required.")
        if len(form["Body"]) > 1600:
            raise Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        resource = self._resource(f"SM{len(self.sent):032x}", form, self.now)
        self.sent.append(resource)
        self.parameters.append(form)
        return resource

    def _resource(self, sid: str, form: Mapping[str, str], made: datetime) -> dict[str, Any]:
        date = format_datetime(made)
        return {
            "sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": form["Body"], "to": form["To"],
            "from": form.get("From"), "messaging_service_sid": form.get("MessagingServiceSid"), "status": "queued",
            "direction": "outbound-api", "date_created": date, "date_updated": date, "date_sent": None,
            "error_code": None, "error_message": None, "num_media": "0", "num_segments": "1", "price": None,
            "price_unit": None, "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json", "subresource_uris": {},
        }  # fmt: skip

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        if unknown := set(query) - LISTED:
            self.failures.append(f"the list has no parameter {sorted(unknown)}")
        asked = {"to": query.get("To"), "from": query.get("From")}
        found = [m for m in reversed(self.sent) if all(v is None or m[name] == v for name, v in asked.items())]
        page = found[: int(query.get("PageSize", 50))]
        return {
            "messages": page, "page": 0, "page_size": 50, "start": 0, "end": len(page), "uri": "", "first_page_uri": "",
            "next_page_uri": None, "previous_page_uri": None,
        }  # fmt: skip


def _json(status: int, body: Any) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")
