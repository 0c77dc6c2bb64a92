"""The HTTP client that adapters are given: pooled connections, a time limit on every call, and honest failures.

Rule: an adapter must be able to tell "no byte left" from "it may have happened". NotSent is raised only where the
request cannot have reached the other side: no name, no connection, no handshake. All that comes later is Unanswered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from channels.channel import HttpAnswer
from channels.errors import NotSent, Unanswered

if TYPE_CHECKING:
    import aiohttp

# An answer of a provider is a few kilobytes; more is no answer of theirs.
_MAX_ANSWER: Final = 8 * 1024 * 1024
_CONNECT_SECONDS: Final = 5.0


class HttpClient:
    """`channels.channel.Http` over aiohttp, which is imported and opened with the first call."""

    def __init__(self, *, connections: int = 200) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float = 10.0,
    ) -> HttpAnswer:
        """One call; redirects are not followed. Raises NotSent or Unanswered; any status is an answer."""
        import aiohttp

        session = self._opened()
        limit = aiohttp.ClientTimeout(total=None, connect=min(_CONNECT_SECONDS, timeout / 2))
        sent = _Sent()
        try:
            async with asyncio.timeout(timeout):
                async with session.request(
                    method,
                    url,
                    headers=headers,
                    data=body or None,
                    timeout=limit,
                    allow_redirects=False,
                    trace_request_ctx=sent,
                ) as answer:
                    whole = await _whole(answer)
                    return HttpAnswer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, whole)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _failure(error, sent) from None

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None or self._session.closed:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_headers_sent)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60),
                trace_configs=[trace],
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def aclose(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Sent:
    """Whether the head of one request has been handed to the connection."""

    __slots__ = ("headers",)

    def __init__(self) -> None:
        self.headers = False


async def _headers_sent(_session: object, context: object, _params: object) -> None:
    context.trace_request_ctx.headers = True  # type: ignore[attr-defined]


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = await answer.content.read(_MAX_ANSWER + 1)
    parts = [body]
    size = len(body)
    while body:
        if size > _MAX_ANSWER:
            raise ValueError("the answer is too large")
        body = await answer.content.read(_MAX_ANSWER + 1 - size)
        size += len(body)
        parts.append(body)
    return b"".join(parts)


def _failure(error: Exception, sent: _Sent) -> NotSent | Unanswered:
    """Names the kind of failure only: an exception's text may hold an address with a token in it."""
    import aiohttp

    kind = type(error).__name__
    never_left = isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL | aiohttp.ConnectionTimeoutError)
    if never_left or not sent.headers:
        return NotSent(f"no connection ({kind})")
    return Unanswered(f"no whole answer ({kind})")
