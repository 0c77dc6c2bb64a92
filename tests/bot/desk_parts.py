"""A small house with a staff group: the real turn, desk, delivery and timers; only the platforms keep a book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.actions import Actions, Nowhere
from bot.config import Desk as Settings
from bot.conversation import Conversations, Redeemed
from bot.delivery import Delivery
from bot.desk import JOBS, Desk
from bot.directory import Directory, read_directory
from bot.frame import Frame
from bot.payloads import ticket_payload
from bot.phone_zones import Zones
from bot.planner import House
from bot.script_shelf import ScriptShelf
from bot.timers import Timers
from channels.capabilities import CAPABILITIES, SMS, TELEGRAM, WEBCHAT
from channels.message import Inbound, Kind, Outbound, Receipt
from storage import staff, teams, tickets
from storage.crypto import Keys
from storage.database import Database
from storage.jobs import Jobs
from storage.tickets import TicketRow
from storage.turns import Turns
from tests.bot.delivery_parts import PACE, Platform
from tests.readers import by_rules

VISIT = """
dialog: visit
title: {en: A visit, zh: 到店回访}
moment: visit.done
purpose: service
languages: [en, zh]
keywords: [feedback]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - collect: nps
    type: nps
    ask: {en: "How likely are you to recommend us, 0-10?", zh: "您有多大可能推荐我们？0–10"}
    next:
      - {if: slots.nps <= 6, then: reason}
      - else: again
  - id: reason
    collect: reason
    type: text
    ask: {en: What went wrong?, zh: 哪里不好？}
  - escalate: {severity: normal}
  - collect: again
    type: yes_no
    ask: {en: May we ask you again?, zh: 以后还能再问您吗？}
  - say: {en: Thank you!, zh: 谢谢！}
"""
RECOVERY = """
dialog: recovery
title: {en: Did we put it right?, zh: 问题解决回访}
moment: ticket.closed
purpose: service
languages: [en, zh]
session: {expires_after: 3d}
steps:
  - collect: put_right
    type: yes_no
    ask: {en: Did we put it right?, zh: 问题解决了吗？}
    next:
      - {if: slots.put_right == false, then: sorry}
      - else: thanks
  - id: sorry
    escalate: {severity: high, team: "{{ moment.team }}"}
  - say: {en: I am sorry., zh: 非常抱歉。}
    next: end
  - id: thanks
    say: {en: Thank you!, zh: 谢谢！}
