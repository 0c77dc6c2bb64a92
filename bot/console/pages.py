"""The console's pages and where they are."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import cast

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.access import COOKIE
from bot.app import Opened
from bot.console import customer, customers, desk, keys, merge, moments, results, script, scripts, settings, staff
from bot.console.card import card_page
from bot.console.drafts import Drafts
from bot.console.frame import ROOT, language_of, page
from bot.console.gate import Gate
from dialogs.texts import text


def serve(app: Starlette, parts: Opened) -> None:
    """Register every page and mount them."""
    page(parts, "/", "console.tickets", partial(desk.build, drafts=Drafts()))
    page(parts, "/customers", "console.customers", customers.build)
    page(parts, "/customers/{public_id}", "console.customers", customer.build)
    page(parts, "/customers/{public_id}/merge", "console.merge_title", merge.build, role="admin")
    page(parts, "/moments", "console.moments", moments.build)
    page(parts, "/results", "console.results", results.build)
    page(parts, "/scripts", "console.scripts", scripts.build, role="admin")
    page(parts, "/scripts/{name}", "console.scripts", script.build, role="admin")
    page(parts, "/staff", "console.staff", staff.build, role="admin")
    page(parts, "/keys", "console.keys", keys.build, role="admin")
    page(parts, "/settings", "console.settings", settings.build, role="admin")
    _answer_for_nothing(parts)
    ui.run_with(
        cast(FastAPI, app),
        mount_path=ROOT,
        favicon=None,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
    )
    app.add_middleware(Gate, parts=parts)


def _answer_for_nothing(parts: Opened) -> None:
    """An address where no page is says so in the viewer's language, with a way back."""

    @nicegui_app.exception_handler(404)
    async def missing(asked: Request, _error: Exception) -> Response:
        if asked.url.path.startswith(f"{ROOT}/_nicegui"):
            return JSONResponse({"detail": "Not Found"}, 404)
        language = language_of(parts, asked, await parts.access.session(asked.cookies.get(COOKIE, "")))
        back = escape(text("console.back", language))
        way = f'<p><a class="button" href="{ROOT}/">{back}</a></p>'
        return card_page(language, text("webchat.page_missing", language), way, status=404)
