"""Two customers who are one person: found by the admin, shown before it is done, taken back if it was wrong.

Rule: nobody is proposed; the admin says who are one person. What is shown comes from the store's own preview, and what
is pressed is checked again by the merge itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, empty, heading, in_turn
from bot.reasons import reason_in
from storage import desk_messages
from storage.addresses import AddressRow
from storage.customers import CustomerRow, Customers
from storage.errors import Refused
from storage.merge_preview import Field, Preview, Word, preview
from storage.merge_undo import Done, last_of, undo
from storage.merging import merge

_FOUND = 8
_MOVES = ("messages", "answers", "conversations", "moments", "tickets")


async def build(viewer: Viewer, request: Request) -> None:
    """The page: choose the other customer, or, where one is named (`?with=`), what merging them would do."""
    store = Customers(viewer.parts.database, viewer.parts.keys)
    keep = await store.named(request.path_params["public_id"])
    named = request.query_params.get("with", "")
    gone = await store.named(named) if named else None
    if keep is None or keep.status == "erased":
        empty(viewer.t("console.no_such_customer"), "person_off")
        return
    with ui.row().classes("row-gap"):
        ui.link("←", f"/customers/{keep.public_id}")
        with ui.column().classes("grow"):
            heading(viewer.t("console.merge_title"), viewer.t("console.merge_more"))
    if gone is None or gone.id == keep.id:
        await _choose(viewer, store, keep)
        return
    try:
        seen = await preview(viewer.parts.database, keep.id, gone.id)
    except Refused as error:
        ui.label(reason_in(str(error), viewer.language)).classes("problem")
        return
    _show(viewer, keep, gone, seen)


async def offer(viewer: Viewer, found: CustomerRow) -> None:
    """On a customer's own page: the last merge, while it can be taken back."""
    done = await last_of(viewer.parts.database, found.id, viewer.now())
    if done is None:
        return
    name = done.name or viewer.t("console.anonymous")
    with ui.row().classes("note"):
        ui.icon("merge")
        said = viewer.t("console.merged_into", name=name, when=viewer.when(done.at), who=await _who(viewer, done))
        ui.label(said).classes("grow")
        if viewer.is_admin:
            sure = _sure(viewer, done, name)
            ui.button(viewer.t("console.unmerge"), icon="undo", on_click=sure.open).props("flat dense no-caps")


async def _choose(viewer: Viewer, store: Customers, keep: CustomerRow) -> None:
    with ui.column().classes("card"):
        ui.label(viewer.t("console.merge_who", name=_name(viewer, keep))).classes("strong")
        looked = ui.input(placeholder=viewer.t("console.find_customer"))
        looked.props('outlined dense clearable debounce=250 autofocus prepend-icon="search"')

        @ui.refreshable
        async def rows() -> None:
            if not await viewer.holds("admin"):
                return
            wanted = (looked.value or "").strip()
            some = await store.search(wanted, limit=_FOUND + 1) if wanted else []
            others = [one for one in some if one.id != keep.id][:_FOUND]
            if wanted and not others:
                ui.label(viewer.t("console.no_customers")).classes("soft")
            for one in others:
                with ui.link(target=f"/customers/{keep.public_id}/merge?with={one.public_id}").classes("pick plain"):
                    ui.label(_name(viewer, one)).classes("strong")
                    ui.label(one.external_id or "").classes("soft small grow")
                    ui.label(viewer.when(one.created_at)).classes("soft small")

        looked.on_value_change(in_turn(rows))
        await rows()


def _show(viewer: Viewer, keep: CustomerRow, gone: CustomerRow, seen: Preview) -> None:
    with ui.element("div").classes("sides"):
        _side(viewer, keep, seen.kept_addresses, "stays")
        swap = f"/customers/{gone.public_id}/merge?with={keep.public_id}"
        ui.button(icon="swap_horiz", on_click=lambda: ui.navigate.to(swap)).props("round flat").tooltip(
            viewer.t("console.merge_swap")
        )
        _side(viewer, gone, seen.addresses, "goes")
    with ui.element("div").classes("two"):
        with ui.column().classes("card"):
            ui.label(viewer.t("console.profile")).classes("strong")
            with ui.element("div").classes("merging"):
                for label in ("", "console.merge_stays", "console.merge_goes", "console.merge_result"):
                    ui.label(viewer.t(label) if label else "").classes("soft small")
                for field in seen.fields:
                    _field(viewer, field)
        with ui.column().classes("card"):
            _comes(viewer, seen)
            _words(viewer, seen.words)
    names = {keep.id: _name(viewer, keep), gone.id: _name(viewer, gone)}
    for key, fields in _stays_open(viewer, seen, names):
        ui.label(viewer.t(key, **fields)).classes("fine")
    for key, fields in _warnings(viewer, seen, names):
        ui.label(viewer.t(key, **fields)).classes("problem warning")
    with ui.row().classes("row-gap"):
        ui.label(viewer.t("console.merge_undo_more")).classes("soft small grow")
        ui.button(viewer.t("console.cancel"), on_click=lambda: ui.navigate.to(f"/customers/{keep.public_id}")).props(
            "flat no-caps"
        )
        ui.button(viewer.t("console.merge_do"), icon="merge", on_click=lambda: _merge(viewer, keep, gone)).props(
            "unelevated no-caps"
        )


