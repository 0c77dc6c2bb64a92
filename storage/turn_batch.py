"""One batch of turns in memory: decide each item under its customer's book, fold, and lay out the rows to write.

Rule: pure. The dialects (`turns_sqlite.py`, `turns_postgres.py`) load the books, give the ids, and write the rows that
`rows()` lays out; the decisions are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from storage.turn_rows import Book, Booked, Case, CaseMove, Decide, Item, Place, Talk, TalkWrite, Writes

Row = tuple[Any, ...]
SEVERITIES = ("normal", "high", "urgent")
#: Kinds by which a machine speaks of a person, who has said nothing.
_NOBODY = frozenset({"auto_reply", "list_mail", "ignored", "bounce", "blocked", "unfollow"})


@dataclass(slots=True)
class Decided:
    """An item with what was decided for it. `written`: its ticket is among the rows."""

    item: Item
    book: Book
    place: Place | None
    writes: Writes
    inbound_id: int
    talk: Talk | None
    case: Case | None
    revision: int | None = None
    opens: bool = False
    booked: Booked | None = None
    written: bool = False

    def number(self, inbound_id: int) -> None:
        """Give the message its id, where the store gives ids only as it writes."""
        self.inbound_id = inbound_id
        if self.booked is not None:
            self.booked.inbound_id = inbound_id


@dataclass(slots=True)
class Rows:
    """What is to be written, per table, in the column order of the dialects' statements."""

    inbound: list[Row] = field(default_factory=list)
    talks_new: list[Row] = field(default_factory=list)
    talks_set: list[Row] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)
    answers: dict[tuple[int, str], Row] = field(default_factory=dict)
    outgoing: list[Row] = field(default_factory=list)
    jobs: dict[tuple[str, int], Row] = field(default_factory=dict)
    void_jobs: list[Row] = field(default_factory=list)
    tickets: list[Row] = field(default_factory=list)
    ticket_log: list[Row] = field(default_factory=list)
    seen: dict[int, Row] = field(default_factory=dict)
    rare: list[Decided] = field(default_factory=list)


