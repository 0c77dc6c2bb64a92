"""The one door to the store: connect, migrate, transactions, and plain SQL that reads the same on both databases.

Rule: SQL is written once, with PostgreSQL's `$1` placeholders. Outside a transaction a SELECT never waits for a writer;
inside `transaction()` everything, the ORM's calls too, belongs to it. No network call happens inside a transaction, and
no task is started inside one: it would inherit it and speak to a transaction that is over.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

from tortoise import context as tortoise_context
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException

from storage import migrating
from storage.database_url import DatabaseUrl, Kind, Synchronous, pragmas, read_url
from storage.errors import Busy, CannotConnect, FileGone, StoreError
from storage.serving_lock import hold
from storage.sqlite_client import BUSY_MS, ImmediateClient, Writer, opened, stand

if TYPE_CHECKING:
    import asyncpg

T = TypeVar("T")
Row = Mapping[str, Any]
Type = Literal["bigint", "int", "text", "double precision"]

_ENGINES: Final = {"sqlite": "storage.sqlite_client", "postgresql": "storage.asyncpg_client"}
_NOW: Final = {
    # Neither `unixepoch('subsec')` (SQLite 3.42) nor milliseconds elsewhere: days since noon of 4714 BC, at this epoch.
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}


class Database:
    """The store of this process, made once by `connect`. Methods raise what `gone` lists when it went away."""

    def __init__(self, url: DatabaseUrl, context: TortoiseContext, reader: Writer | None, lock: IO[str] | None) -> None:
        self.kind: Kind = url.kind
        self.shown = url.shown
        self.now_sql = _NOW[url.kind]
        """SQL for milliseconds now on the database's clock, for leases."""
        self.gone: tuple[type[BaseException], ...] = _gone(url.kind)
        """What the driver raises when the database cannot be reached or is busy: wait and try again."""
        self._context = context
        self._reader = reader
        self._lock = lock

    @classmethod
    async def connect(
        cls, url: str, *, serving: bool, synchronous: Synchronous = "FULL", connections: int = 10
    ) -> Database:
        """Open the store. A `serving` process takes the SQLite file for itself; `connections` is PostgreSQL's pool.

        Raises BadAddress, CannotConnect, InUse.
        """
        read = read_url(url)
        lock = _file_lock(read, serving)
        try:
            context = await _tortoise(read, synchronous, connections)
            reader = await _reader(read, synchronous)
        except BaseException:
            if lock:
                lock.close()
            raise
        return cls(read, context, reader, lock)

    async def close(self) -> None:
        """Let go of everything; safe to call twice."""
        if self._reader:
            await self._reader.close()
            self._reader = None
        await self._context.close_connections()
        if self._lock:
            self._lock.close()
            self._lock = None

    async def migrate(self) -> list[str]:
        """Bring the tables up to the program; the names of what was applied. Raises NotMigrated when they are newer."""
        async with self.transaction() as transaction:
            return await migrating.migrate(transaction)

    async def pending(self) -> list[str]:
        """The names of migrations that `migrate` would apply. Raises NotMigrated when the tables are newer."""
        return await migrating.pending(self.client)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[TransactionalDBClient]:
        """One transaction, or a savepoint inside the one that is open. Raises Busy when SQLite's file stays locked."""
        token = tortoise_context._current_context.set(self._context)
        try:
            async with self.client._in_transaction() as transaction:
                yield transaction
        finally:
            tortoise_context._current_context.reset(token)

    async def on_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """SQLite: run `work` on the writer's thread inside BEGIN IMMEDIATE … COMMIT; ROLLBACK when it raises.

        Rows come as sqlite3.Row. Not inside `transaction()`, which holds the same lock. Raises Busy.
        """
        client = self.client
        assert isinstance(client, ImmediateClient), "on_writer is SQLite's, and stands outside transaction()"
        return await client.on_writer(work)

    async def on_reader(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """SQLite: run `work` on the reader's thread, which sees what is committed and waits for nobody."""
        assert self._reader is not None, "on_reader is SQLite's"
        return await self._reader.run(work)

    async def in_steps(
        self,
        first: Callable[[sqlite3.Connection], None],
        between: Callable[[], T],
        last: Callable[[sqlite3.Connection], None],
    ) -> T:
        """SQLite: one transaction of which `first` and `last` run on the writer's thread, `between` on the caller's.

        As `on_writer` otherwise. Raises Busy.
        """
        client = self.client
        assert isinstance(client, ImmediateClient), "in_steps is SQLite's, and stands outside transaction()"
        return await client.in_steps(first, between, last)

    def acquire(self) -> AbstractAsyncContextManager[asyncpg.Connection[Any]]:
        """PostgreSQL: the open transaction's connection, or one from the pool for as long as the context lasts."""
        assert self.kind == "postgresql", "acquire is PostgreSQL's"
        return cast("AbstractAsyncContextManager[asyncpg.Connection[Any]]", self.client.acquire_connection())

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """The rows of one statement with `$1` placeholders."""
        if self.kind == "postgresql":
            async with self.acquire() as connection:
                return [dict(row) for row in await connection.fetch(sql, *args)]
        rows = await self._on_sqlite(sql, lambda connection: connection.execute(_numbered(sql), args).fetchall())
        return [dict(row) for row in rows]

    async def fetch_one(self, sql: str, *args: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement; the number of rows it changed."""
        if self.kind == "postgresql":
            async with self.acquire() as connection:
                return _affected(await connection.execute(sql, *args))
        return await self._on_sqlite(sql, lambda connection: connection.execute(_numbered(sql), args).rowcount)

    async def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement once per row, all or nothing."""
        if self.kind == "postgresql":
            async with self.acquire() as connection:
                await connection.executemany(sql, rows)
            return
        if isinstance(self.client, ImmediateClient):
            await self.client.on_writer(lambda connection: connection.executemany(_numbered(sql), rows))
            return
        await self._on_sqlite(sql, lambda connection: connection.executemany(_numbered(sql), rows))

    def table(self, parameter: str, **columns: Type) -> str:
        """SQL for a table made of a JSON array of objects, given as `parameter` ("$1"): many rows in one statement."""
        if self.kind == "postgresql":
            named = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            return f"jsonb_to_recordset(CAST({parameter} AS jsonb)) AS k({named})"
        named = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        return f"(SELECT {named} FROM json_each({parameter})) AS k"

    async def stand(self) -> None:
        """Raises what `gone` lists where the store does not answer, or its file is not in its place any more."""
        await self.fetch("SELECT 1 AS one")
        if self._reader:
            await self._reader.run(stand)

    @property
    def skip_locked(self) -> str:
        """SQL that makes a claim step over rows that another worker is claiming; SQLite has one writer."""
        return "FOR UPDATE SKIP LOCKED" if self.kind == "postgresql" else ""

    async def now_ms(self) -> int:
        """Milliseconds now on the database's clock; SQLite's is this machine's."""
        if self.kind == "sqlite":
            return int(time.time() * 1000)
        rows = await self.fetch(f"SELECT {self.now_sql} AS now")
        return int(rows[0]["now"])

    @property
    def client(self) -> BaseDBAsyncClient:
        """The ORM's connection, or the open transaction of this task; for `using_db`."""
        return self._context.connections.get(self.kind)

    async def _on_sqlite(self, sql: str, work: Callable[[sqlite3.Connection], T]) -> T:
        client = self.client
        if self._reader and isinstance(client, ImmediateClient) and sql.lstrip()[:6].upper() == "SELECT":
            return await self._reader.run(work)
        async with client.acquire_connection() as writer:
            return await cast(Writer, writer).run(lambda connection: work(stand(connection)))


def _file_lock(url: DatabaseUrl, serving: bool) -> IO[str] | None:
    if url.kind != "sqlite":
        return None
    try:
        url.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whoever may read the file reads what customers wrote; SQLite gives its -wal and -shm the same rights.
        os.close(os.open(url.path, os.O_RDWR | os.O_CREAT, 0o600))
        return hold(url.path) if serving else None
    except OSError as error:
        raise CannotConnect(
            f"database.url = {url.shown!r}: cannot write to {url.path.parent} ({error.strerror}); "
            "choose a folder that this user may write to"
        ) from error


async def _tortoise(url: DatabaseUrl, synchronous: Synchronous, connections: int) -> TortoiseContext:
    """Tortoise's own state, connected; also for tasks that did not inherit it, such as uvicorn's lifespan."""
    context = TortoiseContext()
    credentials = dict(url.credentials)
    if url.kind == "sqlite":
        credentials |= pragmas(synchronous, BUSY_MS)
    else:
        credentials |= {"minsize": 1, "maxsize": connections}
    config = {
        "connections": {url.kind: {"engine": _ENGINES[url.kind], "credentials": credentials}},
        "apps": migrating.app_config(url.kind),
    }
    token = tortoise_context._current_context.set(context)
    try:
        await context.init(config, _enable_global_fallback=tortoise_context._global_context is None)
        await context.connections.get(url.kind).create_connection(with_db=True)
    except Exception as error:
        await context.close_connections()
        if not isinstance(error, (BaseORMException, StoreError, sqlite3.Error, *_gone(url.kind))):
            raise
        raise _cannot_connect(url, error) from error
    finally:
        tortoise_context._current_context.reset(token)
    return context


def _cannot_connect(url: DatabaseUrl, error: BaseException) -> CannotConnect:
    reason = " ".join(str(error).split()) or type(error).__name__
    fix = (
        "check that this user may write to the folder and that the file is a Motline database"
        if url.kind == "sqlite"
        else "check that PostgreSQL runs there, that the database exists, and the user and password"
    )
    return CannotConnect(f"database.url = {url.shown!r}: {reason}; {fix}")


async def _reader(url: DatabaseUrl, synchronous: Synchronous) -> Writer | None:
    if url.kind != "sqlite":
        return None
    return await opened(str(url.path), pragmas(synchronous, BUSY_MS) | {"query_only": "ON"})


def _gone(kind: Kind) -> tuple[type[BaseException], ...]:
    if kind == "sqlite":
        return (sqlite3.OperationalError, Busy, FileGone)
    import asyncpg

    return (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        # A connection used in the moment between the server's last word and its end.
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        # A deadlock is broken by giving one of the two up: that one tries again.
        asyncpg.TransactionRollbackError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    )


_PLACEHOLDER: Final = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", sql)


def _affected(status: str) -> int:
    """Rows changed, from a command tag such as `UPDATE 3` or `INSERT 0 3`."""
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0
