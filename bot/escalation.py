"""An unhappy customer becomes a ticket, and a message in the staff's own chat, in the very commit that noticed it.

Rule: pure. One open ticket per customer: what comes later joins it, and its severity only rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import orjson

from bot import cards
from bot.directory import TeamEntry
from bot.effects_to_rows import Desk
from bot.frame import Frame
from bot.outgoing_shape import to_body
from bot.turn_carry import zone_of_customer
from dialogs.effects import Escalate, Severity, Trouble
from dialogs.texts import text
from dialogs.texts.recognition import told_again
from storage.crypto import new_public_id
from storage.turn_rows import Book, Case, Item, JobRow, OutgoingRow, TicketWrite, Writes

_RANK: Final[tuple[Severity, ...]] = ("normal", "high", "urgent")
_MOST_WORDS: Final = 20
TICKET_SUBJECT: Final = -1
"""A job's subject that means "the ticket of this turn", whose id is not known yet."""


def escalate(
    frame: Frame,
    item: Item,
    book: Book,
    effects: Sequence[Escalate],
    writes: Writes,
    desk: Desk,
    *,
    said: str,
    slots: Mapping[str, Any],
    acknowledged: int = 0,
) -> None:
    """Open the customer's ticket, or join it, and tell the team. `acknowledged`: see `acknowledged_at`."""
    severity, team = standing(frame, book.case, effects)
    first = max(effects, key=lambda effect: _RANK.index(effect.severity))
    words = said or next((effect.text for effect in effects if effect.text), "")
    case = book.case
    body = _body(case, effects, slots, desk.channel, acknowledged)
    public_id = new_public_id() if case is None else case.public_id
    kept = orjson.dumps(body).decode()
    team_id = team.id if team else None
    writes.ticket = TicketWrite(public_id, severity, first.reason, words, kept, team_id, desk.address_id)
    if case is None:
        writes.jobs.append(JobRow("sla", frame.due(severity, team, item.now), subject_id=TICKET_SUBJECT))
        if team is not None and team.address_id:
            writes.outgoing.append(_card(team, book, writes.ticket, body, item.now))
        return
    if case.status == "open" and severity != case.severity:
        # What is more urgent is promised sooner.
        due = frame.due(severity, team, item.now)
        writes.jobs.append(JobRow("sla", due, subject_id=case.id or TICKET_SUBJECT))
    relay(frame, book, words, writes)
    change_card(frame, book, "", writes)


def add(frame: Frame, book: Book, case: Case, words: str, writes: Writes, *, acknowledged: int = 0) -> None:
    """What the customer of an open ticket writes besides stands with it, and the team hears of it."""
    body = orjson.loads(case.body)
    if acknowledged:
        body["acknowledged"] = acknowledged
    kept = orjson.dumps(body).decode()
    writes.ticket = TicketWrite(case.public_id, case.severity, "", words, kept, case.team_id, None)
    relay(frame, book, words, writes)
    change_card(frame, book, "", writes)


def acknowledged_at(case: Case) -> int:
    """When (ms) the customer was last told that what they write stands with their ticket; 0: not yet."""
    return int(orjson.loads(case.body).get("acknowledged", 0))


def _body(
    case: Case | None, effects: Sequence[Escalate], slots: Mapping[str, Any], channel: str, acknowledged: int
) -> dict[str, Any]:
    """What staff are shown beside the words; of a ticket that stands nothing is lost."""
    before: dict[str, Any] = orjson.loads(case.body) if case is not None else {}
    unhappy = [one for one in (before.get("unhappy"), *(effect.unhappy for effect in effects)) if one is not None]
    return {
        "why": _joined(before.get("why", ()), *(effect.why for effect in effects)),
        "topics": _joined(before.get("topics", ()), *(effect.topics for effect in effects)),
        "slots": {**before.get("slots", {}), **slots},
        "contradiction": before.get("contradiction", False) or any(effect.contradiction for effect in effects),
        "unhappy": max(unhappy, default=None),
        "channel": before.get("channel", channel),
        "acknowledged": acknowledged or before.get("acknowledged", 0),
    }


def _joined(*lists: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(one for words in lists for one in words))[:_MOST_WORDS]


def standing(
    frame: Frame, case: Case | None, effects: Sequence[Escalate]
) -> tuple[Severity, TeamEntry | None]:
    """How severe the customer's ticket is with `effects`, and whose; without one, what an ordinary one would be."""
    ranks = [_RANK.index(effect.severity) for effect in effects]
    if case is not None:
        ranks.append(_RANK.index(cast(Severity, case.severity)))
    severity = _RANK[max(ranks, default=0)]
    if case is not None:
        return severity, frame.directory.by_id(case.team_id)
    return severity, frame.directory.team(next((effect.team for effect in effects if effect.team), ""))


def promise(frame: Frame, item: Item, book: Book, language: str, effects: Sequence[Escalate]) -> str:
    """What the customer is told of who will write and by when: the promise of that ticket."""
    zone = zone_of_customer(item.carry, book.timezone)
    return frame.promise(*standing(frame, book.case, effects), language, item.now, zone)


def _card(team: TeamEntry, book: Book, ticket: TicketWrite, body: Mapping[str, Any], now: int) -> OutgoingRow:
    language = team.language or "en"
    card = cards.Card(
        ticket.public_id, book.name, ticket.severity, ticket.reason, ticket.text, body, "open", team.timezone, now
    )
    shown, choices = cards.draw(card, language)
    return OutgoingRow(
        new_public_id(),
        team.address_id,
        team.channel,
        "card",
        shown,
        to_body(language, choices),
        ticket=True,
        answers_inbound=False,
    )


def change_card(frame: Frame, book: Book, line: str, writes: Writes) -> None:
    """Have the ticket's card drawn anew where it stands; a chat that cannot change it gets `line` ("": nothing)."""
    case = book.case
    team = frame.directory.by_id(case.team_id) if case is not None else None
    if team is not None and team.address_id:
        writes.outgoing.append(to_desk(team, line, kind="update"))


def to_desk(team: TeamEntry, line: str, *, public_id: str = "", kind: str = "relay") -> OutgoingRow:
    """A line under the ticket's card: what the customer wrote since, or what became of a reply."""
    return OutgoingRow(
        public_id or new_public_id(),
        team.address_id,
        team.channel,
        kind,
        line,
        to_body(team.language or "en"),
        ticket=True,
        answers_inbound=False,
    )


def relay(frame: Frame, book: Book, line: str, writes: Writes) -> None:
    """Pass a customer's message on to the team that holds the ticket."""
    case = book.case
    team = frame.directory.by_id(case.team_id) if case is not None else None
    if team is not None and team.address_id and line:
        writes.outgoing.append(to_desk(team, cards.said_line(book.name, line, team.language or "en")))


def warn_staff(frame: Frame, script_id: int, trouble: Trouble, writes: Writes, now: int) -> None:
    """Tell the default team that a dialog ran into trouble; customers never read of it."""
    team = frame.directory.team("")
    if team is None or not team.address_id:
        return
    script = frame.script(script_id)
    language = team.language or "en"
    detail = told_again(trouble.detail, "trouble", language)
    line = text(
        "desk.script_trouble",
        language,
        script=script.name,
        step=script.steps[trouble.step].id,
        detail=f"{trouble.code}: {detail}"[:300],
    )
    body = to_body(language)
    writes.outgoing.append(
        OutgoingRow(
            new_public_id(), team.address_id, team.channel, "desk", line, body, answers_inbound=False
        )
    )
