"""The results of one dialog, part by part: by the branch, the city, the product that a moment told of.

Rule: what a part is named by is whatever the business sends with its moments; nothing has to be declared. A key whose
values are nearly as many as the dialogs (an order's number) divides nothing and is not offered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage.database import Database
from storage.metrics import Figure, figure

#: Keys are looked for in so many of the latest dialogs.
_LOOKED_AT: Final = 500
#: A key that divides has between two and so many values, and at least two dialogs for each on average.
_MOST_VALUES: Final = 60
_FEWEST_EACH: Final = 2
#: Of what comes with every moment, what names nothing that divides.
_PASSED: Final = frozenset({"name"})
#: What the two databases' paths into JSON do not hold alike.
_UNQUOTABLE: Final = re.compile(r'["\\\x00-\x1f]')

_TALKS: Final = """FROM conversations c JOIN scripts s ON s.id = c.script_id LEFT JOIN moments m ON m.id = c.moment_id
 WHERE s.name = $1 AND c.opened_at >= $2 AND c.opened_at < $3"""
#: Not every dialog has a moment of its own in the store: one begun by a link has only what the link told.
_VALUE: Final = {
    "sqlite": """CAST(coalesce(json_extract(nullif(m.data, ''), '$."' || $4 || '"'),
 json_extract(nullif(c.state, ''), '$.moment."' || $4 || '"')) AS TEXT)""",
    # PostgreSQL reads no NUL out of JSON, and would refuse the whole report for one.
    "postgresql": """coalesce(
 CASE WHEN strpos(m.data, '\\u0000') = 0 THEN CAST(nullif(m.data, '') AS json) ->> CAST($4 AS text) END,
 CASE WHEN strpos(c.state, '\\u0000') = 0
 THEN CAST(nullif(c.state, '') AS json) -> 'moment' ->> CAST($4 AS text) END)""",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The dialogs with one value of the key: how many, how many answered, and the figures by the questions' slots."""

    value: str
    started: int
    answered: int
    figures: Mapping[str, Figure]


async def keys(database: Database, name: str, since: int, until: int) -> list[str]:
    """The keys by which the dialogs opened from `since` until before `until` (ms) can be divided, in order of name."""
    rows = await database.fetch(
        f"SELECT m.data, c.state {_TALKS} ORDER BY c.id DESC LIMIT {_LOOKED_AT}", name, since, until
    )
    seen: dict[str, Counter[str]] = {}
    for row in rows:
        for key, value in _told(row).items():
            named = isinstance(value, str | int) and not isinstance(value, bool)
            if named and key not in _PASSED and not _UNQUOTABLE.search(key):
                seen.setdefault(key, Counter())[str(value)] += 1
    return sorted(key for key, values in seen.items() if _divides(values))


async def parts(database: Database, name: str, key: str, since: int, until: int) -> list[Part]:
    """The parts by `key`, the largest first; dialogs of which it is not known are in none."""
    value = _VALUE[database.kind]
    talks = await database.fetch(
        f"""SELECT {value} AS value, count(*) AS started, sum(CASE WHEN EXISTS (SELECT 1 FROM answers a
 WHERE a.conversation_id = c.id AND (a.value IS NOT NULL OR a.number IS NOT NULL)) THEN 1 ELSE 0 END) AS answered
 {_TALKS} GROUP BY 1""",
        name,
        since,
        until,
        key,
    )
    answers = await database.fetch(
        f"""SELECT {value} AS value, a.slot, a.type, a.number, count(*) AS n
 {_TALKS.replace(" LEFT JOIN", " JOIN answers a ON a.conversation_id = c.id LEFT JOIN", 1)}
 AND a.number IS NOT NULL GROUP BY 1, 2, 3, 4""",
        name,
        since,
        until,
        key,
    )
    figures = _figures(answers)
    found = [
        Part(str(row["value"]), row["started"], row["answered"], figures.get(str(row["value"]), {}))
        for row in talks
        if row["value"] is not None
    ]
    return sorted(found, key=lambda part: (-part.started, part.value))[:_MOST_VALUES]


def _told(row: Mapping[str, Any]) -> Mapping[str, Any]:
    data = orjson.loads(row["data"]) if row["data"] else {}
    told = data or (orjson.loads(row["state"]).get("moment") if row["state"] else None)
    return told if isinstance(told, dict) else {}


def _divides(values: Counter[str]) -> bool:
    return 2 <= len(values) <= _MOST_VALUES and values.total() >= _FEWEST_EACH * len(values)


def _figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Figure]]:
    counts: dict[tuple[str, str, str], dict[float, int]] = {}
    for row in rows:
        numbers = counts.setdefault((str(row["value"]), row["slot"], row["type"]), {})
        numbers[row["number"]] = numbers.get(row["number"], 0) + row["n"]
    found: dict[str, dict[str, Figure]] = {}
    for (value, slot, type_), numbers in counts.items():
        if (one := figure(type_, numbers)) is not None:
            found.setdefault(value, {})[slot] = one
    return found
