"""Preparing the machine for the tests never fails and says in one line what will go untested."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import prepare


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "wanted", lambda: {"chromium": Path("/nowhere/chromium"), "bash": Path("/")})


def test_without_permission_it_says_what_is_skipped(
    missing: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    prepare.main()
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "chromium" in said
    assert "bash" not in said


def test_an_installation_that_fails_is_told_and_no_error(
    missing: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get")
    monkeypatch.setattr(prepare, "_ran", lambda *command: False)
    prepare.main()
    assert "could not be installed" in capsys.readouterr().out


def test_where_all_is_there_it_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "wanted", lambda: {"bash": Path("/")})
    prepare.main()
    assert capsys.readouterr().out == ""
