"""Inbound messages as the platforms send them, for the parse benchmark: each another customer, another text, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from bot.clock import SystemClock
from bot.feed import Feed
from bot.links import Links
from channels.message import Request
from channels.registry import adapter
from storage.crypto import Keys
from tests.channels import email_cases_html, email_cases_plain, telegram_payloads, wechat_payloads
from tests.fakes.house import ForbiddenHttp, TokensInMemory
from tests.fakes.twilio_api import ACCOUNT, AUTH_TOKEN

ADDRESS = "https://feedback.example.com"
SECRET = "telegram-webhook-secret"
_WORDS = (
    "9", "10", "7 the room was fine, the breakfast a bit slow", "Everything was lovely, thank you so much!",
    "9分", "很满意", "房间很干净，就是早餐有点慢", "送餐太慢了，等了一个多小时，菜都凉了",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A request and the text that must come out of it."""

    request: Request
    text: str


@dataclass(frozen=True, slots=True)
class Work:
    """A channel and what it is to read."""

    channel: Any
    samples: tuple[Sample, ...]


def texts(seed: int, count: int) -> list[str]:
    """Short answers and sentences, English and Chinese, no two alike."""
    draw = random.Random(seed)
    return [f"{draw.choice(_WORDS)} ({number})" for number in range(count)]


def telegram(seed: int, count: int) -> Work:
    samples = []
    for number, text in enumerate(texts(seed, count)):
        body = orjson.dumps(telegram_payloads.update("message", telegram_payloads.message(text), 10_000 + number))
        headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": SECRET}
        samples.append(Sample(Request("POST", f"{ADDRESS}/webhooks/telegram", headers, body), text))
    made = adapter("telegram")(token="110201543:AAH", secret=SECRET, clock=SystemClock())
    return Work(made, tuple(samples))


def wechat(seed: int, count: int) -> Work:
    requests = [
        wechat_payloads.plain(wechat_payloads.text_xml(text, f"{23_000_000_000_000_000 + n}"))
        for n, text in enumerate(texts(seed, count))
    ]
    return Work(_wechat(""), _samples(requests, texts(seed, count)))


def wechat_encrypted(seed: int, count: int) -> Work:
    requests = [
        wechat_payloads.encrypted(wechat_payloads.text_xml(text, f"{23_000_000_000_000_000 + n}"))
        for n, text in enumerate(texts(seed, count))
    ]
    return Work(_wechat(wechat_payloads.AES_KEY), _samples(requests, texts(seed, count)))


def _wechat(aes_key: str) -> Any:
    return adapter("wechat")(
        app_id=wechat_payloads.APP_ID, app_secret="s", token=wechat_payloads.TOKEN, aes_key=aes_key,
        clock=SystemClock(), http=ForbiddenHttp(), tokens=TokensInMemory(),
    )  # fmt: skip


def sms(seed: int, count: int) -> Work:
    requests = []
    for number, text in enumerate(texts(seed, count)):
        form = {
            "ToCountry": "US", "MessageSid": f"SM{number:032x}", "SmsSid": f"SM{number:032x}", "NumMedia": "0",
            "SmsStatus": "received", "Body": text, "From": f"+1415{5_550_000 + number}", "To": "+15005550006",
            "FromCountry": "US", "NumSegments": "1", "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        url = f"{ADDRESS}/webhooks/sms"
        signed = url + "".join(name + form[name] for name in sorted(form))
        digest = base64.b64encode(hmac.new(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": digest}
        requests.append(Request("POST", url, headers, urlencode(form).encode()))
    made = adapter("sms")(
        account_sid=ACCOUNT, auth_token=AUTH_TOKEN, clock=SystemClock(), sender="+15005550006", public_url=ADDRESS
    )
    return Work(made, _samples(requests, texts(seed, count)))


def webchat(seed: int, count: int) -> Work:
    keys, clock = Keys(bytes(range(32))), SystemClock()
    links = Links(keys, address=ADDRESS, clock=clock, lifetime=timedelta(days=1))
    requests = []
    for number, text in enumerate(texts(seed, count)):
        url = f"{ADDRESS}/webchat/{links.chat_token(f'{number:032x}')}"
        requests.append(Request("POST", url, {}, orjson.dumps({"id": f"p{number}", "text": text})))
    made = adapter("webchat")(links=links, feed=Feed(), clock=clock)
    return Work(made, _samples(requests, texts(seed, count)))


def email(seed: int, count: int) -> Work:
    """Replies of every mail program that the tests know, with their quoted originals, each with an id of its own."""
    cases = [*email_cases_plain.CASES, *email_cases_html.CASES]
    draw = random.Random(seed)
    samples = []
    for number in range(count):
        case = draw.choice(cases)
        raw = re.sub(rb"(?im)^Message-ID: <[^>]*>", b"Message-ID: <%d@mail.example.net>" % number, case.raw, count=1)
        samples.append(Sample(Request("IMAP", "", {}, raw), case.text))
    made = adapter("email")(clock=SystemClock(), sender="Jade Hotel <feedback@jade.example>")
    return Work(made, tuple(samples))


def _samples(requests: list[Request], wanted: list[str]) -> tuple[Sample, ...]:
    return tuple(Sample(request, text) for request, text in zip(requests, wanted, strict=True))


CHANNELS: dict[str, Callable[[int, int], Work]] = {
    "telegram": telegram,
    "wechat": wechat,
    "wechat_encrypted": wechat_encrypted,
    "sms": sms,
    "email": email,
    "webchat": webchat,
}
