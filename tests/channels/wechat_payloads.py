"""Callbacks as WeChat and WeCom make them; signed and encrypted here without wechatpy, from the documents."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import struct
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.message import Request

APP_ID = "wx0123456789abcdef"
TOKEN = "t0kenForCallbacks"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_10f6c3c3ac5a"
OPEN_ID = "oCustomer"
STAMP, NONCE = "1740830400", "1372623149"
URL = "https://bot.example.com/webhooks/wechat"


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def message(body: str, *, created: str = STAMP) -> str:
    """A push of this account by this customer; `body` follows CreateTime."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[{OPEN_ID}]]></FromUserName>\n"
        f"<CreateTime>{created}</CreateTime>\n{body}</xml>"
    )


def text_xml(text: str = "9", msg_id: str = "23456789012345678", more: str = "") -> str:
    return message(
        f"<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[{text}]]></Content>\n<MsgId>{msg_id}</MsgId>{more}"
    )


def event_xml(event: str, body: str = "") -> str:
    return message(f"<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[{event}]]></Event>\n{body}")


def plain(xml: str, *, token: str = TOKEN, stamp: str = STAMP, **query: str) -> Request:
    parts = {"signature": signature(token, stamp, NONCE), "timestamp": stamp, "nonce": NONCE, "openid": OPEN_ID}
    return Request("POST", f"{URL}?{urlencode(parts | query)}", {"content-type": "text/xml"}, xml.encode())


def sealed(xml: str, *, receiver: str = APP_ID, key: str = AES_KEY) -> str:
    """Random 16 bytes, length, text, receiver; padded to 32; AES-256-CBC with the key's first half as vector."""
    raw = base64.b64decode(key + "=")
    content = xml.encode()
    clear = os.urandom(16) + struct.pack(">I", len(content)) + content + receiver.encode()
    clear += bytes([32 - len(clear) % 32]) * (32 - len(clear) % 32)
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(clear) + encryptor.finalize()).decode()


def unsealed(ciphertext: str, *, receiver: str = APP_ID, key: str = AES_KEY) -> str:
    raw = base64.b64decode(key + "=")
    decryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    clear = decryptor.update(base64.b64decode(ciphertext)) + decryptor.finalize()
    clear = clear[16 : -clear[-1]]
    length = struct.unpack(">I", clear[:4])[0]
    assert clear[4 + length :].decode() == receiver
    return clear[4 : 4 + length].decode()


def encrypted(xml: str, *, compatible: str = "", receiver: str = APP_ID, **query: str) -> Request:
    """Encrypted mode; with `compatible` (a plain XML) the plain fields stand beside the ciphertext."""
    ciphertext = sealed(xml, receiver=receiver)
    parts = {
        "signature": signature(TOKEN, STAMP, NONCE),
        "timestamp": STAMP,
        "nonce": NONCE,
        "openid": OPEN_ID,
        "encrypt_type": "aes",
        "msg_signature": signature(TOKEN, STAMP, NONCE, ciphertext),
    }
    inside = re.sub(r"^<xml>|</xml>$", "", compatible) or f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
    body = f"<xml>{inside}<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    return Request("POST", f"{URL}?{urlencode(parts | query)}", {"content-type": "text/xml"}, body.encode())


def tag(xml: str, name: str) -> str:
    """The text of one element."""
    found = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", xml, re.S)
    assert found, f"no {name} in {xml}"
    return found.group(1)
