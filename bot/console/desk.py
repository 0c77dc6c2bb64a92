"""The desk: who is unhappy, why, what was said; claim, reply, close. It shows what is new within a second."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from nicegui import ui
from starlette.requests import Request

from bot.console.drafts import Drafts
from bot.console.frame import Viewer, empty, heading, in_turn
from bot.console.talk import show_talk
from bot.desk_acts import OUTCOMES, Verdict
from bot.desk_results import Opened, Refusal, Result, refusal
from bot.reasons import reason_in
from storage import desk_cards, tickets, transcripts
from storage.tickets import TicketRow, Unasked, Watched

_EVERY = 1.0
_TICKET = re.compile(r"\d{1,15}", re.ASCII)
VERDICTS: tuple[Verdict, ...] = ("unhappy", "not_unhappy")
_WATCHED_MS = 7 * 86_400_000


@dataclass(slots=True)
class Look:
    """What this tab looks at: a list, and a ticket of it; and the replies that are half written."""

    drafts: Drafts
    shown: str = "waiting"
    ticket: int = 0
    seen: str = ""


async def build(viewer: Viewer, request: Request, *, drafts: Drafts) -> None:
    """The page."""
    asked = request.query_params.get("ticket", "")
    look = Look(drafts, ticket=int(asked) if _TICKET.fullmatch(asked) else 0)

    @ui.refreshable
    async def listed() -> None:
        await _list(viewer, look, choose)

    @ui.refreshable
    async def chosen() -> None:
        await _detail(viewer, look, refresh)

    drawn = in_turn(listed, chosen)

    async def refresh() -> None:
        if await viewer.holds():
            await drawn()

    async def choose(ticket: int) -> None:
        look.ticket = ticket
        await refresh()

    async def switch(name: str) -> None:
        look.shown = name
        await refresh()

    async def news() -> None:
        now = await _fingerprint(viewer, look)
        if look.seen not in ("", now):
            await refresh()
        look.seen = now

    heading(viewer.t("console.tickets"), viewer.t("console.tickets_more"))
    options = {one: viewer.t(f"console.list_{one}") for one in ("waiting", "messages", "watch", "closed")}
    ui.toggle(options, value=look.shown, on_change=lambda event: switch(event.value)).props("no-caps unelevated")
    with ui.element("div").classes("split"):
        with ui.column():
            await listed()
        with ui.column():
            await chosen()
    ui.timer(_EVERY, news)


async def _fingerprint(viewer: Viewer, look: Look) -> str:
    """Changes whenever a list or the chosen ticket would look different."""
    rows = await viewer.parts.database.fetch(
        """SELECT (SELECT coalesce(max(id), 0) FROM ticket_events) AS event,
 CASE WHEN $2 THEN (SELECT coalesce(max(id), 0) FROM inbound) END AS came,
 (SELECT coalesce(max(id), 0) FROM tickets) AS ticket,
 (SELECT count(*) FROM tickets WHERE status <> 'closed') AS waiting,
 (SELECT coalesce(max(id), 0) FROM corrections) AS judged,
 (SELECT coalesce(max(i.id), 0) FROM inbound i JOIN tickets t ON t.customer_id = i.customer_id WHERE t.id = $1) AS said,
 (SELECT count(*) FROM outbox o JOIN tickets t ON t.customer_id = o.customer_id WHERE t.id = $1
 AND o.status IN ('sent', 'delivered', 'read', 'dead', 'unknown')) AS told""",
        look.ticket,
        look.shown in ("messages", "watch"),
    )
    return orjson.dumps(rows[0]).decode()


async def _list(viewer: Viewer, look: Look, choose: Callable[[int], Awaitable[None]]) -> None:
    database = viewer.parts.database
    if look.shown == "watch":
        watched = await tickets.watch_list(database, since=viewer.now() - _WATCHED_MS)
        with ui.column().classes("ticket-list"):
            for one in watched:
                _watched(viewer, one)
        if not watched:
            empty(viewer.t("console.nothing_watched"), "visibility")
        return
    if look.shown == "messages":
        unasked = await tickets.unasked(database, since=viewer.now() - _WATCHED_MS)
        with ui.column().classes("ticket-list"):
            for message in unasked:
                _unasked(viewer, message, choose)
        if not unasked:
            empty(viewer.t("console.no_messages"), "mark_email_read")
        return
    some = await (tickets.waiting(database) if look.shown == "waiting" else tickets.closed(database))
    if not some:
        key = "console.nobody_waits" if look.shown == "waiting" else "console.none_closed"
        empty(viewer.t(key), "sentiment_satisfied")
        return
    with ui.column().classes("ticket-list"):
        for ticket in some:
            _card(viewer, ticket, chosen=ticket.id == look.ticket, choose=choose)


def _card(viewer: Viewer, ticket: TicketRow, *, chosen: bool, choose: Callable[[int], Awaitable[None]]) -> None:
    card = ui.column().classes(f"ticket-card {ticket.severity}" + (" here" if chosen else ""))
    card.props("role=button tabindex=0")
    card.on("click", lambda: choose(ticket.id))
    card.on("keydown.enter", lambda: choose(ticket.id))
    with card:
        with ui.row().classes("row-gap"):
            ui.label(ticket.customer or viewer.t("console.anonymous")).classes("strong grow")
            ui.label(viewer.t(f"console.severity_{ticket.severity}")).classes(f"badge {ticket.severity}")
        ui.label(ticket.text).classes("said")
        with ui.row().classes("row-gap"):
            held = ticket.staff or viewer.t(f"console.start_{ticket.status}")
            ui.label(held).classes(f"badge {'closed-badge' if ticket.status == 'closed' else ticket.status}")
            ui.label(_times(viewer, ticket)).classes("soft small")


def _times(viewer: Viewer, ticket: TicketRow) -> str:
    """When it was opened, and by when somebody has promised to write."""
    opened, due = viewer.when(ticket.opened_at), viewer.when(ticket.due_at)
    return f"{opened} · {viewer.t('console.due_by', when=due)}" if due else opened


def _unasked(viewer: Viewer, one: Unasked, choose: Callable[[int], Awaitable[None]]) -> None:
    """A message that waits for a person to read it."""

    async def answer() -> None:
        if not await viewer.holds():
            return
        result = await viewer.parts.house.desk.take_up(one.inbound_id, viewer.who.staff_id)
        _say(viewer, result)
        if isinstance(result, Opened):
            ticket = await tickets.by_public_id(viewer.parts.database, result.ticket)
            await choose(ticket.id if ticket is not None else 0)

    with ui.column().classes("ticket-card"):
        ui.label(one.customer or viewer.t("console.anonymous")).classes("strong")
        ui.label(one.text).classes("said")
        with ui.row().classes("row-gap"):
            ui.label(viewer.when(one.at)).classes("soft small grow")
            ui.button(viewer.t("console.take_up"), on_click=answer).props("flat dense no-caps")


def _watched(viewer: Viewer, one: Watched) -> None:
    mood = orjson.loads(one.mood)
    with ui.column().classes("ticket-card"):
        with ui.row().classes("row-gap"):
            ui.label(one.customer or viewer.t("console.anonymous")).classes("strong grow")
            if isinstance(mood, dict) and isinstance(mood.get("alert"), int | float):
                ui.label(f"{mood['alert']:.0%}").classes("badge")
        ui.label(one.text).classes("said")
        with ui.row().classes("row-gap"):
            ui.label(viewer.when(one.at)).classes("soft small grow")
            for verdict in VERDICTS:
                judge = ui.button(viewer.t(f"console.is_{verdict}"), on_click=lambda v=verdict: _judge(viewer, one, v))
                judge.props("flat dense no-caps")


async def _judge(viewer: Viewer, one: Watched, verdict: Verdict) -> None:
    if await viewer.holds():
        _say(viewer, await viewer.parts.house.desk.correct(one.inbound_id, viewer.who.staff_id, verdict))


async def _detail(viewer: Viewer, look: Look, refresh: Callable[[], Awaitable[None]]) -> None:
    ticket = await tickets.get(viewer.parts.database, look.ticket) if look.ticket else None
    if ticket is None:
        with ui.column().classes("card"):
            empty(viewer.t("console.choose_ticket"), "touch_app")
        return
    with ui.element("div").classes("detail"):
        with ui.column().classes("card"):
            _head(viewer, ticket)
            show_talk(viewer, await transcripts.of_customer(viewer.parts.database, ticket.customer_id))
            if ticket.status != "closed":
                _act(viewer, look, ticket, refresh)
        with ui.column():
            with ui.column().classes("card"):
                await _why(viewer, ticket)
            await _events(viewer, ticket)


def _head(viewer: Viewer, ticket: TicketRow) -> None:
    with ui.row().classes("row-gap"):
        name = ticket.customer or viewer.t("console.anonymous")
        ui.link(name, f"/customers/{ticket.customer_public_id}").classes("title grow")
        ui.label(viewer.t(f"console.severity_{ticket.severity}")).classes(f"badge {ticket.severity}")
        ui.label(viewer.t(f"console.start_{ticket.status}")).classes(
            f"badge {'closed-badge' if ticket.status == 'closed' else ticket.status}"
        )
    parts = [viewer.t("desk.card_ticket", number=ticket.id), _times(viewer, ticket), ticket.team]
    if ticket.channel:
        parts.append(viewer.t(f"console.channel_{ticket.channel}"))
    if ticket.staff:
        parts.append(viewer.t("console.held_by", name=ticket.staff))
    ui.label(" · ".join(part for part in parts if part)).classes("soft")


async def _why(viewer: Viewer, ticket: TicketRow) -> None:
    details = ticket.details
    if details.get("contradiction"):
        ui.label(viewer.t("desk.card_contradiction")).classes("problem warning")
    ui.label(viewer.t(f"desk.card_reason_{ticket.reason}")).classes("strong")
    with ui.element("div").classes("kept"):
        ui.label(viewer.t("console.said"))
        ui.label(ticket.text or "–").classes("wrap strong")
        for key in ("why", "topics"):
            if details.get(key):
                ui.label(viewer.t(f"console.detail_{key}"))
                shown = [_topic(viewer, str(one)) if key == "topics" else str(one) for one in details[key]]
                ui.label(viewer.listed(shown)).classes("wrap")
        for answer in await desk_cards.answers(viewer.parts.database, ticket.conversation_id):
            ui.label(answer["slot"])
            ui.label(answer["said"] or str(answer["value"])).classes("wrap")


def _topic(viewer: Viewer, topic: str) -> str:
    """A topic's name; one of the business's own word lists is its own name."""
    try:
        return viewer.t(f"console.topic_{topic.replace('-', '_')}")
    except KeyError:
        return topic


def _act(viewer: Viewer, look: Look, ticket: TicketRow, refresh: Callable[[], Awaitable[None]]) -> None:
    desk, who, drafts = viewer.parts.house.desk, viewer.who.staff_id, look.drafts

    async def done(result: Awaitable[Result]) -> None:
        if not await viewer.holds():
            return
        _say(viewer, await result)
        await refresh()

    async def reply() -> None:
        words = drafts.of(who, ticket.id).strip()
        if not words or not await viewer.holds():
            return
        drafts.keep(who, ticket.id, "")  # At once: a second press sends nothing.
        result: Result | None = None
        try:
            result = await desk.reply(ticket.id, who, words)
        finally:
            if (result is None or isinstance(result, Refusal)) and not drafts.of(who, ticket.id):
                drafts.keep(who, ticket.id, words)
        _say(viewer, result)
        await refresh()

    name = ticket.customer or viewer.t("console.anonymous")
    box = ui.textarea(placeholder=viewer.t("console.write_reply", name=name), value=drafts.of(who, ticket.id))
    box.on_value_change(lambda event: drafts.keep(who, ticket.id, event.value or ""))
    box.props("outlined autogrow").classes("w-full")
    with ui.row().classes("row-gap"):
        ui.button(viewer.t("desk.button_reply"), icon="send", on_click=reply).props("no-caps unelevated")
        if ticket.status == "open":
            claim = ui.button(viewer.t("desk.button_claim"), icon="back_hand")
            claim.on_click(lambda: done(desk.claim(ticket.id, who))).props("no-caps outline")
        else:
            release = ui.button(viewer.t("console.release"))
            release.on_click(lambda: done(desk.release(ticket.id, who))).props("no-caps flat")
        ui.space()
        closing = ui.dropdown_button(viewer.t("desk.button_close"), icon="task_alt", auto_close=True)
        with closing.props("no-caps outline"):
            for outcome in OUTCOMES:
                item = ui.item(viewer.t(f"console.close_{outcome}"))
                item.on_click(lambda o=outcome: done(desk.close(ticket.id, who, o)))


async def _events(viewer: Viewer, ticket: TicketRow) -> None:
    some = await tickets.events(viewer.parts.database, ticket.id)
    with ui.column().classes("card"):
        ui.label(viewer.t("console.history")).classes("strong")
        for one in some:
            with ui.row().classes("row-gap"):
                ui.label(viewer.when(one.at)).classes("soft small")
                ui.label(viewer.t(f"console.event_{one.kind}")).classes("badge")
                ui.label(one.staff).classes("small")
            if one.text and one.kind not in ("opened", "asked"):  # Those hold what is shown elsewhere, and an id.
                closed = one.kind == "closed" and one.text in OUTCOMES
                said = viewer.t(f"console.close_{one.text}") if closed else reason_in(one.text, viewer.language)
                ui.label(said).classes("small soft wrap")


def _say(viewer: Viewer, result: Result) -> None:
    if isinstance(result, Refusal):
        ui.notify(refusal(result, viewer.language), type="warning", position="top-right")
    else:
        ui.notify(viewer.t("console.done"), type="positive", position="top-right")
