"""The platform's window, asked just before a message leaves: what it would not take is not tried.

Rule: counted before the send and given back only where the message certainly did not leave and will go again; so we
never believe in more than the platform grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    async def admit(self, rows: Sequence[ClaimedRow], now: int) -> tuple[list[ClaimedRow], list[NotSent]]:
        """The rows that may go at `now` (ms), counted; the others with what becomes of them."""
        counted = [row for row in rows if row.channel in self._counted and row.free_until <= now]
        asked = [row for row in counted if not _is_template(row)]
        if not asked:
            return list(rows), []
        closed = [row for row in asked if _is_closed(row, now)]
        shut = {row.id for row in closed}
        spent = [row for row in asked if row.id not in shut]
        if spent:
            await windows.spend(self._database, [row.address_id for row in spent])
            self._spent |= {row.id for row in spent}
        return [row for row in rows if row.id not in shut], [NotSent(row, "dead", _CLOSED) for row in closed]

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


def _is_closed(row: ClaimedRow, now: int) -> bool:
    """Whether the platform takes nothing now; of an address with no window known it decides itself."""
    return row.window_at != 0 and (row.window_at <= now or row.window_left == 0)


def _is_template(row: ClaimedRow) -> bool:
    return '"template"' in row.body and bool(orjson.loads(row.body).get("template"))
