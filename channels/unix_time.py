"""The time that a platform writes as a number.

Rule: total over whatever stands there; what is no time since 1970 is None, and the caller says what holds then.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

# Seconds have ten digits until the year 2286; what has a hundred times as many is milliseconds.
_MILLISECONDS: Final = 10**11
_END: Final = 10**14
_LONGEST: Final = 15


def moment(value: object) -> datetime | None:
    """Seconds since 1970, as every platform documents, or milliseconds, as some servers in their place send; a number,
    or its digits in quotes. None for anything else, and for 0.
    """
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < _LONGEST else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _END:
        return None
    return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
