"""The console's door: who has no session gets one plain page.

Rule: a page of the console is an object on this server for as long as a browser may come back to it, so none is made
for strangers, and its socket is not theirs either. Every page asks for its session again all the same.
"""

from __future__ import annotations

from html import escape

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.access import COOKIE
from bot.app import Opened
from bot.console.card import card_page
from bot.console.frame import ROOT
from bot.greeting import program
from bot.languages import of_browser
from dialogs.texts import text


class Gate:
    """In front of everything that Starlette serves."""

    def __init__(self, app: ASGIApp, parts: Opened) -> None:
        self._app, self._parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what is no page of the console, and who is signed in."""
        if scope["type"] in ("http", "websocket") and _is_ours(scope["path"]):
            asked = HTTPConnection(scope)
            if await self._parts.access.session(asked.cookies.get(COOKIE, "")) is None:
                await self._refuse(asked, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refuse(self, asked: HTTPConnection, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._closed(asked)(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    def _closed(self, asked: HTTPConnection) -> HTMLResponse:
        language = of_browser(asked.headers.get("accept-language", ""), self._parts.config.business.language)
        closed = escape(text("console.closed", language))
        more = f"<p>{closed}</p><p><code>{escape(program())} admin link NAME</code></p>"
        return card_page(language, text("console.sign_in_title", language), more, status=403)


def _is_ours(path: str) -> bool:
    return path == ROOT or path.startswith(f"{ROOT}/")
