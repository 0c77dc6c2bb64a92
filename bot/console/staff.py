"""Staff and teams: who settles tickets, where they are reached, when they are there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, heading
from bot.reasons import reason_in
from storage import addresses, staff, teams
from storage.addresses import AddressRow
from storage.errors import Refused
from storage.staff import StaffRow
from storage.teams import DAYS, TeamRow

_CHANNELS = ("telegram", "email", "sms", "wecom")
_SPAN = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})\s*")


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    known = await teams.everyone(viewer.parts.database)
    names = {one.id: one.name for one in known}
    with ui.element("div").classes("two"):
        with ui.column():
            heading(viewer.t("console.staff"), viewer.t("console.staff_more"))
            for one in await staff.everybody(viewer.parts.database):
                await _colleague(viewer, one, names)
            _new_colleague(viewer, names)
        with ui.column():
            heading(viewer.t("console.teams"), viewer.t("console.teams_more"))
            for team in known:
                await _team(viewer, team)
            _new_team(viewer)


async def _colleague(viewer: Viewer, one: StaffRow, names: Mapping[int, str]) -> None:
    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(one.name).classes("strong grow")
            ui.label(viewer.t(f"console.role_{one.role}")).classes("badge")
            if one.status == "left":
                ui.label(viewer.t("console.has_left")).classes("badge left")
                return
        with ui.row().classes("row-gap"):
            team = ui.select({0: "–", **names}, value=one.team_id or 0, label=viewer.t("console.team"))
            team.on_value_change(lambda event: _try(viewer, _change(viewer, one, team_id=event.value or None)))
            team.props("outlined dense").classes("grow")
            tongue = _tongue(viewer, one.language)
            tongue.on_value_change(lambda event: _try(viewer, _change(viewer, one, language=event.value)))
        for address in await addresses.of_staff(viewer.parts.database, one.id):
            _reached(viewer, one, address)
        with ui.row().classes("row-gap"):
            ui.button(viewer.t("console.sign_in_link"), icon="link", on_click=lambda: _link(viewer, one)).props(
                "flat dense no-caps"
            )
            ui.button(viewer.t("console.add_address"), icon="add", on_click=lambda: _address(viewer, one)).props(
                "flat dense no-caps"
            )
            other = "agent" if one.role == "admin" else "admin"
            ui.button(
                viewer.t(f"console.make_{other}"), on_click=lambda: _try(viewer, _change(viewer, one, role=other))
            ).props("flat dense no-caps")
            ui.space()
            ui.button(viewer.t("console.leaves"), on_click=lambda: _try(viewer, _leave(viewer, one))).props(
                "flat dense no-caps color=negative"
            )


def _reached(viewer: Viewer, one: StaffRow, address: AddressRow) -> None:
    """An address of a colleague's, which can be taken away."""
    with ui.row().classes("row-gap"):
        shown = f"{viewer.t(f'console.channel_{address.channel}')}: {address.shown(viewer.parts.keys)}"
        ui.label(shown).classes("soft small grow")
        away = ui.button(icon="close").props("flat round dense size=sm").tooltip(viewer.t("console.remove_address"))
        away.on_click(lambda: _try(viewer, staff.detach(viewer.parts.database, one.id, address.id)))


def _tongue(viewer: Viewer, value: str) -> ui.select:
    """A choice of the languages that Motline speaks."""
    spoken = {"": "–", "en": "English", "zh": "中文"}
    made = ui.select(spoken, value=value if value in spoken else "", label=viewer.t("console.language"))
    return made.props("outlined dense").classes("grow")


def _ways(viewer: Viewer) -> dict[str, str]:
    return {one: viewer.t(f"console.channel_{one}") for one in _CHANNELS}


def _new_colleague(viewer: Viewer, names: Mapping[int, str]) -> None:
    with ui.column().classes("card"):
        ui.label(viewer.t("console.new_colleague")).classes("strong")
        with ui.row().classes("row-gap"):
            name = ui.input(viewer.t("console.name")).props("outlined dense maxlength=200").classes("grow")
            roles = {one: viewer.t(f"console.role_{one}") for one in ("agent", "admin")}
            role = ui.select(roles, value="agent", label=viewer.t("console.role")).props("outlined dense")
            team = ui.select({0: "–", **names}, value=0, label=viewer.t("console.team")).props("outlined dense")

            async def add() -> None:
                await staff.add(
                    viewer.parts.database,
                    name.value or "",
                    actor=viewer.actor,
                    now=viewer.now(),
                    role="admin" if role.value == "admin" else "agent",
                    team_id=team.value or None,
                )

            ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add())).props("no-caps unelevated")


