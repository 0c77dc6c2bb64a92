"""The few lines of ASGI that the hot paths need: a body with a limit, headers, a response in two messages.

Rule: no framework here; a webhook must cost less than the turn it carries.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

import orjson

from channels.message import Response

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Endpoint: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY: Final = 1024 * 1024


class TooLarge(Exception):
    """The body is over the limit."""


class Disconnected(Exception):
    """The other side left before its request was whole."""


async def body_of(receive: Receive, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises TooLarge without reading further, and Disconnected."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Disconnected
    if not message.get("more_body") and len(body) <= limit:
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        if size > limit:
            break
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if size > limit:
        raise TooLarge
    return b"".join(parts)


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; of a name that comes twice, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def client_of(scope: Scope) -> str:
    """Who calls, for rates: the peer, or whom a web server on this machine names last in X-Forwarded-For."""
    peer = (scope.get("client") or ("",))[0]
    if peer in ("127.0.0.1", "::1"):
        named = headers_of(scope).get("x-forwarded-for", "")
        return named.rpartition(",")[2].strip() or str(peer)
    return str(peer)


async def write(send: Send, response: Response) -> None:
    """Send a whole response."""
    headers = [
        (b"content-type", response.content_type.encode("latin-1")),
        (b"content-length", b"%d" % len(response.body)),
    ]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def json(value: object, status: int = 200, **headers: str) -> Response:
    """A JSON response; header names are written with underscores."""
    return Response(
        status,
        orjson.dumps(value),
        "application/json",
        {name.replace("_", "-"): value for name, value in headers.items()},
    )
