"""The customer's pages: templates, their language, and the headers that keep them safe.

Rule: nothing a customer wrote is ever markup, no page loads anything from elsewhere, and no address with a token in it
is told to anybody (Referrer-Policy).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.config import Config
from bot.languages import of_browser
from dialogs.texts import spoken, text

HERE: Final = Path(__file__).parent
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
# What chat.js says to people.
_SAID: Final = (
    "webchat.connecting",
    "webchat.online",
    "webchat.offline",
    "webchat.sending",
    "webchat.sent",
    "webchat.not_sent",
    "webchat.slower",
    "webchat.too_long",
    "webchat.you",
    "webchat.choose",
    "webchat.new_below",
)


class Pages:
    """Renders pages in the reader's language."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def language(self, asked: Request, known: str = "") -> str:
        """`?lang=`, else the customer's own, else what the browser wants most that we speak, else the business's."""
        stated = asked.query_params.get("lang", "") or known
        if stated:
            return spoken(stated)
        return of_browser(asked.headers.get("accept-language", ""), self._config.business.language)

    def render(self, name: str, language: str, *, status: int = 200, **fields: Any) -> HTMLResponse:
        """A template, with `t` for texts and `brand`."""
        brand = self._config.brand

        def said(key: str, **values: object) -> str:
            return text(key, language, brand=brand, **values)

        page = self._templates.get_template(name).render(
            t=said, brand=brand, language=language, locale="zh-CN" if language == "zh" else "en", **fields
        )
        return HTMLResponse(page, status, headers=HEADERS)

    def chat(self, asked: Request, *, token: str, language: str = "") -> HTMLResponse:
        """The chat page."""
        chosen = self.language(asked, language)
        brand = self._config.brand
        texts = {key.partition(".")[2]: text(key, chosen, brand=brand) for key in _SAID}
        other = "en" if chosen == "zh" else "zh"
        return self.render("chat.html", chosen, token=token, texts=orjson.dumps(texts).decode(), other=other)

    def message(self, asked: Request, key: str, *, status: int = 200) -> HTMLResponse:
        """A page that says one sentence."""
        chosen = self.language(asked)
        return self.render("message.html", chosen, status=status, sentence=text(key, chosen, brand=self._config.brand))
