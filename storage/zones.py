"""Whether a word names a time zone."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether it is an IANA name such as Asia/Shanghai."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
