"""SQLite for Tortoise: one writer thread, and every transaction begins with BEGIN IMMEDIATE.

Rule: whatever writes to the file goes through `Writer`, one statement or one function after the other, and whoever
needs several of them together holds the client's lock. A deferred BEGIN would let two processes read and then both wait
to write, until one gets "database is locked" in spite of `busy_timeout`. A transaction whose task is cancelled gives
the lock back: Tortoise's own context keeps it when the cancellation arrives during BEGIN.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import aiosqlite
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.connection import get_connections

from storage.errors import Busy, FileGone

T = TypeVar("T")
BUSY_MS = 5000
CACHED_STATEMENTS = 512


class Writer(aiosqlite.Connection):
    """A connection on a thread of its own, which does not hold up the interpreter's exit when nobody closed it."""

    def __init__(self, path: str) -> None:
        super().__init__(lambda: _opened(path), iter_chunk_size=64)
        self._thread.daemon = True

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, run on the thread; once begun it runs to its end, even when the caller is cancelled."""
        result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return result


class OpenFile(sqlite3.Connection):
    """A connection that knows which file it has open, since SQLite goes on writing to one that was removed."""

    path = ""
    identity = (0, 0)

    def stand(self) -> None:
        """Raises FileGone where the file is not in its place any more."""
        if self.path and _identity(self.path) != self.identity:
            raise FileGone(
                f"{self.path} was removed or replaced while Motline had it open; put it back, with its -wal beside it, "
                "and start Motline again"
            )


def _opened(path: str) -> OpenFile:
    connection = sqlite3.connect(
        path, isolation_level=None, cached_statements=CACHED_STATEMENTS, check_same_thread=False, factory=OpenFile
    )
    connection.row_factory = sqlite3.Row
    connection.path, connection.identity = path, _identity(path)
    return connection


def _identity(path: str) -> tuple[int, int]:
    """The device and number of the file at `path`; zeros where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


async def opened(path: str, pragmas: dict[str, str | int]) -> Writer:
    """A connection with the pragmas set. Raises sqlite3.Error."""
    connection = Writer(path)
    await connection
    try:
        for name, value in pragmas.items():
            await connection.execute_fetchall(f"PRAGMA {name}={value}")
    except BaseException:
        await connection.close()
        raise
    return connection


def immediately(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` inside BEGIN IMMEDIATE … COMMIT; ROLLBACK when it raises. Raises Busy when the file stays locked."""
    _begin(connection)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def stand(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The same connection. Raises FileGone where what it writes would be lost."""
    if isinstance(connection, OpenFile):
        connection.stand()
    return connection


def _begin(connection: sqlite3.Connection) -> None:
    stand(connection)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            raise
        raise Busy(
            f"another process has been writing to this database for {BUSY_MS // 1000} s; try again, or use PostgreSQL"
        ) from error


def _begun(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
    _begin(connection)
    work(connection)


def _ended(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
    work(connection)
    connection.execute("COMMIT")


def _rolled_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


class ImmediateClient(SqliteClient):
    """Tortoise's SQLite client, on a `Writer`."""

    async def create_connection(self, with_db: bool) -> None:
        if not self._connection:
            self._connection = await opened(self.filename, self.pragmas)
            await self._post_connect()

    @property
    def writer(self) -> Writer:
        """The one connection that writes."""
        assert isinstance(self._connection, Writer)
        return self._connection

    def _in_transaction(self) -> TransactionContext:
        return ImmediateTransaction(self)

    async def in_steps(
        self,
        first: Callable[[sqlite3.Connection], None],
        between: Callable[[], T],
        last: Callable[[sqlite3.Connection], None],
    ) -> T:
        """One transaction: `first` on the writer's thread, `between` here, `last` and COMMIT on the thread again.

        ROLLBACK when one of them raises, or the caller is cancelled. Raises Busy.
        """
        async with self.acquire_connection():
            writer = self.writer
            try:
                await writer.run(lambda connection: _begun(connection, first))
                result = between()
                await writer.run(lambda connection: _ended(connection, last))
            except BaseException:
                await writer.run(_rolled_back)
                raise
            return result

    async def on_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction on the writer's thread."""
        async with self.acquire_connection():
            return await self.writer.run(lambda connection: immediately(connection, work))


class ImmediateWrapper(SqliteTransactionWrapper):
    """The client as code inside a transaction sees it."""

    async def begin(self) -> None:
        assert isinstance(self._connection, Writer)
        await self._connection.run(_begin)

    async def execute_script(self, query: str) -> None:
        """One statement after the other: sqlite3's own `executescript` would commit the transaction first."""
        for statement in _statements(query):
            await self.execute_query(statement)


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for piece in re.split(r"(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


class ImmediateTransaction(TransactionContext):
    """BEGIN IMMEDIATE under the client's lock."""

    def __init__(self, client: ImmediateClient) -> None:
        self._client = client
        self._wrapper: ImmediateWrapper | None = None

    async def __aenter__(self) -> TransactionalDBClient:
        await self._client._lock.acquire()
        try:
            await self._client.create_connection(with_db=True)
            wrapper = ImmediateWrapper(self._client)
            await self._begun(wrapper)
        except BaseException:
            self._client._lock.release()
            raise
        self._wrapper = wrapper
        self._token = get_connections().set(self._client.connection_name, wrapper)
        return wrapper

    async def _begun(self, wrapper: ImmediateWrapper) -> None:
        try:
            await wrapper.begin()
        except Exception:
            raise
        except BaseException:
            # Cancelled: the thread begins all the same, so the rollback is queued right behind it.
            with contextlib.suppress(Exception):
                await wrapper.rollback()
            raise

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        assert self._wrapper is not None
        try:
            if not self._wrapper._finalized:
                await (self._wrapper.rollback() if exc_type else self._wrapper.commit())
        finally:
            get_connections().reset(self._token)
            self._client._lock.release()


client_class = ImmediateClient
