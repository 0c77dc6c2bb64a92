"""What every test may ask for: a store on each database, keys, a clock. No test reaches beyond this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from storage.crypto import Keys
from storage.database import Database
from tests.network import refuse_the_network
from tests.postgres import PostgresForTests
from tests.untested import untested

refuse_the_network()

# Settings of the machine must not change what a test sees.
for _name in [name for name in os.environ if name.startswith("MOTLINE_")]:
    if _name not in {"MOTLINE_SPECS", "MOTLINE_UNHAPPY_DATA"}:
        del os.environ[_name]


@pytest.fixture(scope="session")
def _postgres() -> Iterator[list[PostgresForTests]]:
    started: list[PostgresForTests] = []
    yield started
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def postgres(_postgres: list[PostgresForTests]) -> Callable[[], PostgresForTests]:
    """Gives the one real PostgreSQL of this run, started when first asked for."""

    def server() -> PostgresForTests:
        if not _postgres:
            try:
                _postgres.append(PostgresForTests())
            except (RuntimeError, ImportError) as error:
                untested(f"everything on PostgreSQL ({error})")
        return _postgres[0]

    return server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "motline.db"


@pytest.fixture
async def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """The address of a migrated SQLite store of this test's own."""
    if not _sqlite_template.exists():
        draft = _sqlite_template.with_suffix(".draft")
        database = await Database.connect(f"sqlite://{draft}", serving=False)
        await database.migrate()
        await database.close()
        draft.rename(_sqlite_template)
    file = tmp_path / "data" / "motline.db"
    file.parent.mkdir()
    shutil.copy(_sqlite_template, file)
    return f"sqlite://{file}"


@pytest.fixture
async def postgres_url(postgres: Callable[[], PostgresForTests]) -> AsyncIterator[str]:
    """The address of a migrated PostgreSQL store of this test's own."""
    server = postgres()
    name = await server.lend()
    yield server.url(name)
    await server.take_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated store; the test runs once on each database."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Database]:
    """A migrated store, open; the test runs once on each database."""
    database = await Database.connect(store_url, serving=True)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Keys made of a secret that is none."""
    return Keys(bytes(range(32)))
