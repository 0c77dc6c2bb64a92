"""A process that is killed: the real house on a real store, with platforms that write their books into files.

Rule: `python -m tests.crash.child` imports everything once and forks one process for each life that it is asked for on
its standard input, so that a life costs milliseconds. What a platform was told stands in a file, whole or not at all.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import itertools
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bot.config import Actions, Desk
from bot.phone_zones import zone_of
from channels.capabilities import CAPABILITIES
from channels.errors import Temporary
from channels.message import Outbound
from storage.crypto import Keys
from tests.bot.delivery_parts import Platform
from tests.crash import acting
from tests.crash.faults import KILLS, FaultyDatabase
from tests.crash.small_house import SetClock, SmallHouse, publish

KEYS = Keys(bytes(range(32)))
#: A life is later than the one before by so much: a reply in a response is given up (after 20 s) by the second life.
STEP = timedelta(seconds=12)
#: Messages a second: a rate that is kept in the store, and one that needs not be.
SLOW, FAST = 900.0, 1e6
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

SCRIPT = """
dialog: visit
moment: visit.done
purpose: service
languages: [en]
keywords: [feedback]
steps:
  - say: Hello!
  - collect: nps
    type: nps
    ask: "How likely are you to recommend us, 0-10?"
    next:
      - {if: slots.nps <= 6, then: reason}
      - else: book
  - id: reason
    collect: reason
    type: text
    ask: What went wrong?
  - escalate: {severity: normal}
  - say: Thank you for telling us.
    next: end
  - id: book
    action: action_book
    sets: [booked]
  - say: "Booked as {{ slots.booked }}."
  - say: See you soon.
"""


@dataclass(frozen=True)
class Life:
    """`kill`: the stage and the how-manieth time. `share`: (mine, of) the senders. `number` sets the time of day.

    `eager`: what came before is delivered again first, and the dead one's work taken over then. `per_second`: how fast
    the platforms are.
    """

    url: str
    folder: Path
    number: int
    kill: tuple[str, int]
    share: tuple[int, int]
    eager: bool
    per_second: float


@dataclass(frozen=True)
class Message:
    """What a customer writes in the `round` of a life; `person` is what a share of the customers is counted by."""

    external: str
    sender: str
    channel: str
    text: str
    life: int
    round: int
    person: int


@dataclass
class BookingPlatform(Platform):
    """Writes what it is sent into a file. In each life it is too busy for the first message, and takes it later."""

    file: Path = Path()
    busy: bool = True

    async def send(self, outbound: Outbound) -> str:
        if self.busy:
            self.busy = False
            raise Temporary("busy", retry_after=0.0, whole_channel=True)
        KILLS.at(f"send on {self.name}: before the first byte")
        await asyncio.sleep(0)
        note(self.file, outbound, self.name, outbound.to.id, "api")
        KILLS.at(f"send on {self.name}: after the provider took it")
        return f"ext-{outbound.id}"


class AskablePlatform(BookingPlatform):
    """Can be asked what it was sent."""

    async def look_up(self, outbound: Outbound, since: datetime) -> str | None:
        same = (outbound.to.id, outbound.text)
        found = [line for line in lines(self.file) if (line["to"], line["text"]) == same]
        return f"ext-{found[-1]['id']}" if found else None


def note(file: Path, outbound: Outbound, channel: str, to: str, via: str) -> None:
    """A platform's entry of one message."""
    entry = {"id": outbound.id, "to": to, "text": outbound.text, "channel": channel, "via": via}
    KILLS.write(file, orjson.dumps(entry).decode())


