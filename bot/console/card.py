"""A page of the console that is one card, without NiceGUI: the closed door, and an address where nothing is.

Rule: it keeps nothing on this server, so it may be shown to anybody.
"""

from __future__ import annotations

from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_PAGE: Final = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Motline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/motline.svg"><link rel="stylesheet" href="/static/motline.css"></head>
<body class="card-page"><main class="card"><img src="/static/motline.svg" width="56" height="56" alt="">
<h1>{title}</h1>{more}</main></body></html>"""
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}


def card_page(language: str, title: str, more: str, *, status: int) -> HTMLResponse:
    """The card; `more` is markup."""
    page = _PAGE.format(language=language, title=escape(title), more=more)
    return HTMLResponse(page, status, headers=_HEADERS)
