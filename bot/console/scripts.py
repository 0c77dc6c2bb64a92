"""The dialogs: which are published, which are drafts."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, heading
from storage import scripts


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    with ui.row().classes("row-gap"):
        with ui.column().classes("grow"):
            heading(viewer.t("console.scripts"), viewer.t("console.scripts_more"))
        ui.button(viewer.t("console.new_script"), icon="add", on_click=lambda: ui.navigate.to("/scripts/+")).props(
            "no-caps unelevated"
        )
    published = {one.name: one for one in await scripts.all_published(viewer.parts.database)}
    shelf = viewer.parts.house.shelf
    with ui.element("div").classes("two"):
        for one in await scripts.latest(viewer.parts.database):
            live = published.get(one.name)
            compiled = shelf.compiled.get(live.id) if live else None
            with ui.link(target=f"/scripts/{one.name}").classes("plain"), ui.column().classes("card"):
                with ui.row().classes("row-gap"):
                    ui.label(compiled.title_in(viewer.language) if compiled else one.name).classes("strong grow")
                    if live:
                        label = viewer.t("console.published_version", version=live.version)
                        ui.label(label).classes("badge published")
                    if live is None or live.version != one.version:
                        ui.label(viewer.t("console.draft_version", version=one.version)).classes("badge draft")
                ui.label(one.name + (f" · {one.moment}" if one.moment else "")).classes("soft small")
                if compiled:
                    more = viewer.t(
                        "console.script_about",
                        count=len(compiled.questions),
                        languages=", ".join(compiled.languages),
                        purpose=viewer.t(f"house.purpose_{compiled.purpose}"),
                    )
                    ui.label(more).classes("soft small")
