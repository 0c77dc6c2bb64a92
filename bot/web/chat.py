"""The customer's page: the page itself, its history, its live events, and the first message of somebody unknown.

Rule: looking changes nothing. A customer is made by the first message, never by opening a page.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

import orjson
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response

from bot.outgoing_shape import outbound_of
from bot.web.asgi import Disconnected, Receive, Scope, Send, TooLarge, body_of, client_of, headers_of, json, write
from bot.web.pages import Pages
from bot.web.parts import Parts
from bot.web.rate import Rate
from bot.web.webhook import Webhook
from channels.message import Address, Request
from channels.message import Response as Answer
from channels.webchat import as_json, token_of
from storage import transcripts
from storage.transcripts import Line

_VISITOR: Final = re.compile(r"[0-9a-f]{32}")
_BEAT_SECONDS: Final = 15.0
#: Pages of one chat that may be open at once; each holds a connection.
MOST_PAGES: Final = 20
# Another process may have sent: with PostgreSQL the store is read this often while a page is open.
_LOOK_SECONDS: Final = 2.0


class Chat:
    """Routes of the web chat."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._rate = Rate(parts.config.webchat.per_minute)
        self._newcomers = Rate(parts.config.webchat.per_minute)
        self.webhook = Webhook(
            parts.channels["webchat"],
            parts.conversations,
            address=parts.config.address,
            gone=parts.database.gone,
            guard=self._guard,
        )

    def _guard(self, request: Request) -> Answer | None:
        # By address: whoever has several links to one chat has one allowance all the same.
        wait = self._rate.wait(self._parts.links.address_of(token_of(request.url)) or "")
        return _slower(wait) if wait else None

    async def page(self, asked: Asked) -> Response:
        """`GET /c/{token}`: the chat of a customer's own link."""
        token = asked.path_params["token"]
        address = self._parts.links.address_of(token)
        if address is None:
            key = "webchat.link_expired" if self._parts.links.expired(token) else "webchat.link_invalid"
            return self._pages.message(asked, key, status=404)
        found = await self._known(address)
        return self._pages.chat(asked, token=token, language=found["language"] if found else "")

    async def anonymous_page(self, asked: Asked) -> Response:
        """`GET /chat`: the chat of somebody unknown; who they are begins with their first message."""
        if not self._parts.config.webchat.anonymous:
            return self._pages.message(asked, "webchat.link_invalid", status=404)
        return self._pages.chat(asked, token="")

    async def newcomer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`POST /webchat`: a message of somebody who has no link yet; the answer brings the link's token along."""
        if scope["method"] != "POST" or not self._parts.config.webchat.anonymous:
            await write(send, json({"error": "use the link you were sent"}, 403))
            return
        wait = self._newcomers.wait(client_of(scope))
        if wait:
            await write(send, _slower(wait))
            return
        try:
            body = await body_of(receive)
        except TooLarge:
            await write(send, json({"error": "over 1 MiB"}, 413))
            return
        except Disconnected:
            return
        visitor = _visitor_of(body)
        if visitor is None:
            await write(send, json({"error": "'visitor' must be 32 hex digits, made at random by the page"}, 400))
            return
        token = self._parts.links.chat_token(address_of_visitor(visitor))
        request = Request("POST", f"{self._parts.config.address}/webchat/{token}", headers_of(scope), body)
        response, reply = await self.webhook.answer(request)
        if response.status == 200:
            response = Answer(200, b'{"token":"%s",' % token.encode() + response.body[1:], response.content_type)
        await write(send, response)
        if reply is not None:
            self._parts.conversations.written(reply)

    async def history(self, asked: Asked) -> Response:
        """`GET /webchat/{token}/history`: what was said here, oldest first."""
        address = self._parts.links.address_of(asked.path_params["token"])
        if address is None:
            return JSONResponse({"error": "the link is not valid"}, 403)
        found = await self._known(address)
        lines = await self._lines(found) if found else []
        body = orjson.dumps({"messages": [_shown(one) for one in lines]})
        return Response(body, media_type="application/json", headers={"cache-control": "no-store"})

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /webchat/{token}/events`: server-sent events, one for each message, and a beat every 15 seconds."""
        from bot.web.events import stream

        address = self._parts.links.address_of(scope["path"].split("/")[2])
        if address is None or scope["method"] != "GET":
            await write(send, json({"error": "the link is not valid"}, 403))
            return
        if self._parts.feed.watching(Address("webchat", address)) >= MOST_PAGES:
            await write(send, _slower(_BEAT_SECONDS))
            return

        async def look() -> list[dict[str, Any]]:
            found = await self._known(address)
            lines = await self._lines(found) if found else []
            return [_shown(one) for one in lines if one.ours]

        shared = self._parts.database.kind == "postgresql"
        with self._parts.feed.subscribe(Address("webchat", address)) as subscription:
            await stream(
                subscription,
                receive,
                send,
                shape=as_json,
                look=look if shared else None,
                every=_LOOK_SECONDS if shared else _BEAT_SECONDS,
            )

    async def _known(self, address: str) -> dict[str, Any] | None:
        return await self._parts.database.fetch_one(
            """SELECT a.id, a.customer_id, c.language FROM addresses a JOIN customers c ON c.id = a.customer_id
 WHERE a.channel = 'webchat' AND a.lookup = $1""",
            self._parts.keys.lookup("webchat", address),
        )

    async def _lines(self, known: dict[str, Any]) -> list[Line]:
        return await transcripts.of_address(self._parts.database, known["id"], known["customer_id"])


def address_of_visitor(visitor: str) -> str:
    """The address behind a visitor's own random secret: never that of a known customer, whatever is sent."""
    return "v" + hashlib.sha256(f"motline visitor {visitor}".encode()).hexdigest()[:31]


def _visitor_of(body: bytes) -> str | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    visitor = found.get("visitor") if isinstance(found, dict) else None
    return visitor if isinstance(visitor, str) and _VISITOR.fullmatch(visitor) else None


def _slower(wait: float) -> Answer:
    return json({"error": "too many messages; please wait a little"}, 429, retry_after=f"{wait:.0f}")


def _shown(line: Line) -> dict[str, Any]:
    if not line.ours:
        return {"id": line.external or line.id, "mine": True, "text": line.text, "at": line.at, "kind": line.kind}
    message = outbound_of(line.id, Address("webchat", ""), line.text, line.body)
    return {**as_json(message), "at": line.at, "seen": line.status == "read"}
