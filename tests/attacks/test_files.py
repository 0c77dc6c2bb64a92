"""What lies on the disk is the user's alone, whatever the machine's umask says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.crypto import load_secret
from storage.database import Database


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
async def test_nobody_else_on_the_machine_reads_the_store(tmp_path: Path) -> None:
    file = tmp_path / "data" / "motline.db"
    database = await Database.connect(f"sqlite://{file}", serving=True)
    try:
        await database.migrate()
        made = {path.name: mode(path) for path in file.parent.iterdir()}
    finally:
        await database.close()
    assert {"motline.db", "motline.db-wal"} <= set(made)
    assert [name for name, found in made.items() if name != "motline.db.lock" and found & 0o077] == []
    assert made["motline.db.lock"] & 0o022 == 0


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_on_the_machine_reads_the_secret(tmp_path: Path) -> None:
    load_secret(tmp_path / "data" / "secret.key", "")
    assert mode(tmp_path / "data" / "secret.key") == 0o600
    assert mode(tmp_path / "data") & 0o022 == 0


@pytest.mark.usefixtures("open_umask")
async def test_rights_that_an_admin_gave_a_store_stay(tmp_path: Path) -> None:
    file = tmp_path / "motline.db"
    file.touch(0o640)
    file.chmod(0o640)
    database = await Database.connect(f"sqlite://{file}", serving=False)
    await database.migrate()
    await database.close()
    assert mode(file) == 0o640
