"""What becomes of one thing that happened, decided under the customer's lock.

Rule: pure. No clock, no network, no store: an item, the customer's book, the place it came from, and a `Frame` of what
the house knew when the batch began. The same call may be made again when a transaction is redone.
"""

from __future__ import annotations

import secrets
from typing import Final, Literal, cast

from bot import talk
from bot.effects_to_rows import TIMERS, Desk, say
from bot.frame import Frame
from bot.hearing import Hearing
from bot.outgoing_shape import to_body
from bot.turn_carry import Acted, Begin, Heard, Rang, StaffWord, Undelivered
from dialogs.events import ActionFinished, DeliveryFailed, Event, Paused, Resumed, TimedOut
from dialogs.state import State
from storage.turn_rows import Book, Item, NewTalk, OutgoingRow, Place, TalkWrite, Writes

Timer = Literal["reminder", "expiry", "wait"]
BUSY: Final = "another dialog is open with this customer"


def decide(frame: Frame, item: Item, book: Book, place: Place | None) -> Writes:
    """The writes for one item."""
    carry, at = item.carry, item.now / 1000
    match carry:
        case Heard():
            assert place is not None
            return Hearing(frame, item, book, place, carry).decide()
        case Begin():
            return _begin(frame, item, book, carry)
        case Rang():
            rang = TimedOut(at, cast(Timer, carry.timer), carry.sequence)
            return _nudge(frame, item, book, carry.conversation_id, rang)
        case Acted():
            acted = ActionFinished(
                at, carry.step, carry.sequence, carry.slots, carry.messages, carry.followup, carry.error
            )
            return _nudge(frame, item, book, carry.conversation_id, acted)
        case Undelivered():
            failed = DeliveryFailed(at, carry.sequence, carry.final, carry.reason)
            return _nudge(frame, item, book, carry.conversation_id, failed)
        case StaffWord():
            return _staff(frame, item, book, carry)
        case _:
            raise TypeError(f"no turn is made of {type(carry).__name__}")


def _begin(frame: Frame, item: Item, book: Book, carry: Begin) -> Writes:
    """Start a dialog by ourselves; a customer who is in one, or with staff, is not bothered twice."""
    writes = Writes()
    if book.talk is not None:
        writes.moment = (carry.moment_id, "not_sent", BUSY) if carry.moment_id else None
        return writes
    desk = Desk(carry.address_id, carry.channel, "", "", item.now, run_at=carry.run_at)
    new = NewTalk(secrets.token_hex(16), carry.script_id, carry.moment_id)
    talk.begin(frame, item, book, desk, writes, new, carry.data)
    writes.moment = (carry.moment_id, "started", "") if carry.moment_id else None
    return writes


def _nudge(frame: Frame, item: Item, book: Book, conversation_id: int, event: Event) -> Writes:
    """An event for a conversation that may have ended meanwhile; then nothing is written but the job's end."""
    writes = Writes()
    open_talk = book.talk
    if open_talk is not None and open_talk.id == conversation_id:
        talk.step(frame, item, book, event, _desk_of(book, item), writes)
    return writes


def _desk_of(book: Book, item: Item) -> Desk:
    """Where an open conversation goes on."""
    assert book.talk is not None
    state = State.from_json(book.talk.state.encode())
    return Desk(book.talk.address_id, state.channel, state.language, book.talk.public_id, item.now)


def _staff(frame: Frame, item: Item, book: Book, carry: StaffWord) -> Writes:
    """A colleague writes to the customer (the dialog is paused), hands back, or closes the ticket."""
    writes = Writes()
    open_talk = book.talk
    at = item.now / 1000
    if carry.verb == "say":
        if open_talk is not None and open_talk.status == "open":
            talk.step(frame, item, book, Paused(at), _desk_of(book, item), writes)
        language = frame.language_of(book)
        desk = Desk(carry.address_id, carry.channel, language, "", item.now)
        say(carry.text, "staff", writes, desk, ticket="ticket")
        _name_last(writes, carry.public_id)
    elif carry.verb == "resume" and open_talk is not None and open_talk.status == "paused":
        talk.step(frame, item, book, Resumed(at), _desk_of(book, item), writes)
    elif carry.verb == "end" and open_talk is not None and open_talk.status == "paused":
        writes.talk = TalkWrite(open_talk.state, "finished", open_talk.address_id)
        writes.log = ("Closed", "{}")
        writes.void_jobs = TIMERS
    return writes


def _name_last(writes: Writes, public_id: str) -> None:
    """Give the last part of a colleague's message the id that its caller waits for."""
    if public_id and writes.outgoing:
        last = writes.outgoing[-1]
        writes.outgoing[-1] = OutgoingRow(
            public_id,
            last.address_id,
            last.channel,
            last.kind,
            last.text,
            last.body or to_body("en"),
            last.sequence,
            last.status,
            last.run_at,
            last.ticket,
            answers_inbound=False,
        )
