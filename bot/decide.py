"""What becomes of one thing that happened, decided under the customer's lock.

Rule: pure. No clock, no network, no store: an item, the customer's book, the place it came from, and a `Frame` of what
the house knew when the batch began. The same call may be made again when a transaction is redone.
"""

from __future__ import annotations

import secrets
from typing import Literal, cast

from bot import escalation, talk
from bot.allowance import joined, templated
from bot.desk_turns import staff_turn
from bot.effects_to_rows import TIMERS, Desk
from bot.frame import Frame
from bot.hearing import Hearing
from bot.reasons import reason
from bot.turn_carry import Acted, Begin, Heard, Rang, StaffWord, Undelivered
from dialogs.effects import Trouble
from dialogs.events import ActionFinished, DeliveryFailed, Event, TimedOut
from storage.turn_rows import Book, Item, JobRow, NewTalk, Place, TalkWrite, Writes

Timer = Literal["reminder", "expiry", "wait"]


def decide(frame: Frame, item: Item, book: Book, place: Place | None) -> Writes:
    """The writes for one item; texts that would be counted singly go as one."""
    return joined(_decided(frame, item, book, place))


def _decided(frame: Frame, item: Item, book: Book, place: Place | None) -> Writes:
    carry, at = item.carry, item.now / 1000
    match carry:
        case Heard():
            assert place is not None
            return Hearing(frame, item, book, place, carry).decide()
        case Begin():
            return _begin(frame, item, book, place, carry)
        case Rang():
            rang = TimedOut(at, cast(Timer, carry.timer), carry.sequence)
            return _nudge(frame, item, book, carry.conversation_id, rang)
        case Acted():
            acted = ActionFinished(
                at, carry.step, carry.sequence, carry.slots, carry.messages, carry.followup, carry.error
            )
            writes = _nudge(frame, item, book, carry.conversation_id, acted)
            if carry.error and carry.script_id and (book.talk is None or book.talk.id != carry.conversation_id):
                # The goodbye of a dialog that has ended: nobody goes on with it, so only staff can hear of it.
                trouble = Trouble("action", carry.step, carry.error)
                escalation.warn_staff(frame, carry.script_id, trouble, writes, item.now)
            return writes
        case Undelivered():
            failed = DeliveryFailed(at, carry.sequence, carry.final, carry.reason)
            writes = _nudge(frame, item, book, carry.conversation_id, failed)
            if carry.moment_id and talk.unheard(writes):
                # The moment is planned again, without the address that this died at.
                writes.jobs.append(JobRow("moment", item.now, subject_id=carry.moment_id))
            return writes
        case StaffWord():
            return staff_turn(frame, item, book, carry)
        case _:
            raise TypeError(f"no turn is made of {type(carry).__name__}")


def _begin(frame: Frame, item: Item, book: Book, place: Place | None, carry: Begin) -> Writes:
    """Start a dialog by ourselves, where the customer still allows it; `result` says why not.

    It was planned before the lock: a stop, or a dialog that has begun since, counts.
    """
    writes = Writes()
    why = _why_not(frame, book, place, carry)
    if why:
        writes.result = why
        writes.moment = (carry.moment_id, "not_sent", why) if carry.moment_id else None
        return writes
    desk = Desk(
        carry.address_id,
        carry.channel,
        "",
        "",
        item.now,
        run_at=carry.run_at,
        opening=frame.openings.get(carry.channel) if carry.first else None,
    )
    new = NewTalk(secrets.token_hex(16), carry.script_id, carry.moment_id)
    talk.begin(frame, item, book, desk, writes, new, carry.data)
    if carry.template:
        writes = templated(writes, carry.template, carry.fields, brand=frame.brand, name=book.name, now=item.now)
    writes.moment = (carry.moment_id, "started", "") if carry.moment_id else None
    return writes


def _why_not(frame: Frame, book: Book, place: Place | None, carry: Begin) -> str:
    if book.talk is not None:
        return reason("busy")
    if book.case is not None and book.case.engaged:
        return reason("with_staff")
    if place is None:
        return reason("gone", channel=carry.channel)
    purpose = frame.script(carry.script_id).purpose
    if book.granted is None or purpose not in book.granted:
        return reason("no_consent", purpose=purpose)
    return "" if place.status == "open" else reason(place.status, channel=carry.channel)


def _nudge(frame: Frame, item: Item, book: Book, conversation_id: int, event: Event) -> Writes:
    """An event for a conversation that may have ended meanwhile; then nothing is written but the job's end."""
    writes = Writes()
    open_talk = book.talk
    if open_talk is None or open_talk.id != conversation_id:
        return writes
    if open_talk.script_id in frame.broken and isinstance(event, TimedOut) and event.timer == "expiry":
        # Nobody can go on with it; it must not keep the customer from all others.
        writes.talk = TalkWrite(open_talk.state, "broken", open_talk.address_id)
        writes.log, writes.void_jobs = ("Broken", "{}"), TIMERS
    else:
        talk.step(frame, item, book, event, talk.desk_of(book, item), writes)
    return writes
