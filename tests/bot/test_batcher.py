"""The queue in front of the turns: order for each address, and nobody waits for somebody else's flood."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.batcher import LARGEST, Batcher
from storage.turn_rows import Arrival, Booked, Item


class Turns:
    """Books everything, a batch at a time per lane, and notes in which batch it was."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.under_way: Counter[str] = Counter()

    async def book(self, items: Sequence[Item], decide: Any, settled: Any) -> list[Booked]:
        texts = [item.arrival.text for item in items if item.arrival is not None]
        senders = {text.partition(" ")[0] for text in texts}
        assert not senders & self.under_way.keys(), "an address was in two batches at once"
        self.batches.append(texts)
        self.under_way.update(senders)
        await asyncio.sleep(0.001 * (len(self.batches) % 3))
        for sender in senders:
            del self.under_way[sender]
        return [Booked(item, "done") for item in items]


def batcher_of(turns: Turns) -> Batcher:
    async def decide() -> Any:
        return None

    async def load(script: int) -> None:
        raise AssertionError(script)

    return Batcher(turns, decide, load)  # type: ignore[arg-type]


def said(sender: str, number: int) -> Item:
    arrival = Arrival("webchat", sender, lambda: b"", None, "text", f"{sender} {number}", "", 0, 0)
    return Item(None, arrival)


async def test_who_sends_thousands_delays_nobody_else() -> None:
    turns = Turns()
    batcher = batcher_of(turns)
    flood = [batcher.submit(said("flood", number)) for number in range(10_000)]
    others = [batcher.submit(said(f"other{number}", 0)) for number in range(30)]
    await asyncio.gather(*others)
    assert len(turns.batches) <= 3
    await asyncio.gather(*flood)
    texts = [text for batch in turns.batches for text in batch if text.startswith("flood")]
    assert texts == [f"flood {number}" for number in range(10_000)]
    assert max(map(len, turns.batches)) == LARGEST


async def test_each_address_keeps_its_order_while_batches_overlap() -> None:
    turns = Turns()
    batcher = batcher_of(turns)
    waiting = []
    for number in range(40):
        waiting += [batcher.submit(said(f"s{sender}", number)) for sender in range(number % 7 + 1)]
        if number % 3 == 0:
            await asyncio.sleep(0.001)
    await asyncio.gather(*waiting)
    seen: dict[str, list[int]] = {}
    for batch in turns.batches:
        for text in batch:
            sender, number_ = text.split()
            seen.setdefault(sender, []).append(int(number_))
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert sum(map(len, seen.values())) == len(waiting)
    await batcher.drain()
