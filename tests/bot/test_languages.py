"""In which language somebody is spoken to who has not said it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.languages import of_browser, of_terminal

BROWSERS = [
    ("zh-CN,zh;q=0.9,en;q=0.8", "en", "zh"),
    ("en-GB,en;q=0.9", "zh", "en"),
    ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "en", "zh"),
    ("en;q=0.3, zh_TW;q=0.7", "en", "zh"),
    ("fr,de;q=0.5", "zh", "zh"),
    ("", "zh", "zh"),
    ("*", "zh", "zh"),
    ("en;q=0", "zh", "zh"),
    ("en;q=much", "zh", "zh"),
]


@pytest.mark.parametrize(("accepted", "business", "language"), BROWSERS)
def test_a_browser_is_answered_in_what_it_wants_most(accepted: str, business: str, language: str) -> None:
    assert of_browser(accepted, business) == language


TERMINALS = [
    ({"LANG": "zh_CN.UTF-8"}, "", "zh"),
    ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "", "en"),
    ({"LANG": "C.UTF-8"}, "", "en"),
    ({}, "", "en"),
    ({"LANG": "en_US.UTF-8"}, "[business]\nlanguage = 'zh'\n", "zh"),
    ({"LANG": "zh_CN.UTF-8"}, "[business]\nlanguage = 'en'\n", "en"),
    ({"MOTLINE_BUSINESS__LANGUAGE": "zh"}, "", "zh"),
    ({"LANG": "zh_CN.UTF-8"}, "[business]\nlangauge = 'en'\n", "zh"),
]


@pytest.mark.parametrize(("environ", "settings", "language"), TERMINALS)
def test_a_terminal_speaks_the_business_s_language_or_its_own(
    environ: dict[str, str], settings: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if settings:
        (tmp_path / "config.toml").write_text(settings, "utf-8")
    assert of_terminal(environ) == language
