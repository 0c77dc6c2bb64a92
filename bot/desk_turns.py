"""What becomes of a colleague's word, decided under the customer's lock.

Rule: pure, like `decide.py`. Of two colleagues who claim a ticket one wins, since both are decided under the same lock;
what another holds, an admin alone may close or hand back. The first word of staff pauses the dialog and is itself
written in the same commit, so that nothing the customer says next is read as an answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot import cards, escalation, talk
from bot.desk_results import AlreadyClaimed, AlreadyClosed, Claimed, Closed, Opened, Refusal, Released, Said
from bot.effects_to_rows import TIMERS, Desk, say
from bot.frame import Frame
from bot.turn_carry import StaffWord
from dialogs.effects import Escalate
from dialogs.events import Paused, Resumed
from dialogs.texts import text
from storage.turn_rows import Book, Case, CaseMove, Item, JobRow, TalkWrite, Writes

#: Nobody claims: the team is told so often, one promise after the other, and no more.
MOST_CALLS: Final = 3
_ADMIN_MAY: Final = ("close", "release")


def staff_turn(frame: Frame, item: Item, book: Book, word: StaffWord) -> Writes:
    """The writes for it; `result` says what came of it, and a refusal writes nothing."""
    if word.verb == "missed":
        return _missed(frame, item, book, word)
    case = book.case
    if case is None or case.id != word.ticket_id:
        return Writes(result=AlreadyClosed())
    refused = _refusal(case, word)
    if refused is not None:
        return Writes(result=refused)
    writes = Writes(kept=word.kept, correction=word.correction)
    match word.verb:
        case "claim":
            _claim(frame, item, book, case, word, writes)
        case "release":
            _release(frame, book, case, word, writes)
        case "say":
            _say(frame, item, book, case, word, writes)
        case "close":
            _close(frame, item, book, case, word, writes)
        case "overdue":
            _overdue(case, word, writes)
    return writes


def _refusal(case: Case, word: StaffWord) -> Refusal | None:
    holder = case.staff_id
    if case.status != "claimed" or holder is None or holder == word.staff_id or word.verb == "overdue":
        return None
    return None if word.admin and word.verb in _ADMIN_MAY else AlreadyClaimed(holder)


def _claim(frame: Frame, item: Item, book: Book, case: Case, word: StaffWord, writes: Writes) -> None:
    writes.result = Claimed()
    if case.status == "claimed":
        return
    writes.moves = (CaseMove("claimed", word.staff_id),)
    writes.outgoing += word.lines
    language, zone = _tongue(frame, case)
    line = text("desk.claimed_by", language, name=word.staff_name, time=cards.clock(item.now, zone))
    escalation.change_card(frame, book, line, writes)


def _release(frame: Frame, book: Book, case: Case, word: StaffWord, writes: Writes) -> None:
    writes.result = Released()
    if case.status != "claimed":
        return
    writes.moves = (CaseMove("released", word.staff_id),)
    writes.outgoing += word.lines
    line = text("desk.released_by", _tongue(frame, case)[0], name=word.staff_name)
    escalation.change_card(frame, book, line, writes)


def _say(frame: Frame, item: Item, book: Book, case: Case, word: StaffWord, writes: Writes) -> None:
    language = frame.language_of(book)
    if book.talk is not None:
        place = talk.desk_of(book, item)
        language = place.language
        if book.talk.status == "open":
            talk.step(frame, item, book, Paused(item.now / 1000), place, writes)
    shown = text("desk.reply_from_staff", language, name=word.staff_name, brand=frame.brand, text=word.text)
    say(shown, "staff", writes, Desk(word.address_id, word.channel, language, "", item.now), ticket="ticket")
    # The last part keeps the message's own id: once it is sent, all of it is.
    writes.outgoing[-1] = replace(writes.outgoing[-1], public_id=word.public_id)
    said = CaseMove("said", word.staff_id, word.text)
    writes.moves = (said,) if case.status == "claimed" else (CaseMove("claimed", word.staff_id), said)
    writes.outgoing += word.lines
    team = _tongue(frame, case)[0]
    customer = book.name or text("desk.unknown_customer", team)
    escalation.change_card(frame, book, text("desk.has_replied", team, name=word.staff_name, customer=customer), writes)
    writes.result = Said(word.public_id, word.channel)


def _close(frame: Frame, item: Item, book: Book, case: Case, word: StaffWord, writes: Writes) -> None:
    writes.moves = (CaseMove("closed", word.staff_id, word.outcome, word.outcome),)
    writes.outgoing += word.lines
    language, zone = _tongue(frame, case)
    line = text("desk.closed_by", language, name=word.staff_name, time=cards.clock(item.now, zone))
    if word.outcome == "not_unhappy":
        line = text("desk.marked_not_unhappy", language, name=word.staff_name)
    escalation.change_card(frame, book, line, writes)
    if book.talk is not None and book.talk.status == "paused" and word.outcome == "not_unhappy":
        # It was a false alarm: the dialog goes on where it was interrupted.
        place = talk.desk_of(book, item)
        talk.step(frame, item, book, Resumed(item.now / 1000, place.channel), place, writes)
    elif book.talk is not None and book.talk.status == "paused":
        writes.talk = TalkWrite(book.talk.state, "finished", book.talk.address_id)
        writes.log = ("Closed", "{}")
        writes.void_jobs = TIMERS
    asks = word.again_at if case.engaged or word.text else 0
    if asks:
        writes.jobs.append(JobRow("recovery", asks, subject_id=case.id))
    writes.result = Closed(asks)


def _overdue(case: Case, word: StaffWord, writes: Writes) -> None:
    """The promise has passed: call the team once more, while nobody has claimed it."""
    if case.status != "open":
        return
    writes.moves = (CaseMove("overdue"),)
    writes.outgoing += word.lines
    if word.sequence + 1 < MOST_CALLS:
        writes.jobs.append(JobRow("sla", word.again_at, word.sequence + 1, subject_id=case.id))


def _missed(frame: Frame, item: Item, book: Book, word: StaffWord) -> Writes:
    """A colleague takes up a message: an unhappy one that the reading passed over, or one that wants an answer."""
    writes = Writes(correction=word.correction)
    mood = word.mood
    effect = Escalate(
        "staff",
        why=mood.why if mood else (),
        topics=mood.topics if mood else (),
        text=word.text,
        unhappy=mood.unhappy if mood else None,
    )
    desk = Desk(word.address_id, word.channel, frame.language_of(book), "", item.now)
    escalation.escalate(frame, item, book, [effect], writes, desk, said=word.text, slots={})
    assert writes.ticket is not None
    if word.correction is not None:
        writes.moves = (CaseMove("corrected", word.staff_id, word.text),)
    elif book.case is None or book.case.status == "open":
        writes.moves = (CaseMove("claimed", word.staff_id),)
    writes.result = Opened(writes.ticket.public_id)
    return writes


def _tongue(frame: Frame, case: Case) -> tuple[str, str]:
    """The language and the time zone of the team that has the ticket."""
    team = frame.directory.by_id(case.team_id)
    return (team.language or "en", team.timezone) if team is not None else ("en", "UTC")
