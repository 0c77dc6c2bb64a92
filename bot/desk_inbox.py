"""What comes from the chats of staff: presses on cards, answers to them, and what is not for us.

Rule: a group's messages are never a customer's. In a private chat only what answers a message of the desk is staff's;
all else is the customer's, for one person may be both. What is the desk's has its effect once, however often the
platform delivers it; the chatter of a group is neither answered nor kept.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from bot import cards
from bot.conversation import as_json, clean
from bot.desk_acts import DeskActs, ticket_name
from bot.desk_results import AlreadyClaimed, AlreadyClosed, NotStaff, Result, Unreachable, refusal
from bot.directory import Directory
from bot.outgoing_shape import to_body
from bot.payloads import TicketVerb, read_ticket_payload
from channels.capabilities import CAPABILITIES
from channels.channel import Acknowledges, Channel, Clock
from channels.message import Inbound
from dialogs.texts import text
from storage import addresses, desk_messages, tickets
from storage.addresses import AddressRow
from storage.crypto import Keys, new_public_id
from storage.database import Database
from storage.desk_messages import StaffRow
from storage.tickets import TicketRow
from storage.turn_rows import DeskInbound, OutgoingRow

_WORDS: Final = {"text", "edited"}
_WORDLESS: Final = {"media", "location", "contact"}
#: A line that begins so stays among colleagues.
ASIDE: Final = "//"
#: In chats without buttons and replies a ticket is named by its number: "#12 we are on our way", "#12 close".
_NUMBERED: Final = re.compile(r"\s*[#＃](\d{1,15})[\s,，:：]+(.+)", re.DOTALL)
_VERBS: Final[Mapping[str, TicketVerb]] = {
    "claim": "claim",
    "接手": "claim",
    "我来处理": "claim",
    "close": "close",
    "结单": "close",
    "release": "release",
    "hand back": "release",
    "交还": "release",
    "not unhappy": "not_unhappy",
    "并非不满": "not_unhappy",
}
_LOG = logging.getLogger("motline.desk")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A message of staff with all that is known of it. `words`: what to do or say, where a number named the ticket."""

    inbound: Inbound
    chat: AddressRow
    who: StaffRow | None
    ticket: TicketRow
    language: str
    words: str


