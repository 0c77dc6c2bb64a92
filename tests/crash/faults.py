"""Stages at which a process is killed, and a store that passes them: before and after every BEGIN and COMMIT.

Rule: the production code knows nothing of it. A stage is named after the function that asked the store for something,
so that a new way of writing is a new stage without a line here.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from storage.database import Database

T = TypeVar("T")
_PLUMBING = {"faults.py", "database.py", "contextlib.py"}


class Kills:
    """Passes stages, and dies at the `nth` time of one."""

    def __init__(self) -> None:
        self.stage, self.nth = "", 0
        self.passed: Counter[str] = Counter()
        self.armed = False

    def arm(self, stage: str, nth: int) -> None:
        """From now on stages count."""
        self.stage, self.nth, self.armed = stage, nth, True

    def disarm(self) -> None:
        """Forget what was passed."""
        self.passed.clear()
        self.armed = False

    def at(self, stage: str) -> None:
        """A stage is reached."""
        if not self.armed:
            return
        self.passed[stage] += 1
        if stage == self.stage and self.passed[stage] == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, file: Path, line: str) -> None:
        """Append a line as one write: what another process was told, it was told whole."""
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode() + b"\n")
        os.close(descriptor)


KILLS = Kills()
_inside: ContextVar[bool] = ContextVar("_inside", default=False)


class FaultyDatabase(Database):
    """The real store, with stages around what it commits."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        if _inside.get():
            async with super().transaction() as transaction:
                yield transaction
            return
        who = _who()
        KILLS.at(f"{who}: before BEGIN")
        token = _inside.set(True)
        try:
            async with super().transaction() as transaction:
                yield transaction
                KILLS.at(f"{who}: before COMMIT")
            KILLS.at(f"{who}: after COMMIT")
        finally:
            _inside.reset(token)

    async def on_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        who = _who()

        def between(connection: sqlite3.Connection) -> T:
            KILLS.at(f"{who}: after BEGIN")
            result = work(connection)
            KILLS.at(f"{who}: before COMMIT")
            return result

        KILLS.at(f"{who}: before BEGIN")
        result = await super().on_writer(between)
        KILLS.at(f"{who}: after COMMIT")
        return result

    async def in_steps(
        self,
        first: Callable[[sqlite3.Connection], None],
        between: Callable[[], T],
        last: Callable[[sqlite3.Connection], None],
    ) -> T:
        who = _who()

        def begun(connection: sqlite3.Connection) -> None:
            KILLS.at(f"{who}: after BEGIN")
            first(connection)

        def ended(connection: sqlite3.Connection) -> None:
            last(connection)
            KILLS.at(f"{who}: before COMMIT")

        KILLS.at(f"{who}: before BEGIN")
        result = await super().in_steps(begun, between, ended)
        KILLS.at(f"{who}: after COMMIT")
        return result

    @asynccontextmanager
    async def _acquired(self, who: str) -> AsyncIterator[Any]:
        async with super().acquire() as connection:
            yield connection if _inside.get() else _FaultyConnection(connection, who)

    def acquire(self) -> Any:
        return self._acquired(_who())

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self._around(sql, lambda: super(FaultyDatabase, self).fetch(sql, *args))

    async def execute(self, sql: str, *args: Any) -> int:
        return await self._around(sql, lambda: super(FaultyDatabase, self).execute(sql, *args))

    async def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        await self._around(sql, lambda: super(FaultyDatabase, self).execute_many(sql, rows))

    async def _around(self, sql: str, work: Callable[[], Any]) -> Any:
        if _inside.get() or sql.lstrip()[:6].upper() == "SELECT":
            return await work()
        who = _who()
        KILLS.at(f"{who}: before COMMIT")
        result = await work()
        KILLS.at(f"{who}: after COMMIT")
        return result


class _FaultyConnection:
    """asyncpg's connection, with stages around its transactions."""

    def __init__(self, connection: Any, who: str) -> None:
        self._connection, self._who = connection, who

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        KILLS.at(f"{self._who}: before BEGIN")
        async with self._connection.transaction():
            KILLS.at(f"{self._who}: after BEGIN")
            yield
            KILLS.at(f"{self._who}: before COMMIT")
        KILLS.at(f"{self._who}: after COMMIT")


def _who() -> str:
    """The file and the function that asked the store."""
    frame = sys._getframe(1)
    while Path(frame.f_code.co_filename).name in _PLUMBING and frame.f_back is not None:
        frame = frame.f_back
    file = Path(frame.f_code.co_filename).stem
    return f"{file}, {frame.f_code.co_qualname.replace('.<locals>.<lambda>', '')}"
