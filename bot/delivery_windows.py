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
        asked = [row for row in rows if row.channel in self._counted and not _is_template(row)]
        if not asked:
            return list(rows), []
        open_ = await windows.spend(self._database, [row.address_id for row in asked], now)
        closed = {row.id for row in asked if row.address_id not in open_}
        self._spent |= {row.id for row in asked} - closed
        going = [row for row in rows if row.id not in closed]
        return going, [NotSent(row, "dead", _CLOSED) for row in asked if row.id in closed]

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
