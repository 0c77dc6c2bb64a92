"""An inbound event, start to finish: who it is from, what it is, one turn, and what may travel in the response.

Rule: everything that may wait or fail happens here, before the batch; the turn itself is `decide.decide` under the
customer's lock. What returns from `receive` is committed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import orjson

from bot.batcher import Batcher
from bot.decide import decide
from bot.frame import Frame
from bot.outgoing_shape import outbound_of
from bot.payloads import read_answer_payload, read_ticket_payload, written_link
from bot.phone_zones import PHONES, zone_of
from bot.script_shelf import ScriptShelf
from bot.threads import about
from bot.turn_carry import Begin, Carry, Heard
from channels.channel import Clock
from channels.message import Address, Inbound, Outbound, Receipt
from dialogs.events import Verdict
from dialogs.unhappy import Mood, Reader
from storage.crypto import Keys
from storage.turn_rows import About, Arrival, Booked, Decide, Item, JobRef, OutgoingRow
from storage.turns import Turns

LONGEST_TEXT: Final = 100 * 1024
_READ: Final = frozenset({"text", "edited", "media"})
#: Kinds that nobody who is not known yet is booked for.
_ONLY_KNOWN: Final = frozenset({"auto_reply", "list_mail", "ignored"})
#: Kinds that a platform may answer by itself.
_WORDS: Final = frozenset({"stop", "start", "help"})
_LOG = logging.getLogger("motline.conversation")


@dataclass(frozen=True, slots=True)
class Reply:
    """What travels in the webhook's own response; `row` is its id in the outbox."""

    outbound: Outbound
    row: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a deep link did: "linked" or "expired", and the script that it opens (0: none)."""

    outcome: str
    script_id: int = 0


class Others(Protocol):
    """Those of the house who hear what is not a customer's turn."""

    async def receipts(self, receipts: Sequence[Receipt]) -> None:
        """Move the statuses of sent messages forward."""

    async def staff(self, inbound: Inbound, lookup: str) -> bool:
        """A message from the desk's own chats; false where it turns out to be a customer's after all."""

    def platform_answers(self, inbound: Inbound) -> bool:
        """Whether the platform itself answers this stop, start or help, so that we are silent."""

    def pressed(self, inbound: Inbound) -> None:
        """A button was pressed and its press committed: acknowledge it, in the background."""

    async def paid(self, inbound: Inbound, lookup: str) -> None:
        """The platform says that they paid through it."""

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        """Use up a deep link, tying this chat to its customer; None where the payload is no link of ours."""

    def wake_delivery(self) -> None:
        """Something is due in the outbox."""

    def wake_timers(self) -> None:
        """A job is due or has changed."""


