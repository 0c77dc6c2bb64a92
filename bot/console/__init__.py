"""The pages of staff and admins, in NiceGUI. Only `bot/app.py` imports this package, and only it imports nicegui."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from bot.app import Opened


def mount(app: Starlette, parts: Opened) -> None:
    """Serve the console at /console of the application."""
    from bot.console.pages import serve

    serve(app, parts)
