"""The site on a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.crypto import Keys
from storage.database import Database
from tests.web.house import Web, web


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = await Database.connect(sqlite_url, serving=True)
    yield opened
    await opened.close()


@pytest.fixture
async def site(database: Database, keys: Keys) -> AsyncIterator[Web]:
    """The site on SQLite."""
    async with web(database, keys) as opened:
        yield opened


@pytest.fixture
async def either(store: Database, keys: Keys) -> AsyncIterator[Web]:
    """The site, once on each database."""
    async with web(store, keys) as opened:
        yield opened
