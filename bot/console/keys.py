"""Keys of other programs: made, shown once, ended."""

from __future__ import annotations

from typing import cast

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, empty, heading
from bot.reasons import reason_in
from storage.access import KeyEntry, Scope
from storage.errors import Refused


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    heading(viewer.t("console.keys"), viewer.t("console.keys_more"))
    with ui.column().classes("card"), ui.row().classes("row-gap"):
        name = ui.input(viewer.t("console.key_name")).props("outlined dense maxlength=64").classes("grow")
        scopes = {one: viewer.t(f"console.scope_{one}") for one in ("moments", "rest", "all")}
        scope = ui.select(scopes, value="moments", label=viewer.t("console.scope")).props("outlined dense")
        make = ui.button(viewer.t("console.make_key"), icon="add")
        make.on_click(lambda: _make(viewer, name.value or "", cast(Scope, scope.value))).props("no-caps unelevated")
    some = await viewer.parts.access.store.keys()
    if not some:
        empty(viewer.t("console.no_keys"), "vpn_key")
        return
    with ui.column().classes("card"):
        for one in some:
            _row(viewer, one)


def _row(viewer: Viewer, one: KeyEntry) -> None:
    with ui.row().classes("row-gap"):
        ui.label(one.name).classes("strong grow")
        used = viewer.when(one.last_used_at) or viewer.t("console.never")
        ui.label(viewer.t("console.last_used", when=used)).classes("soft small")
        ui.label(viewer.t(f"console.scope_{one.scope}")).classes("badge")
        ui.label(viewer.t(f"console.key_{one.status}")).classes(f"badge {one.status}")
        if one.status == "active":
            ui.button(viewer.t("console.revoke"), on_click=lambda: _revoke(viewer, one)).props(
                "flat dense no-caps color=negative"
            )


async def _make(viewer: Viewer, name: str, scope: Scope) -> None:
    if not await viewer.holds("admin"):
        return
    if not name.strip() or ":" in name:
        ui.notify(viewer.t("console.key_needs_name"), type="warning")
        return
    try:
        key = await viewer.parts.access.store.make_key(name.strip(), scope, by=viewer.actor, now=viewer.now())
    except Refused as error:
        ui.notify(reason_in(str(error), viewer.language), type="negative")
        return
    with ui.dialog().props("persistent") as dialog, ui.column().classes("card"):
        ui.label(viewer.t("console.key_once")).classes("strong")
        ui.label(key).classes("code")
        with ui.row().classes("row-gap"):
            ui.button(viewer.t("console.copy"), icon="content_copy", on_click=lambda: ui.clipboard.write(key)).props(
                "flat no-caps"
            )
            ui.button(viewer.t("console.done"), on_click=ui.navigate.reload).props("unelevated no-caps")
    dialog.open()


async def _revoke(viewer: Viewer, one: KeyEntry) -> None:
    if await viewer.holds("admin"):
        await viewer.parts.access.store.revoke_key(one.public_id, by=viewer.actor, now=viewer.now())
        ui.navigate.reload()
