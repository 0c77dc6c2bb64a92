"""What every page of the console has: who looks at it, its language, the way around.

Rule: a page is built only for a session that holds, and every act asks again: a browser tab may stay open longer than a
session, and somebody may have been signed out meanwhile. What customers wrote is only ever text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from nicegui import ui
from starlette.requests import Request

from bot.access import COOKIE
from bot.app import Opened
from bot.clock import milliseconds
from bot.greeting import program
from bot.languages import of_browser
from dialogs.texts import spoken, text
from storage import staff
from storage.access import SignedIn

STYLE: Final = Path(__file__).with_name("console.css")
ROOT: Final = "/console"
GREEN: Final = "#0f6b5c"
# Many people double-click whatever is on a screen: the second click of two at one place is none. Turning pages is.
ONE_CLICK: Final = """<script>
document.addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest(".q-btn, .q-item") || event.target.closest(".q-table__bottom")) return;
  event.stopPropagation();
  event.preventDefault();
}, true);
</script>"""
# A table's rows stand as cards where they are too wide for the screen: on a phone the last columns would not be seen.
AS_CARDS: Final = ':grid="window.innerWidth < 600"'
# Path, label, icon, and whether only admins see it.
WAYS: Final = (
    ("/", "console.tickets", "support_agent", False),
    ("/customers", "console.customers", "group", False),
    ("/moments", "console.moments", "bolt", False),
    ("/results", "console.results", "insights", False),
    ("/scripts", "console.scripts", "forum", True),
    ("/staff", "console.staff", "badge", True),
    ("/keys", "console.keys", "vpn_key", True),
    ("/settings", "console.settings", "tune", True),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at a page."""

    parts: Opened
    who: SignedIn
    token: str
    language: str

    def t(self, key: str, **fields: object) -> str:
        """A text in the viewer's language."""
        return text(key, self.language, **fields)

    def listed(self, words: Iterable[str]) -> str:
        """Words in a row, with what stands between them in the viewer's language."""
        # In quotes in the file, since a sentence is read without the spaces around it.
        return self.t("desk.between").strip('"').join(words)

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"staff:{self.who.staff_id}"

    @property
    def is_admin(self) -> bool:
        """Whether they may change more than tickets."""
        return self.who.role == "admin"

    def now(self) -> int:
        """Milliseconds UTC."""
        return milliseconds(self.parts.house.clock.now())

    def when(self, at: int | None) -> str:
        """A time as people read it, in the business's time zone; empty for none."""
        if not at:
            return ""
        local = datetime.fromtimestamp(at / 1000, ZoneInfo(self.parts.config.business.timezone))
        if self.language == "zh":
            return f"{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local.day} {local:%b %H:%M}"

    async def holds(self, role: str = "agent") -> bool:
        """Whether the session still holds for this; else the page is left."""
        now = await self.parts.access.session(self.token)
        if now is not None and (role == "agent" or now.role == role):
            return True
        ui.navigate.to("/")
        return False


Build = Callable[[Viewer, Request], Awaitable[None]]


def page(parts: Opened, path: str, title: str, build: Build, *, role: str = "agent") -> None:
    """Register a page that is built for those who are signed in, with this role where it is "admin"."""

    @ui.page(path, title="Motline", response_timeout=20)
    async def shown(request: Request) -> None:
        token = request.cookies.get(COOKIE, "")
        who = await parts.access.session(token)
        _dress()
        if who is None or (role == "admin" and who.role != "admin"):
            _closed(parts, request, who)
            return
        viewer = Viewer(parts, who, token, language_of(parts, request, who))
        ui.page_title(f"{viewer.t(title)} · Motline")
        _around(viewer, path)
        with ui.column().classes("page"):
            await build(viewer, request)
        ui.label(viewer.t("console.zone", zone=parts.config.business.timezone)).classes("zone")


def _dress() -> None:
    ui.add_css(STYLE)
    ui.add_head_html(ONE_CLICK)
    ui.colors(primary=GREEN, secondary="#3b7d71", accent="#b4552d", positive="#1a7f4b", negative="#b3261e")