"""
GROUP = "-100"
ANNA, BEN = "501", "502"
HOUR = timedelta(hours=1)


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def ms(self) -> int:
        return int(self.at.timestamp() * 1000)


@dataclass
class Chats(Platform):
    """A platform whose messages have numbers, and whose edits keep them."""

    topics: str = ""
    acknowledged: list[tuple[Inbound, str]] = field(default_factory=list)

    async def send(self, outbound: Outbound) -> str:
        await super().send(outbound)
        return outbound.edit_of or str(len(self.book))

    async def open_topic(self, chat: str, title: str) -> str:
        return self.topics

    async def acknowledge(self, inbound: Inbound, chosen: str) -> None:
        self.acknowledged.append((inbound, chosen))


def chats(name: str, base: Any) -> Chats:
    return Chats(name=name, capabilities=replace(base, per_address_seconds=0.0, per_second=5000.0))


class DeskHouse:
    """Everything but the web. `others` is itself."""

    def __init__(self, store: Database, keys: Keys, *, summary_above: int = 15) -> None:
        self.store, self.keys, self.clock = store, keys, Clock()
        self.telegram, self.sms = chats("telegram", TELEGRAM), chats("sms", SMS)
        self.webchat = chats("webchat", WEBCHAT)
        self.channels = {"telegram": self.telegram, "sms": self.sms, "webchat": self.webchat}
        self.shelf, self.jobs, self.directory = ScriptShelf(store), Jobs(store), Directory()
        reader = by_rules()
        self.conversations = Conversations(
            Turns(store),
            keys=keys,
            clock=self.clock,
            shelf=self.shelf,
            frame=self.frame,
            reader=lambda: reader,
            threshold=0.8,
            watch=lambda language: 0.3,
            others=self,
        )
        self.desk = Desk(
            store,
            self.conversations,
            keys=keys,
            clock=self.clock,
            jobs=self.jobs,
            shelf=self.shelf,
            frame=self.frame,
            rules=self.rules,
            reader=lambda: reader,
            channels=self.channels,
            settings=Settings(summary_above=summary_above),
            watch=lambda language: 0.3,
            console_url="https://desk.example/console",
        )
        self.delivery = Delivery(store, self.channels, keys, self.clock, pace=PACE, composer=self.desk)
        self.timers = Timers(
            store,
            self.jobs,
            self.conversations,
            Actions(Nowhere(), 1.0),
            self.clock,
            Zones(keys),
            quiet=None,
            timezone="UTC",
            poll=1.0,
            handlers=dict.fromkeys(JOBS, self.desk.handle),
        )
        self.count = 0

    def frame(self) -> Frame:
        sla = {"normal": 4 * HOUR, "high": HOUR, "urgent": HOUR / 4}
        return Frame(self.shelf.compiled, self.directory, "Brook", "en", "UTC", sla)

    def rules(self) -> House:
        return House(frozenset(self.channels), CAPABILITIES, None, timedelta(days=7))

    async def open(self, *, language: str = "en", group: tuple[str, str] | None = ("telegram", GROUP)) -> None:
        for name, source in (("visit", VISIT), ("recovery", RECOVERY)):
            await self.store.execute(
                """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ($1, 1, 'published', $2, 'x.yml', 'x', $3, 'service', 0)""",
                name,
                source,
                f"{name}.done",
            )
        team = await teams.add(self.store, "desk", actor="test", now=0, language=language, timezone="UTC")
        if group is not None:
            await teams.set_group(self.store, self.keys, team.id, *group, 0)
        self.anna = await self.colleague("Anna", ANNA)
        self.ben = await self.colleague("Ben", BEN)
        await self.shelf.refresh()
        await self.look_around()

    async def colleague(self, name: str, number: str, channel: str = "telegram", **more: Any) -> int:
        made = await staff.add(self.store, name, actor="test", now=0, **more)
        await staff.attach(self.store, self.keys, made.id, channel, number, 0)
        return made.id

    async def look_around(self) -> None:
        self.directory = await read_directory(self.store, "desk")

    # What the rest of the house would do.
    async def receipts(self, receipts: Sequence[Receipt]) -> None:
        raise AssertionError("no receipts here")

    async def staff(self, inbound: Inbound, lookup: str) -> bool:
        return await self.desk.receive(inbound, lookup)

    def platform_answers(self, inbound: Inbound) -> bool:
        return False

    def pressed(self, inbound: Inbound) -> None:
        """Nothing."""

    async def paid(self, inbound: Inbound, lookup: str) -> None:
        pass

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        return None

    def wake_delivery(self) -> None:
        pass

    def wake_timers(self) -> None:
        pass

    # What people do.
    async def customer(self, said: str, sender: str = "v1", channel: str = "webchat", **more: Any) -> str | None:
        """A customer writes; the reply that travelled in the response."""
        reply = await self.conversations.receive(channel, [self._message(said, sender, sender, channel, **more)])
        if reply is None:
            return None
        self.conversations.written(reply)
        await self.conversations.batcher.drain()
        return reply.outbound.text

    async def unhappy(self, words: str = "the rider was rude", sender: str = "v1", name: str = "Li Wei") -> TicketRow:
        """A customer answers unhappily; their ticket, with the card delivered."""
        for said in ("feedback", "2", words):
            await self.customer(said, sender, name=name)
        await self.deliver()
        return await self.ticket()

    async def in_group(self, said: str, sender: str = ANNA, **more: Any) -> None:
        """Somebody writes in the team's group; `reply_to` is a message of ours."""
        inbound = self._message(said, sender, GROUP, "telegram", group=True, **more)
        assert await self.conversations.receive("telegram", [inbound], inline=False) is None

    async def press(self, ticket: TicketRow, verb: Any, sender: str = ANNA, **more: Any) -> None:
        """Somebody presses a button of a card in the group, which stands as message 1."""
        payload = ticket_payload(ticket.public_id, verb)
        more = {"kind": "choice", "payload": payload, "pressed": "1", **more}
        await self.in_group("", sender, **more)

    def _message(self, said: str, sender: str, chat: str, channel: str, **more: Any) -> Inbound:
        self.count += 1
        kind: Kind = more.pop("kind", "text")
        external = more.pop("external_id", f"u{self.count}")
        more.setdefault("message", f"m{self.count}")
        return Inbound(
            kind, channel, channel, external, sender, chat, self.clock.now(), said, raw={"text": said}, **more
        )

    # What then can be seen.
    async def deliver(self) -> None:
        await self.delivery.once()

    async def later(self, by: timedelta) -> None:
        """Time passes, and what is due then is done and delivered."""
        self.clock.at += by
        while await self.timers.once():
            pass
        await self.deliver()

    async def ticket(self, number: int | None = None) -> TicketRow:
        if number is None:
            number = (await self.rows("SELECT max(id) AS id FROM tickets"))[0]["id"]
        found = await tickets.get(self.store, number)
        assert found is not None
        return found

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self.store.fetch(sql, *args)

    @property
    def group(self) -> list[Outbound]:
        """What stands in the team's group, in order of sending, edits too."""
        return [outbound for outbound in self.telegram.book if outbound.to.id == GROUP]

    async def said_to_customer(self) -> list[str]:
        """What was sent to customers from the outbox, not in a response."""
        await self.deliver()
        return [*self.webchat.texts, *self.sms.texts]
