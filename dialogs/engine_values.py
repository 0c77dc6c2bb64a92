"""Values on their way into a state: plain JSON, bounded, with nothing that a store cannot carry.

Rule: whatever comes in, from a customer, an action or the house, what goes out can be written as JSON and read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from dialogs.state import LONGEST_KEPT

_LARGEST_NUMBER: Final = 2**53  # Beyond it JSON readers lose digits.
_LARGEST_VALUE: Final = 16 * 1024  # Bytes of JSON that an action may put into one slot.


def storable(value: Any) -> Any:
    """A value as the state keeps it: JSON, texts cut at `LONGEST_KEPT`; None for what cannot be kept."""
    match value:
        case bool() | None:
            return value
        case str():
            return clean(value)[:LONGEST_KEPT]
        case int():
            return value if abs(value) <= _LARGEST_NUMBER else None
        case float():
            return value if isfinite(value) else None
        case list() | tuple() | Mapping():
            return _plain(value)
    return None


def _plain(value: Any) -> Any:
    try:
        written = orjson.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return orjson.loads(written) if len(written) <= _LARGEST_VALUE else None


def portable(given: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a profile or a moment as JSON has it, whatever the house put into it: a date becomes its text."""
    try:
        made: dict[str, Any] = orjson.loads(orjson.dumps(dict(given), default=str))
    except (TypeError, ValueError, RecursionError):
        made = {str(name): _portable_value(value, 0) for name, value in given.items()}
    return made


def _portable_value(value: Any, depth: int) -> Any:
    match value:
        case Mapping() if depth < 8:
            return {clean(str(name)): _portable_value(inner, depth + 1) for name, inner in value.items()}
        case list() | tuple() if depth < 8:
            return [_portable_value(inner, depth + 1) for inner in value]
        case bool() | None:
            return value
        case int() | float():
            return storable(value)
    return clean(str(value))[:LONGEST_KEPT]


def clean(text: str) -> str:
    """Without what no store and no JSON can carry: NUL and half surrogates."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def local_time(at: float, timezone: str) -> dict[str, Any]:
    """`now` of texts and conditions, in the customer's zone; `weekday` runs from 1 (Monday) to 7."""
    try:
        now = datetime.fromtimestamp(at, _zone(timezone))
    except (ValueError, OverflowError, OSError):
        now = datetime.fromtimestamp(0, UTC)
    return {
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "hour": now.hour,
        "minute": now.minute,
        "weekday": now.isoweekday(),
        "date": now.strftime("%Y-%m-%d"),
        "time": now.strftime("%H:%M"),
    }


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # No such zone: the time is still right, only not the customer's.
        return UTC
