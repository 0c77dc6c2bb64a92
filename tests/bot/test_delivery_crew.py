"""The workers of the outgoing loop, and the one timer that ends what takes too long."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from bot.delivery_crew import Crew, Limits
from storage.outbox_rows import ClaimedRow


def row(number: int, channel: str = "sms") -> ClaimedRow:
    fields: dict[str, Any] = dict.fromkeys(ClaimedRow._fields, 0)
    return ClaimedRow(**fields | {"id": number, "channel": channel})


async def test_what_takes_too_long_is_cancelled_and_what_is_quick_is_not() -> None:
    limits = Limits(0.05)
    ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def quick(number: int) -> int:
        await asyncio.sleep(0.001)
        return number

    slow = asyncio.create_task(limits.keep(forever()))
    assert await asyncio.gather(*(limits.keep(quick(number)) for number in range(5))) == [0, 1, 2, 3, 4]
    with pytest.raises(TimeoutError):
        await slow
    assert ended.is_set()


async def test_each_send_has_its_own_limit_though_one_timer_serves_all() -> None:
    limits, loop = Limits(0.08), asyncio.get_running_loop()

    async def exceeded(after: float) -> float:
        await asyncio.sleep(after)
        begun = loop.time()
        with pytest.raises(TimeoutError):
            await limits.keep(asyncio.Event().wait())
        return loop.time() - begun

    spent = await asyncio.gather(*(exceeded(number * 0.02) for number in range(5)))
    assert all(seconds >= 0.08 for seconds in spent)
    # One after another in the same task, and after a time with nothing to watch.
    assert await exceeded(0.1) >= 0.08


async def test_who_is_cancelled_by_another_is_not_said_to_have_been_slow() -> None:
    limits = Limits(5)
    task = asyncio.create_task(limits.keep(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_all_that_is_added_is_carried_out_once_and_counted_by_channel() -> None:
    landed: Counter[str] = Counter()
    carried: list[int] = []
    crew = Crew(lambda channel: landed.update([channel]))

    async def carry(one: ClaimedRow) -> None:
        await asyncio.sleep(0.001 * (one.id % 3))
        carried.append(one.id)

    for start in (0, 100):
        for number in range(start, start + 100):
            crew.add(row(number, "sms" if number % 2 else "email"), carry)
        assert crew.under_way == {"sms": 50, "email": 50}
        crew.begin()
        await crew.landed_all(5)
        assert not crew.busy
    assert sorted(carried) == list(range(200))
    assert landed == {"sms": 100, "email": 100}
    before = asyncio.all_tasks()
    crew.dismiss()
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() < before


async def test_who_waits_for_all_to_land_waits_no_longer_than_it_says() -> None:
    crew, let = Crew(lambda channel: None), asyncio.Event()

    async def carry(one: ClaimedRow) -> None:
        await let.wait()

    crew.add(row(1), carry)
    crew.begin()
    await crew.landed_all(0.02)
    assert crew.busy
    let.set()
    await crew.landing()
    assert not crew.busy
    crew.dismiss()