class Conversations:
    """The way in for every channel."""

    def __init__(
        self,
        turns: Turns,
        *,
        keys: Keys,
        clock: Clock,
        shelf: ScriptShelf,
        frame: Callable[[], Frame],
        reader: Callable[[], Reader],
        threshold: float,
        watch: Callable[[str], float],
        others: Others,
    ) -> None:
        self._keys, self._clock, self._shelf = keys, clock, shelf
        self._frame, self._reader, self._others = frame, reader, others
        self._threshold, self._watch = threshold, watch
        self._turns = turns
        self.batcher = Batcher(turns, self._decide, shelf.need)

    async def receive(
        self, channel_name: str, events: Sequence[Inbound | Receipt], *, inline: bool = True
    ) -> Reply | None:
        """Make turns of what came in; returns when they are committed. The reply is the first event's, if any.

        Raises what the store raises: nothing was committed then, and the platform sends it again. May be cancelled;
        what was under way is committed all the same, and where all of it was already, it ends without a reply. `inline`
        false: nothing can travel back (polling).
        """
        events = [sound(event) for event in events]
        receipts = [event for event in events if isinstance(event, Receipt)]
        if receipts:
            await self._others.receipts(receipts)
        waiting: list[tuple[Inbound, asyncio.Future[Booked]]] = []
        for event in events:
            if isinstance(event, Inbound):
                item = await self._item(event, inline=inline and len(events) == 1)
                if item is not None:
                    waiting.append((event, self.batcher.submit(item)))
                elif event.kind == "ignored" and event.callback:
                    # A button that means nothing here is turning on somebody's telephone all the same.
                    self._others.pressed(replace(event, pressed=""))
        try:
            booked = [await future for _, future in waiting]
        except asyncio.CancelledError:
            # The time was over in the moment of the commit: what came is here, and the reply goes by itself.
            if not all(map(_committed, (future for _, future in waiting))):
                raise
            booked, inline = [future.result() for _, future in waiting], False
            # That of a message that came before is its first delivery's to write.
            late = [one.reply_id for one in booked if one.reply_id and one.status == "done"]
            await self._turns.send_late(late)
            if late:
                self._others.wake_delivery()
        self._wake(booked)
        for event in events:
            if isinstance(event, Inbound) and event.paid:
                await self._others.paid(event, self._keys.lookup(event.channel, event.sender))
        for (event, _), one in zip(waiting, booked, strict=True):
            if event.callback:
                self._others.pressed(event if _counted(one) else replace(event, pressed=""))
        first = booked[0] if booked else None
        if first is None or first.reply is None or not inline:
            return None
        return Reply(self._outbound(first.reply, events[0]), first.reply_id)

    def written(self, reply: Reply) -> None:
        """The response that carried the reply has been written: it is sent."""
        self.batcher.settle(reply.row, self._now())

    async def nudge(self, customer_id: int, carry: Carry, job: JobRef | None = None) -> Booked:
        """Make a turn of something that is no message: a timer, a start, an action's end, a colleague's word."""
        address = carry.address_id if isinstance(carry, Begin) else 0
        item = Item(carry, customer_id=customer_id, job=job, now=self._now(), address_id=address)
        future = self.batcher.submit(item)
        booked = await future
        self._wake([booked])
        return booked

    def _wake(self, booked: Sequence[Booked]) -> None:
        if any(one.outgoing for one in booked):
            self._others.wake_delivery()
        if any(one.jobs for one in booked):
            self._others.wake_timers()

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    async def _decide(self) -> Decide:
        frame = self._frame()
        return lambda item, book, place: decide(frame, item, book, place)

    async def _item(self, inbound: Inbound, *, inline: bool) -> Item | None:
        """The turn that a message wants, or None where it is the desk's or nobody's."""
        whose = inbound.recipient if inbound.kind == "bounce" else inbound.sender
        lookup = self._keys.lookup(inbound.channel, whose)
        # A group that moved says so with a message that is nobody's; its team must not be lost with it.
        if (inbound.kind in _ONLY_KNOWN and not inbound.moved_to) or not whose:
            return None
        if await self._is_staffs(inbound, lookup):
            return None
        now = self._now()
        text = clean(inbound.text)
        link = await self._link(inbound, lookup) if inbound.payload or inbound.kind == "text" else None
        mood, verdict = self._read(text) if inbound.kind in _READ and text else (None, _FINE)
        press = read_answer_payload(inbound.payload) if inbound.kind == "choice" else None
        carry = Heard(
            inbound if text == inbound.text else _with_text(inbound, text),
            mood,
            verdict,
            press,
            inline,
            link.outcome if link else "",
            link.script_id if link else 0,
            inbound.kind in _WORDS and self._others.platform_answers(inbound),
            zone_of(whose) if inbound.channel == PHONES else "",
        )
        answers = about(inbound, press, self._keys, opens=link is not None)
        return Item(carry, arrival=self._arrival(inbound, text, whose, lookup, now, answers, mood), now=now)

    async def _is_staffs(self, inbound: Inbound, lookup: str) -> bool:
        pressed = read_ticket_payload(inbound.payload) is not None
        group = inbound.group or inbound.chat != inbound.sender
        if not (pressed or group or (inbound.channel, lookup) in self._frame().directory.desk):
            return False
        return await self._others.staff(inbound, lookup) or group or pressed

    async def _link(self, inbound: Inbound, lookup: str) -> Redeemed | None:
        if token := written_link(inbound):
            return await self._others.redeem(token, inbound, lookup)
        if inbound.kind in ("command", "scan", "follow", "start") and inbound.payload:
            return await self._others.redeem(inbound.payload, inbound, lookup)
        keyword = self._shelf.published.keywords.get(inbound.text.strip().casefold()) if inbound.text else None
        return Redeemed("", keyword) if keyword else None

    def _read(self, text: str) -> tuple[Mood | None, Verdict]:
        mood = self._reader().read(text)
        if mood.always or mood.unhappy >= self._threshold:
            return mood, "unhappy"
        return mood, "watch" if mood.unhappy >= self._watch(mood.language) else "fine"

    def _arrival(
        self,
        inbound: Inbound,
        text: str,
        whose: str,
        lookup: str,
        now: int,
        answers: About | None,
        mood: Mood | None,
    ) -> Arrival:
        keys, external = self._keys, inbound.external_id
        return Arrival(
            channel=inbound.channel,
            lookup=lookup,
            seal=lambda: keys.seal(whose.encode("utf-8", "replace")),
            dedup=keys.dedup(inbound.account, inbound.kind, external) if external else None,
            kind=inbound.kind,
            text=text,
            external=clean(inbound.message or external)[:200],
            at=int(inbound.at.timestamp() * 1000),
            received_at=now,
            raw=keys.seal(as_json(inbound.raw)) if inbound.raw is not None else None,
            name=clean(inbound.name),
            language=inbound.language or _written_in(text, mood),
            about=answers,
        )

    def _outbound(self, row: OutgoingRow, event: Inbound | Receipt) -> Outbound:
        chat = event.chat if isinstance(event, Inbound) else ""
        return outbound_of(row.public_id, Address(row.channel, chat), row.text, row.body)