class Batch:
    """Items, each with its book and place; `decide` is called once for each, in order of arrival."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self.decided: list[Decided] = []
        self.booked: list[Booked] = []

    def take(self, item: Item, book: Book, place: Place | None, inbound_id: int) -> Booked:
        """Decide one item; what it raises fails it alone and is kept as the reason."""
        try:
            writes = self._decide(item, book, place)
            status, reason = "done", ""
        except ScriptNeeded:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:400]
            broken = reason if item.job is not None else ""
            writes, status = Writes(inbound_status="failed", inbound_reason=reason, broken_job=broken), "failed"
        return self._apply(item, book, place, writes, inbound_id, Booked(item, status, inbound_id, reason=reason))

    def keep_failed(self, item: Item, book: Book, place: Place | None, inbound_id: int, reason: str) -> Booked:
        """Book an item as failed without deciding it again: the store itself refused what was decided."""
        writes = Writes(inbound_status="failed", inbound_reason=reason[:400])
        return self._apply(item, book, place, writes, inbound_id, Booked(item, "failed", inbound_id, reason=reason))

    def _apply(
        self, item: Item, book: Book, place: Place | None, writes: Writes, inbound_id: int, booked: Booked
    ) -> Booked:
        talk = self._turn(book, writes)
        opens = writes.ticket is not None and book.case is None
        case = self._handle_case(book, writes, talk)
        revision = talk.revision if talk is not None and (writes.talk or writes.event) else None
        decided = Decided(item, book, place, writes, inbound_id, talk, case, revision, opens, booked)
        self.decided.append(decided)
        if place is not None:
            place.busy = place.busy or bool(writes.outgoing)
            if item.arrival is not None and item.arrival.kind not in _NOBODY:
                place.last_inbound_at = item.arrival.received_at
            if writes.address_status is not None:
                place.status = writes.address_status[0]
            if writes.window is not None:
                place.window_at, place.window_left = writes.window
            if writes.greets == place.id:
                place.greeted_at = item.now
        if book.granted is not None:
            refused = {purpose for purpose, status, _ in writes.consents if status == "withdrawn"}
            book.granted = frozenset() if writes.withdraw_all else book.granted - refused
        for name, value in writes.profile.items():
            setattr(book, name, value)
        booked.writes = writes
        booked.customer_id = book.customer_id
        booked.address_id = place.id if place else 0
        booked.reply = next((row for row in writes.outgoing if row.status == "inline"), None)
        booked.outgoing = any(row.status == "due" for row in writes.outgoing)
        booked.jobs = any(job.run_at <= item.now for job in writes.jobs)
        self.booked.append(booked)
        return booked

    def _turn(self, book: Book, writes: Writes) -> Talk | None:
        """Put the conversation into the book as this turn leaves it; returns it (also when it has just ended)."""
        talk, change = book.talk, writes.talk
        if change is None:
            return talk
        if change.earlier:
            return _late(book.earlier[change.earlier], change)
        if change.start is not None:
            start = change.start
            talk = Talk(0, start.public_id, start.script_id, "", -1, "open", change.address_id, fresh=True)
        if talk is None:
            raise ValueError("a turn of no conversation")
        talk.state = change.state
        talk.revision += 1
        talk.status = change.status
        talk.address_id = change.address_id
        book.talk = talk if change.status in ("open", "paused") else None
        if book.talk is None and talk.id:
            book.earlier[talk.id] = talk
        return talk

    def _handle_case(self, book: Book, writes: Writes, talk: Talk | None) -> Case | None:
        """The ticket that this turn is about, as the turn leaves it; a closed one stands in the book no more."""
        if writes.ticket is not None:
            self._open_case(book, writes, talk)
        case = book.case
        for move in writes.moves:
            if case is None:
                raise ValueError(f"{move.kind}: a move of no ticket")
            moved(case, move)
        if case is not None and case.status == "closed":
            book.case = None
        return case

    def _open_case(self, book: Book, writes: Writes, talk: Talk | None) -> None:
        new = writes.ticket
        assert new is not None
        if book.case is None:
            conversation = talk.id if talk else None
            book.case = Case(0, new.public_id, "open", new.severity, new.team_id, None, False, conversation, new.body)
            return
        book.case.body = new.body
        if SEVERITIES.index(new.severity) > SEVERITIES.index(book.case.severity):
            book.case.severity = new.severity

    def fresh_talks(self) -> Iterator[Talk]:
        """Conversations that began in this batch and want an id."""
        return (d.talk for d in self.decided if d.talk is not None and d.talk.fresh and d.talk.id == 0)

    def fresh_cases(self) -> Iterator[Case]:
        """Tickets that were opened in this batch and want an id."""
        return (d.case for d in self.decided if d.opens and d.case is not None and d.case.id == 0)

    def rows(self, outgoing_id: Callable[[], int]) -> Rows:
        """Lay out what is to be written, when every id is known; `outgoing_id` gives those of the outbox."""
        rows = Rows()
        talks: dict[int, tuple[Talk, Decided]] = {}
        for decided in self.decided:
            lay_out(decided, rows, outgoing_id)
            if decided.writes.talk is not None and decided.talk is not None:
                talks.setdefault(decided.talk.id, (decided.talk, decided))
        for talk, first in talks.values():
            now = first.item.now
            closed = None if talk.status in ("open", "paused") else talk.closed_at or now
            if not talk.fresh:
                rows.talks_set.append(
                    (talk.state, talk.revision, talk.status, talk.address_id, closed, talk.id, talk.base)
                )
                continue
            start = first.writes.talk.start if first.writes.talk else None
            rows.talks_new.append(
                (
                    talk.id,
                    talk.public_id,
                    first.book.customer_id,
                    talk.script_id,
                    talk.address_id,
                    start.moment_id if start else None,
                    talk.status,
                    talk.state,
                    talk.revision,
                    now,
                    closed,
                )
            )
        return rows


def _late(talk: Talk, change: TalkWrite) -> Talk:
    """A conversation that has ended takes a late answer; it ended when it ended."""
    talk.state, talk.revision = change.state, talk.revision + 1
    return talk


def same_reply(booked: Sequence[Booked]) -> None:
    """Tell the second delivery of a message of this batch the row of the reply that both get."""
    replies = {id(one.reply): one.reply_id for one in booked if one.reply is not None and one.reply_id}
    for one in booked:
        if one.reply is not None and not one.reply_id:
            one.reply_id = replies.get(id(one.reply), 0)


def moved(case: Case, move: CaseMove) -> None:
    """Put into the ticket what a move changes, for the later turns of the batch."""
    match move.kind:
        case "claimed":
            case.status, case.staff_id = "claimed", move.staff_id
        case "released":
            case.status, case.staff_id = "open", None
        case "said":
            case.engaged = True
        case "closed":
            case.status = "closed"


class ScriptNeeded(Exception):
    """A decision needs a script version that is not loaded; the caller loads it and hands the batch in again."""

    def __init__(self, script_id: int) -> None:
        super().__init__(f"script {script_id}")
        self.script_id = script_id


def lay_out(decided: Decided, rows: Rows, outgoing_id: Callable[[], int]) -> None:
    """The rows of one decided item, but for its conversation's own."""
    item, writes, talk = decided.item, decided.writes, decided.talk
    if decided.booked is not None and talk is not None:
        decided.booked.conversation_id = talk.id
    conversation = talk.id if talk is not None else None
    if item.arrival is not None:
        _arrival(decided, conversation, rows)
    if writes.log is not None and talk is not None:
        rows.log.append((talk.id, decided.revision, writes.log[0], writes.log[1], item.now))
    if writes.answers and talk is not None:
        _answers(decided, talk, rows)
    if writes.outgoing:
        _outgoing(decided, conversation, rows, outgoing_id)
    for kind in writes.void_jobs:
        rows.void_jobs.append((kind, conversation))
        rows.jobs.pop((kind, conversation or 0), None)
    for job in writes.jobs:
        subject = _subject(job.subject_id, decided, conversation)
        rows.jobs[job.kind, subject] = (job.kind, subject, job.sequence, job.body, job.run_at, item.now)
    # Before a ticket that stands behind another change of the same customer, that change comes first.
    alone = decided.opens and not any(one.book is decided.book for one in rows.rare)
    if alone:
        _ticket(decided, conversation, rows)
    if writes.is_rare() or (writes.ticket is not None and not alone):
        rows.rare.append(decided)


