"""The limit: the echo of `benchmarks.echo` that also commits the rows of a reply, and does nothing else.

`python -m benchmarks.bare_commit PORT URL` serves on a filled store. No look-up, no signature, no dialog, no mood: each
request inserts the message, sets the conversation's state, inserts the answer and the outgoing row, in the store's own
tables, by the plain driver, in one commit with all that wait. What is committed here cannot be answered faster.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.replies_store import OPEN
from storage.database_url import pragmas

#: (conversation, random id, text) of one reply.
Reply = tuple[int, str, str]
Commit = Callable[[Sequence[Reply]], Awaitable[None]]

_STATE = '{"seed":"0123456789abcdef","language":"en","channel":"webchat","open_step":3,"slots":{"nps":9},"sequence":2}'
_INBOUND = (
    "inbound (dedup, address_id, customer_id, conversation_id, kind, text, at, created_at)",
    "i, n, n, n, 'text', t, 1, 1",
)
_ANSWER = (
    "answers (conversation_id, customer_id, script_id, slot, type, value, said, how, at)",
    "n, n, 1, i, 'nps', '9', t, 'exact', 1",
)
_OUTGOING = (
    "outbox (public_id, address_id, customer_id, conversation_id, channel, kind, text, status, run_at, created_at)",
    "i, n, n, n, 'webchat', 'question', t, 'inline', 1, 1",
)


class Group:
    """A group commit: what waits goes together, at most 64, one commit after the other."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: list[tuple[Reply, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, reply: Reply) -> asyncio.Future[None]:
        """Ends when it is committed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((reply, future))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[:64], self._waiting[64:]
            await self._commit([reply for reply, _ in batch])
            for _, future in batch:
                future.set_result(None)
        self._task = None


def on_sqlite(url: str) -> Commit:
    """One thread with one connection; each table's rows by one `executemany`."""
    thread = ThreadPoolExecutor(1)
    made: list[sqlite3.Connection] = []

    def commit(rows: Sequence[Reply]) -> None:
        if not made:
            made.append(sqlite3.connect(url.removeprefix("sqlite://"), isolation_level=None, cached_statements=512))
            for name, value in pragmas("FULL", 5000).items():
                made[0].execute(f"PRAGMA {name}={value}")
        named = [{"n": n, "i": i, "t": t} for n, i, t in rows]
        made[0].execute("BEGIN IMMEDIATE")
        for into, values in (_INBOUND, _ANSWER, _OUTGOING):
            marked = ", ".join(f":{one}" if len(one) == 1 and one.isalpha() else one for one in values.split(", "))
            made[0].executemany(f"INSERT INTO {into} VALUES ({marked})", named)
        made[0].executemany(
            "UPDATE conversations SET state = ?, revision = revision + 1 WHERE id = ?",
            [(_STATE, n) for n, _, _ in rows],
        )
        made[0].execute("COMMIT")

    async def committed(rows: Sequence[Reply]) -> None:
        await asyncio.get_running_loop().run_in_executor(thread, commit, rows)

    return committed


def on_postgresql(url: str) -> Commit:
    """One connection; all tables' rows by one statement of `unnest`."""
    import asyncpg

    made: list[Any] = []
    parts = [
        f"INSERT INTO {into} SELECT {values} FROM k RETURNING 1" for into, values in (_INBOUND, _ANSWER, _OUTGOING)
    ]
    parts.append("UPDATE conversations v SET state = $4, revision = revision + 1 FROM k WHERE v.id = k.n RETURNING 1")
    named = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(parts))
    sql = f"WITH k AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) k (n, i, t)), {named} SELECT 1"

    async def committed(rows: Sequence[Reply]) -> None:
        if not made:
            made.append(await asyncpg.connect(url))
        await made[0].execute(sql, *(list(column) for column in zip(*rows, strict=True)), _STATE)

    return committed


def app(commit: Commit) -> Starlette:
    group, numbers = Group(commit), itertools.cycle(range(1, OPEN + 1))

    async def reply(request: Request) -> Response:
        body = await request.body()
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = {"body": body.decode("utf-8", "replace")}
        await group.add((next(numbers), secrets.token_hex(16), "Thank you!"))
        return Response(orjson.dumps(value), media_type="application/json")

    return Starlette(routes=[Route("/{path:path}", reply, methods=["POST"])])


if __name__ == "__main__":
    store = sys.argv[2]
    here = {"host": "127.0.0.1", "port": int(sys.argv[1])}
    served = app(on_sqlite(store) if store.startswith("sqlite") else on_postgresql(store))
    uvicorn.run(served, **here, log_level="warning", access_log=False, loop="uvloop", http="httptools")