def lines(file: Path) -> list[dict[str, Any]]:
    """The entries of a file."""
    return [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


class Living:
    """One life: what came in before and was not acknowledged, then what is new, then quiet."""

    def __init__(self, life: Life, store: FaultyDatabase) -> None:
        self._life, self._store = life, store
        book = life.folder / "book"
        made = {
            name: (AskablePlatform if CAPABILITIES[name].lookup else BookingPlatform)(
                name, capabilities=CAPABILITIES[name], file=book
            )
            for name in ("webchat", "telegram", "sms")
        }
        for platform in made.values():
            platform.capabilities = replace(platform.capabilities, per_second=life.per_second, per_address_seconds=0.0)
        self._house = SmallHouse(
            store,
            KEYS,
            made,
            Actions(package="tests.crash.acting"),
            clock=SetClock(START + life.number * STEP),
            desk=Desk(recovery_script="", summary_above=1_000_000),
        )

    async def run(self) -> None:
        await self._house.open()
        await self._house.house.timers._actions._runner.ready()
        stage, nth = self._life.kill
        KILLS.arm(stage, nth)
        if not self._life.eager:
            await self._house.settle()
        folder = self._life.folder
        acked = {ack["external"] for ack in lines(folder / "acks")}
        offered = {offer["external"] for offer in lines(folder / "offers")}
        waiting = [message for message in self._mine() if message.external not in acked]
        await self._round([message for message in waiting if message.external in offered])
        await self._house.settle()
        # Nobody answers by SMS what they were not asked yet: another worker may still be about to ask, or have died.
        asked = {line["to"] for line in lines(folder / "book")}
        new = [
            message
            for message in waiting
            if message.external not in offered and (message.channel != "sms" or message.sender in asked)
        ]
        new.sort(key=_when)
        for _, messages in itertools.groupby(new, key=_when):
            await self._round(list(messages))
            await self._house.settle()

    def _mine(self) -> Iterator[Message]:
        mine, of = self._life.share
        for line in lines(self._life.folder / "inbox"):
            message = Message(**line)
            if message.person % of == mine and message.life <= self._life.number:
                yield message

    async def _round(self, messages: list[Message]) -> None:
        by_sender: dict[str, list[Message]] = {}
        for message in messages:
            by_sender.setdefault(message.sender, []).append(message)
        await asyncio.gather(*(self._deliver(some) for some in by_sender.values()))

    async def _deliver(self, messages: list[Message]) -> None:
        """As a platform does: one after the other, again and again until acknowledged."""
        folder, conversations = self._life.folder, self._house.house.conversations
        for message in messages:
            KILLS.write(folder / "offers", orjson.dumps({"external": message.external}).decode())
            inbound = self._house.message(message.text, message.sender, message.channel, external_id=message.external)
            reply = await conversations.receive(message.channel, [inbound])
            KILLS.at("respond: before the response is written")
            if reply is not None:
                note(folder / "book", reply.outbound, message.channel, message.sender, "response")
            ack = {"external": message.external, "reply": reply.outbound.id if reply else None}
            KILLS.write(folder / "acks", orjson.dumps(ack).decode())
            KILLS.at("respond: after the response is written")
            if reply is not None:
                conversations.written(reply)
            if message.round == 0:
                # The acknowledgement was lost on its way: it comes once more.
                again = await conversations.receive(message.channel, [inbound])
                told = {"external": message.external, "reply": again.outbound.id if again else None}
                KILLS.write(folder / "again", orjson.dumps(told).decode())


def _when(message: Message) -> tuple[int, int]:
    return message.life, message.round


async def live(life: Life) -> None:
    """A life to its quiet end, unless it is cut short."""
    acting.BOOKINGS = life.folder / "bookings"
    store = await FaultyDatabase.connect(life.url, serving=True)
    try:
        await Living(life, store).run()
    finally:
        await store.close()
    passed = orjson.dumps(dict(KILLS.passed)).decode()
    KILLS.write(life.folder / "passed", passed)


async def _grow_up() -> None:
    """Import and compile all that a life needs, so that each one finds it there: in a store thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite://{folder}/motline.db"
        store = await FaultyDatabase.connect(url, serving=False)
        await store.migrate()
        await publish(store, SCRIPT, "visit", "visit.done")
        await store.close()
        for at, text in enumerate(("feedback", "3", "so so")):
            message = Message(f"m{at}", "webchat-0", "webchat", text, 0, at, 0)
            KILLS.write(Path(folder) / "inbox", orjson.dumps(message).decode())
        await live(Life(url, Path(folder), 0, ("", 0), (0, 1), False, FAST))
    importlib.import_module("storage.asyncpg_client")
    zone_of("+8613912345678")
    KILLS.disarm()
    gc.freeze()


def _born(life: Life) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        asyncio.run(live(life))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Lives, as they are asked for: a line of JSON with a list of them, run at once; a line with how each ended."""
    asyncio.run(_grow_up())
    for line in sys.stdin:
        asked = orjson.loads(line)
        children = [_born(Life(**{**life, "folder": Path(life["folder"])})) for life in asked]
        ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        told = ["killed" if end == -signal.SIGKILL else "quiet" if end == 0 else "failed" for end in ends]
        print(orjson.dumps(told).decode(), flush=True)


if __name__ == "__main__":
    main()
