"""Killed with SIGKILL at every stage of a turn, of a send and of an action, and started again: the books agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.books import Books
from tests.crash.child import FAST, SLOW
from tests.crash.lives import World, Zygote

#: Stages without which the test would not be about turns, sends, responses and actions.
NEEDED = (
    "turns, .*: before BEGIN",
    "turns, .*: after BEGIN",
    "turns, .*: before COMMIT",
    "turns, .*: after COMMIT",
    "outbox.*, .*claim.*: before COMMIT",
    "outbox.*, .*claim.*: after COMMIT",
    "outbox.*mark_sending: before COMMIT",
    "outbox.*mark_sending: after COMMIT",
    "send on sms: before the first byte",
    "send on sms: after the provider took it",
    "send on telegram: after the provider took it",
    "outbox_results.*: before COMMIT",
    "outbox_results.*: after COMMIT",
    "respond: before the response is written",
    "respond: after the response is written",
    "jobs, Jobs.claim: before COMMIT",
    "jobs, Jobs.claim: after COMMIT",
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


async def killed(world: World, stage: str, nth: int, *, eager: bool, rate: float) -> None:
    """Die at the nth time of a stage; how often one comes depends on what is ready together, so perhaps earlier."""
    while await world.live((stage, nth), eager=eager, per_second=rate) != ["killed"]:
        assert nth > 1, f"{stage} did not come"
        nth = min(nth - 1, world.stages().get(stage, 1))
        await world.prepare(1)


async def test_killed_at_every_stage_and_started_again_nothing_is_lost_and_nothing_done_twice(world: World) -> None:
    await world.prepare(2)
    kills: list[tuple[str, int, float]] = []
    for rate in (SLOW, FAST):
        assert await world.live(per_second=rate) == ["quiet"]
        stages = world.stages()
        assert [needed for needed in NEEDED if not any(re.fullmatch(needed, stage) for stage in stages)] == []
        known = {stage for stage, _, _ in kills}
        for stage, times in stages.items():
            if stage not in known:
                kills += [(stage, nth, rate) for nth in sorted({1, times})]
    await world.prepare(2 * len(kills))
    for at, (stage, nth, rate) in enumerate(kills):
        # What was not acknowledged comes again before the dead one's work is taken over, or after it.
        await killed(world, stage, nth, eager=at % 4 < 2, rate=rate)
        # Two of three die while they take over what the one before left.
        if at % 3 == 2:
            assert await world.live(eager=at % 2 == 0) == ["quiet"]
    assert [await world.live(), await world.live()] == [["quiet"], ["quiet"]]
    await agree(world)


async def test_two_workers_at_once_on_postgresql_do_nothing_twice_also_when_one_is_killed(
    postgres_url: str, tmp_path: Path, mother: Zygote
) -> None:
    world = World(postgres_url, tmp_path, mother)
    await world.begin()
    await world.prepare(30)
    assert await world.live(("", 0), ("", 0), ("", 0)) == ["quiet"] * 3
    seen = set(world.stages())
    for needed in NEEDED[3::4]:
        for _attempt in range(6):  # The other worker may have come first, or the stage not at all.
            await world.prepare(2)
            stage = next((stage for stage in sorted(seen) if re.fullmatch(needed, stage)), "")
            ends = await world.live((stage, 1), ("", 0))
            assert ends[1] == "quiet"
            assert await world.live(("", 0), ("", 0), ("", 0)) == ["quiet"] * 3
            seen |= set(world.stages())
            if "killed" in ends:
                break
    assert sum("killed" in ends for ends in world.ends) >= 3
    assert [await world.live(), await world.live()] == [["quiet"], ["quiet"]]
    await agree(world)
