"""Killed with SIGKILL at every stage of a turn, of a send and of an action, and started again: the books agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.books import Books
from tests.crash.lives import World, Zygote

#: Stages without which the test would not be about turns, sends, responses and actions.
NEEDED = (
    "Turns.*: before BEGIN",
    "Turns.*: after BEGIN",
    "Turns.*: before COMMIT",
    "Turns.*: after COMMIT",
    "Outbox.*claim: before COMMIT",
    "Outbox.*claim: after COMMIT",
    "Outbox.mark_sending: before COMMIT",
    "Outbox.mark_sending: after COMMIT",
    "send on sms: before the first byte",
    "send on sms: after the provider took it",
    "send on telegram: after the provider took it",
    "OutboxResults.*: before COMMIT",
    "OutboxResults.*: after COMMIT",
    "respond: before the response is written",
    "respond: after the response is written",
    "Jobs.claim: before COMMIT",
    "Jobs.claim: after COMMIT",
    "action: before its effect",
    "action: after its effect",
)


@pytest.fixture(scope="module")
def mother(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    process = Zygote(tmp_path_factory.mktemp("zygote") / "complaints")
    yield process
    process.close()


@pytest.fixture
async def world(store_url: str, tmp_path: Path, mother: Zygote) -> World:
    made = World(store_url, tmp_path, mother)
    await made.begin()
    return made


async def agree(world: World) -> None:
    """The books agree."""
    books = Books(world)
    await books.read()
    found = books.violations()
    assert not found, "\n".join(found)


async def test_killed_at_every_stage_and_started_again_nothing_is_lost_and_nothing_done_twice(world: World) -> None:
    await world.prepare(1)
    assert await world.live() == ["quiet"]
    stages = world.stages()
    assert [needed for needed in NEEDED if not any(re.fullmatch(needed, stage) for stage in stages)] == []
    kills = [(stage, nth) for stage, times in stages.items() for nth in range(1, min(times, 2) + 1)]
    await world.prepare(2 * len(kills))
    for at, kill in enumerate(kills):
        # What was not acknowledged comes again before the dead one's work is taken over, or after it.
        assert await world.live(kill, eager=at % 4 < 2) == ["killed"], kill
        # Every other one dies while it takes over what the one before left.
        if at % 2:
            assert await world.live(eager=at % 8 < 4) == ["quiet"]
    assert [await world.live(), await world.live()] == [["quiet"], ["quiet"]]
    await agree(world)


async def test_two_workers_at_once_on_postgresql_do_nothing_twice_also_when_one_is_killed(
    postgres_url: str, tmp_path: Path, mother: Zygote
) -> None:
    world = World(postgres_url, tmp_path, mother)
    await world.begin()
    kills = [
        ("", 0),
        ("Turns._run: after COMMIT", 2),
        ("Outbox.mark_sending: after COMMIT", 1),
        ("send on sms: after the provider took it", 1),
        ("Jobs.claim: after COMMIT", 1),
        ("respond: after the response is written", 1),
    ]
    await world.prepare(3 * len(kills))
    for kill in kills:
        ends = await world.live(kill, ("", 0))
        assert set(ends) <= {"killed", "quiet"}
        assert ends[1] == "quiet"
        assert await world.live(("", 0), ("", 0), ("", 0)) == ["quiet"] * 3
    assert sum("killed" in ends for ends in world.ends) >= 3
    assert [await world.live(), await world.live()] == [["quiet"], ["quiet"]]
    await agree(world)
