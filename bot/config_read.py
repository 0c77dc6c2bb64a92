"""Read config.toml and the environment into a Config.

Rule: whatever is not a setting is refused, with its line and the nearest name; nothing is silently ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final, get_type_hints

from bot.config import Config
from bot.config_values import ConfigError, convert, nearest

DEFAULT_PATH: Final = Path("config.toml")
# Names of the environment that are no settings: where the file is, the key, and what only tests and tools read.
_RESERVED: Final = frozenset({"MOTLINE_CONFIG", "MOTLINE_SECRET_KEY", "MOTLINE_SPECS", "MOTLINE_UNHAPPY_DATA"})


def read(path: Path | None, environ: Mapping[str, str]) -> Config:
    """A Config of the right types; rules between settings are `config_rules`' business. Raises ConfigError."""
    found, text = _file(path, environ)
    table = _parsed(found, text)
    origins = _Origins(found, text)
    values = _from_table(table, origins)
    for section, chosen in _from_environment(environ).items():
        values.setdefault(section, {}).update(chosen)
    if key := environ.get("MOTLINE_SECRET_KEY"):
        values.setdefault("secrets", {})["key"] = key
    kinds = get_type_hints(Config)
    return Config(**{name: kinds[name](**given) for name, given in values.items()})


def _file(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, str]:
    named = path or (Path(environ["MOTLINE_CONFIG"]) if environ.get("MOTLINE_CONFIG") else None)
    target = named or DEFAULT_PATH
    try:
        return target, target.read_text("utf-8")
    except FileNotFoundError:
        if named is None:
            return target, ""
        raise ConfigError(f"{target}: there is no such file; give --config the path of your config.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{target}: cannot be read ({reason}); check the path, the rights and the encoding") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}; texts need quotes, and each key its own line") from None


class _Origins:
    """Says where a key stands, for messages: tomllib keeps no line numbers, so the line is looked for."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def at(self, section: str, key: str = "") -> str:
        """`config.toml:14`, or the path alone where the line cannot be told."""
        here = ""
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
            here = header[1] if header else here
            name = re.match(r"""\s*["']?([\w-]+)["']?\s*[=.]""", line)
            given = (here, name[1] if name else "") if here else (name[1] if name else "", "")
            if given == (section, key):
                return f"{self._path}:{number}"
        return str(self._path)


def _from_table(table: Mapping[str, Any], origins: _Origins) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for section, entries in table.items():
        where = origins.at(section)
        _known_section(section, where)
        if not isinstance(entries, dict):
            raise ConfigError(f"{where}: {section} = {entries!r} is no section; write [{section}] above its settings")
        values[section] = {
            key: setting(section, key, value, origins.at(section, key)) for key, value in entries.items()
        }
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for name in sorted(environ):
        if not name.startswith("MOTLINE_") or name in _RESERVED:
            continue
        section, double, key = name.removeprefix("MOTLINE_").lower().partition("__")
        if not double:
            known = [f"MOTLINE_{one.name.upper()}__{two}" for one in fields(Config) for two in _names(one.name)]
            raise ConfigError(
                f"environment: {name} is no setting; write MOTLINE_SECTION__KEY, as in MOTLINE_TELEGRAM__TOKEN"
                + nearest(name, known)
            )
        _known_section(section, "environment", name)
        values.setdefault(section, {})[key] = setting(section, key, environ[name], "environment", name)
    return values


def _names(section: str) -> list[str]:
    return [one.name for one in fields(get_type_hints(Config)[section])]


def _known_section(section: str, where: str, shown: str = "") -> None:
    known = [one.name for one in fields(Config)]
    if section not in known:
        raise ConfigError(
            f"{where}: {shown or f'[{section}]'}: there is no section '{section}'"
            + (nearest(section, known) or f"; the sections are {', '.join(known)}")
        )


def setting(section: str, key: str, value: object, where: str, shown: str = "") -> Any:
    """The typed value of `section.key`. Raises ConfigError naming place, key, value (unless secret) and fix."""
    settings = get_type_hints(Config)[section]
    known: dict[str, Field[Any]] = {one.name: one for one in fields(settings)}
    label = shown or f"{section}.{key}"
    if key not in known:
        listed = ", ".join(known)
        raise ConfigError(
            f"{where}: {label}: there is no such setting" + (nearest(key, known) or f"; [{section}] has {listed}")
        )
    try:
        return convert(value, get_type_hints(settings)[key])
    except ValueError as error:
        given = "(hidden)" if known[key].metadata.get("secret") else repr(value)
        raise ConfigError(f"{where}: {label} = {given}: {error}") from None
