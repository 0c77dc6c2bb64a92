"""One customer: who they are, what they allow, everything that was said, and their rights."""

from __future__ import annotations

import io

import orjson
import segno
from nicegui import ui
from starlette.requests import Request

from bot.console import merge
from bot.console.frame import Viewer, empty, heading
from bot.console.talk import show_talk
from bot.payloads import IN_WORDS
from bot.reasons import reason_in
from channels.channel import Channel, LeadsIn
from channels.errors import ChannelError
from dialogs.texts import keys
from storage import addresses, consents, moments, privacy, transcripts
from storage.consents import PURPOSES
from storage.customers import CustomerRow, Customers


async def build(viewer: Viewer, request: Request) -> None:
    """The page."""
    store = Customers(viewer.parts.database, viewer.parts.keys)
    found = await store.named(request.path_params["public_id"])
    if found is None or found.status == "erased":
        empty(viewer.t("console.no_such_customer"), "person_off")
        return
    with ui.row().classes("row-gap"):
        ui.link("←", "/customers")
        with ui.column().classes("grow"):
            heading(found.name or viewer.t("console.anonymous"), found.external_id or found.public_id)
        if viewer.is_admin:
            _rights(viewer, found)
    await merge.offer(viewer, found)
    with ui.element("div").classes("two"):
        with ui.column():
            await _profile(viewer, found)
            await _consents(viewer, found)
            _links(viewer, found)
        with ui.column():
            await _said(viewer, found)
            await _moments(viewer, found)


async def _profile(viewer: Viewer, found: CustomerRow) -> None:
    database, keys = viewer.parts.database, viewer.parts.keys
    with ui.column().classes("card"):
        ui.label(viewer.t("console.profile")).classes("strong")
        with ui.element("div").classes("kept"):
            for label, value in (
                (viewer.t("console.language"), found.language or found.platform_language),
                (viewer.t("console.timezone"), found.timezone),
                (viewer.t("console.tags"), viewer.listed(found.tags)),
                (viewer.t("console.since"), viewer.when(found.created_at)),
                *((name, str(value)) for name, value in found.attributes.items()),
            ):
                ui.label(label)
                ui.label(value or "–").classes("wrap")
            for address in await addresses.of_customer(database, found.id):
                ui.label(viewer.t(f"console.channel_{address.channel}"))
                shown = address.shown(keys) if address.channel in ("email", "sms") else viewer.t("console.connected")
                more = "" if address.status == "open" else f" · {address.status} {address.reason}"
                ui.label(shown + more).classes("wrap")


async def _consents(viewer: Viewer, found: CustomerRow) -> None:
    said = {one.purpose: one for one in await consents.of_customer(viewer.parts.database, found.id)}
    with ui.column().classes("card"):
        ui.label(viewer.t("console.consents")).classes("strong")
        for purpose in PURPOSES:
            one = said.get(purpose)
            with ui.row().classes("row-gap"):
                ui.label(viewer.t(f"house.purpose_{purpose}")).classes("grow")
                if one:
                    ui.label(f"{_source(viewer, one.source)} · {viewer.when(one.at)}").classes("soft small")
                state = one.status if one else "none"
                ui.label(viewer.t(f"console.consent_{state}")).classes(f"badge {state}")
                if one and one.status == "granted" and viewer.is_admin:
                    ui.button(
                        viewer.t("console.withdraw"), on_click=lambda p=purpose: _withdraw(viewer, found, p)
                    ).props("flat dense no-caps")


def _source(viewer: Viewer, kept: str) -> str:
    """Where a word on consent came from, in words; what another program wrote stands as it is."""
    before, never, said = kept.rpartition("never given; ")
    how, _, channel = said.partition(":")
    known = keys(viewer.language)
    if f"console.source_{how}" in known and (not channel or f"console.channel_{channel}" in known):
        where = {"channel": viewer.t(f"console.channel_{channel}")} if channel else {}
        told = viewer.t(f"console.source_{how}", **where)
        return viewer.t("console.source_never", told=told) if never and not before else told
    return kept


async def _withdraw(viewer: Viewer, found: CustomerRow, purpose: str) -> None:
    if not await viewer.holds("admin"):
        return
    await consents.say(
        viewer.parts.database, found.id, purpose, "withdrawn", source="console", actor=viewer.actor, at=viewer.now()
    )
    ui.navigate.reload()