def _side(viewer: Viewer, one: CustomerRow, reached: tuple[AddressRow, ...], side: str) -> None:
    with ui.column().classes(f"card side {side}"):
        ui.label(viewer.t(f"console.merge_{side}_head")).classes("soft small")
        ui.label(_name(viewer, one)).classes("title")
        since = viewer.when(one.created_at)
        ui.label(" · ".join(part for part in (one.external_id or "", since) if part)).classes("soft small")
        with ui.row().classes("row-gap"):
            for address in reached:
                shown = address.shown(viewer.parts.keys) if address.channel in ("email", "sms") else ""
                channel = viewer.t(f"console.channel_{address.channel}")
                ui.label(f"{channel} {shown}".strip()).classes("badge")
            if not reached:
                ui.label(viewer.t("console.merge_no_address")).classes("soft small")


def _field(viewer: Viewer, field: Field) -> None:
    """A row of the table: what is given up is struck through, what comes out stands at the end."""
    ui.label(field.name if field.attribute else viewer.t(f"console.{field.name}")).classes("soft")
    ui.label(field.stays or "–").classes("wrap" if field.stays else "soft")
    ui.label(field.goes or "–").classes("wrap given-up" if field.differs else "wrap" if field.goes else "soft")
    ui.label(field.merged or "–").classes("wrap strong")


def _comes(viewer: Viewer, seen: Preview) -> None:
    ui.label(viewer.t("console.merge_comes")).classes("strong")
    with ui.row().classes("row-gap"):
        for name in _MOVES:
            with ui.column().classes("count" if seen.moves[name] else "count none"):
                ui.label(str(seen.moves[name])).classes("number")
                ui.label(viewer.t(f"console.merge_{name}")).classes("soft small")


def _words(viewer: Viewer, words: tuple[Word, ...]) -> None:
    if not words:
        return
    ui.label(viewer.t("console.consents")).classes("strong")
    ui.label(viewer.t("console.merge_consents_more")).classes("soft small")
    with ui.element("div").classes("merging"):
        for label in ("", "console.merge_stays", "console.merge_goes", "console.merge_result"):
            ui.label(viewer.t(label) if label else "").classes("soft small")
        for word in words:
            ui.label(viewer.t(f"house.purpose_{word.purpose}")).classes("soft")
            for said in (word.stays, word.goes, word.merged):
                state = said or "none"
                ui.label(viewer.t(f"console.consent_{state}")).classes(f"badge snug {state}")


def _stays_open(viewer: Viewer, seen: Preview, names: Mapping[int, str]) -> list[tuple[str, dict[str, object]]]:
    """What is open with one of the two alone, and goes on."""
    found: list[tuple[str, dict[str, object]]] = []
    if seen.goes_on and not seen.ends:
        goes_on = _title(viewer, seen.goes_on)
        found.append(("console.merge_goes_on", {"goes_on": goes_on, "one": names[seen.goes_on_of]}))
    if seen.stands and not seen.closes:
        found.append(("console.merge_stands", {"stands": seen.stands, "one": names[seen.stands_of]}))
    return found


def _warnings(viewer: Viewer, seen: Preview, names: Mapping[int, str]) -> list[tuple[str, dict[str, object]]]:
    """What stops by it: of two open dialogs or tickets the later one goes on."""
    found: list[tuple[str, dict[str, object]]] = []
    if seen.ends:
        other = seen.gone if seen.goes_on_of == seen.keep else seen.keep
        ends = {"dialog": _title(viewer, seen.ends), "other": names[other]}
        goes_on = {"goes_on": _title(viewer, seen.goes_on), "one": names[seen.goes_on_of]}
        found.append(("console.merge_ends", {**goes_on, **ends}))
    if seen.closes:
        found.append(("console.merge_closes", {"ticket": seen.closes, "stands": seen.stands}))
    return found


def _title(viewer: Viewer, name: str) -> str:
    """A dialog as its author calls it."""
    shelf = viewer.parts.house.shelf
    script = shelf.compiled.get(shelf.published.names.get(name, 0))
    return script.title_in(viewer.language) if script is not None else name


async def _merge(viewer: Viewer, keep: CustomerRow, gone: CustomerRow) -> None:
    if not await viewer.holds("admin"):
        return
    try:
        await merge(viewer.parts.database, keep.id, gone.id, actor=viewer.actor, now=viewer.now())
    except Refused as error:
        ui.notify(reason_in(str(error), viewer.language), type="negative")
        return
    ui.navigate.to(f"/customers/{keep.public_id}")


def _sure(viewer: Viewer, done: Done, name: str) -> ui.dialog:
    async def back() -> None:
        if not await viewer.holds("admin"):
            return
        try:
            again = await undo(viewer.parts.database, done.id, actor=viewer.actor, now=viewer.now())
        except Refused as error:
            ui.notify(reason_in(str(error), viewer.language), type="negative")
            return
        found = await Customers(viewer.parts.database, viewer.parts.keys).get(again)
        ui.navigate.to(f"/customers/{found.public_id}" if found is not None else "/customers")

    with ui.dialog() as sure, ui.column().classes("card"):
        ui.label(viewer.t("console.unmerge_sure", name=name)).classes("strong")
        ui.label(viewer.t("console.unmerge_more", name=name)).classes("soft")
        with ui.row().classes("row-gap"):
            ui.button(viewer.t("console.unmerge"), icon="undo", on_click=back).props("unelevated no-caps")
            ui.button(viewer.t("console.cancel"), on_click=sure.close).props("flat no-caps")
    return sure


async def _who(viewer: Viewer, done: Done) -> str:
    """Who did it, as people call them: a colleague's name, a link that the customer opened, the command line."""
    kind, _, number = done.actor.partition(":")
    if kind == "staff":
        return await desk_messages.name_of(viewer.parts.database, int(number)) or viewer.t("console.staff")
    return viewer.t("console.by_link" if kind == "customer" else "console.by_command")


def _name(viewer: Viewer, one: CustomerRow) -> str:
    return one.name or viewer.t("console.anonymous")