def language_of(parts: Opened, request: Request, who: SignedIn | None) -> str:
    """`?lang=`, else the colleague's own, else what the browser wants most that we speak, else the business's."""
    stated = request.query_params.get("lang", "") or (who.language if who else "")
    accepted = request.headers.get("accept-language", "")
    return spoken(stated) if stated else of_browser(accepted, parts.config.business.language)


def _closed(parts: Opened, request: Request, who: SignedIn | None) -> None:
    language = language_of(parts, request, who)
    with ui.column().classes("closed"):
        ui.element("img").props("src=/static/motline.svg alt=''").classes("mark")
        ui.label(text("console.sign_in_title", language)).classes("title")
        ui.label(text("console.closed_admin" if who else "console.closed", language)).classes("soft")
        ui.label(f"{program()} admin link NAME").classes("code")


def _around(viewer: Viewer, path: str) -> None:
    drawer = ui.left_drawer(bordered=True).props("width=212 breakpoint=900").classes("ways")
    with ui.header(elevated=False).classes("head"):
        ui.button(icon="menu", on_click=drawer.toggle).props("flat round dense").tooltip(viewer.t("console.menu"))
        ui.element("img").props("src=/static/motline.svg alt=''").classes("logo")
        ui.label(viewer.parts.config.business.name).classes("business")
        ui.space()
        other = "en" if viewer.language == "zh" else "zh"
        speak = ui.button("中文" if other == "zh" else "English", on_click=lambda: _speak(viewer, other))
        speak.props("flat dense no-caps")
        ui.icon("account_circle").classes("soft")
        ui.label(viewer.who.name).classes("soft name")
        with ui.element("form").props('method=post action="/sign-out"'):
            ui.button(icon="logout").props("flat round dense type=submit").tooltip(viewer.t("console.sign_out"))
    with drawer:
        for target, label, icon, admins in WAYS:
            if admins and not viewer.is_admin:
                continue
            here = path == target or (target != "/" and path.startswith(target))
            with ui.link(target=target).classes("way here" if here else "way"):
                ui.icon(icon)
                ui.label(viewer.t(label))


async def _speak(viewer: Viewer, language: str) -> None:
    await staff.change(
        viewer.parts.database, viewer.who.staff_id, actor=viewer.actor, now=viewer.now(), language=language
    )
    ui.navigate.reload()


class Drawn(Protocol):
    """A part of a page that is drawn anew, as `ui.refreshable` makes one."""

    def refresh(self) -> Awaitable[object]:
        """Clear it at once, draw it while it is awaited."""


def in_turn(*parts: Drawn) -> Callable[[], Awaitable[None]]:
    """Draw these parts anew, one call after the other.

    A part is cleared before it waits for the store: of two calls at once both would clear, then both draw, and the page
    would show it twice.
    """
    at_work = asyncio.Lock()

    async def refresh() -> None:
        async with at_work:
            for part in parts:
                await part.refresh()

    return refresh


def heading(title: str, more: str = "") -> None:
    """A page's title and what it is for."""
    with ui.column().classes("heading"):
        ui.label(title).classes("title")
        if more:
            ui.label(more).classes("soft")


def empty(words: str, icon: str = "inbox") -> None:
    """Where there is nothing to show."""
    with ui.column().classes("empty"):
        ui.icon(icon)
        ui.label(words)


async def sure(viewer: Viewer, question: str, more: str, yes: str) -> bool:
    """Ask before something is done; False where it is cancelled or the dialog is closed."""
    with ui.dialog() as asked, ui.column().classes("card"):
        ui.label(question).classes("strong")
        ui.label(more).classes("soft")
        with ui.row().classes("row-gap"):
            ui.button(yes, on_click=lambda: asked.submit(True)).props("unelevated no-caps")
            ui.button(viewer.t("console.cancel"), on_click=lambda: asked.submit(False)).props("flat no-caps")
    return await asked is True


def column(name: str, label: str, **more: Any) -> dict[str, Any]:
    """A column of a table."""
    return {"name": name, "label": label, "field": name, "align": "left", **more}


def paged(viewer: Viewer) -> str:
    """The properties of a table that is longer than a page."""
    counted = "(first, last, all) => `${first}–${last} / ${all}`"
    return f'flat rows-per-page-label="{viewer.t("console.per_page")}" :pagination-label="{counted}"'