def _links(viewer: Viewer, customer: CustomerRow) -> None:
    with ui.column().classes("card"):
        ui.label(viewer.t("console.connect")).classes("strong")
        ui.label(viewer.t("console.connect_more")).classes("soft small")
        with ui.row().classes("row-gap"):
            if "webchat" in viewer.parts.channels:
                ui.button(viewer.t("console.channel_webchat"), on_click=lambda: _chat_link(viewer, customer)).props(
                    "outline no-caps"
                )
            for name, channel in viewer.parts.channels.items():
                found: object = channel
                if isinstance(found, LeadsIn):
                    ui.button(
                        viewer.t(f"console.channel_{name}"), on_click=lambda c=channel: _deep_link(viewer, customer, c)
                    ).props("outline no-caps")


async def _chat_link(viewer: Viewer, found: CustomerRow) -> None:
    if not await viewer.holds():
        return
    store = Customers(viewer.parts.database, viewer.parts.keys)
    await store.attach(found.id, "webchat", found.public_id, viewer.now())
    _show_link(viewer, viewer.parts.links.chat_url(found.public_id), viewer.t("console.link_chat"))


async def _deep_link(viewer: Viewer, found: CustomerRow, channel: Channel) -> None:
    if not await viewer.holds():
        return
    try:
        address = await viewer.parts.house.deep_links.address(found.id, channel)
    except ChannelError as error:
        ui.notify(reason_in(str(error), viewer.language), type="negative")
        return
    more = "console.link_written" if channel.name in IN_WORDS else "console.link_once"
    _show_link(viewer, address, viewer.t(more))


def _show_link(viewer: Viewer, address: str, more: str) -> None:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=2, dark="#17211f")
    with ui.dialog() as dialog, ui.column().classes("card"):
        ui.label(more).classes("soft")
        ui.image("data:image/svg+xml;base64," + _base64(drawn.getvalue())).style("width: 260px; align-self: center")
        ui.label(address).classes("code small")
        with ui.row().classes("row-gap"):
            ui.button(
                viewer.t("console.copy"), icon="content_copy", on_click=lambda: ui.clipboard.write(address)
            ).props("flat no-caps")
            ui.button(viewer.t("console.done"), on_click=dialog.close).props("flat no-caps")
    dialog.open()


def _base64(raw: bytes) -> str:
    import base64

    return base64.b64encode(raw).decode()


async def _said(viewer: Viewer, found: CustomerRow) -> None:
    with ui.column().classes("card"):
        ui.label(viewer.t("console.conversation")).classes("strong")
        show_talk(viewer, await transcripts.of_customer(viewer.parts.database, found.id))


async def _moments(viewer: Viewer, found: CustomerRow) -> None:
    some = await moments.latest(viewer.parts.database, limit=10, customer_id=found.id)
    with ui.column().classes("card"):
        ui.label(viewer.t("console.moments")).classes("strong")
        for one in some:
            with ui.row().classes("row-gap"):
                ui.label(one.name).classes("code small")
                ui.label(viewer.when(one.at)).classes("soft small grow")
                ui.label(reason_in(one.reason, viewer.language)).classes("soft small")
                ui.label(viewer.t(f"console.outcome_{one.outcome}")).classes(f"badge {one.outcome}")
        if not some:
            ui.label(viewer.t("console.no_moments")).classes("soft")


def _rights(viewer: Viewer, found: CustomerRow) -> None:
    async def export() -> None:
        if await viewer.holds("admin"):
            parts = viewer.parts
            known = await privacy.export(parts.database, parts.keys, found.id, actor=viewer.actor, now=viewer.now())
            ui.download.content(orjson.dumps(known, option=orjson.OPT_INDENT_2), f"customer-{found.public_id}.json")

    with ui.dialog() as sure, ui.column().classes("card"):
        ui.label(viewer.t("console.erase_sure", name=found.name or found.public_id)).classes("strong")
        ui.label(viewer.t("console.erase_more")).classes("soft")
        with ui.row().classes("row-gap"):
            yes = ui.button(viewer.t("console.erase"), color="negative", on_click=lambda: _erase(viewer, found))
            yes.props("no-caps")
            ui.button(viewer.t("console.cancel"), on_click=sure.close).props("flat no-caps")
    other = f"/customers/{found.public_id}/merge"
    ui.button(viewer.t("console.merge"), icon="merge", on_click=lambda: ui.navigate.to(other)).props("outline no-caps")
    ui.button(viewer.t("console.export"), icon="download", on_click=export).props("outline no-caps")
    ui.button(viewer.t("console.erase"), icon="delete", on_click=sure.open).props("outline no-caps color=negative")


async def _erase(viewer: Viewer, found: CustomerRow) -> None:
    if await viewer.holds("admin"):
        await privacy.erase(viewer.parts.database, found.id, actor=viewer.actor, now=viewer.now())
        ui.navigate.to("/customers")
