"""Read one setting: from what stands in the file or the environment to a typed value, or a line that says why not.

Rule: every error names the key, the value and the fix, and never the value of a secret.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Final, Literal, Union, get_args, get_origin

_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=365) / 12,
    "y": timedelta(days=365),
}
_DURATION: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|mo|m|h|d|w|y)\s*$")
_HOURS: Final = re.compile(r"^\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-–—]\s*([01]?\d|2[0-3]):([0-5]\d)\s*$")
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


class ConfigError(Exception):
    """A setting is wrong; the message is one line that an admin can act on."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day, local time; `start` after `end` runs over midnight."""

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        """Whether a local time of day lies within; the start counts, the end does not."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def duration(text: str) -> timedelta:
    """`30d`, `24mo`, `20h`, `15m`, `30s`, `500ms` as a timedelta; a month is 365 / 12 days. Raises ValueError."""
    found = _DURATION.match(text)
    if found is None:
        raise ValueError(text)
    return _UNITS[found[2]] * float(found[1])


def hours(text: str) -> Hours | None:
    """`21:00-09:00` as Hours, an empty text as None. Raises ValueError."""
    if not text.strip():
        return None
    found = _HOURS.match(text)
    if found is None:
        raise ValueError(text)
    return Hours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'token'?`, or an empty string when nothing is near."""
    close = nearest_word(word, known)
    return f"; did you mean '{close}'?" if close else ""


def nearest_word(word: str, known: Iterable[str]) -> str:
    """The known word that is near, or an empty string."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def convert(value: object, kind: Any) -> Any:
    """`value`, as TOML or an environment variable gives it, as `kind`. Raises ValueError holding the fix."""
    origin = get_origin(kind)
    if origin is Literal:
        return _one_of(value, get_args(kind))
    if origin is tuple:
        return _texts(value)
    if origin in (Union, types.UnionType):
        return _spelled(value, hours, "hours such as '21:00-09:00', or '' for none")
    if kind is timedelta:
        return _spelled(value, duration, "a duration such as '30d', '20h', '15m' or '30s'")
    return _SCALARS[kind](value)


def _one_of(value: object, allowed: tuple[Any, ...]) -> Any:
    if value in allowed:
        return value
    listed = ", ".join(repr(one) for one in allowed)
    raise ValueError(f"write one of {listed}{nearest(str(value), [str(one) for one in allowed])}")


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError('write a list of texts such as ["one", "two"]')


def _spelled(value: object, read: Any, shape: str) -> Any:
    if isinstance(value, str):
        try:
            return read(value)
        except ValueError:
            pass
    raise ValueError(f"write {shape}")


def _bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        return value.strip().lower() in _TRUE
    raise ValueError("write true or false")


def _int(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value):
        return int(value)
    raise ValueError("write a whole number, without quotes")


def _float(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    raise ValueError("write a number, without quotes")


def _str(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError('write a text in quotes, such as "text"')


_SCALARS: Final = {bool: _bool, int: _int, float: _float, str: _str}
