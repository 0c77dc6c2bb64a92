"""The dialogs: which are published, which are drafts, which are not used any more."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, heading
from dialogs.script import Script, ScriptError, load_script
from storage import scripts
from storage.scripts import ScriptRow


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    with ui.row().classes("row-gap"):
        with ui.column().classes("grow"):
            heading(viewer.t("console.scripts"), viewer.t("console.scripts_more"))
        ui.button(viewer.t("console.new_script"), icon="add", on_click=lambda: ui.navigate.to("/scripts/+")).props(
            "no-caps unelevated"
        )
    published = {one.name: one for one in await scripts.all_published(viewer.parts.database)}
    retired = await scripts.retired(viewer.parts.database)
    with ui.element("div").classes("two"):
        for one in await scripts.latest(viewer.parts.database):
            _card(viewer, one, published.get(one.name), given_up=one.name in retired)


def _card(viewer: Viewer, newest: ScriptRow, live: ScriptRow | None, *, given_up: bool) -> None:
    script = understood(viewer, live or newest)
    with ui.link(target=f"/scripts/{newest.name}").classes("plain"), ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(script.title_in(viewer.language) if script else newest.name).classes("strong grow")
            if live:
                label = viewer.t("console.published_version", version=live.version)
                ui.label(label).classes("badge published")
            elif given_up:
                ui.label(viewer.t("console.not_used")).classes("badge")
            if newest.status in ("draft", "proved"):
                ui.label(viewer.t("console.draft_version", version=newest.version)).classes("badge draft")
        ui.label(newest.name + (f" · {newest.moment}" if newest.moment else "")).classes("soft small")
        if script:
            more = viewer.t(
                "console.script_about",
                count=len(script.questions),
                languages=", ".join(script.languages),
                purpose=viewer.t(f"house.purpose_{script.purpose}"),
            )
            ui.label(more).classes("soft small")


def understood(viewer: Viewer, row: ScriptRow) -> Script | None:
    """A version as it is read, on the shelf or not; None where it cannot be read any more."""
    script = viewer.parts.house.shelf.compiled.get(row.id)
    if script is None:
        try:
            script = load_script(row.source, path=row.path)
        except ScriptError:
            return None
    return script


def title_of(viewer: Viewer, row: ScriptRow) -> str:
    """A dialog as people call it; its name where it cannot be read."""
    script = understood(viewer, row)
    return script.title_in(viewer.language) if script is not None else row.name
