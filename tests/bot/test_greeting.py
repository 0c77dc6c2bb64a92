"""How the command is named to people: as they can type it where Motline was started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.greeting import program


@pytest.mark.parametrize(
    ("started_as", "typed"),
    [
        (".venv/bin/motline", ".venv/bin/motline"),
        ("/usr/local/bin/motline", "motline"),
        ("/elsewhere/bot/__main__.py", "motline"),
    ],
)
def test_the_command_is_named_as_it_can_be_typed(
    started_as: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [started_as, "run"])
    assert program() == typed
    monkeypatch.setattr(sys, "argv", [str(tmp_path / started_as), "run"])
    assert program() == (typed if started_as.startswith(".") else "motline")
