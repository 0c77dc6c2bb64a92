"""What becomes of rows that are being claimed, before anything is written.

Rule: pure. An address that rests keeps its row, which is looked at again when it has rested. All others are claimed;
those that leave at once are marked as being sent in the same commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.outbox_rows import Claim, ClaimedRow, Judge, Room


@dataclass(slots=True)
class Judged:
    """Ids of rows that are `sending` and `claimed`, of addresses whose window is spent on them, and who waits (ms)."""

    rows: list[ClaimedRow] = field(default_factory=list)
    sending: list[int] = field(default_factory=list)
    claimed: list[int] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    later: list[tuple[int, int]] = field(default_factory=list)

    def add(self, picked: Iterable[ClaimedRow], room: Room, judge: Judge, now: int) -> int:
        """Judge what was picked for a room; how many of it are claimed."""
        before = len(self.rows)
        for row in picked:
            ready = room.resting.get(row.address_id, 0)
            if ready > now:
                self.later.append((row.id, ready))
                continue
            mark, spends = judge(row)
            self.rows.append(row)
            (self.sending if mark == "sending" else self.claimed).append(row.id)
            self.spent += [row.address_id] * spends
        return len(self.rows) - before

    def claim(self, next_at: int) -> Claim:
        """What was claimed; `next_at` as of the rates."""
        times = [at for _, at in self.later] + ([next_at] if next_at else [])
        return Claim(self.rows, frozenset(self.sending), min(times, default=0))
