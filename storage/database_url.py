"""From the setting `database.url` to what Tortoise wants to know.

Rule: a password never gets into a message. The connection's name is the kind of the database, because Tortoise keeps
the SQL of an insert per (connection name, table) for the life of the process.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from storage.errors import BadAddress

Kind = Literal["sqlite", "postgresql"]
Synchronous = Literal["FULL", "NORMAL"]

_FIX: Final = 'use "sqlite://data/motline.db" or "postgresql://user:password@host:5432/motline"'
_CACHE_KIB: Final = 131_072


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A readable address. `path`: the file (SQLite). `credentials`: for the driver. `shown`: no password."""

    kind: Kind
    path: Path
    credentials: dict[str, Any]
    shown: str


def read_url(url: str) -> DatabaseUrl:
    """Raises BadAddress, naming the value (without its password) and the fix."""
    scheme, separator, rest = url.partition("://")
    if not separator or not rest:
        raise BadAddress(f"database.url = {_shown(url)!r} is not an address; {_FIX}")
    match scheme:
        case "sqlite":
            return _sqlite(rest)
        case "postgresql" | "postgres":
            return _postgresql(url)
        case _:
            raise BadAddress(f"database.url = {_shown(url)!r}: Motline knows no {scheme!r}; {_FIX}")


def pragmas(synchronous: Synchronous, busy_ms: int) -> dict[str, str | int]:
    """The settings of every SQLite connection; the cache in KiB, where negative."""
    return {
        "busy_timeout": busy_ms,
        "journal_mode": "WAL",
        "synchronous": synchronous,
        "foreign_keys": "ON",
        "cache_size": -_CACHE_KIB,
        "temp_store": "MEMORY",
        # Pages of 4 KiB: a checkpoint every 64 MiB instead of every 4 makes a third more of small commits a second.
        "wal_autocheckpoint": 16_000,
        "journal_size_limit": 134_217_728,
    }


def _sqlite(rest: str) -> DatabaseUrl:
    if rest.startswith(":memory:") or "?" in rest:
        raise BadAddress(f"database.url = 'sqlite://{rest}': Motline keeps its store in a file without options; {_FIX}")
    path = Path(rest).expanduser()
    if path.is_dir():
        raise BadAddress(f"database.url = 'sqlite://{rest}' is a folder; name a file in it, as in {rest}/motline.db")
    return DatabaseUrl("sqlite", path, {"file_path": str(path)}, f"sqlite://{rest}")


def _postgresql(url: str) -> DatabaseUrl:
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise BadAddress(f"database.url = {_shown(url)!r}: {error}; {_FIX}") from None
    database = unquote(parts.path.removeprefix("/"))
    if not database:
        raise BadAddress(f"database.url = {_shown(url)!r} names no database; {_FIX}")
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - {"host", "sslmode"})
    if unknown:
        raise BadAddress(f"database.url = {_shown(url)!r}: option {unknown[0]!r} is not known, only host and sslmode")
    return DatabaseUrl("postgresql", Path(), _credentials(parts, port, database, options), _shown(url))


def _credentials(parts: SplitResult, port: int, database: str, options: dict[str, str]) -> dict[str, Any]:
    credentials: dict[str, Any] = {
        "host": options.get("host") or parts.hostname or "localhost",
        "port": port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": database,
        "application_name": "motline",
        # Seconds: to connect, and for one statement.
        "timeout": 10,
        "command_timeout": 60,
        # A short statement gains nothing from just-in-time compilation; a lost client must not keep its row locks.
        "server_settings": {"jit": "off", "idle_in_transaction_session_timeout": "60000"},
    }
    if "sslmode" in options:
        credentials["ssl"] = options["sslmode"]
    return credentials


def _shown(url: str) -> str:
    head, separator, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{head}{separator}{user}{':***' if colon else ''}{at}{place}"


def holds_addresses(url: str) -> bool:
    """Whether a SQLite file is there and knows somebody's address, which only its own key can read."""
    path = Path(url.partition("://")[2]).expanduser()
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            return connection.execute("SELECT 1 FROM addresses LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        return False
