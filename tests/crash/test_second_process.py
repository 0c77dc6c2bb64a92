"""A second serving process on one SQLite file refuses with one line; a short command beside it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import Database
from tests.actions.calls import ROOT


def motline(folder: Path, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "MOTLINE_DATABASE__URL": url,
            "MOTLINE_SERVER__PORT": "0",
            "MOTLINE_SECRETS__KEY_FILE": str(folder / "secret.key"),
        },
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.parametrize("command", ["run", "web", "worker"])
async def test_a_second_serving_process_refuses_with_one_line_that_names_postgresql(
    command: str, sqlite_url: str, tmp_path: Path
) -> None:
    first = await Database.connect(sqlite_url, serving=True)
    try:
        done = motline(tmp_path, command, url=sqlite_url)
    finally:
        await first.close()
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"is already served by process {os.getpid()}" in done.stderr
    assert "PostgreSQL" in done.stderr


async def test_a_short_command_works_beside_the_serving_process(sqlite_url: str, tmp_path: Path) -> None:
    first = await Database.connect(sqlite_url, serving=True)
    try:
        done = motline(tmp_path, "admin", "link", "Ann", url=sqlite_url)
    finally:
        await first.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert "/sign-in/" in done.stdout
