"""`motline check` and `motline simulate`: dialog scripts without a server or a store."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bot.config_values import ConfigError, nearest
from bot.languages import of_terminal
from bot.sms_costs import costs
from channels.words import stops_chat
from dialogs import texts
from dialogs.events import Verdict
from dialogs.script import Script, ScriptError, check_script, load_script, shipped_scripts
from dialogs.simulation import simulate as played
from dialogs.unhappy import Mood, shipped_reader

Play = Callable[[Sequence[str]], tuple[str, ...]]

_OUT = Console(highlight=False, soft_wrap=True)
_SURE = 0.8
_CAUSES = {
    errno.ENOENT: "script.file_missing",
    errno.EACCES: "script.file_forbidden",
    errno.EISDIR: "script.file_folder",
}
_ENDS = frozenset({"finished", "expired", "stopped", "undelivered", "broken"})


def check(files: Sequence[Path], language: str, *, show_sms: Callable[[str, str, str], None] | None = None) -> int:
    """Print every finding in `language`, and show what else is wanted of a script (text, path, language).

    1 where a finding is an error.
    """
    sources = [(_read(path, language), str(path)) for path in files] or _shipped()
    fields = frozenset().union(*(_fields(text, path) for text, path in sources))
    errors = warnings = 0
    for text, path in sources:
        for problem in check_script(text, path, fields=fields):
            wrong = problem.level == "error"
            errors, warnings = errors + wrong, warnings + (not wrong)
            _OUT.print(problem.told(language), style="red" if wrong else "yellow", markup=False)
        if show_sms is not None:
            show_sms(text, path, language)
    counts = {"files": len(sources), "errors": errors, "warnings": warnings}
    _OUT.print(texts.text("script.checked", language, **counts))
    return 1 if errors else 0


def _fields(text: str, path: str) -> frozenset[str]:
    """The fields of a profile that a dialog sets; none for one that cannot be loaded."""
    try:
        return load_script(text, path=path).profile_fields
    except ScriptError:
        return frozenset()


def print_sms(text: str, path: str, language: str) -> None:
    """What each text costs as an SMS, beginning at its line; nothing for a script that cannot be loaded."""
    try:
        script = load_script(text, path=path)
    except ScriptError:
        return
    for cost in costs(script):
        style = "yellow" if cost.blamed else "dim"
        _OUT.print(f"{path}:{cost.line}: {cost.said.told(language)}", style=style, markup=False)


def simulate(name: str, replies: Sequence[str], *, language: str, channel: str, customer: str) -> int:
    """Play a dialog with the replies given, or ask for them one by one; 1 where the script has errors."""
    try:
        script = _loaded(name)
    except ScriptError as error:
        spoken = of_terminal(os.environ)
        for problem in error.problems:
            _OUT.print(problem.told(spoken), style="red", markup=False)
        return 1
    if language and language not in script.languages:
        spoken = ", ".join(script.languages)
        raise ConfigError(f"--language {language}: {name} speaks {spoken}{nearest(language, script.languages)}")
    reader = shipped_reader()

    def read(text: str) -> tuple[Mood | None, Verdict]:
        mood = reader.read(text)
        return mood, "unhappy" if mood.always or mood.unhappy >= _SURE else "fine"

    def play(said: Sequence[str]) -> tuple[str, ...]:
        profile = {"name": customer}
        return played(
            script, said, language=language, channel=channel, profile=profile, read=read, stops=stops_chat
        )

    if sys.stdin.isatty() and not replies:
        _converse(play)
    else:
        _show(play(replies or [line.rstrip("\n") for line in sys.stdin]))
    return 0


def _converse(play: Play) -> None:
    """A dialog is pure: each reply plays it from the start, and only what is new is shown."""
    said: list[str] = []
    shown = 0
    while True:
        lines = play(said)
        _show(lines[shown:])
        shown = len(lines)
        if lines and lines[-1].removeprefix("   ! ") in _ENDS:
            return
        try:
            said.append(_OUT.input("[bold]you> [/bold]"))
        except (EOFError, KeyboardInterrupt):
            _OUT.print()
            return
        shown += 1


def _show(lines: Sequence[str]) -> None:
    for line in lines:
        style = "bold" if line.startswith("you>") else "dim" if line.startswith("   ") else "green"
        _OUT.print(line, style=style, markup=False)


def _shipped() -> list[tuple[str, str]]:
    return [(text, f"dialogs/scripts/{name}.yml") for name, text in shipped_scripts().items()]


def _loaded(name: str) -> Script:
    shipped = shipped_scripts()
    if name in shipped:
        return load_script(shipped[name], path=f"dialogs/scripts/{name}.yml")
    path = Path(name)
    if not path.exists():
        raise ConfigError(
            f"{name}: there is no such file, and no dialog of this name ships"
            + (nearest(name, shipped) or f"; there are {', '.join(shipped)}")
        )
    return load_script(_read(path, of_terminal(os.environ)), path=name)


def _read(path: Path, language: str) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        known = _CAUSES.get(error.errno or 0)
        said = texts.text(known, language) if known else error.strerror
        raise ConfigError(texts.text("script.file_unreadable", language, path=path, said=said)) from None
    except UnicodeDecodeError:
        raise ConfigError(texts.text("script.file_encoding", language, path=path)) from None