class DeskInbox:
    """Reads what staff send."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        clock: Clock,
        acts: DeskActs,
        directory: Callable[[], Directory],
        channels: Mapping[str, Channel],
        wake: Callable[[], None],
    ) -> None:
        self._database, self._keys, self._clock, self._acts = database, keys, clock, acts
        self._directory, self._channels, self._wake = directory, channels, wake
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def receive(self, inbound: Inbound, lookup: str) -> bool:
        """Take a message from a chat of staff; False where it is a customer's. `lookup` is the sender's."""
        group = inbound.group or inbound.chat != inbound.sender
        pressed = read_ticket_payload(inbound.payload) if inbound.kind == "choice" else None
        chat = await addresses.find(self._database, self._keys, inbound.channel, inbound.chat)
        if chat is None:
            return group or pressed is not None
        if group and (inbound.moved_to or inbound.kind == "follow"):
            await self._group_changed(inbound, chat)
            return True
        if pressed is not None:
            ticket = await tickets.by_public_id(self._database, pressed[0])
            if ticket is not None:
                sheet = await self._sheet(inbound, lookup, chat, ticket, inbound.text)
                await self._once(sheet, lambda: self._pressed(sheet, pressed[1]))
            return True
        if inbound.kind not in _WORDS | _WORDLESS and not (group and inbound.kind == "stop"):
            return group
        found = await self._about(inbound, chat)
        if found is None:
            return group
        sheet = await self._sheet(inbound, lookup, chat, *found)
        await self._once(sheet, lambda: self._wrote(sheet))
        return True

    async def aclose(self) -> None:
        """Let presses be acknowledged that are still on their way."""
        while self._acknowledging:
            await asyncio.wait(self._acknowledging)

    async def _about(self, inbound: Inbound, chat: AddressRow) -> tuple[TicketRow, str] | None:
        """The ticket that a message is about, and its words; None where it is about none."""
        database, words = self._database, clean(inbound.text)
        ours = None
        if inbound.reply_to or inbound.token:
            public_id = self._keys.verify_id("reply", inbound.token) if inbound.token else None
            ours = await desk_messages.answered(database, inbound.channel, chat.id, inbound.reply_to)
            if ours is None and inbound.channel == "email":
                # Who answers a mail to the team writes from an address of their own.
                ours = await desk_messages.answered_mail(database, inbound.reply_to, public_id or "")
        if ours is not None:
            ticket = await tickets.get(database, ours.ticket_id)
            return (ticket, words) if ticket is not None else None
        if inbound.thread and chat.team_id is not None:
            ticket = await tickets.by_thread(database, chat.team_id, inbound.thread)
            return (ticket, words) if ticket is not None else None
        named = _NUMBERED.fullmatch(words) if CAPABILITIES[inbound.channel].max_choices == 0 else None
        ticket = await tickets.get(database, int(named[1])) if named else None
        return (ticket, named[2].strip()) if named and ticket is not None else None

    async def _sheet(self, inbound: Inbound, lookup: str, chat: AddressRow, ticket: TicketRow, words: str) -> Sheet:
        who = await desk_messages.colleague_at(self._database, inbound.channel, lookup)
        team = self._directory().by_id(chat.team_id)
        language = team.language if team is not None else who.language if who is not None else ""
        return Sheet(inbound, chat, who, ticket, language or "en", words)

    async def _once(self, sheet: Sheet, act: Callable[[], Awaitable[None]]) -> None:
        """Do it, unless the same message was dealt with before."""
        if await desk_messages.is_kept(self._database, self._dedup(sheet.inbound)):
            return
        await act()
        self._wake()

    async def _pressed(self, sheet: Sheet, verb: TicketVerb) -> None:
        if sheet.who is None:
            said = await self._not_registered(sheet)
        elif verb == "reply":
            said = await self._prompt(sheet)
        else:
            said = await self._told(sheet, await self._act(sheet, sheet.who, verb))
        self._acknowledge(sheet.inbound, said)

    async def _act(self, sheet: Sheet, who: StaffRow, verb: TicketVerb) -> Result:
        acts, ticket, kept = self._acts, sheet.ticket.id, self._kept(sheet)
        match verb:
            case "claim":
                return await acts.claim(ticket, who.id, kept=kept)
            case "release":
                return await acts.release(ticket, who.id, kept=kept)
            case "close":
                return await acts.close(ticket, who.id, "resolved", kept=kept)
            case "not_unhappy":
                return await acts.close(ticket, who.id, "not_unhappy", kept=kept)
            case "reply":
                return await acts.reply(ticket, who.id, sheet.words, kept=kept, follow=self._confirms(sheet))
            case _:
                assert_never(verb)

    async def _prompt(self, sheet: Sheet) -> str:
        """Ask for the words: the answer to this line goes to the customer."""
        ticket, who = sheet.ticket, sheet.who
        assert who is not None
        if ticket.status == "closed":
            return await self._told(sheet, AlreadyClosed())
        if ticket.staff_id is not None and ticket.staff_id != who.id:
            return await self._told(sheet, AlreadyClaimed(ticket.staff_id, ticket.staff))
        line = text("desk.write_reply", sheet.language, customer=ticket_name(ticket, sheet.language))
        await self._say(sheet, line)
        return line

    async def _wrote(self, sheet: Sheet) -> None:
        inbound, language = sheet.inbound, sheet.language
        if sheet.who is None:
            await self._not_registered(sheet)
        elif inbound.kind == "edited":
            if await desk_messages.wrote(self._database, sheet.ticket.id, sheet.chat.id, inbound.message):
                await self._say(sheet, text("desk.no_edits", language))
        elif inbound.kind in _WORDLESS:
            await self._say(sheet, text("desk.only_text", language))
        elif sheet.words.startswith(ASIDE) or not sheet.words.strip():
            await self._keep(sheet, (), kind="note")
        else:
            verb = _VERBS.get(sheet.words.casefold()) if sheet.words != clean(inbound.text) else None
            result = await self._act(sheet, sheet.who, verb or "reply")
            await self._told(sheet, result, words="reply" if verb is None else "")

    async def _told(self, sheet: Sheet, result: Result, *, words: str = "") -> str:
        """Tell of a refusal; what worked is seen on the card, or was told in its own commit."""
        match result:
            case AlreadyClaimed() if words:
                name = result.name or text("desk.a_colleague", sheet.language)
                line = text("desk.held_words_kept", sheet.language, name=name)
            case AlreadyClosed() if words:
                line = text("desk.closed_words_kept", sheet.language)
            case AlreadyClaimed() | AlreadyClosed() | NotStaff() | Unreachable():
                line = refusal(result, sheet.language)
            case _:
                return ""
        await self._say(sheet, line)
        return line

    async def _not_registered(self, sheet: Sheet) -> str:
        line = text("desk.not_registered", sheet.language, address=sheet.inbound.sender)
        await self._say(sheet, line)
        return line

    async def _say(self, sheet: Sheet, line: str) -> None:
        await self._keep(sheet, (self._line(sheet, line),))

    async def _keep(self, sheet: Sheet, lines: Sequence[OutgoingRow], *, kind: str = "") -> None:
        kept = self._kept(sheet)
        await desk_messages.keep(
            self._database, replace(kept, kind=kind or kept.kind), lines, sheet.ticket.id, self._now()
        )

    def _confirms(self, sheet: Sheet) -> Callable[[str], Sequence[OutgoingRow]]:
        """The line that follows a reply, under the colleague's own words."""

        def follow(channel: str) -> Sequence[OutgoingRow]:
            name = ticket_name(sheet.ticket, sheet.language)
            way = cards.channel_name(channel, sheet.language)
            return (self._line(sheet, text("desk.reply_sent", sheet.language, customer=name, channel=way)),)

        return follow

    def _line(self, sheet: Sheet, line: str) -> OutgoingRow:
        inbound = sheet.inbound
        under = {"reply_to": inbound.pressed or inbound.message, "thread": inbound.thread}
        return OutgoingRow(
            new_public_id(),
            sheet.chat.id,
            inbound.channel,
            "desk",
            line,
            to_body(sheet.language, extra={name: value for name, value in under.items() if value}),
            ticket=True,
            answers_inbound=False,
        )

    def _kept(self, sheet: Sheet) -> DeskInbound:
        inbound = sheet.inbound
        return DeskInbound(
            dedup=self._dedup(inbound),
            address_id=sheet.chat.id,
            ticket_id=sheet.ticket.id,
            kind=inbound.kind,
            text=clean(inbound.text),
            external=clean(inbound.message or inbound.external_id)[:200],
            at=int(inbound.at.timestamp() * 1000),
            received_at=self._now(),
            raw=self._keys.seal(as_json(inbound.raw)) if inbound.raw is not None else None,
        )

    async def _group_changed(self, inbound: Inbound, chat: AddressRow) -> None:
        """A team's group has a new id, or took us in again."""
        if inbound.moved_to:
            await addresses.move(self._database, self._keys, chat.id, inbound.channel, inbound.moved_to)
        elif chat.team_id is not None and chat.status == "closed":
            await addresses.set_status(self._database, chat.id, "open")

    def _acknowledge(self, inbound: Inbound, said: str) -> None:
        """Answer the press, best effort; the card itself is changed through the outbox, so no button is marked."""
        channel: object = self._channels.get(inbound.channel)
        if isinstance(channel, Acknowledges):
            task = asyncio.create_task(_quietly(channel, replace(inbound, pressed=""), said))
            self._acknowledging.add(task)
            task.add_done_callback(self._acknowledging.discard)

    def _dedup(self, inbound: Inbound) -> str | None:
        return self._keys.dedup(inbound.account, inbound.kind, inbound.external_id) if inbound.external_id else None

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


async def _quietly(channel: Acknowledges, inbound: Inbound, said: str) -> None:
    try:
        await channel.acknowledge(inbound, said)
    except Exception as error:
        _LOG.warning("a press was not acknowledged: %s", type(error).__name__)