_FINE: Final[Verdict] = "fine"
#: A stranger's first words tell their language where they are Chinese, or English beyond doubt: "ok", a parcel's number
#: and what other languages have in common with English are none.
_ENGLISH: Final = re.compile(
    r"\b(?:the|was|it|you|my|we|not|and|to|for|of|very|please|this|that|have|had|with|are|your|when|what|they|there)\b"
)
_LOOKED_AT: Final = 200


def _written_in(text: str, mood: Mood | None) -> str:
    """The language that the words of somebody unknown are taken for, where no platform tells it; empty: not known."""
    if mood is None or mood.language != "en":
        return "zh" if mood is not None and mood.language == "zh" else ""
    return "en" if len(set(_ENGLISH.findall(text[:_LOOKED_AT].lower()))) > 1 else ""



#: What platforms name things by; `text` is cleaned by itself.
_NAMES: Final = {
    Inbound: (
        "external_id", "sender", "chat", "payload", "language", "reply_to", "pressed", "callback", "token", "thread",
        "recipient", "moved_to", "message",
    ),
    Receipt: ("external_id", "message", "reference", "error_code", "reason"),
}  # fmt: skip
_INBOUND_NAMES: Final = operator.attrgetter(*_NAMES[Inbound])
_RECEIPT_NAMES: Final = operator.attrgetter(*_NAMES[Receipt])


def sound(event: Inbound | Receipt) -> Inbound | Receipt:
    """The event with names that both stores can look for; a NUL in one would be an error of the store's."""
    names = _INBOUND_NAMES(event) if isinstance(event, Inbound) else _RECEIPT_NAMES(event)
    joined = "".join(names)
    if joined.isascii() and "\0" not in joined:
        return event
    cleaned: dict[str, Any] = {name: clean(value) for name, value in zip(_NAMES[type(event)], names, strict=True)}
    return replace(event, **cleaned)


def clean(text: str) -> str:
    """Text that both stores can hold: no NUL, no half of a surrogate pair, at most 100 KB in UTF-8."""
    if text.isascii() and len(text) <= LONGEST_TEXT:
        return text.replace("\0", "") if "\0" in text else text
    raw = text.encode("utf-8", "replace")[:LONGEST_TEXT]
    return raw.decode("utf-8", "ignore").replace("\0", "")


def as_json(raw: object) -> bytes:
    """What a platform sent, as JSON; half a surrogate pair in it is escaped."""
    try:
        return orjson.dumps(raw, default=str)
    except TypeError:
        return json.dumps(raw, default=str).encode()


def _committed(future: asyncio.Future[Booked]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _counted(booked: Booked) -> bool:
    """Whether a press was taken as an answer; one of a dialog that ended, or a repeated one, marks nothing."""
    return booked.writes is not None and booked.writes.inbound_status == "read"


def _with_text(inbound: Inbound, text: str) -> Inbound:
    return replace(inbound, text=text)
