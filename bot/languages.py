"""In which of our languages somebody is spoken to who has not said it: by their browser, or by their terminal.

Rule: a browser or a terminal counts only where it asks for a language that we speak; else the business's holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dialogs.texts import LANGUAGES, spoken


def of_browser(accepted: str, business: str) -> str:
    """The most wanted language of an Accept-Language header (RFC 9110, 12.5.4), else the business's."""
    wanted = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.partition(";")
        main = tag.strip().replace("_", "-").partition("-")[0].lower()
        if main in LANGUAGES and (share := _share(weight)) > 0:
            wanted.append((-share, place, main))
    return min(wanted)[2] if wanted else spoken(business)


def _share(weight: str) -> float:
    """The 0.8 of "q=0.8"; 1 where none is given, 0 for what is no weight."""
    name, _, number = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, float(number)) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


def of_terminal(environ: Mapping[str, str]) -> str:
    """`business.language` of the settings that hold here; where there are none, the terminal's locale."""
    from bot.config import load
    from bot.config_read import DEFAULT_PATH
    from bot.config_values import ConfigError

    named = any(environ.get(name) for name in ("MOTLINE_CONFIG", "MOTLINE_BUSINESS__LANGUAGE"))
    if named or Path(DEFAULT_PATH).exists():
        try:
            return spoken(load(environ=environ).business.language)
        except ConfigError:
            pass  # The settings are not what is looked at here; the commands that need them say what is wrong.
    return spoken(next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), ""))
