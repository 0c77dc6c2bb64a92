"""The web chat: a page of our own, behind a signed link, held to the same contract as any platform.

Rule: the link is the identity. Nothing that the page says about who it is counts but the token in the address.

A page posts to `/webchat/<token>`:

    {"id": "k3f9…", "text": "9"}                        text, or stop, start, help, command by the words of `words.CHAT`
    {"id": "k3f9…", "text": "9", "payload": "…"}        choice: a button was pressed, `text` is its title
    {"seen": ["<our message id>", …]}                   receipts: the messages were on a screen

The id is made by the page and stays the same when it sends again. The answer is `{"messages": [{id, text, buttons}]}`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, Protocol

import orjson

from channels.capabilities import WEBCHAT
from channels.channel import Clock
from channels.errors import InvalidSignature, MalformedRequest, Rejected
from channels.message import Inbound, Kind, Outbound, Receipt, Request, Response
from channels.words import CHAT, kind_of

_JSON: Final = "application/json"
_EMPTY: Final = Response(body=b'{"messages":[]}', content_type=_JSON)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_SEEN: Final = 50


class Links(Protocol):
    """Who a signed link belongs to."""

    def address_of(self, token: str) -> str | None:
        """The web chat address behind a token, or None where the token is forged or expired."""


class Feed(Protocol):
    """The pages that are open now."""

    def publish(self, outbound: Outbound) -> None:
        """Show a message on every open page of its address; no page, no harm: pages read the store when they open."""


class WebChat:
    """The adapter. A message is sent when the open pages were told of it; a page that opens later reads the store."""

    name = "webchat"
    account = "webchat"
    capabilities = WEBCHAT

    def __init__(self, *, links: Links, feed: Feed, clock: Clock) -> None:
        self._links = links
        self._feed = feed
        self._clock = clock
        self._last: tuple[Request | None, str | None] = (None, None)

    def verify(self, request: Request) -> None:
        """Raises InvalidSignature unless the address ends in a token of ours that has not expired."""
        if self._sender(request) is None:
            raise InvalidSignature("the link is not ours, or has expired")

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """The message or receipts in the body."""
        sender = self._sender(request) or ""
        body = _object(request.body)
        now = self._clock.now()
        if "seen" in body:
            return tuple(_seen(body["seen"], now))
        return (_inbound(body, sender, now),)

    def _sender(self, request: Request) -> str | None:
        """Whose link it is; the same request is asked about twice, one right after the other."""
        seen, sender = self._last
        if seen is not request:
            sender = self._links.address_of(token_of(request.url))
            self._last = request, sender
        return sender

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """`{"messages": […]}` with the reply, or none."""
        if reply is None:
            return _EMPTY
        return Response(body=b'{"messages":[' + orjson.dumps(as_json(reply)) + b"]}", content_type=_JSON)

    async def send(self, outbound: Outbound) -> str:
        """Tell the open pages; our own id is the message's id there. Raises Rejected for a text that was not fitted."""
        if len(outbound.text) > WEBCHAT.max_text:
            raise Rejected(f"a text of {len(outbound.text)} characters; the page takes {WEBCHAT.max_text}")
        self._feed.publish(outbound)
        return outbound.id

    async def aclose(self) -> None:
        """Nothing is open."""


def token_of(url: str) -> str:
    """The last part of an address's path."""
    return url.partition("?")[0].rpartition("/")[2]


def as_json(outbound: Outbound) -> dict[str, Any]:
    """A message as pages read it."""
    return {
        "id": outbound.id,
        "text": outbound.text,
        "buttons": [{"title": one.title, "payload": one.payload} for one in outbound.choices],
    }


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedRequest("the body is no JSON") from None
    if not isinstance(found, dict):
        raise MalformedRequest("the body is no JSON object")
    return found


def _seen(ids: object, now: datetime) -> list[Receipt]:
    if not isinstance(ids, list) or len(ids) > _MOST_SEEN:
        raise MalformedRequest(f"'seen' is no list of at most {_MOST_SEEN} ids")
    return [
        Receipt("webchat", "webchat", f"seen:{one}", one, "read", now, reference=one)
        for one in ids
        if isinstance(one, str) and _ID.fullmatch(one)
    ]


def _inbound(body: dict[str, Any], sender: str, now: datetime) -> Inbound:
    message, text, payload = body.get("id"), body.get("text", ""), body.get("payload", "")
    if not isinstance(message, str) or not _ID.fullmatch(message):
        raise MalformedRequest("'id' must be 1 to 64 letters and digits, the same when sent again")
    if not isinstance(text, str) or not isinstance(payload, str):
        raise MalformedRequest("'text' and 'payload' must be texts")
    language = body.get("language", "")
    return Inbound(
        kind=_kind(text, payload),
        channel="webchat",
        account="webchat",
        external_id=f"{sender}:{message}",
        message=message,
        sender=sender,
        chat=sender,
        at=now,
        text=text,
        payload=payload,
        language=language[:16] if isinstance(language, str) else "",
    )


def _kind(text: str, payload: str) -> Kind:
    if payload:
        return "choice"
    kind = kind_of(text, words=CHAT)
    return "command" if kind == "text" and text.startswith("/") else kind
