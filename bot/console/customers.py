"""Customers: find one, bring in many."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import events, ui
from starlette.requests import Request

from bot.console.frame import Viewer, column, empty, heading, in_turn, paged
from bot.intake import FileError, lines_of, take_customer
from bot.reasons import reason_in
from storage.customers import CustomerRow, Customers
from storage.errors import Refused

_SHOWN = 100
_MAX_FILE = 20_000_000
_MOST_TOLD = 100


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    store = Customers(viewer.parts.database, viewer.parts.keys)
    with ui.row().classes("row-gap"):
        with ui.column().classes("grow"):
            heading(viewer.t("console.customers"), viewer.t("console.customers_more"))
        if viewer.is_admin:
            ui.button(viewer.t("console.import"), icon="upload_file", on_click=lambda: _import(viewer, store)).props(
                "no-caps unelevated"
            )
    found = ui.input(placeholder=viewer.t("console.find_customer")).props("outlined dense clearable debounce=250")
    found.classes("grow").props('bg-color=white prepend-icon="search"')

    @ui.refreshable
    async def rows() -> None:
        if not await viewer.holds():
            return
        some = await store.search((found.value or "").strip(), limit=_SHOWN)
        if some:
            _table(viewer, some)
        else:
            empty(viewer.t("console.no_customers"), "person_search")

    found.on_value_change(in_turn(rows))
    await rows()


def _table(viewer: Viewer, some: list[CustomerRow]) -> None:
    with ui.column().classes("card"):
        table = ui.table(
            rows=[_row(viewer, one) for one in some],
            columns=[
                column("name", viewer.t("console.name")),
                column("external", viewer.t("console.external_id")),
                column("language", viewer.t("console.language")),
                column("tags", viewer.t("console.tags")),
                column("since", viewer.t("console.since")),
            ],
            row_key="id",
            pagination=25,
        ).props(paged(viewer))
        table.on("rowClick", lambda event: ui.navigate.to(f"/customers/{event.args[1]['id']}"))
        table.classes("cursor-pointer")


def _row(viewer: Viewer, one: CustomerRow) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "name": one.name or viewer.t("console.anonymous"),
        "external": one.external_id or "",
        "language": one.language or one.platform_language,
        "tags": ", ".join(one.tags),
        "since": viewer.when(one.created_at),
    }


async def _import(viewer: Viewer, store: Customers) -> None:
    with ui.dialog() as dialog, ui.column().classes("card"):
        ui.label(viewer.t("console.import")).classes("title")
        ui.label(viewer.t("console.import_more")).classes("soft")
        ui.label("external_id, name, language, timezone, email, sms, consents, …").classes("code small")
        said = ui.column().classes("small")

        async def take(event: events.UploadEventArguments) -> None:
            if await viewer.holds("admin"):
                await _take(viewer, store, await event.file.read(), event.file.name, said)

        upload = ui.upload(auto_upload=True, max_file_size=_MAX_FILE, on_upload=take)
        upload.props('accept=".csv,text/csv" flat bordered')
        ui.button(viewer.t("console.done"), on_click=ui.navigate.reload).props("flat no-caps")
    dialog.open()


async def _take(viewer: Viewer, store: Customers, raw: bytes, name: str, said: ui.column) -> None:
    counts = {"created": 0, "updated": 0, "refused": 0}
    with said:
        try:
            for line in lines_of(raw, name):
                problem = line.said.told(viewer.language) if line.said is not None else ""
                if line.record is not None:
                    try:
                        saved = await take_customer(store, line.record, actor=viewer.actor, now=viewer.now())
                        counts[saved.how] += 1
                    except Refused as error:
                        problem = reason_in(str(error), viewer.language)
                if problem:
                    counts["refused"] += 1
                    if counts["refused"] <= _MOST_TOLD:
                        ui.label(f"{name}:{line.number}: {problem}").classes("problem")
                    await asyncio.sleep(0)
        except FileError as error:
            ui.label(error.said.told(viewer.language)).classes("problem")
        ui.label(viewer.t("console.imported", **counts)).classes("fine")
