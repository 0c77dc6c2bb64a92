"""Webhook requests as the platforms send them: signed, each from another customer with a dialog open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import time
from urllib.parse import urlencode

import orjson

from benchmarks.replies_store import Person
from bot.links import Links

HOST = b"127.0.0.1"
TELEGRAM_SECRET = "benchmark-secret"
TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"
WECHAT_TOKEN = "benchmarktoken"

WORDS_EN = (
    "Faster delivery would have been nice",
    "a bit more choice for vegetarians please",
    "The soup was cold and the rider was rude, I am really disappointed",
    "nothing really, all good",
    "maybe lower the delivery fee a little",
    "The packaging leaked everywhere, terrible",
)
WORDS_ZH = (
    "送得再快一点就好了",
    "希望多一些素食可以选",
    "汤洒了一半，骑手态度还很差，太失望了",
    "没什么，挺好的",
    "配送费能不能便宜点",
    "包装可以再结实一些",
)


def text_of(person: Person, chance: random.Random) -> str:
    """What this customer answers, varied by seed."""
    if person.words:
        return chance.choice(WORDS_ZH if person.language == "zh" else WORDS_EN)
    number = chance.choice((10, 9, 9, 8, 8, 7, 6, 3))
    dressed = f"{number}分" if person.language == "zh" else f"{number}!"
    return chance.choice((f"{number}", f"{number}", f"{number}", dressed))


def webchat(person: Person, text: str, number: int, links: Links) -> bytes:
    """The page's own POST."""
    body = orjson.dumps({"id": f"b{number}", "text": text})
    return _post(f"/webchat/{links.chat_token(person.id)}", body, "application/json")


def telegram(person: Person, text: str, number: int) -> bytes:
    """An update with a private message."""
    who = {"id": int(person.id), "is_bot": False, "first_name": "Ann", "language_code": person.language}
    message = {
        "message_id": number,
        "from": who,
        "chat": {"id": int(person.id), "first_name": "Ann", "type": "private"},
        "date": int(time.time()),
        "text": text,
    }
    body = orjson.dumps({"update_id": 10_000_000 + number, "message": message})
    secret = f"X-Telegram-Bot-Api-Secret-Token: {TELEGRAM_SECRET}"
    return _post("/webhooks/telegram", body, "application/json", secret)


def wechat(person: Person, text: str, number: int) -> bytes:
    """A text message in plain mode."""
    stamp, nonce = str(int(time.time())), str(100_000 + number)
    signature = hashlib.sha1("".join(sorted((WECHAT_TOKEN, stamp, nonce))).encode()).hexdigest()
    body = (
        f"<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[{person.id}]]></FromUserName>"
        f"<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{23_000_000_000_000_000 + number}</MsgId></xml>"
    ).encode()
    query = urlencode({"signature": signature, "timestamp": stamp, "nonce": nonce, "openid": person.id})
    return _post(f"/webhooks/wechat?{query}", body, "text/xml")


def sms(person: Person, text: str, number: int, address: str) -> bytes:
    """Twilio's form, signed."""
    form = {
        "ToCountry": "US",
        "MessageSid": f"SM{number:032x}",
        "SmsSid": f"SM{number:032x}",
        "NumMedia": "0",
        "SmsStatus": "received",
        "Body": text,
        "From": person.id,
        "To": "+15005550006",
        "FromCountry": "US",
        "NumSegments": "1",
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
    }
    signed = f"{address}/webhooks/sms" + "".join(key + form[key] for key in sorted(form))
    digest = hmac.new(TWILIO_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    header = f"X-Twilio-Signature: {base64.b64encode(digest).decode()}"
    return _post("/webhooks/sms", urlencode(form).encode(), "application/x-www-form-urlencoded", header)


def _post(path: str, body: bytes, content_type: str, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
