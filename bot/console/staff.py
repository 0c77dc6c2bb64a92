"""Staff and teams: who settles tickets, where they are reached, when they are there.

Rule: what is saved is confirmed, and only the part that changed is drawn anew: what somebody has begun to write in
another field stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from starlette.requests import Request

from bot.console import hours
from bot.console.frame import Viewer, heading, in_turn
from bot.reasons import reason_in
from storage import addresses, staff, teams
from storage.addresses import AddressRow
from storage.errors import Refused
from storage.staff import StaffRow
from storage.teams import TeamRow

_CHANNELS = ("telegram", "email", "sms", "wecom")
_NO_TEAM = {0: "–"}


@dataclass(frozen=True, slots=True)
class Room:
    """The page as its parts see it: who looks, the teams by id ("–" for none), how the colleagues are drawn anew."""

    viewer: Viewer
    names: dict[int, str]
    drawn: Callable[[], Awaitable[None]]


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    known = await teams.everyone(viewer.parts.database)
    names = _NO_TEAM | {one.id: one.name for one in known}

    @ui.refreshable
    async def colleagues() -> None:
        for one in await staff.everybody(viewer.parts.database):
            await _colleague(room, one)

    room = Room(viewer, names, in_turn(colleagues))
    with ui.element("div").classes("two"):
        with ui.column():
            heading(viewer.t("console.staff"), viewer.t("console.staff_more"))
            await colleagues()
            theirs = _new_colleague(room)
        with ui.column():
            heading(viewer.t("console.teams"), viewer.t("console.teams_more"))
            cards = ui.column().classes("whole")
            with cards:
                for team in known:
                    await _team(viewer, team)
            _new_team(room, cards, theirs)


async def _colleague(room: Room, one: StaffRow) -> None:
    viewer = room.viewer
    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(one.name).classes("strong grow")
            ui.label(viewer.t(f"console.role_{one.role}")).classes("badge")
            if one.status == "left":
                ui.label(viewer.t("console.has_left")).classes("badge left")
                return
        with ui.row().classes("row-gap"):
            team = ui.select(dict(room.names), value=one.team_id or 0, label=viewer.t("console.team"))
            team.on_value_change(lambda event: _set(room, one, team_id=event.value or None))
            team.props("outlined dense").classes("grow")
            tongue = _tongue(viewer, one.language)
            tongue.on_value_change(lambda event: _set(room, one, language=event.value))
        for address in await addresses.of_staff(viewer.parts.database, one.id):
            _reached(room, one, address)
        with ui.row().classes("row-gap"):
            ui.button(viewer.t("console.sign_in_link"), icon="link", on_click=lambda: _link(viewer, one)).props(
                "flat dense no-caps"
            )
            ui.button(viewer.t("console.add_address"), icon="add", on_click=lambda: _address(room, one)).props(
                "flat dense no-caps"
            )
            other = "agent" if one.role == "admin" else "admin"
            change = ui.button(viewer.t(f"console.make_{other}"), on_click=lambda: _set(room, one, role=other))
            change.props("flat dense no-caps")
            ui.space()
            leaves = ui.button(viewer.t("console.leaves"))
            leaves.on_click(lambda: _try(viewer, _leave(viewer, one), _after(room, one)))
            leaves.props("flat dense no-caps color=negative")


def _reached(room: Room, one: StaffRow, address: AddressRow) -> None:
    """An address of a colleague's, which can be taken away."""
    viewer = room.viewer
    with ui.row().classes("row-gap"):
        shown = f"{viewer.t(f'console.channel_{address.channel}')}: {address.shown(viewer.parts.keys)}"
        ui.label(shown).classes("soft small grow")
        away = ui.button(icon="close").props("flat round dense size=sm").tooltip(viewer.t("console.remove_address"))
        away.on_click(lambda: _try(viewer, staff.detach(viewer.parts.database, one.id, address.id), room.drawn))


def _tongue(viewer: Viewer, value: str) -> ui.select:
    """A choice of the languages that Motline speaks."""
    spoken = {"": "–", "en": "English", "zh": "中文"}
    made = ui.select(spoken, value=value if value in spoken else "", label=viewer.t("console.language"))
    return made.props("outlined dense").classes("grow")


def _ways(viewer: Viewer) -> dict[str, str]:
    return {one: viewer.t(f"console.channel_{one}") for one in _CHANNELS}


def _new_colleague(room: Room) -> ui.select:
    """The card for one; the choice of their team."""
    viewer = room.viewer
    with ui.column().classes("card"):
        ui.label(viewer.t("console.new_colleague")).classes("strong")
        with ui.row().classes("row-gap"):
            name = ui.input(viewer.t("console.name")).props("outlined dense maxlength=200").classes("grow")
            roles = {one: viewer.t(f"console.role_{one}") for one in ("agent", "admin")}
            role = ui.select(roles, value="agent", label=viewer.t("console.role")).props("outlined dense")
            team = ui.select(dict(room.names), value=0, label=viewer.t("console.team")).props("outlined dense")

            async def add() -> None:
                await staff.add(
                    viewer.parts.database,
                    name.value or "",
                    actor=viewer.actor,
                    now=viewer.now(),
                    role="admin" if role.value == "admin" else "agent",
                    team_id=team.value or None,
                )
                name.value = ""

            added = ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add(), room.drawn))
            added.props("no-caps unelevated")
    return team


