"""The settings of this process, to read; they are changed in config.toml and the environment."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from nicegui import ui
from starlette.requests import Request

from bot.config import Hours
from bot.console.frame import Viewer, heading


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    config = viewer.parts.config
    heading(viewer.t("console.settings"), viewer.t("console.settings_more"))
    with ui.element("div").classes("two"):
        for section in fields(config):
            settings = getattr(config, section.name)
            with ui.column().classes("card"):
                ui.label(f"[{section.name}]").classes("strong")
                with ui.element("div").classes("kept"):
                    for one in fields(settings):
                        hidden = bool(one.metadata.get("secret")) or not one.repr
                        ui.label(one.name)
                        ui.label(_shown(viewer, getattr(settings, one.name), hidden=hidden)).classes("wrap")


def _shown(viewer: Viewer, value: object, *, hidden: bool) -> str:
    if hidden:
        return viewer.t("console.hidden") if value else "–"
    match value:
        case Hours():
            return f"{value.start:%H:%M}–{value.end:%H:%M}"
        case timedelta():
            return _duration(value)
        case tuple() if value:
            return ", ".join(map(str, value))
        case bool():
            return viewer.t("dialog.yes") if value else viewer.t("dialog.no")
        case _:
            return str(value) if value not in ("", None, ()) else "–"


def _duration(value: timedelta) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        seconds = value.total_seconds()
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{value.total_seconds():g}s"
