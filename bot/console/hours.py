"""A team's hours as people write them: `mon-fri 09:00-18:00, sat 10:00-14:00`, `9:00-22:00`, `周一至周五 9:00～18:00`.

Rule: pure. What is told is read again as the same hours. Days without hours, the same days twice, and hours whose days
are unclear are refused, never guessed; a part that comes later counts for its days alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from unicodedata import normalize

from storage.teams import DAYS

_DASH: Final = r"(?:[-‐‑‒–—―−~〜]+|至|到|\bto\b)"
_SPAN: Final = re.compile(rf"(\d{{1,2}}:\d{{2}})\s*{_DASH}\s*(\d{{1,2}}:\d{{2}})")
_RANGE: Final = re.compile(rf"\s*{_DASH}\s*")
_BETWEEN_DAYS: Final = re.compile(r"[\s,;、和及]+")
_EDGES: Final = " \t\r\n,;、。."
_WEEK: Final = "一二三四五六日"
_ENGLISH: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALL: Final = range(7)
_GROUPS: Final[Mapping[str, Sequence[int]]] = {
    **dict.fromkeys(("daily", "every day", "everyday", "每天", "每日", "天天"), _ALL),
    **dict.fromkeys(("weekdays", "工作日"), range(5)),
    **dict.fromkeys(("weekend", "weekends", "周末"), range(5, 7)),
}


class Unclear(Exception):
    """A part of the text that says no hours; `part` is it, as it was written."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def read(text: str) -> dict[str, list[str]]:
    """The hours by day, in the order of the week; empty for always. Raises Unclear."""
    found: dict[int, list[str]] = {}
    given: set[frozenset[int]] = set()
    for part, clause, span in _parts(normalize("NFKC", text)):
        days = frozenset(_days(clause, part) if clause or given else _ALL)
        if not days or days in given:
            raise Unclear(part)
        given.add(days)
        found |= dict.fromkeys(days, span)
    return {DAYS[day]: found[day] for day in sorted(found)}


def told(hours: Mapping[str, Sequence[str]], language: str) -> str:
    """The hours in words that `read` takes, days of the same hours together."""
    runs: list[list[int]] = []
    for day in (DAYS.index(one) for one in DAYS if one in hours):
        same = runs and runs[-1][-1] == day - 1 and list(hours[DAYS[day - 1]]) == list(hours[DAYS[day]])
        if same:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = (f"{_named(run, language)} {'-'.join(hours[DAYS[run[0]]])}" for run in runs)
    return ("，" if language == "zh" else ", ").join(parts)


def _parts(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """The part as written, its days, its times from and to."""
    at = 0
    for match in _SPAN.finditer(text):
        part, clause = text[at : match.end()].strip(_EDGES), text[at : match.start()].strip(_EDGES + ":")
        yield part, clause, [match[1].zfill(5), match[2].zfill(5)]
        at = match.end()
    if rest := text[at:].strip(_EDGES):
        raise Unclear(rest)


def _days(clause: str, part: str) -> Iterator[int]:
    """The days that a clause names. Raises Unclear."""
    clause = clause.casefold()
    if clause in _GROUPS:
        yield from _GROUPS[clause]
        return
    for named in filter(None, _BETWEEN_DAYS.split(_RANGE.sub("-", clause))):
        if named in _GROUPS:
            yield from _GROUPS[named]
            continue
        first, dash, last = named.partition("-")
        start = _day(first)
        end = _day(last, short=True) if dash else start
        if start is None or end is None:
            raise Unclear(part)
        yield from ((start + more) % 7 for more in range((end - start) % 7 + 1))


def _day(name: str, *, short: bool = False) -> int | None:
    """0 for Monday; `short`: the 五 of 周一至五 too. None for what is no day."""
    chinese = re.fullmatch(r"(周|星期|礼拜)?([一二三四五六日天])", name)
    if chinese and (chinese[1] or short):
        return _WEEK.index(chinese[2].replace("天", "日"))
    if len(name) < 3:
        return None
    return next((day for day, whole in enumerate(_ENGLISH) if name in (whole, whole[:3])), None)


def _named(run: Sequence[int], language: str) -> str:
    if len(run) == len(DAYS):
        return "每天" if language == "zh" else "daily"
    first, last = (f"周{_WEEK[day]}" if language == "zh" else DAYS[day] for day in (run[0], run[-1]))
    if len(run) == 1:
        return first
    return f"{first}{'、' if len(run) == 2 else '至'}{last}" if language == "zh" else f"{first}-{last}"
