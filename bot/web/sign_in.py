"""Signing in by a link, and out: the cookie and its rules.

Rule: a GET uses nothing up, because previews and scanners open links; the press of a button does. The cookie is
HttpOnly and SameSite=Lax, so that no other site can act in a signed-in browser's name: every change is a POST.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.access import COOKIE
from bot.config import Config
from bot.web.pages import Pages
from bot.web.parts import Access
from storage.access import SESSION_MS


class SignIn:
    """`/sign-in/{token}` and `/sign-out`."""

    def __init__(self, config: Config, access: Access, pages: Pages) -> None:
        self._secure = config.address.startswith("https://")
        self._access = access
        self._pages = pages

    async def enter(self, asked: Request) -> Response:
        """GET shows the button; POST uses the link up and opens the console."""
        language = self._pages.language(asked)
        if asked.method != "POST":
            return self._pages.render("sign_in.html", language)
        session = await self._access.sign_in(asked.path_params["token"])
        if session is None:
            return self._pages.message(asked, "console.link_used", status=410)
        answer = RedirectResponse("/console/", 303)
        answer.set_cookie(
            COOKIE, session, max_age=SESSION_MS // 1000, httponly=True, samesite="lax", secure=self._secure, path="/"
        )
        return answer

    async def leave(self, asked: Request) -> Response:
        """POST ends the session."""
        await self._access.sign_out(asked.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer
