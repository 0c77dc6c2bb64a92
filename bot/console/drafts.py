"""Replies that are half written: one for each ticket, of each colleague.

Rule: kept in this process alone, never in the store, so that a reload and a look at another ticket lose none. They are
bounded: where there are too many, the one that was touched longest ago goes.
"""

from __future__ import annotations

from typing import Final

_MOST: Final = 1_000
_LONGEST: Final = 20_000


class Drafts:
    """The half-written replies of everybody who is signed in."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: dict[tuple[int, int], str] = {}

    def of(self, staff: int, ticket: int) -> str:
        """What this colleague has begun to write on this ticket; empty for nothing."""
        return self._kept.get((staff, ticket), "")

    def keep(self, staff: int, ticket: int, words: str) -> None:
        """Put this in place of what was there; nothing but spaces is nothing."""
        self._kept.pop((staff, ticket), None)
        if words.strip():
            self._kept[staff, ticket] = words[:_LONGEST]
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
