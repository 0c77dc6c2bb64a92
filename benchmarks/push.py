"""Messages per second and channel, from a due row in the outbox to the provider's answer.

    python -m benchmarks.push [--seconds 5] [--channels telegram,wechat,sms,email] [--store sqlite|postgresql]

Rule: the yardstick is the same adapter called in a bare loop with the same number of sends under way, so the ratio is
what the outbox costs: claiming in order per address, `sending` committed before the first byte, the outcome after it.
The providers are fakes in a process of their own that do as little as they can. The two loops take turns, and the
figures are the medians of the turns: a machine that slows down for a moment spoils one of them. Every turn checks that
each message arrived once and in its address's order; then a rate is set, and what really left must keep it to 2 %.
Where one of these does not hold there is no figure, and the exit code is 1. The web chat has no provider to wait for:
to send there is to wake a page that fetches, so there is nothing to compare.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks.postgres import fresh_databases
from benchmarks.push_rows import PER_ADDRESS, channel_of, put, wanted
from bot.app import tune_interpreter
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from channels.channel import Capabilities
from channels.message import Outbound
from storage.crypto import Keys
from storage.database import Database
from storage.outbox_rows import UNFINISHED_SQL

CHANNELS = ("telegram", "wechat", "sms", "email")
UNMETERED = 100_000.0
KEYS = Keys(bytes(range(32)))
RATE = 100.0
RATE_SECONDS = 8.0
#: What leaves at a set rate may differ from it by so much of it.
TOLERANCE = 0.02
#: The bare loop and ours take turns so often.
SLICES = 9


class WrongDeliveryError(Exception):
    """Something was lost, sent twice, out of order or too fast: the figure would be worth nothing."""


class Provider:
    """A fake in its own process."""

    def __init__(self, channel: str) -> None:
        command = [sys.executable, "-m", "benchmarks.push_fakes", channel]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._line()["url"]

    def check(self, count: int) -> None:
        """Raises WrongDeliveryError unless just so many messages came since the last check, once and in order."""
        assert self._process.stdin is not None
        self._process.stdin.write("report\n")
        self._process.stdin.flush()
        found = self._line()
        if found != {"count": count, "disordered": 0, "repeated": 0, "misdirected": 0, "failures": []}:
            raise WrongDeliveryError(f"{count} messages were sent, the provider says {found}")

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = orjson.loads(self._process.stdout.readline())
        return answer


async def bare(channel: Any, messages: Sequence[Outbound]) -> float:
    """Messages per second of the adapter alone, each address in order."""
    chains = [messages[at : at + PER_ADDRESS] for at in range(0, len(messages), PER_ADDRESS)]
    waiting = iter(chains)

    async def work() -> None:
        for chain in waiting:
            for message in chain:
                await channel.send(message)

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(channel.capabilities.under_way)))
    return len(messages) / (time.perf_counter() - begun)


class Watched:
    """A channel, at a rate of its own, that notes when each of `count` sends began."""

    def __init__(self, channel: Any, count: int, per_second: float) -> None:
        self._channel, self._count, self._per_second = channel, count, per_second
        self.name, self.account = channel.name, channel.account
        self.began: list[float] = []
        self.all_began = asyncio.Event()

    @property
    def capabilities(self) -> Capabilities:
        capabilities: Capabilities = self._channel.capabilities
        return replace(capabilities, per_second=self._per_second, per_address_seconds=0.0)

    async def send(self, outbound: Outbound) -> str:
        self.began.append(time.perf_counter())
        if len(self.began) >= self._count:
            self.all_began.set()
        result: str = await self._channel.send(outbound)
        return result


async def ours(channel: Any, database: Database, count: int, per_second: float = UNMETERED) -> tuple[float, Watched]:
    """Messages per second of the outgoing loop, until all that was due is sent and written down."""
    before = await sent(database)
    watched = Watched(channel, count, per_second)
    pace = Pace(poll=0.05)
    loop = Delivery(database, {channel.name: watched}, KEYS, SystemClock(), pace=pace)  # type: ignore[dict-item]
    begun = time.perf_counter()
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(120):
        await watched.all_began.wait()
        while await database.fetch(f"SELECT id FROM outbox WHERE status IN ({UNFINISHED_SQL}) LIMIT 1"):
            await asyncio.sleep(0.002)
    spent = time.perf_counter() - begun
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if (became := await sent(database) - before) != count:
        raise WrongDeliveryError(f"of {count} messages {became} were sent")
    return count / spent, watched


async def sent(database: Database) -> int:
    (row,) = await database.fetch("SELECT count(*) AS n FROM outbox WHERE status = 'sent'")
    return int(row["n"])


async def kept_rate(channel: Any, database: Database, provider: Provider) -> float:
    """What really left per second at a set rate. Raises WrongDeliveryError where that is not the rate."""
    count = int(RATE * RATE_SECONDS)
    await put(database, KEYS, channel.name, count)
    _, watched = await ours(channel, database, count, RATE)
    provider.check(count)
    kept = rate_of(watched.began)
    if abs(kept / RATE - 1) > TOLERANCE:
        raise WrongDeliveryError(f"at {RATE:.0f} a second {kept:.1f} left")
    return kept


def rate_of(began: Sequence[float]) -> float:
    """Messages per second after the first half second, in which what a pause has saved up may go at once."""
    steady = [at for at in began if at > began[0] + 0.5]
    return (len(steady) - 1) / (steady[-1] - steady[0])


async def measured(name: str, seconds: float, url: str) -> dict[str, float]:
    """One channel: the bare loop and ours in turns, slice by slice, then the rate."""
    provider = Provider(name)
    channel = channel_of(name, provider.url)
    database = await Database.connect(url, serving=True)
    try:
        await database.migrate()
        warm = wanted(name, KEYS, 100 * PER_ADDRESS)
        slice_ = int(await bare(channel, warm) * seconds / 2 / SLICES)
        count = max(4 * channel.capabilities.under_way, slice_ // PER_ADDRESS) * PER_ADDRESS
        provider.check(len(warm))
        gc.freeze()  # as the house does when a channel has started
        alone, through, bare_cpu, cpu = [], [], [], []
        for _ in range(SLICES):
            messages = wanted(name, KEYS, count)
            before = time.process_time()
            alone.append(await bare(channel, messages))
            bare_cpu.append((time.process_time() - before) / count)
            provider.check(count)
            await put(database, KEYS, name, count)
            before = time.process_time()
            through.append((await ours(channel, database, count))[0])
            cpu.append((time.process_time() - before) / count)
            provider.check(count)
        kept = await kept_rate(channel, database, provider)
    finally:
        provider.close()
        await closed(channel)
        await database.close()
    return {
        "per_second": round(statistics.median(through)),
        "bare_per_second": round(statistics.median(alone)),
        "ratio": round(statistics.median(mine / bare_ for mine, bare_ in zip(through, alone, strict=True)), 3),
        "cpu_us": round(statistics.median(cpu) * 1e6),
        "bare_cpu_us": round(statistics.median(bare_cpu) * 1e6),
        "rate_set": RATE,
        "rate_kept": round(kept, 1),
    }


async def closed(channel: Any) -> None:
    """The adapter's connections, and those of the client that it was given."""
    await channel.aclose()
    if http := getattr(channel, "_http", None):
        await http.aclose()


@contextmanager
def stores_of(kind: str) -> Iterator[Iterator[str]]:
    """Addresses of empty stores."""
    if kind == "postgresql":
        with fresh_databases() as urls:
            yield urls
        return
    folder = Path(tempfile.mkdtemp(prefix="motline-push-"))
    try:
        yield (f"sqlite://{folder}/{number}.db" for number in range(99))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Messages per second, from a due row to the provider's answer")
    parser.add_argument("--seconds", type=float, default=5.0, help="about so long a channel (default 5)")
    parser.add_argument("--channels", default=",".join(CHANNELS))
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    tune_interpreter()
    figures = {}
    for name in given.channels.split(","):
        # Databases are made with a loop of their own; each channel's run has its loop too.
        with stores_of(given.store) as urls:
            url = next(urls)
            figures[name] = one = uvloop.run(measured(name, given.seconds, url))
        print(
            f"{name}: {one['per_second']:,.0f} a second, bare {one['bare_per_second']:,.0f} ({one['ratio']:.2f}); "
            f"{one['cpu_us']:.0f} µs of CPU a message, bare {one['bare_cpu_us']:.0f}; "
            f"at {one['rate_set']:.0f} a second {one['rate_kept']:.1f} left"
        )
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
