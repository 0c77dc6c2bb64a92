"""Claiming on SQLite: a handful of statements of one step each, in one transaction on the writer's thread.

Rule: as in `sqlite_rows.py`, every step has to win the interpreter's lock back from a busy event loop; so rows come as
one JSON array in one row, however many they are.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Final

import orjson

from storage import outbox_sent
from storage.database import Database
from storage.outbox_judged import Judged
from storage.outbox_rows import UNFINISHED_SQL, Asked, Claim, ClaimedRow, Room
from storage.rates import Meter, allowance
from storage.rates_kept import PREFIX, limits

_SEALED: Final = ClaimedRow._fields.index("sealed")
#: `attempts` and the order of the columns are those of a ClaimedRow.
_PICK: Final = f"""SELECT json_group_array(json_array(id, attempts + 1, public_id, address_id, channel, kind, text,
 body, sequence, conversation_id, customer_id, created_at, run_at, sealed, address_status, window_at, window_left,
 free_until, via))
 FROM (SELECT o.*, hex(a.sealed) AS sealed, a.status AS address_status, a.window_at, a.window_left,
 a.free_until
 FROM outbox o JOIN addresses a ON a.id = o.address_id WHERE o.channel = ?
 AND o.status IN ('due', 'retry') AND o.run_at <= ? AND NOT EXISTS (SELECT 1 FROM outbox e
 WHERE e.address_id = o.address_id AND e.id < o.id AND e.status IN ({UNFINISHED_SQL}))
 ORDER BY o.run_at, o.id LIMIT ?)"""
_LATER: Final = "UPDATE outbox SET run_at = ? WHERE id = ?"
_SPEND: Final = """UPDATE addresses SET window_left = window_left - 1
 WHERE id IN (SELECT value FROM json_each(?)) AND window_at <> 0 AND window_left > 0"""
_REACHED: Final = """SELECT json_group_array(json_array(name, value)) FROM facts
 WHERE name IN (SELECT value FROM json_each(?))"""
_USE: Final = """INSERT INTO facts (name, value, at) VALUES (?, ?, 0)
 ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


async def claim(database: Database, asked: Asked) -> Claim:
    """What is due in the rooms, now this worker's. Outside a transaction."""
    take = f"""UPDATE outbox SET status = ?1, attempts = attempts + 1, lease_at = {database.now_sql} + ?2,
 run_at = CASE ?1 WHEN 'sending' THEN ?3 ELSE run_at END WHERE id IN (SELECT value FROM json_each(?4))"""

    def work(connection: sqlite3.Connection) -> Claim:
        if asked.sent:
            connection.execute(outbox_sent.ON_SQLITE, (outbox_sent.as_json(asked.sent), asked.now))
        meter = Meter(_allowed(connection, asked.rooms))
        judged = Judged()
        for room in asked.rooms:
            count = meter.most(room.rate, room.room)
            picked = _picked(connection, room, asked.now, count) if count else []
            meter.count(room.rate, judged.add(picked, room, asked.judge, asked.now))
        _write(connection, take, judged, asked)
        connection.executemany(_USE, [(PREFIX + name, repr(number)) for name, number in meter.used.items()])
        return judged.claim(meter.next_at)

    return await database.on_writer(work)


def _allowed(connection: sqlite3.Connection, rooms: Sequence[Room]) -> dict[str, Any]:
    rates = limits(rooms)
    if not rates:
        return {}
    names = orjson.dumps([PREFIX + name for name in rates]).decode()
    reached = dict(orjson.loads(connection.execute(_REACHED, (names,)).fetchone()[0]))
    now = int(time.time() * 1000)
    return {name: allowance(float(reached.get(PREFIX + name, 0)), now, rate) for name, rate in rates.items()}


def _picked(connection: sqlite3.Connection, room: Room, now: int, count: int) -> list[ClaimedRow]:
    found = orjson.loads(connection.execute(_PICK, (room.channel, now, count)).fetchone()[0])
    rows = [_row(columns) for columns in found]
    return sorted(rows, key=lambda row: (row.run_at, row.id))


def _write(connection: sqlite3.Connection, take: str, judged: Judged, asked: Asked) -> None:
    for status, ids in (("sending", judged.sending), ("claimed", judged.claimed)):
        if ids:
            connection.execute(take, (status, asked.lease, asked.now, orjson.dumps(ids).decode()))
    if judged.spent:
        connection.execute(_SPEND, (orjson.dumps(judged.spent).decode(),))
    connection.executemany(_LATER, [(at, row) for row, at in judged.later])


def _row(columns: list[Any]) -> ClaimedRow:
    columns[_SEALED] = bytes.fromhex(columns[_SEALED])
    return ClaimedRow._make(columns)
