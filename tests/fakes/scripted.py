"""What a provider's fake can be told to answer, and the small server they share.

Rule: a fake is strict. What its provider would refuse it refuses, and keeps in `failures` what no provider serves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Answer:
    """This status, body and headers instead of the true answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Hang:
    """Read the request and never answer. `carried_out`: the provider did what was asked all the same."""

    carried_out: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """Read the request and close the connection. `carried_out` as of Hang."""

    carried_out: bool = True


Scripted = Answer | Hang | Cut


def json_answer(status: int, body: Any, **headers: str) -> Answer:
    """An answer with a JSON body; header names with underscores for hyphens."""
    return Answer(status, orjson.dumps(body), {name.replace("_", "-"): value for name, value in headers.items()})


def html_answer(status: int) -> Answer:
    """What a proxy says in a provider's stead."""
    page = f"<html><body><h1>{status} Bad Gateway</h1><hr>nginx</body></html>"
    return Answer(status, page.encode(), content_type="text/html")


class FakeProvider:
    """An aiohttp server on a free port of 127.0.0.1; a subclass gives `answer`."""

    def __init__(self) -> None:
        self.url = ""
        self.failures: list[str] = []
        self._scripted: deque[Scripted] = deque()
        self._over = asyncio.Event()

    def script(self, *answers: Scripted) -> None:
        """The next answers, in order; after them the true ones again."""
        self._scripted.extend(answers)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the provider does."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=2**20)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        if not self._scripted:
            return await self.answer(request)
        match self._scripted.popleft():
            case Answer(status, body, headers, content_type):
                return web.Response(status=status, body=body, headers=headers, content_type=content_type)
            case Hang(carried_out):
                if carried_out:
                    await self.answer(request)
                await self._over.wait()
            case Cut(carried_out):
                if carried_out:
                    await self.answer(request)
                if request.transport is not None:
                    request.transport.abort()
        return web.Response()
