"""The time zone of who has stated none: that of their telephone's country, where the whole country has one clock.

Rule: guessed only where the country leaves no choice. In the United States a number says little about where its owner
is; then the business's own time holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from storage.crypto import Keys, Unreadable
from storage.database import Database

#: The channel whose addresses are telephone numbers.
PHONES: Final = "sms"
#: A country's clocks are compared in each month of one year, so that summer time counts.
_MONTHS = tuple(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=30 * month) for month in range(12))


class Zones:
    """Whose clock holds for a customer; `keys` open the telephone numbers, which lie encrypted."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def of(self, stated: str, numbers: Iterable[bytes]) -> str:
        """The stated zone, else that of the first of these numbers (sealed) that tells one; empty where none does."""
        return stated or next(filter(None, map(self._told, numbers)), "")

    async def fetched(self, database: Database, customer_id: int, stated: str) -> str:
        """The same, with the numbers read from the store where they are needed."""
        if stated:
            return stated
        rows = await database.fetch(
            "SELECT sealed FROM addresses WHERE customer_id = $1 AND channel = $2 ORDER BY id", customer_id, PHONES
        )
        return self.of("", (row["sealed"] for row in rows))

    def _told(self, sealed: bytes) -> str:
        try:
            return zone_of(self._keys.open(sealed).decode())
        except Unreadable:
            return ""


@lru_cache(maxsize=4096)
def zone_of(number: str) -> str:
    """The zone of an E.164 number's country; empty where it has several clocks, or is none."""
    # Imported here, so that a start without a telephone in it does not pay for the tables.
    import phonenumbers
    from phonenumbers.tzdata import TIMEZONE_DATA

    try:
        parsed = phonenumbers.parse(number.rpartition(":")[2], None)
    except phonenumbers.NumberParseException:
        return ""
    zones: tuple[str, ...] = TIMEZONE_DATA.get(str(parsed.country_code), ())
    return zones[-1] if zones and _one_clock(zones) else ""


@cache
def _one_clock(zones: tuple[str, ...]) -> bool:
    """Whether they always tell the same time, as London and the islands around it do."""
    return len({tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _MONTHS) for zone in zones}) == 1
