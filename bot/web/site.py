"""The whole site as one ASGI application: hot paths first and bare, then the pages.

Rule: what platforms and chats call is found by a dictionary and answered without a framework; everything else goes
through Starlette's router. An unknown error is logged by kind and place and answered without a trace.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.house import House
from bot.logs import place_of
from bot.web.api import api
from bot.web.asgi import Endpoint, Receive, Scope, Send, json, write
from bot.web.chat import Chat
from bot.web.mail_pages import MailPages
from bot.web.pages import HERE, Pages
from bot.web.parts import Access, Parts
from bot.web.rest import Rest
from bot.web.sign_in import SignIn
from bot.web.start import Start
from bot.web.webhook import Webhook
from channels.registry import methods_of

log = logging.getLogger("motline.web")

# Where each platform calls; the address that an admin enters there is the public one with this path.
WEBHOOKS: Final = {
    "telegram": ("/webhooks/telegram",),
    "wechat": ("/webhooks/wechat",),
    "wecom": ("/webhooks/wecom",),
    "sms": ("/webhooks/sms", "/webhooks/sms/status"),
    "email": ("/webhooks/email",),
}
_CHAT: Final = "/webchat/"
_LATER: Final = json({"error": "please send again"}, 503, retry_after="5")
_BROKEN: Final = json({"error": "something went wrong here"}, 500)


class Site:
    """The application that uvicorn serves; `app` is what is behind the hot paths, where the console is mounted."""

    def __init__(self, parts: Parts, access: Access, house: House) -> None:
        self._pages = Pages(parts.config)
        self._access = access
        self._house = house
        self._exact: dict[str, Endpoint] = {}
        self._chat = Chat(parts, self._pages)
        self._chat_on = parts.config.webchat.enabled
        self._parts = parts
        self._add_webhooks()
        if self._chat_on:
            self._exact["/webchat"] = self._chat.newcomer
        if parts.config.rest.enabled:
            rest = Rest(parts, access)
            self._exact["/webhooks/rest/webhook"] = rest.webhook
            self._exact["/webhooks/rest/messages"] = rest.messages
        self.app = Starlette(
            routes=self._routes(),
            exception_handlers={404: self._missing, HTTPException: self._refused, Exception: self._broken},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one request."""
        if scope["type"] == "http":
            path: str = scope["path"]
            endpoint = self._exact.get(path)
            if endpoint is None and path.startswith(_CHAT) and self._chat_on:
                endpoint = self._of_chat(path)
            if endpoint is not None:
                await self._bare(endpoint, scope, receive, send)
                return
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            # Answered by `_broken` already; the server would log the exception's own words, which may be a customer's.
            log.error("%s: %s", scope.get("path", scope["type"]).split("/")[1:2], place_of(error))

    async def _bare(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Call a hot path; its error is answered here, because the server would log the exception's own words."""
        begun = False

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await endpoint(scope, receive, noting)
        except Exception as error:
            log.error("%s: %s", scope["path"].split("/")[1:2], place_of(error))
            if not begun:
                gone = isinstance(error, self._parts.database.gone)
                await write(send, _LATER if gone else _BROKEN)

    def _of_chat(self, path: str) -> Endpoint | None:
        parts = path.split("/")
        if len(parts) == 3:
            return self._chat.webhook
        return self._chat.events if len(parts) == 4 and parts[3] == "events" else None

    def _add_webhooks(self) -> None:
        parts = self._parts
        for name, paths in WEBHOOKS.items():
            channel = parts.channels.get(name)
            if channel is None:
                continue
            hook = Webhook(
                channel,
                parts.conversations,
                address=parts.config.address,
                gone=parts.database.gone,
                methods=methods_of(name),
                proven=self._house.believed if name == "email" else None,
            )
            self._exact.update(dict.fromkeys(paths, hook))

    def _routes(self) -> list[BaseRoute]:
        mail = MailPages(self._parts, self._pages)
        sign_in = SignIn(self._parts.config, self._access, self._pages)
        start = Start(self._parts, self._access, self._pages, self._house)
        routes: list[BaseRoute] = [
            Route("/", start.page),
            Route("/start/fire", start.fire, methods=["POST"]),
            Route("/start/now", start.now, methods=["POST"]),
            Route("/start/moments/{id}", start.outcome),
            Route("/start/desk", start.desk),
            Route("/sign-in/{token}", sign_in.enter, methods=["GET", "POST"]),
            Route("/sign-out", sign_in.leave, methods=["POST"]),
            Mount("/api", api(self._parts, self._access, self._house.deep_links, self._house.wake_timers)),
            Route("/healthz", _alive),
            Route("/readyz", self._ready),
            Route("/answer/{token}", mail.answer, methods=["GET", "POST"]),
            Route("/unsubscribe/{token}", mail.unsubscribe, methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
        if self._chat_on:
            routes += [
                Route("/c/{token}", self._chat.page),
                Route("/chat", self._chat.anonymous_page),
                Route("/webchat/{token}/history", self._chat.history),
            ]
        return routes

    async def _ready(self, _asked: Request) -> Response:
        """Whether the store answers, and is kept where it was: for load balancers."""
        try:
            await self._parts.database.stand()
        except self._parts.database.gone as error:
            log.error("the store is not there: %s", place_of(error))
            return PlainTextResponse("the store does not answer\n", 503)
        return PlainTextResponse("ready\n")

    async def _missing(self, asked: Request, _error: Exception) -> Response:
        if _is_api(asked):
            return JSONResponse({"error": "there is no such address"}, 404)
        return self._pages.message(asked, "webchat.page_missing", status=404)

    async def _refused(self, _asked: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse({"error": error.detail}, error.status_code, headers=dict(error.headers or {}))

    async def _broken(self, asked: Request, error: Exception) -> Response:
        gone = isinstance(error, self._parts.database.gone)
        status, said = (503, "please try again") if gone else (500, "something went wrong here")
        if _is_api(asked):
            return JSONResponse({"error": said}, status)
        return self._pages.message(asked, "webchat.page_broken", status=status)


async def _alive(_asked: Request) -> Response:
    """Whether the process serves."""
    return PlainTextResponse("alive\n")


def _is_api(asked: Request) -> bool:
    return asked.url.path.startswith(("/api/", "/webhooks/", "/webchat"))