async def _team(viewer: Viewer, team: TeamRow) -> None:
    parts = viewer.parts

    @ui.refreshable
    async def groups() -> None:
        for address in await addresses.of_team(parts.database, team.id):
            shown = f"{viewer.t(f'console.channel_{address.channel}')}: {address.shown(parts.keys)}"
            ui.label(shown).classes("badge")

    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(team.name).classes("strong grow")
            await groups()
        with ui.row().classes("row-gap"):
            tongue = _tongue(viewer, team.language)
            zone = ui.input(viewer.t("console.timezone"), value=team.timezone).props("outlined dense").classes("grow")
        open_at = ui.input(viewer.t("console.hours"), value=hours.told(team.hours, viewer.language))
        open_at.classes("hinted").props("outlined dense").props["hint"] = viewer.t("console.hours_more")
        with ui.row().classes("row-gap"):
            channel = ui.select(_ways(viewer), value="telegram", label=viewer.t("console.group"))
            channel.props("outlined dense")
            group = ui.input(viewer.t("console.group_id")).props("outlined dense").classes("grow")

            async def save() -> None:
                columns = {"language": tongue.value, "timezone": (zone.value or "").strip()}
                open_hours = _hours_of(viewer, open_at.value or "")
                kept = await teams.change(
                    parts.database, team.id, actor=viewer.actor, now=viewer.now(), hours=open_hours, **columns
                )
                open_at.value = hours.told(kept.hours, viewer.language)
                identity = (group.value or "").strip()
                if identity:
                    await teams.set_group(parts.database, parts.keys, team.id, channel.value, identity, viewer.now())
                    group.value = ""

            saved = ui.button(viewer.t("console.save"), on_click=lambda: _try(viewer, save(), in_turn(groups)))
            saved.props("no-caps outline")


def _new_team(room: Room, cards: ui.column, theirs: ui.select) -> None:
    viewer = room.viewer
    with ui.column().classes("card"), ui.row().classes("row-gap"):
        name = ui.input(viewer.t("console.new_team")).props("outlined dense maxlength=64").classes("grow")

        async def add() -> None:
            team = await teams.add(viewer.parts.database, name.value or "", actor=viewer.actor, now=viewer.now())
            name.value = ""
            room.names[team.id] = team.name
            theirs.set_options(dict(room.names))
            with cards:
                await _team(viewer, team)

        added = ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add(), room.drawn))
        added.props("no-caps unelevated")


async def _try(viewer: Viewer, work: Coroutine[Any, Any, object], drawn: Callable[[], Awaitable[None]]) -> None:
    """Do it for an admin who is still signed in, and say so; what the store refuses is said instead."""
    if not await viewer.holds("admin"):
        work.close()
        return
    try:
        await work
    except Refused as error:
        ui.notify(reason_in(str(error), viewer.language), type="warning")
        return
    await viewer.parts.house.refresh()
    ui.notify(viewer.t("console.saved"), type="positive")  # Before what was pressed may be drawn anew.
    await drawn()


async def _set(room: Room, one: StaffRow, **columns: Any) -> None:
    viewer = room.viewer
    change = staff.change(viewer.parts.database, one.id, actor=viewer.actor, now=viewer.now(), **columns)
    await _try(viewer, change, room.drawn if "team_id" in columns else _after(room, one))


def _after(room: Room, one: StaffRow) -> Callable[[], Awaitable[None]]:
    """What is drawn when one has changed: the whole page, in another language or closed, where it is the viewer."""

    async def again() -> None:
        ui.navigate.reload()

    return again if one.id == room.viewer.who.staff_id else room.drawn


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


def _address(room: Room, one: StaffRow) -> None:
    viewer = room.viewer
    with ui.dialog() as dialog, ui.column().classes("card"):
        ui.label(viewer.t("console.add_address_more", name=one.name)).classes("soft")
        channel = ui.select(_ways(viewer), value="telegram").props("outlined dense")
        identity = ui.input(viewer.t("console.address")).props("outlined dense")

        async def add() -> None:
            parts = viewer.parts
            if not (identity.value or "").strip():
                raise Refused(viewer.t("console.address_empty"))
            await staff.attach(parts.database, parts.keys, one.id, channel.value, identity.value.strip(), viewer.now())
            dialog.close()

        added = ui.button(viewer.t("console.add"), on_click=lambda: _try(viewer, add(), room.drawn))
        added.props("no-caps unelevated")
    dialog.open()


def _hours_of(viewer: Viewer, text: str) -> dict[str, list[str]]:
    """The hours as the store keeps them. Raises Refused, naming the part and the fix."""
    try:
        return hours.read(text)
    except hours.Unclear as error:
        raise Refused(viewer.t("console.hours_wrong", part=error.part)) from None