async def _team(viewer: Viewer, team: TeamRow) -> None:
    parts = viewer.parts
    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(team.name).classes("strong grow")
            for address in await addresses.of_team(parts.database, team.id):
                shown = f"{viewer.t(f'console.channel_{address.channel}')}: {address.shown(parts.keys)}"
                ui.label(shown).classes("badge")
        with ui.row().classes("row-gap"):
            tongue = _tongue(viewer, team.language)
            zone = ui.input(viewer.t("console.timezone"), value=team.timezone).props("outlined dense").classes("grow")
            hours = ui.input(viewer.t("console.hours"), value=_hours_text(team.hours)).props("outlined dense")
            hours.classes("grow").tooltip(viewer.t("console.hours_more"))
        with ui.row().classes("row-gap"):
            channel = ui.select(_ways(viewer), value="telegram", label=viewer.t("console.group"))
            channel.props("outlined dense")
            group = ui.input(viewer.t("console.group_id")).props("outlined dense").classes("grow")

            async def save() -> None:
                now = viewer.now()
                await teams.change(
                    parts.database,
                    team.id,
                    actor=viewer.actor,
                    now=now,
                    language=tongue.value,
                    timezone=(zone.value or "").strip(),
                    hours=_hours_of(viewer, hours.value or ""),
                )
                if group.value and group.value.strip():
                    await teams.set_group(parts.database, parts.keys, team.id, channel.value, group.value.strip(), now)

            ui.button(viewer.t("console.save"), on_click=lambda: _try(viewer, save())).props("no-caps outline")


def _new_team(viewer: Viewer) -> None:
    with ui.column().classes("card"), ui.row().classes("row-gap"):
        name = ui.input(viewer.t("console.new_team")).props("outlined dense maxlength=64").classes("grow")

        async def add() -> None:
            await teams.add(viewer.parts.database, name.value or "", actor=viewer.actor, now=viewer.now())

        ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add())).props("no-caps unelevated")


async def _try(viewer: Viewer, work: Any) -> None:
    """Do it for an admin who is still signed in; what the store refuses is said."""
    if not await viewer.holds("admin"):
        work.close()
        return
    try:
        await work
    except Refused as error:
        ui.notify(reason_in(str(error), viewer.language), type="warning")
        return
    await viewer.parts.house.refresh()
    ui.navigate.reload()


async def _change(viewer: Viewer, one: StaffRow, **columns: Any) -> None:
    await staff.change(viewer.parts.database, one.id, actor=viewer.actor, now=viewer.now(), **columns)


async def _leave(viewer: Viewer, one: StaffRow) -> None:
    await staff.leave(viewer.parts.database, one.id, actor=viewer.actor, now=viewer.now())


async def _link(viewer: Viewer, one: StaffRow) -> None:
    if not await viewer.holds("admin"):
        return
    token = await viewer.parts.access.store.make_link(one.id, by=viewer.actor, now=viewer.now())
    with ui.dialog() as dialog, ui.column().classes("card"):
        ui.label(viewer.t("console.sign_in_link_more", name=one.name)).classes("soft")
        ui.label(f"{viewer.parts.config.address}/sign-in/{token}").classes("code")
        ui.button(viewer.t("console.done"), on_click=dialog.close).props("flat no-caps")
    dialog.open()


def _address(viewer: Viewer, one: StaffRow) -> None:
    with ui.dialog() as dialog, ui.column().classes("card"):
        ui.label(viewer.t("console.add_address_more", name=one.name)).classes("soft")
        channel = ui.select(_ways(viewer), value="telegram").props("outlined dense")
        identity = ui.input(viewer.t("console.address")).props("outlined dense")

        async def add() -> None:
            parts = viewer.parts
            if not (identity.value or "").strip():
                raise Refused(viewer.t("console.address_empty"))
            await staff.attach(parts.database, parts.keys, one.id, channel.value, identity.value.strip(), viewer.now())

        ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add())).props("no-caps unelevated")
    dialog.open()


def _hours_text(hours: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{day} {span[0]}-{span[1]}" for day, span in hours.items())


def _hours_of(viewer: Viewer, text: str) -> dict[str, list[str]]:
    """`mon-fri 09:00-18:00, sat 10:00-14:00` by day. Raises Refused, naming the part and the fix."""
    found: dict[str, list[str]] = {}
    for part in filter(None, (one.strip() for one in re.split(r"[,，;]", text))):
        days, _, span = part.partition(" ")
        first, _, last = days.lower().partition("-")
        times = _SPAN.fullmatch(span)
        if first not in DAYS or (last and last not in DAYS) or times is None:
            raise Refused(viewer.t("console.hours_wrong", part=part))
        start, end = DAYS.index(first), DAYS.index(last or first)
        for day in DAYS[start : end + 1]:
            found[day] = [times[1].zfill(5), times[2].zfill(5)]
    return found
