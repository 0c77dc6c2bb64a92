"""Many rows in one statement: every count of rows is written whole, once, and nothing of the filling is seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from storage import sqlite_rows

INSERT = sqlite_rows.insert("things", "name, number", "ON CONFLICT (name) DO UPDATE SET number = excluded.number")
UPDATE = sqlite_rows.Rows("UPDATE things SET number = column2", 2, "WHERE things.name = column1")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE, number INTEGER)")
    yield made
    made.close()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 31, 32, 33, 64, 65, 200])
def test_each_row_is_written_once_and_none_beside_them(connection: sqlite3.Connection, count: int) -> None:
    rows = [(f"n{number}", number) for number in range(count)]
    assert INSERT.write(connection, rows) == count
    assert connection.execute("SELECT name, number FROM things ORDER BY id").fetchall() == rows


@pytest.mark.parametrize("count", [1, 3, 64, 70])
def test_an_update_tells_how_many_rows_it_met(connection: sqlite3.Connection, count: int) -> None:
    INSERT.write(connection, [(f"n{number}", 0) for number in range(count)])
    assert UPDATE.write(connection, [*((f"n{number}", 7) for number in range(count)), ("nobody", 7)]) == count
    assert connection.execute("SELECT DISTINCT number FROM things").fetchall() == [(7,)]


def test_a_second_row_of_the_same_name_replaces_the_first(connection: sqlite3.Connection) -> None:
    INSERT.write(connection, [("a", 1), ("b", None)])
    INSERT.write(connection, [("a", 2)])
    assert connection.execute("SELECT name, number FROM things ORDER BY name").fetchall() == [("a", 2), ("b", None)]
