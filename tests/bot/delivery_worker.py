"""A worker that is killed: run as a program by `test_delivery_killed.py`, one process per way to die.

    python -m tests.bot.delivery_worker STORE_URL FOLDER

For each way it makes messages, one for each person that leaves with its claim and one that is drawn first. It lets a
child deliver them until SIGKILL ends it there, lets another child take over, and writes what the books say to
FOLDER/<way>.json. It forks before any loop or thread exists, to import everything once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import orjson

from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from channels.channel import Capabilities, Channel
from channels.message import Outbound
from storage.crypto import Keys
from storage.database import Database
from storage.outbox import Outbox
from storage.outbox_rows import ClaimedRow
from tests.bot.delivery_parts import Platform

WAYS = (
    "before the claim is committed",
    "after the claim is committed",
    "before sending is committed",
    "after sending is committed",
    "before the provider has it",
    "after the provider has it",
    "before the outcome is committed",
    "after the outcome is committed",
)
PEOPLE = ("+1", "+2", "+3")
KEYS = Keys(bytes(32))


class Provider(Platform):
    """Writes what it was sent to a file that outlives the process."""

    def __init__(self, file: Path, way: str) -> None:
        super().__init__(capabilities=Capabilities(max_text=1000, per_second=5000.0))
        self._file = file
        self._way = way

    async def send(self, outbound: Outbound) -> str:
        """One line per message, written at once."""
        die_if(self._way == "before the provider has it")
        with self._file.open("ab", buffering=0) as file:
            file.write(f"{outbound.to.id} {outbound.text}\n".encode())
        die_if(self._way == "after the provider has it")
        return f"ext-{outbound.id}"


class AskableProvider(Provider):
    """One that can be asked what it has."""

    def __init__(self, file: Path, way: str) -> None:
        super().__init__(file, way)
        self.capabilities = Capabilities(max_text=1000, per_second=5000.0, lookup=True)

    async def look_up(self, outbound: Outbound, since: object) -> str | None:
        """By its file."""
        had = self._file.read_text().splitlines() if self._file.exists() else []
        return f"ext-{outbound.id}" if f"{outbound.to.id} {outbound.text}" in had else None


def die_if(now: bool) -> None:
    """End as a machine without power does."""
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


class Draws:
    """Draws what is a card, as it stands."""

    kinds = ("card",)

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        return outbound


def arm(way: str) -> None:
    """Have this process die there, around the first claim, mark or outcome that it writes."""
    moment, _, what = way.partition(" ")
    name = {
        "the claim is committed": "claim",
        "sending is committed": "mark_sending",
        "the outcome is committed": "claim",
    }.get(what)
    if name is None:
        return
    step = getattr(Outbox, name)

    async def dying(self: Any, *args: Any) -> Any:
        # What was sent is written with the next claim; a claim without it and without a judge is not the loop's own.
        here = name != "claim" or (len(args) == 4 and (what == "the claim is committed" or bool(args[-1])))
        die_if(here and moment == "before")
        result = await step(self, *args)
        die_if(here and moment == "after")
        return result

    setattr(Outbox, name, dying)


async def prepare(database: Database) -> None:
    """Two messages to each of three people."""
    await database.execute("DELETE FROM outbox")
    await database.execute("DELETE FROM jobs")
    for person in PEOPLE:
        await database.execute(
            """INSERT INTO addresses (public_id, channel, lookup, sealed, created_at) VALUES ($1, 'sms', $1, $2, 1)
 ON CONFLICT DO NOTHING""",
            person,
            KEYS.seal(person.encode()),
        )
    for number, kind in ((1, "say"), (2, "card")):
        await database.execute(
            """INSERT INTO outbox (public_id, address_id, channel, kind, text, body, run_at, created_at,
 conversation_id, sequence) SELECT public_id || $1, id, 'sms', $2, $1, '{"language": "en"}', 1, 1, id, 1
 FROM addresses ORDER BY id""",
            f"m{number}",
            kind,
        )


async def deliver(database: Database, provider: Channel) -> None:
    """Deliver what there is, as a worker that just started."""
    await Delivery(database, {"sms": provider}, KEYS, SystemClock(), pace=Pace(), composer=Draws()).once()


async def books(database: Database, provider_file: Path) -> dict[str, Any]:
    """What the store and the provider say."""
    rows = await database.fetch(
        """SELECT a.public_id AS person, o.text, o.status, o.external_id FROM outbox o
 JOIN addresses a ON a.id = o.address_id ORDER BY o.id"""
    )
    jobs = await database.fetch("SELECT kind, status FROM jobs ORDER BY id")
    had = provider_file.read_text().splitlines() if provider_file.exists() else []
    return {"rows": rows, "jobs": jobs, "provider": had}


def in_child(work: Callable[[], Coroutine[Any, Any, Any]]) -> int:
    """Run it in a forked process; how that ended (the signal, negative, or the exit code)."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(work())
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def one_way(url: str, folder: Path, way: str, make: type[Provider]) -> None:
    """Die once, take over, write the books."""
    name = f"{make.__name__} {way}"
    file = folder / f"{name}.txt"

    async def dying() -> None:
        database = await Database.connect(url, serving=True)
        await prepare(database)
        arm(way)
        await deliver(database, make(file, way))

    async def taking_over() -> None:
        database = await Database.connect(url, serving=True)
        await database.execute("UPDATE outbox SET lease_at = 1 WHERE lease_at > 1")
        await deliver(database, make(file, ""))
        found = await books(database, file)
        (folder / f"{name}.json").write_bytes(orjson.dumps({**found, "ended": ended}))
        await database.close()

    ended = in_child(dying)
    in_child(taking_over)


def main(url: str, folder: Path) -> None:
    """Every way, with a provider that cannot be asked and one that can."""
    for make in (Provider, AskableProvider):
        for way in WAYS:
            one_way(url, folder, way, make)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
