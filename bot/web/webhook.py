"""A platform's webhook: verify, parse, make the turn, answer. One bare ASGI callable for each channel.

Rule: what cannot be shown to be the platform's is refused and nothing of it kept; what is the platform's is answered
only when it is committed, or with 503 after four seconds, so that it comes again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.conversation import Conversations, Reply
from bot.logs import place_of
from bot.web.asgi import Disconnected, Receive, Scope, Send, TooLarge, body_of, headers_of, write
from channels.channel import Channel, ReadsSomeResponses
from channels.errors import InvalidSignature, MalformedRequest, MissingSetting
from channels.message import Inbound, Receipt, Request, Response

log = logging.getLogger("motline.web")

SECONDS: Final = 4.0
_REFUSED: Final = Response(403, b"the signature is not valid\n")
_TOO_LARGE: Final = Response(413, b"over 1 MiB\n", headers={"connection": "close"})
_LATER: Final = Response(503, b"please send again\n", headers={"retry-after": "5"})
_BROKEN: Final = Response(500, b"something went wrong here\n")
_METHOD: Final = Response(405, b"POST only\n", headers={"allow": "POST"})

Guard = Callable[[Request], Response | None]
Proven = Callable[[Inbound | Receipt], Awaitable[Inbound | Receipt]]


class Webhook:
    """One channel's. `guard` may refuse a verified request, `gone` are the store's ways of not being there.

    `proven` says what may be believed of an event that speaks for somebody else.
    """

    def __init__(
        self,
        channel: Channel,
        conversations: Conversations,
        *,
        address: str,
        gone: tuple[type[BaseException], ...] = (),
        methods: frozenset[str] = frozenset({"POST"}),
        guard: Guard | None = None,
        proven: Proven | None = None,
    ) -> None:
        self._channel = channel
        self._conversations = conversations
        self._address = address
        self._gone = gone
        self._methods = methods
        self._guard = guard
        self._proven = proven
        self._carries = channel.carries_reply if isinstance(channel, ReadsSomeResponses) else _always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, answer it."""
        if scope["method"] not in self._methods:
            await write(send, _METHOD)
            return
        try:
            body = await body_of(receive)
        except TooLarge:
            await write(send, _TOO_LARGE)
            return
        except Disconnected:
            return
        query: bytes = scope["query_string"]
        path = scope["path"] if not query else f"{scope['path']}?{query.decode('latin-1')}"
        request = Request(scope["method"], self._address + path, headers_of(scope), body)
        response, reply = await self.answer(request)
        await write(send, response)
        if reply is not None:
            self._conversations.written(reply)

    async def answer(self, request: Request) -> tuple[Response, Reply | None]:
        """The response, and the reply in it, which is to be marked as written."""
        try:
            self._channel.verify(request)
            if self._guard is not None and (refused := self._guard(request)) is not None:
                return refused, None
            events = self._channel.parse(request)
            reply = None
            if events:
                async with asyncio.timeout(SECONDS):
                    if self._proven is not None:
                        events = tuple([await self._proven(event) for event in events])
                    inline = self._carries(request)
                    reply = await self._conversations.receive(self._channel.name, events, inline=inline)
            return self._channel.respond(request, reply.outbound if reply is not None else None), reply
        except InvalidSignature:
            return _REFUSED, None
        except MalformedRequest as error:
            return Response(400, f"{error}\n".encode()), None
        except Exception as error:
            return self._failed(error), None

    def _failed(self, error: Exception) -> Response:
        name = self._channel.name
        if isinstance(error, MissingSetting):
            log.error("%s: %s", name, error)
            return _LATER
        if isinstance(error, TimeoutError):
            log.warning("%s: not committed within %.0f s; the platform will send it again", name, SECONDS)
            return _LATER
        if isinstance(error, self._gone):
            log.error("%s: the store is not there: %s", name, place_of(error))
            return _LATER
        log.error("%s: %s", name, place_of(error))
        return _BROKEN


def _always(_: Request) -> bool:
    return True
