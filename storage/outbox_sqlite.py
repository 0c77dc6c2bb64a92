"""Claiming on SQLite: three statements of one step each, in one transaction on the writer's thread.

Rule: as in `sqlite_rows.py`, every step has to win the interpreter's lock back from a busy event loop; so rows come as
one JSON array in one row, however many they are.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import orjson

from storage.database import Database
from storage.outbox_rows import UNFINISHED_SQL, ClaimedRow

_SEALED: Final = 13
_PICK: Final = f"""SELECT json_group_array(id) FROM (SELECT o.id FROM outbox o WHERE o.channel = ?
 AND o.status IN ('due', 'retry') AND o.run_at <= ? AND NOT EXISTS (SELECT 1 FROM outbox e
 WHERE e.address_id = o.address_id AND e.id < o.id AND e.status IN ({UNFINISHED_SQL}))
 ORDER BY o.run_at, o.id LIMIT ?)"""
_READ: Final = """SELECT json_group_array(json_array(o.id, o.attempts, o.public_id, o.address_id, o.channel, o.kind,
 o.text, o.body, o.sequence, o.conversation_id, o.customer_id, o.created_at, o.run_at, hex(a.sealed), a.status,
 o.status, a.window_at, a.window_left, a.free_until, o.via))
 FROM json_each(?) k JOIN outbox o ON o.id = k.value JOIN addresses a ON a.id = o.address_id"""


async def claim(database: Database, channel: str, now: int, count: int, lease: int) -> list[ClaimedRow]:
    """At most `count` due messages of a channel, now this worker's for `lease` ms. Outside a transaction."""
    take = f"""UPDATE outbox SET status = 'claimed', attempts = attempts + 1, lease_at = {database.now_sql} + ?
 WHERE id IN (SELECT value FROM json_each(?))"""

    def work(connection: sqlite3.Connection) -> str:
        picked: str = connection.execute(_PICK, (channel, now, count)).fetchone()[0]
        if picked == "[]":
            return picked
        connection.execute(take, (lease, picked))
        read: str = connection.execute(_READ, (picked,)).fetchone()[0]
        return read

    rows = [_row(columns) for columns in orjson.loads(await database.on_writer(work))]
    return sorted(rows, key=lambda row: (row.run_at, row.id))


def _row(columns: list[Any]) -> ClaimedRow:
    columns[_SEALED] = bytes.fromhex(columns[_SEALED])
    return ClaimedRow(*columns)