def _subject(named: int, decided: Decided, conversation: int | None) -> int:
    """A job's subject: -1 is the ticket of this turn, 0 its conversation, anything else itself."""
    if named == -1:
        return decided.case.id if decided.case is not None else 0
    return named or conversation or 0


def _arrival(decided: Decided, conversation: int | None, rows: Rows) -> None:
    item, writes, place, case = decided.item, decided.writes, decided.place, decided.case
    arrival = item.arrival
    assert arrival is not None
    assert place is not None
    rows.inbound.append(
        (
            decided.inbound_id,
            arrival.dedup,
            place.id,
            decided.book.customer_id,
            conversation,
            decided.revision if writes.event is not None else None,
            case.id if case is not None and writes.inbound_status == "desk" else None,
            arrival.kind,
            arrival.text,
            writes.event,
            writes.mood,
            arrival.raw,
            arrival.external,
            writes.inbound_status,
            writes.inbound_reason,
            arrival.at,
            arrival.received_at,
        )
    )
    # A window that this batch did not open is left alone: deliveries count it down meanwhile.
    before = rows.seen.get(place.id)
    window = writes.window or (before[1:3] if before is not None else (None, None))
    rows.seen[place.id] = (place.last_inbound_at, *window, place.greeted_at, place.id)


def _answers(decided: Decided, talk: Talk, rows: Rows) -> None:
    for answer in decided.writes.answers:
        rows.answers[talk.id, answer.slot] = (
            talk.id,
            decided.book.customer_id,
            talk.script_id,
            answer.slot,
            answer.type,
            answer.value,
            answer.number,
            answer.said,
            answer.how,
            answer.unhappy,
            answer.contradiction,
            decided.inbound_id or None,
            decided.item.now,
        )


def _ticket(decided: Decided, conversation: int | None, rows: Rows) -> None:
    new, case, now = decided.writes.ticket, decided.case, decided.item.now
    assert new is not None
    assert case is not None
    decided.written = True
    rows.tickets.append(
        (
            case.id,
            new.public_id,
            decided.book.customer_id,
            conversation,
            new.team_id,
            new.severity,
            new.reason,
            new.text,
            new.body,
            new.address_id,
            now,
        )
    )
    rows.ticket_log.append((case.id, "opened", new.text, now))


def _outgoing(decided: Decided, conversation: int | None, rows: Rows, outgoing_id: Callable[[], int]) -> None:
    ticket = decided.case.id if decided.case is not None else None
    now, booked = decided.item.now, decided.booked
    for out in decided.writes.outgoing:
        identity = outgoing_id()
        if booked is not None and out is booked.reply:
            booked.reply_id = identity
        rows.outgoing.append(
            (
                identity,
                out.public_id,
                out.address_id,
                decided.book.customer_id,
                conversation,
                ticket if out.ticket else None,
                (decided.inbound_id or None) if out.answers_inbound else None,
                out.channel,
                out.kind,
                out.sequence,
                out.text,
                out.body,
                out.status,
                "response" if out.status == "inline" else "api",
                out.run_at or now,
                now,
            )
        )
