"""Replies per second: from a real webhook request to a durable commit and the answer in the response.

`python -m benchmarks.replies [--seconds 8] [--stores sqlite,postgresql] [--channels webchat,telegram,wechat,sms]`

One serving process (`motline run`), the load from another with 32 connections. Each run begins with a fresh store of
100,000 customers and 20,000 open dialogs, and every request comes from another customer; a quarter is free text, moods
are read. SQLite commits with synchronous=FULL, PostgreSQL with its own defaults. Beside it, in the same run, a bare
Starlette + orjson echo of the same bodies, and that echo with a group commit of a reply's bare rows: the limit of what
any server here can commit. Afterwards the books are counted. The peer: Rasa 3.6 does 13.8 replies a
second at 29 ms of CPU each.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks import replies_requests as shaped
from benchmarks.replies_store import fill, people, violations
from bot.links import Links
from storage.crypto import Keys
from storage.database import Database

SECRET = "5a" * 32
CONNECTIONS = 32
#: Seconds; aiogram's import alone takes nine of a quiet core.
STARTS_WITHIN = 90.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def requests_for(channel: str, port: int, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    address = f"http://127.0.0.1:{port}"
    links = Links(Keys(bytes.fromhex(SECRET)), address=address, clock=Clock(), lifetime=timedelta(days=1))
    found = []
    for number, person in enumerate(people(channel, seed), 1):
        text = shaped.text_of(person, chance)
        match channel:
            case "webchat":
                found.append(shaped.webchat(person, text, number, links))
            case "telegram":
                found.append(shaped.telegram(person, text, number))
            case "wechat":
                found.append(shaped.wechat(person, text, number))
            case _:
                found.append(shaped.sms(person, text, number, address))
    return found


def settings(url: str, port: int, channel: str) -> dict[str, str]:
    """The environment of the serving process."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MOTLINE_")}
    here = {
        "SECRET_KEY": SECRET,
        "DATABASE__URL": url,
        "SERVER__PORT": str(port),
        "SERVER__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SERVER__SAMPLES": "false",
        "WEBCHAT__PER_MINUTE": "1000",
        "LOG__LEVEL": "warning",
    }
    match channel:
        case "telegram":
            here |= {"TELEGRAM__ENABLED": "true", "TELEGRAM__TOKEN": "123456:" + "A" * 35}
            here |= {"TELEGRAM__SECRET": shaped.TELEGRAM_SECRET, "TELEGRAM__API_URL": "http://127.0.0.1:9"}
        case "wechat":
            here |= {"WECHAT__ENABLED": "true", "WECHAT__APP_ID": "wx0123456789abcdef", "WECHAT__APP_SECRET": "s" * 32}
            here |= {"WECHAT__TOKEN": shaped.WECHAT_TOKEN, "WECHAT__API_URL": "http://127.0.0.1:9"}
        case "sms":
            here |= {"SMS__ENABLED": "true", "SMS__ACCOUNT_SID": "AC" + "0" * 32, "SMS__SENDER": "+15005550006"}
            here |= {"SMS__AUTH_TOKEN": shaped.TWILIO_TOKEN, "SMS__API_URL": "http://127.0.0.1:9"}
    return env | {f"MOTLINE_{name}": value for name, value in here.items()}


