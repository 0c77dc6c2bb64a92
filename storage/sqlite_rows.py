"""Many rows in one statement on SQLite.

Rule: a statement is one step of SQLite, whatever it writes. Each step lets go of the interpreter's lock and has to win
it back from a busy event loop, so that a batch written row by row waits hundreds of times, and so does what it holds.

The rows are a VALUES table of 1, 2, 4 … 64 rows, filled up with rows of NULL: few statements, prepared once each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

Row = Sequence[Any]

#: Rows of one statement at most.
MOST: Final = 64


class Rows:
    """A statement over rows of `width` columns, which it knows as column1, column2, …; column1 is never NULL."""

    def __init__(self, head: str, width: int, tail: str) -> None:
        self._head, self._width, self._tail = head, width, tail
        self._sql = lru_cache(maxsize=None)(self._made)

    def write(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> int:
        """Run it for all rows; how many rows of the store were changed. Raises sqlite3.Error."""
        changed = 0
        for start in range(0, len(rows), MOST):
            part = rows[start : start + MOST]
            size = 1 << (len(part) - 1).bit_length()
            values = list(chain.from_iterable(part))
            values += [None] * ((size - len(part)) * self._width)
            changed += connection.execute(self._sql(size), values).rowcount
        return changed

    def _made(self, size: int) -> str:
        row = f"({', '.join('?' * self._width)})"
        return f"{self._head} FROM (VALUES {', '.join([row] * size)}) {self._tail}"


def insert(table: str, columns: str, conflict: str = "") -> Rows:
    """INSERT of rows in the order of `columns`, with what follows ON CONFLICT."""
    tail = f"WHERE column1 IS NOT NULL {conflict}"
    return Rows(f"INSERT INTO {table} ({columns}) SELECT *", columns.count(",") + 1, tail)
