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


async def violations(world: World) -> list[str]:
    books = Books(world)
    await books.read()
    return books.violations()


async def test_killed_at_every_stage_and_started_again_nothing_is_lost_and_nothing_done_twice(world: World) -> None:
    await world.prepare(1)
    assert world.live() == ["quiet"]
    stages = world.stages()
    assert [needed for needed in NEEDED if not any(re.fullmatch(needed, stage) for stage in stages)] == []
    kills = [(stage, nth) for stage, times in stages.items() for nth in range(1, min(times, 2) + 1)]
    await world.prepare(2 * len(kills))
    for at, kill in enumerate(kills):
        # What was not acknowledged comes again before the dead one's work is taken over, or after it.
        assert world.live(kill, eager=at % 4 < 2) == ["killed"], kill
        # Every other one dies while it takes over what the one before left.
        if at % 2:
            assert world.live(eager=at % 8 < 4) == ["quiet"]
    assert [world.live(), world.live()] == [["quiet"], ["quiet"]]
    found = await violations(world)
    assert not found, "\n".join(found)
