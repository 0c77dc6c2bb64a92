"""The envelope of WeChat's and WeCom's callbacks: signatures, ciphertext, XML or JSON. Signing and AES are wechatpy's.

Rule: nothing leaves this file unless its signature was compared in constant time, and no XML is read that declares
anything of its own (a document type, an entity), so neither expansion nor fetching can happen.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.parsers.expat import ExpatError

import orjson
import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.replies import TextReply
from wechatpy.utils import WeChatSigner

from channels.errors import InvalidSignature, MalformedRequest, MissingSetting
from channels.message import Request

Fields = Mapping[str, object]

# What wechatpy and its XML reader raise on bodies that are not WeChat's.
BROKEN: Final = (ExpatError, ValueError, KeyError, TypeError, AttributeError, IndexError)
# Some phones send control characters; XML 1.0 forbids them and expat refuses the whole message.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MOST_FIELDS: Final = 40
# Reading 1 MiB of nothing but elements or attributes would take a second; WeChat's largest pushes have some hundred.
_MOST_MARKS: Final = 20_000


def query_of(url: str) -> dict[str, str]:
    """The query's parameters; of a repeated one the first counts. Raises InvalidSignature where it cannot be read."""
    try:
        pairs = parse_qsl(url.partition("?")[2].partition("#")[0], max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidSignature("the query of the address cannot be read") from None
    return dict(reversed(pairs))


def check(name: str, given: str, token: str, *signed: str) -> None:
    """Compare a signature: SHA-1 over the sorted token and what it covers. Raises InvalidSignature."""
    if not given:
        raise InvalidSignature(f"the request has no {name}")
    signer = WeChatSigner()
    signer.add_data(token, *signed)
    if not hmac.compare_digest(signer.signature.encode(), given.encode("utf-8", "replace")):
        raise InvalidSignature(f"{name} is not that of this account's token")


def push_text(body: bytes) -> str:
    """The XML or the JSON of a body, ready to be read. Raises MalformedRequest unless it begins with `<xml>` or `{`."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if is_json(text):
        return text
    root = text.find("<xml")
    if root < 0 or "<!" in text[:root]:
        raise MalformedRequest("the body is not WeChat's XML: it does not begin with <xml>")
    if text.count("<") + text.count("=") > _MOST_MARKS:
        raise MalformedRequest("the body has more elements than anything that WeChat sends")
    return _CONTROL.sub("", text) if _CONTROL.search(text) else text


def is_json(text: str) -> bool:
    """Whether the account has JSON for its pushes (数据格式) and not XML; the names of the fields are the same."""
    return text.startswith("{")


def outer(body: bytes) -> Fields:
    """The fields of an envelope as they stand, not decrypted. Raises MalformedRequest."""
    text = push_text(body)
    try:
        fields = orjson.loads(text) if is_json(text) else xmltodict.parse(text)["xml"]
    except BROKEN:
        raise MalformedRequest("the body is not well-formed XML or JSON, or declares entities") from None
    if not isinstance(fields, dict):
        raise MalformedRequest("the body's <xml> has no fields")
    return fields


def fields_of(text: str, parse_message: Callable[[str], Any]) -> Fields:
    """The fields of a message as wechatpy's parser reads them, with a MsgType and a sender. Raises MalformedRequest.

    wechatpy's typed fields raise on what is missing or misshapen, its parser on an event without a name, and it knows
    no JSON; what is there is then taken as it is.
    """
    try:
        fields: Fields = outer(text.encode()) if is_json(text) else parse_message(text)._data
    except BROKEN:
        fields = outer(text.encode())
    if not (field(fields, "MsgType") and field(fields, "FromUserName")):
        raise MalformedRequest("the message has no MsgType or no FromUserName")
    return fields


def field(fields: Fields, name: str) -> str:
    """A field's text, or its number's digits (JSON has numbers); empty where it is missing or is neither."""
    value = fields.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def ciphertext_of(request: Request) -> str:
    """What stands in `Encrypt`. Raises MalformedRequest."""
    ciphertext = field(outer(request.body), "Encrypt")
    if not ciphertext:
        raise MalformedRequest("the request is marked as encrypted and has no Encrypt")
    return ciphertext


def signed_part(request: Request) -> str:
    """The ciphertext, before it is known whose it is. Raises InvalidSignature where there is nothing to sign."""
    try:
        return ciphertext_of(request)
    except MalformedRequest as error:
        raise InvalidSignature(f"nothing that could be signed: {error}") from None


def plain(text: str) -> str:
    """A text that every reply can carry: without lone surrogates, which UTF-8 refuses, and without control characters,
    which XML refuses and which JSON writes as `\\uXXXX`, which WeChat refuses (40033).
    """
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode())


class Envelope:
    """Encryption for one account: `receiver` is the app id (WeChat) or the corporation's id (WeCom)."""

    def __init__(self, *, channel: str, token: str, aes_key: str, receiver: str, receiver_setting: str) -> None:
        self._channel = channel
        self._token = token
        self._aes_key = aes_key
        self._receiver = receiver
        self._receiver_setting = receiver_setting
        self._opened: WeChatCrypto | None = None

    def ready(self) -> WeChatCrypto:
        """wechatpy's cipher. Raises MissingSetting for what is missing or is no key."""
        if self._opened is None:
            if not self._aes_key:
                raise MissingSetting(f"{self._channel}.aes_key", "the request is encrypted")
            if not self._receiver:
                raise MissingSetting(f"{self._channel}.{self._receiver_setting}", "the request is encrypted for it")
            try:
                self._opened = WeChatCrypto(self._token, self._aes_key, self._receiver)
            except (AssertionError, ValueError):
                why = f"EncodingAESKey has 43 letters and digits; this one has {len(self._aes_key)} characters"
                raise MissingSetting(f"{self._channel}.aes_key", why) from None
        return self._opened

    def opened(self, ciphertext: str) -> str:
        """Decrypt. Raises MalformedRequest where the key or the receiver is another's; never shows the text."""
        crypto = self.ready()
        try:
            return str(PrpCrypto(crypto.key).decrypt(ciphertext, self._receiver))
        except WeChatException:
            why = f"it is encrypted for another receiver than {self._channel}.{self._receiver_setting}"
        except Exception:  # wechatpy checks nothing: bad base64, padding, lengths and UTF-8 each raise their own
            why = f"it does not open with {self._channel}.aes_key"
        raise MalformedRequest(f"the body cannot be decrypted: {why}")

    def sealed(self, xml: str, seconds: int) -> str:
        """An encrypted answer with a nonce of its own, as it has to be for each answer, repeated ones too."""
        return str(self.ready().encrypt_message(xml, secrets.token_hex(8), str(seconds)))


def reply_xml(*, source: str, target: str, text: str, seconds: int) -> str:
    """A passive text reply. wechatpy wraps the text in CDATA and does not escape what would end it."""
    safe = plain(text).replace("]]>", "]]]]><![CDATA[>")
    return str(TextReply(source=source, target=target, time=seconds, content=safe).render())


def reply_json(*, source: str, target: str, text: str, seconds: int) -> str:
    """The same reply for an account whose pushes are JSON."""
    fields = {
        "ToUserName": target,
        "FromUserName": source,
        "CreateTime": seconds,
        "MsgType": "text",
        "Content": plain(text),
    }
    return orjson.dumps(fields).decode()


def as_json(sealed: str) -> str:
    """A sealed answer as JSON; the names of its fields are the same."""
    return orjson.dumps(xmltodict.parse(sealed)["xml"]).decode()
