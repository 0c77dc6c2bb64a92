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
        "tags": viewer.listed(one.tags),
        "since": viewer.when(one.created_at),
    }


async def _import(viewer: Viewer, store: Customers) -> None:
    in_order = asyncio.Lock()
    with ui.dialog() as dialog, ui.column().classes("card import"):
        ui.label(viewer.t("console.import")).classes("title")
        ui.label(viewer.t("console.import_more")).classes("soft")
        ui.label("external_id, name, language, timezone, email, sms, consents, consent_source, …").classes("code small")

        async def take(event: events.UploadEventArguments) -> None:
            async with in_order:
                if await viewer.holds("admin"):
                    said.clear()
                    with said:
                        await _take(viewer, store, await event.file.read(), event.file.name)

        async def refuse(event: events.GenericEventArguments) -> None:
            async with in_order:
                said.clear()
                with said:
                    large = event.args == "max-file-size"
                    ui.label(viewer.t("console.import_large" if large else "console.import_no_csv")).classes("problem")

        upload = ui.upload(auto_upload=True, max_file_size=_MAX_FILE, on_upload=take)
        upload.props('accept=".csv,text/csv" flat bordered').classes("uploader")
        _dress_uploader(viewer, upload)
        # Why the browser did not take a file: "accept" or "max-file-size".
        upload.on("rejected", refuse, js_handler="(files) => emit(files[0].failedPropValidation)")
        upload.on("uploaded", lambda: upload.run_method("removeUploadedFiles"))  # One that stands there is no new one.
        said = ui.column().classes("small results")
        ui.button(viewer.t("console.done"), on_click=ui.navigate.reload).props("flat no-caps")
    dialog.open()


def _dress_uploader(viewer: Viewer, upload: ui.upload) -> None:
    """One button that says what it takes, instead of a bare plus sign."""
    with upload.add_slot("header"):
        choose = ui.button(viewer.t("console.import_choose"), icon="upload_file").props("no-caps unelevated")
        with choose.classes("choose"):
            ui.element("q-uploader-add-trigger")
    with upload.add_slot("list"):
        ui.label(viewer.t("console.import_drop")).classes("soft small drop")


async def _take(viewer: Viewer, store: Customers, raw: bytes, name: str) -> None:
    """Keep what a file holds, and show what came of it."""
    counts = {"created": 0, "updated": 0, "refused": 0}
    told = 0
    try:
        for line in lines_of(raw, name):
            problems = [one.told(viewer.language) for one in line.said]
            if line.record is not None:
                try:
                    saved = await take_customer(store, line.record, actor=viewer.actor, now=viewer.now())
                    counts[saved.how] += 1
                except Refused as error:
                    problems = [reason_in(str(error), viewer.language)]
            if not problems:
                continue
            counts["refused"] += 1
            for problem in problems if told < _MOST_TOLD else ():
                ui.label(f"{name}:{line.number}: {problem}").classes("problem")
                told += 1
            await asyncio.sleep(0)
    except FileError as error:
        ui.label(error.said.told(viewer.language)).classes("problem")
        if not any(counts.values()):
            return
    taken = counts["created"] + counts["updated"]
    ui.label(f"{name}: {viewer.t('console.imported', **counts)}").classes("fine" if taken else "problem warning")
