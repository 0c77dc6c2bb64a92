"""The platform's window, looked at just before a message leaves: what it would not take is not tried.

Rule: counted is what left or may have left, before the next message to the address can be claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import orjson

from channels.channel import Channel
from storage import windows
from storage.database import Database
from storage.outbox_rows import ClaimedRow, NotSent, Outcome, Sent

_CLOSED: Final = "the platform takes no message until the customer writes again"


class Windows:
    """The windows of the channels that count messages."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._counted = {n for n, one in channels.items() if one.capabilities.window_messages is not None}

    def admit(self, rows: Sequence[ClaimedRow], now: int) -> tuple[list[ClaimedRow], list[NotSent]]:
        """The rows that may go at `now` (ms), and what becomes of the others."""
        closed = [row for row in rows if self._counts(row) and _is_closed(row, now)]
        shut = {row.id for row in closed}
        return [row for row in rows if row.id not in shut], [NotSent(row, "dead", _CLOSED) for row in closed]

    async def count(self, outcomes: Iterable[Outcome]) -> None:
        """Count what left, or may have; call it before the outcomes are written, which lets the next message go."""
        left = [outcome.row.address_id for outcome in outcomes if self._counts(outcome.row) and _left(outcome)]
        if left:
            await windows.spend(self._database, left)

    def _counts(self, row: ClaimedRow) -> bool:
        return row.channel in self._counted and not _is_template(row)


def _left(outcome: Outcome) -> bool:
    return isinstance(outcome, Sent) or outcome.status == "unknown"


def _is_closed(row: ClaimedRow, now: int) -> bool:
    """Whether the platform takes nothing now; of an address with no window known it decides itself."""
    return row.window_at != 0 and (row.window_at <= now or row.window_left == 0)


def _is_template(row: ClaimedRow) -> bool:
    return '"template"' in row.body and bool(orjson.loads(row.body).get("template"))
