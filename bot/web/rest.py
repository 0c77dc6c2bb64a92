"""Rasa's REST channel, for other programs: a message in, what we say to it out, the rest to be fetched.

Rule: a sender belongs to the integration whose key spoke for it; no key can name another one's senders. What was given
out is marked as delivered when the response has been written, and is not given out again.

    POST /webhooks/rest/webhook   {"sender": "…", "message": "…", "metadata": {"message_id": "…"}}
    GET  /webhooks/rest/messages?sender=…
    → [{"recipient_id": "…", "text": "…", "buttons": [{"title": "…", "payload": "…"}]}]

The key is a bearer token: `Authorization: Bearer …`, or `?token=…` as Rasa has it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import orjson

from bot.logs import place_of
from bot.outgoing_shape import outbound_of
from bot.web.asgi import Disconnected, Receive, Scope, Send, TooLarge, body_of, headers_of, json, write
from bot.web.parts import Access, Parts
from channels.message import Address, Inbound, Kind, Receipt, Response
from channels.words import CHAT, kind_of
from storage import transcripts
from storage.transcripts import Line

log = logging.getLogger("motline.web")

_LONGEST: Final = 200
# The bell rings as a message is handed over, the moment before the store says `sent`.
_LOOK_SECONDS: Final = 0.02
_NO_KEY: Final = json(
    {"error": "a key of scope rest is needed: Authorization: Bearer …; make one in the console under Keys"},
    401,
    www_authenticate="Bearer",
)
_LATER: Final = json({"error": "please send again"}, 503, retry_after="5")


class Rest:
    """The two routes."""

    def __init__(self, parts: Parts, access: Access) -> None:
        self._parts = parts
        self._access = access
        self._within = parts.config.rest.answer_within.total_seconds()

    async def webhook(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A message of one sender."""
        name = await self._integration(scope)
        if name is None:
            await write(send, _NO_KEY)
            return
        if scope["method"] != "POST":
            await write(send, json({"error": "POST only"}, 405, allow="POST"))
            return
        try:
            inbound = _inbound(await body_of(receive), name, self._parts)
        except TooLarge:
            await write(send, json({"error": "over 1 MiB"}, 413))
        except ValueError as error:
            await write(send, json({"error": str(error)}, 400))
        except Disconnected:
            return
        else:
            await self._answer(inbound, name, send)

    async def messages(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What one sender was told since it was last asked."""
        name = await self._integration(scope)
        if name is None:
            await write(send, _NO_KEY)
            return
        sender = _query(scope).get("sender", "")
        if not sender:
            await write(send, json({"error": "'sender' is missing from the address"}, 400))
            return
        await self._give(name, sender, send)

    async def _integration(self, scope: Scope) -> str | None:
        given = headers_of(scope).get("authorization", "")
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer":
            key = _query(scope).get("token", "")
        found = await self._access.key(key.strip(), "rest") if key else None
        return found.name if found else None

    async def _answer(self, inbound: Inbound, name: str, send: Send) -> None:
        with self._parts.feed.subscribe(Address("rest", inbound.sender)) as bell:
            try:
                async with asyncio.timeout(self._within):
                    await self._parts.conversations.receive("rest", [inbound], inline=False)
                    while any(one.status != transcripts.FETCHABLE for one in await self._waiting(inbound.sender)):
                        await bell.news(seconds=_LOOK_SECONDS)
            except TimeoutError:
                pass
            except Exception as error:
                gone = isinstance(error, self._parts.database.gone)
                log.error("rest: %s", place_of(error))
                await write(send, _LATER if gone else json({"error": "something went wrong here"}, 500))
                return
        await self._give(name, inbound.sender.partition(":")[2], send)

    async def _give(self, name: str, sender: str, send: Send) -> None:
        lines = [one for one in await self._waiting(f"{name}:{sender}") if one.status == transcripts.FETCHABLE]
        await write(send, Response(200, orjson.dumps([_shown(one, sender) for one in lines]), "application/json"))
        if lines:
            now = self._parts.clock.now()
            receipts = [
                Receipt("rest", name, f"given:{one.id}", one.id, "delivered", now, reference=one.id) for one in lines
            ]
            await self._parts.conversations.receive("rest", receipts)

    async def _waiting(self, address: str) -> list[Line]:
        found = await self._parts.database.fetch_one(
            "SELECT id, customer_id FROM addresses WHERE channel = 'rest' AND lookup = $1",
            self._parts.keys.lookup("rest", address),
        )
        if found is None:
            return []
        now = int(self._parts.clock.now().timestamp() * 1000)
        return await transcripts.waiting(self._parts.database, found["id"], found["customer_id"], now=now)


def _query(scope: Scope) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(scope["query_string"].decode("latin-1")))


def _inbound(body: bytes, name: str, parts: Parts) -> Inbound:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError("the body is no JSON") from None
    if not isinstance(given, dict):
        raise ValueError('the body must be {"sender": "…", "message": "…"}')
    sender, text = given.get("sender"), given.get("message")
    if not isinstance(sender, str) or not 0 < len(sender) <= _LONGEST:
        raise ValueError(f"'sender' must be a text of 1 to {_LONGEST} characters")
    if not isinstance(text, str):
        raise ValueError("'message' must be a text")
    metadata = given.get("metadata")
    identity = metadata.get("message_id", "") if isinstance(metadata, dict) else ""
    if not isinstance(identity, str) or len(identity) > _LONGEST:
        raise ValueError(f"'metadata.message_id' must be a text of at most {_LONGEST} characters")
    pressed = text if text.startswith("c.") and _payload(text) else ""
    return Inbound(
        kind=_kind(text, pressed),
        channel="rest",
        account=name,
        external_id=f"{sender}:{identity}" if identity else "",
        message=identity,
        sender=f"{name}:{sender}",
        chat=f"{name}:{sender}",
        at=parts.clock.now(),
        text="" if pressed else text,
        payload=pressed,
    )


def _payload(text: str) -> bool:
    from bot.payloads import read_answer_payload

    return read_answer_payload(text) is not None


def _kind(text: str, pressed: str) -> Kind:
    if pressed:
        return "choice"
    kind = kind_of(text, words=CHAT)
    return "command" if kind == "text" and text.startswith("/") else kind


def _shown(line: Line, sender: str) -> dict[str, Any]:
    message = outbound_of(line.id, Address("rest", ""), line.text, line.body)
    shown: dict[str, Any] = {"recipient_id": sender, "text": line.text}
    if message.choices:
        shown["buttons"] = [{"title": one.title, "payload": one.payload} for one in message.choices]
    return shown
