"""What a customer's message becomes: an answer, a stop, a word to staff, a first contact.

Rule: pure. The order of the questions asked here is the contract: stop before everything, then the platform's own
events, then staff who are talking with the customer, then the dialog that the message names, then the open one, then
nobody. What answers an old message of ours never fills today's question.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

import orjson

from bot import escalation, talk
from bot.allowance import window_after
from bot.effects_to_rows import Desk, say
from bot.frame import Frame
from bot.turn_carry import UNHEARD, Heard
from channels.capabilities import CAPABILITIES
from channels.message import Inbound
from dialogs.answers_refusal import wants_peace
from dialogs.effects import Escalate
from dialogs.engine_values import clean
from dialogs.events import DeliveryFailed, OptedOut, Replied
from dialogs.state import State
from dialogs.texts import text
from storage.turn_rows import Book, Case, Item, JobRow, NewTalk, Place, Talk, Thread, Writes

#: A message that no dialog asked for is thanked for once in this time (ms), not each time.
THANKED_FOR: Final = 12 * 3600 * 1000
#: A bare score on a channel where no dialog is open may answer the last question there for so long (ms).
LATE_WITHIN: Final = 30 * 24 * 3600 * 1000
#: Conversations that have ended, and take a late answer.
_TAKES_LATE: Final = {"finished", "expired", "undelivered"}
#: Kinds of our messages that want an answer, or are about one.
_ASKS: Final = {"question", "reminder", "notice"}
_TOUCHED: Final = {"follow", "scan"}
_WORDLESS: Final = {"media", "location", "contact"}
_SILENT: Final = {"auto_reply", "list_mail", "ignored", "menu", "bounce", "unfollow", "blocked", "unblocked"}


class Hearing:
    """One message of one customer."""

    def __init__(self, frame: Frame, item: Item, book: Book, place: Place, carry: Heard) -> None:
        self._frame, self._item, self._book, self._place, self._carry = frame, item, book, place, carry
        self._writes = Writes(inbound_status="noted")
        self._spoken = talk.language_of(book)
        self._language = frame.language_of(book, self._spoken)
        capable = CAPABILITIES[place.channel].inline_reply
        self._desk = Desk(
            place.id,
            place.channel,
            self._language,
            book.talk.public_id if book.talk else "",
            item.now,
            inline=carry.inline and capable and not place.busy,
            opening=self._opening(),
        )

    def decide(self) -> Writes:
        """The writes for it."""
        kind = self._carry.inbound.kind
        self._writes.window = window_after(self._carry.inbound, self._place, self._item.now)
        if self._place.status == "closed" and kind not in _SILENT:
            # Who writes to us can be reached: it was closed by mistake, or is open again.
            self._writes.address_status = ("open", "")
        if kind == "stop":
            self._stop()
        elif kind == "start":
            self._start()
        elif kind == "help":
            self._own("house.help")
        elif kind in _SILENT:
            self._platform(kind)
        elif self._carry.linked or (self._carry.opens and not self._with_staff()):
            self._open()
        elif kind in _TOUCHED and (self._with_staff() or self._book.talk is not None):
            pass  # Who follows us again, or scans our code, has said nothing.
        elif kind == "edited" and not self._carry.inbound.text.strip():
            pass  # A live location that moved, a picture that was replaced: nothing was said anew.
        elif self._with_staff():
            self._to_staff()
        else:
            self._words()
        return self._writes

    def _with_staff(self) -> bool:
        return self._book.case is not None and self._book.case.engaged

    def _opening(self) -> Callable[[str], str] | None:
        """What the first message to this address must say; who has just said stop need not be told how to."""
        if self._place.greeted_at or self._carry.inbound.kind in ("stop", "help"):
            return None
        return self._frame.openings.get(self._place.channel)

    def _own(self, key: str, **fields: object) -> None:
        """One of Motline's own sentences, unless the platform says it for us."""
        if not (self._carry.answered and key in _PROVIDERS_OWN):
            say(text(key, self._language, brand=self._frame.brand, **fields), "notice", self._writes, self._desk)

    def _stop(self) -> None:
        """With a dialog open its purpose is withdrawn, with none all purposes; never an answer."""
        open_talk = self._book.talk
        source = f"stop:{self._place.channel}"
        if self._carry.answered:
            # The platform has blocked us for this person, until they write START.
            self._writes.address_status = ("stopped", source)
        if open_talk is None:
            self._writes.withdraw_all = source
            self._own("house.stopped_all")
            return
        purpose = self._frame.script(open_talk.script_id).purpose
        talk.step(self._frame, self._item, self._book, OptedOut(self._item.now / 1000), self._desk, self._writes)
        self._writes.inbound_status = "read"
        self._writes.consents.append((purpose, "withdrawn", source))
        self._writes.void_outgoing = True
        name = text(f"house.purpose_{purpose}", self._language)
        self._own("house.stopped_purpose", purpose=name)

    def _start(self) -> None:
        self._writes.restore_consents = f"start:{self._place.channel}"
        if self._place.status != "open":
            self._writes.address_status = ("open", "")
        if self._carry.opens:
            self._open()
        else:
            self._own("house.resubscribed" if self._place.last_inbound_at else "house.help")

    def _platform(self, kind: str) -> None:
        """What the platform says of the person: gone, back, or nothing that wants an answer."""
        gone = kind in ("blocked", "unfollow") or (kind == "bounce" and self._carry.inbound.permanent)
        if gone:
            self._writes.address_status = ("closed", kind)
            if self._book.talk is not None and self._book.talk.address_id == self._place.id:
                sequence = State.from_json(self._book.talk.state.encode()).asked_from
                failed = DeliveryFailed(self._item.now / 1000, sequence, final=True, reason=kind)
                talk.step(self._frame, self._item, self._book, failed, self._desk, self._writes)
                if talk.unheard(self._writes):
                    self._writes.jobs.append(JobRow(UNHEARD, self._item.now))
        elif kind == "unblocked" and self._place.status == "closed":
            self._writes.address_status = ("open", "")

    def _open(self) -> None:
        """A deep link or a keyword: connect, and begin the dialog that it names where none is open."""
        if self._carry.linked == "expired":
            self._own("house.link_expired")
        elif self._carry.opens and self._book.talk is None and not self._with_staff():
            self._begin(self._carry.opens)
        elif self._carry.linked:
            self._own("house.linked")
        else:
            self._to_dialog(None)

    def _begin(self, script_id: int) -> None:
        script = self._frame.script(script_id)
        new = NewTalk(secrets.token_hex(16), script_id)
        self._writes.consents.append((script.purpose, "granted", f"asked:{self._place.channel}"))
        talk.begin(self._frame, self._item, self._book, self._desk, self._writes, new, {})

    def _to_staff(self) -> None:
        """A colleague is talking with this customer: the message is theirs, the dialog says nothing."""
        inbound = self._carry.inbound
        self._writes.inbound_status = "desk"
        escalation.relay(self._frame, self._book, _told(inbound), self._writes)

    def _words(self) -> None:
        """For the conversation that they belong to, or for nobody."""
        about = self._item.arrival.about if self._item.arrival is not None else None
        thread = self._book.threads.get((self._place.id, about)) if about is not None else None
        meant = self._meant(thread)
        if meant is None:
            self._unasked()
        elif meant is self._book.talk:
            self._to_dialog(thread if thread is not None and thread.conversation_id == meant.id else None)
        elif meant.status not in _TAKES_LATE or not self._to_earlier(meant, thread):
            self._unasked()

    def _meant(self, thread: Thread | None) -> Talk | None:
        """The conversation of a button or of the message that is answered; else the open one."""
        open_talk, earlier, press = self._book.talk, self._book.earlier, self._carry.press
        if self._carry.inbound.kind == "choice":
            named = press.conversation if press is not None else ""
            known = (open_talk, *earlier.values())
            return next((one for one in known if one is not None and one.public_id == named), None)
        if thread is None or (open_talk is not None and thread.named == "last"):
            return open_talk
        if open_talk is not None and thread.conversation_id == open_talk.id:
            return open_talk
        found = earlier.get(thread.conversation_id) if thread.kind in _ASKS else None
        if found is not None and thread.named == "last" and self._item.now - thread.at > LATE_WITHIN:
            return None
        return found

    def _to_earlier(self, meant: Talk, thread: Thread | None) -> bool:
        """A late answer to a conversation that has ended; false where it is none."""
        self._writes.inbound_status = "read"
        reply = self._replied(thread)
        heard = talk.step_late(self._frame, self._item, self._book, reply, self._desk, self._writes, meant)
        if not heard:
            self._writes.inbound_status = "noted"
        return heard

    def _to_dialog(self, thread: Thread | None) -> None:
        self._writes.inbound_status = "read"
        talk.step(self._frame, self._item, self._book, self._replied(thread), self._desk, self._writes)

    def _replied(self, thread: Thread | None) -> Replied:
        """The message as the engine hears it, with the number of the question of ours that it answers."""
        inbound, press = self._carry.inbound, self._carry.press
        number = thread.sequence if thread is not None and thread.kind in _ASKS else 0
        weak = thread is not None and thread.named == "last"
        return Replied(
            at=self._item.now / 1000,
            text=inbound.text,
            channel=self._place.channel,
            message=clean(inbound.message or inbound.external_id),
            step=press.step if press else None,
            choice=press.choice if press else None,
            media=_media(inbound.kind, inbound.media[0].type if inbound.media else ""),
            mood=self._carry.mood,
            verdict=self._carry.verdict,
            edited=inbound.kind == "edited",
            of=clean(inbound.message) if inbound.kind == "edited" else "",
            answers=0 if weak else number,
            last_here=number if weak else 0,
            place=str(self._place.id),
        )

    def _unasked(self) -> None:
        """No dialog is open: an unhappy word reaches staff all the same, a friendly one is thanked for once."""
        inbound, mood = self._carry.inbound, self._carry.mood
        if mood is not None:
            self._writes.mood = orjson.dumps(mood).decode()
        if inbound.kind == "choice":
            self._own("house.button_ended")
            return
        if self._book.case is not None and (inbound.text or inbound.kind in _WORDLESS):
            self._added(self._book.case)
            return
        if self._is_peace():
            # No colleague writes to who wants to be left alone.
            self._tell_how_to_stop()
            return
        if self._is_unhappy():
            self._unhappy()
            return
        recently = self._item.now - self._place.last_inbound_at < THANKED_FOR
        if recently or self._place.status == "stopped" or inbound.kind == "edited":
            return
        self._own("house.media_received" if inbound.kind in _WORDLESS else "house.first_contact")

    def _is_peace(self) -> bool:
        """Whether the words ask for peace and no more; what a person must see is never that."""
        mood = self._carry.mood
        return wants_peace(self._carry.inbound.text) and not (mood is not None and mood.always)

    def _tell_how_to_stop(self) -> None:
        """The word that ends it is theirs to say."""
        if self._place.status != "stopped" and self._carry.inbound.kind != "edited":
            self._own("house.how_to_stop")

    def _is_unhappy(self) -> bool:
        mood = self._carry.mood
        return mood is not None and (mood.always or self._carry.verdict == "unhappy")

    def _added(self, case: Case) -> None:
        """A ticket stands and nobody has answered yet: what comes now belongs to it, which is said once in a while."""
        inbound, now = self._carry.inbound, self._item.now
        self._writes.inbound_status = "desk"
        if self._is_peace():
            # Staff read it with the rest; that they will write is the last thing to promise now.
            self._tell_how_to_stop()
            escalation.add(self._frame, self._book, case, _told(inbound), self._writes)
            return
        told = now - escalation.acknowledged_at(case) < THANKED_FOR
        says = not told and inbound.kind != "edited" and self._place.status != "stopped"
        if says:
            self._own("house.added")
        if self._is_unhappy():
            self._escalate(acknowledged=now if says else 0)
        else:
            line = _told(inbound)
            escalation.add(self._frame, self._book, case, line, self._writes, acknowledged=now if says else 0)

    def _unhappy(self) -> None:
        if self._place.status != "stopped":
            promise = escalation.promise(self._frame, self._item, self._book, self._language, [self._effect()])
            self._own("house.first_contact_unhappy", promise=promise)
        self._escalate()

    def _escalate(self, *, acknowledged: int = 0) -> None:
        escalation.escalate(
            self._frame,
            self._item,
            self._book,
            [self._effect()],
            self._writes,
            self._desk,
            said=self._carry.inbound.text,
            slots={},
            acknowledged=acknowledged,
        )

    def _effect(self) -> Escalate:
        mood = self._carry.mood
        assert mood is not None
        return Escalate(
            "always" if mood.always else "words",
            severity="high" if mood.always else "normal",
            why=mood.why,
            topics=mood.topics,
            text=self._carry.inbound.text,
            unhappy=mood.unhappy,
        )


_PROVIDERS_OWN: Final = frozenset({"house.stopped_all", "house.stopped_purpose", "house.resubscribed", "house.help"})


def _told(inbound: Inbound) -> str:
    """A customer's message as a line for staff; what is no text is said as what it is, with the words beside it."""
    if inbound.kind not in _WORDLESS:
        return inbound.text or f"[{inbound.kind}]"
    medium = inbound.media[0] if inbound.media else None
    place = medium.url if medium is not None and inbound.kind == "location" else ""
    parts = (f"[{medium.type if medium is not None else inbound.kind}]", inbound.text, place)
    return " ".join(part for part in parts if part)


def _media(kind: str, type_: str) -> str:
    """What came instead of words, in the engine's terms; empty for words and buttons."""
    if kind == "media":
        return type_ or "media"
    return kind if kind in _WORDLESS else ""
