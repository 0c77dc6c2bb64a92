"""The platform's window, asked when a message is claimed: what it would not take is not tried.

Rule: counted by the claim, before the send, and given back only where the message certainly did not leave and will go
again; so we never believe in more than the platform grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from channels.channel import Channel
from storage import windows
from storage.database import Database
from storage.outbox_rows import ClaimedRow, NotSent, Outcome

_CLOSED: Final = "the platform takes no message until the customer writes again"


class Windows:
    """What this worker has counted."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._counted = {n for n, one in channels.items() if one.capabilities.window_messages is not None}
        self._spent: set[int] = set()

    def spends(self, row: ClaimedRow, now: int) -> int:
        """How many of its window's messages this one takes at `now` (ms)."""
        return 1 if row.channel in self._counted and row.free_until <= now and not _is_template(row) else 0

    def closed(self, row: ClaimedRow, now: int) -> str:
        """Why the platform would not take it at `now` (ms), or an empty string; with no window known, it decides."""
        shut = row.window_at != 0 and (row.window_at <= now or row.window_left == 0)
        return _CLOSED if shut and self.spends(row, now) else ""

    def spent(self, rows: Iterable[ClaimedRow], now: int) -> None:
        """These were claimed at `now`, and their windows spent with it."""
        if self._counted:
            self._spent |= {row.id for row in rows if self.spends(row, now)}

    async def heed(self, outcomes: Iterable[Outcome]) -> None:
        """Give back what certainly did not leave."""
        if not self._spent:
            return
        unsent = []
        for outcome in outcomes:
            row = outcome.row
            if row.id in self._spent and isinstance(outcome, NotSent) and outcome.status in ("retry", "due"):
                unsent.append(row.address_id)
            self._spent.discard(row.id)
        if unsent:
            await windows.give_back(self._database, unsent)


def _is_template(row: ClaimedRow) -> bool:
    return '"template"' in row.body and bool(orjson.loads(row.body).get("template"))
