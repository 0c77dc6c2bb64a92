"""The world around a process that is killed: customers who write, platforms that deliver again, and the books."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bot.clock import milliseconds
from storage.database import Database
from storage.moments import report
from tests.actions.calls import ROOT
from tests.crash.child import KEYS, SCRIPT, SLOW, START, STEP, Message, lines
from tests.crash.faults import KILLS
from tests.crash.small_house import open_desk, publish

#: What each kind of customer writes, on which channel; those who are asked first write nothing before the question.
STORIES = {
    "webchat": (("feedback", "3", "it was late"), {"nps": "3", "reason": '"it was late"'}),
    "telegram": (("feedback", "9"), {"nps": "9"}),
    "sms": (("10",), {"nps": "10"}),
}


class Zygote:
    """The process that gives birth to the others; `complaints` is where they say what went wrong."""

    def __init__(self, complaints: Path) -> None:
        self._complaints = complaints
        with complaints.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.child"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def live(self, lives: Sequence[Mapping[str, Any]]) -> list[str]:
        """Let these lives be lived at once; how each ended: killed, quiet or failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(lives) + b"\n")
        self._process.stdin.flush()
        ends: list[str] = orjson.loads(self._process.stdout.readline())
        assert "failed" not in ends, self._complaints.read_text()
        return ends

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)


@dataclass
class World:
    """Customers and platforms around one store, and the lives that were lived in it.

    Each life has new customers of its own, one of each story, beside what earlier ones left undone.
    """

    url: str
    folder: Path
    mother: Zygote
    prepared: int = 0
    ends: list[list[str]] = field(default_factory=list)

    async def begin(self) -> None:
        """A script, a desk."""
        store = await Database.connect(self.url, serving=False)
        await publish(store, SCRIPT, "visit", "visit.done")
        await open_desk(store, KEYS)
        await store.close()

    async def prepare(self, lives: int) -> None:
        """The customers of so many more lives."""
        store = await Database.connect(self.url, serving=False)
        for number in range(self.prepared, self.prepared + lives):
            for person, (channel, (texts, _)) in enumerate(STORIES.items()):
                sender = f"{channel}-{number}"
                if channel == "sms":
                    await _known(store, sender, milliseconds(START + number * STEP))
                for turn, text in enumerate(texts):
                    message = Message(f"{sender}.{turn}", sender, channel, text, number, turn, person + number)
                    KILLS.write(self.folder / "inbox", orjson.dumps(message).decode())
        self.prepared += lives
        await store.close()

    async def live(self, *kills: tuple[str, int], eager: bool = False, per_second: float = SLOW) -> list[str]:
        """One life, or several at once on this store, each killed at a stage of its own; how they ended."""
        number = len(self.ends)
        assert number < self.prepared
        stages = kills or (("", 0),)
        asked = [
            {
                "url": self.url,
                "folder": str(self.folder),
                "number": number,
                "kill": kill,
                "share": (at, len(stages)),
                "eager": eager,
                "per_second": per_second,
            }
            for at, kill in enumerate(stages)
        ]
        await self._end_leases()
        self.ends.append(self.mother.live(asked))
        return self.ends[-1]

    async def _end_leases(self) -> None:
        """As if those of the dead had ended meanwhile."""
        store = await Database.connect(self.url, serving=False)
        for table in ("outbox", "jobs"):
            await store.execute(f"UPDATE {table} SET lease_at = 1 WHERE lease_at > 1")
        await store.close()

    def stages(self) -> dict[str, int]:
        """What the last quiet life passed, and how often."""
        return lines(self.folder / "passed")[-1]

    @property
    def undisturbed(self) -> list[int]:
        """The lives whose processes were not killed."""
        return [number for number, ends in enumerate(self.ends) if "killed" not in ends]


async def _known(store: Database, sender: str, at: int) -> None:
    """A customer with a number and a consent, to whom a moment happens."""
    rows = await store.fetch(
        "INSERT INTO customers (public_id, name, created_at) VALUES ($1, $1, $2) RETURNING id", sender, at
    )
    customer = rows[0]["id"]
    await store.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at)
 VALUES ($1, 'sms', $2, $3, $4, $5)""",
        sender,
        KEYS.lookup("sms", sender),
        KEYS.seal(sender.encode()),
        customer,
        at,
    )
    await store.execute("INSERT INTO consents (customer_id, purpose, at) VALUES ($1, 'service', $2)", customer, at)
    await report(store, f"moment-{sender}", "visit.done", customer, now=at)
