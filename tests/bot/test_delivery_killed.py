"""A worker killed by SIGKILL at every stage of a send, another that takes over: the books of both sides compared."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.bot.delivery_worker import PEOPLE, WAYS

#: At these the provider may have the message and nobody can know.
DOUBTFUL = {
    "after the claim is committed",
    "after sending is committed",
    "before the provider has it",
    "after the provider has it",
    "before the outcome is committed",
}


@pytest.fixture
def killed(store_url: str, tmp_path: Path) -> dict[str, Any]:
    """What the books say after each way to die, by provider and way."""
    folder = tmp_path / "books"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bot.delivery_worker", store_url, str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return {file.stem: orjson.loads(file.read_bytes()) for file in folder.glob("*.json")}


def violations(name: str, found: dict[str, Any]) -> list[str]:
    """What of CONTRACTS does not hold."""
    way = name.partition(" ")[2]
    asked = name.startswith("Askable")
    wrong = [] if found["ended"] == -9 else [f"was not killed: {found['ended']}"]
    had = Counter(found["provider"])
    wrong += [f"sent {count} times: {line}" for line, count in had.items() if count > 1]
    for row in found["rows"]:
        line = f"{row['person']} {row['text']}"
        match row["status"]:
            case "sent" if had[line] != 1:
                wrong.append(f"stands as sent and the provider has it not: {line}")
            case "unknown" if way not in DOUBTFUL or asked:
                wrong.append(f"unknown without need: {line}")
            case "sent" | "unknown":
                pass
            case status:
                wrong.append(f"left as {status}: {line}")
    for person in PEOPLE:
        order = [line.split()[1] for line in found["provider"] if line.split()[0] == person]
        if order != sorted(order):
            wrong.append(f"out of order for {person}: {order}")
    unknown = sum(row["status"] == "unknown" for row in found["rows"])
    if len(found["jobs"]) != unknown:
        wrong.append(f"{unknown} lost, {len(found['jobs'])} dialogs told")
    return wrong


def test_no_message_is_lost_or_sent_twice_wherever_a_worker_is_killed(killed: dict[str, Any]) -> None:
    assert len(killed) == 2 * len(WAYS)
    assert {name: violations(name, found) for name, found in killed.items() if violations(name, found)} == {}
    doubted = {name for name, found in killed.items() if any(r["status"] == "unknown" for r in found["rows"])}
    assert doubted == {f"Provider {way}" for way in DOUBTFUL}
