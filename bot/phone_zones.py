"""The time zone of who has stated none: that of their telephone's country, where the whole country has one clock.

Rule: guessed only where the country leaves no choice. In the United States a number says little about where its owner
is; then the business's own time holds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from storage import addresses
from storage.crypto import Keys, Unreadable
from storage.database import Database

#: A country's clocks are compared in each month of one year, so that summer time counts.
_MONTHS = tuple(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=30 * month) for month in range(12))


class Zones:
    """Whose clock holds for a customer."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    async def of(self, customer_id: int, stated: str) -> str:
        """The customer's own zone, else that of their telephone; empty where neither is known."""
        if stated:
            return stated
        for address in await addresses.of_customer(self._database, customer_id):
            if address.channel == "sms":
                try:
                    zone = zone_of(address.shown(self._keys).rpartition(":")[2])
                except Unreadable:
                    continue
                if zone:
                    return zone
        return ""


@lru_cache(maxsize=4096)
def zone_of(number: str) -> str:
    """The zone of an E.164 number's country; empty where it has several clocks, or is none."""
    # Imported here: the tables of numbers and zones cost a start that has no telephone in it a tenth of a second.
    import phonenumbers
    from phonenumbers.tzdata import TIMEZONE_DATA

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    zones: tuple[str, ...] = TIMEZONE_DATA.get(str(parsed.country_code), ())
    return zones[-1] if zones and _one_clock(zones) else ""


def _one_clock(zones: tuple[str, ...]) -> bool:
    """Whether they always tell the same time, as London and the islands around it do."""
    return len({tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _MONTHS) for zone in zones}) == 1