@contextmanager
def serving(
    command: list[str], env: dict[str, str], port: int, ready: str, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_until_it_serves(process, f"http://127.0.0.1:{port}{ready}", folder)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_serves(process: subprocess.Popen[bytes], address: str, folder: Path) -> None:
    """Raises RuntimeError with the end of its log where it ended, or serves nothing within `STARTS_WITHIN`."""
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{(folder / 'server.log').read_text()[-2000:]}")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _wait_until_it_rests(pid: int) -> None:
    """What a channel imports in the background (aiogram: seconds of CPU) belongs to the start, not to a reply."""
    ends = time.monotonic() + STARTS_WITHIN
    spent, now = cpu_seconds(pid), time.monotonic()
    while now < ends:
        time.sleep(1.0)
        before, spent = spent, cpu_seconds(pid)
        if spent - before < 0.1:
            return
        now = time.monotonic()


def load(port: int, requests: list[bytes], seconds: float) -> dict[str, Any]:
    packed = b"".join(struct.pack(">I", len(request)) + request for request in requests)
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(CONNECTIONS), str(seconds)]
    done = subprocess.run(command, input=packed, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = orjson.loads(done.stdout)
    return result


def yardstick(module: str, arguments: Sequence[str], requests: list[bytes], seconds: float) -> float:
    """Replies per second of a bare server of ours to the same requests."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="motline-bench-"))
    env = dict(os.environ) | {"PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", module, str(port), *arguments]
    with serving(command, env, port, "/", folder):
        load(port, requests[:2000], 1.0)
        result = load(port, requests, seconds)
    shutil.rmtree(folder, ignore_errors=True)
    return float(result["replies"] / result["seconds"])


_ROOT: Final = Path(__file__).parent.parent


async def prepare(url: str, channel: str) -> None:
    database = await Database.connect(url, serving=False)
    try:
        await database.migrate()
        await fill(database, Keys(bytes.fromhex(SECRET)), channel, int(time.time() * 1000))
    finally:
        await database.close()


async def check(url: str, replies: int) -> list[str]:
    database = await Database.connect(url, serving=False)
    try:
        return await violations(database, replies)
    finally:
        await database.close()


def measure(url: str, channel: str, seconds: float, seed: int, folder: Path) -> dict[str, Any]:
    """One store, one channel: ours and the echo, one after the other."""
    asyncio.run(prepare(url, channel))
    port = free_port()
    requests = requests_for(channel, port, seed)
    command = [sys.executable, "-m", "bot", "run"]
    with serving(command, settings(url, port, channel), port, "/healthz", folder) as server:
        _wait_until_it_rests(server.pid)
        before = cpu_seconds(server.pid)
        result = load(port, requests, seconds)
        spent = cpu_seconds(server.pid) - before
    wrong = {status: count for status, count in result["statuses"].items() if status != "200"}
    if wrong or result["stuck"] or not result["replies"]:
        log = (folder / "server.log").read_text()[-1500:]
        raise SystemExit(f"{channel}: not 200: {wrong}, never answered: {result['stuck']}\n{result['shown']}\n{log}")
    faults = asyncio.run(check(url, result["replies"]))
    if faults:
        raise SystemExit(f"{channel}: the books do not add up: {'; '.join(faults)}")
    ours = result["replies"] / result["seconds"]
    bare = yardstick("benchmarks.echo", (), requests, min(seconds, 4.0))
    limit = yardstick("benchmarks.bare_commit", (url,), requests, min(seconds, 4.0))
    row = {
        "replies_per_second": round(ours, 1),
        "echo_per_second": round(bare, 1),
        "ratio": round(ours / bare, 3),
        "bare_commit_per_second": round(limit, 1),
        "ratio_to_bare_commit": round(ours / limit, 3),
        "p50_ms": round(result["p50_ms"], 2),
        "p99_ms": round(result["p99_ms"], 2),
        "cpu_ms": round(spent * 1000 / result["replies"], 3),
        "replies": result["replies"],
    }
    print(
        f"  {channel:9} {ours:7.0f}/s  echo {bare:6.0f}/s  ratio {row['ratio']:.2f}  "
        f"bare commit {limit:5.0f}/s  ratio {row['ratio_to_bare_commit']:.2f}  p99 {row['p99_ms']:.1f} ms  "
        f"{row['cpu_ms']:.3f} ms CPU  e.g. {result['shown'][0][:90]!r}",
        flush=True,
    )
    return row


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[Iterator[str]]:
    """Addresses of fresh stores of a kind, as many as asked for."""
    if kind == "sqlite":
        yield (f"sqlite://{folder / f'motline{n}.db'}" for n in range(99))
        return
    from benchmarks.postgres import fresh_databases

    with fresh_databases() as urls:
        yield urls


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--seconds", type=float, default=8.0)
    arguments.add_argument("--stores", default="sqlite,postgresql")
    arguments.add_argument("--channels", default="webchat,telegram,wechat,sms")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    channels = given.channels.split(",")
    report: dict[str, Any] = {}
    for kind in given.stores.split(","):
        folder = Path(tempfile.mkdtemp(prefix="motline-bench-"))
        print(f"{kind}: peer Rasa 3.6 13.8/s at 29 ms CPU", flush=True)
        try:
            with stores(kind, folder) as urls:
                rows = {name: measure(next(urls), name, given.seconds, given.seed, folder) for name in channels}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        first = rows[channels[0]]
        report[kind] = {**first, "by_channel": {name: row["ratio"] for name, row in rows.items()}}
    print(orjson.dumps(report).decode())


if __name__ == "__main__":
    main()
