"""Dialog scripts and their versions. The store keeps the text and does not read it.

Rule: a version never changes. Saving makes a new draft; publishing makes one version the one that starts, and retires
the one before; conversations go on in the version that they began in.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from storage import audit
from storage.database import Database
from storage.errors import Refused

_COLUMNS: Final = "id, name, version, status, source, path, source_hash, moment, purpose, created_at"


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """A version of a script. `status`: draft | proved | published | retired; `created_at` in ms."""

    id: int
    name: str
    version: int
    status: str
    source: str
    path: str
    source_hash: str
    moment: str
    purpose: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A script to save, as its reader understood it. `path` names it in messages."""

    name: str
    source: str
    path: str
    moment: str = ""
    purpose: str = "service"


async def save(database: Database, draft: Draft, *, actor: str, now: int) -> ScriptRow:
    """The version with this text: the latest one where the text is the same, else a new draft."""
    fingerprint = sha256(draft.source.encode()).hexdigest()
    async with database.transaction():
        await _lock(database, draft.name)
        latest = await database.fetch_one(
            f"SELECT {_COLUMNS} FROM scripts WHERE name = $1 ORDER BY version DESC LIMIT 1", draft.name
        )
        if latest is not None and latest["source_hash"] == fingerprint:
            return ScriptRow(**latest)
        version = latest["version"] + 1 if latest else 1
        made = await database.fetch(
            f"""INSERT INTO scripts (name, version, source, path, source_hash, moment, purpose, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {_COLUMNS}""",
            draft.name,
            version,
            draft.source,
            draft.path[:200],
            fingerprint,
            draft.moment,
            draft.purpose,
            now,
        )
        await audit.note(database, actor, "script.saved", f"script:{draft.name}", now, {"version": version})
    return ScriptRow(**made[0])


async def publish(database: Database, script_id: int, *, actor: str, now: int) -> ScriptRow:
    """Make this version the one that starts; the one before is retired. Raises LookupError."""
    async with database.transaction():
        row = await get(database, script_id)
        await _lock(database, row.name)
        await database.execute(
            "UPDATE scripts SET status = 'retired' WHERE name = $1 AND status = 'published' AND id <> $2",
            row.name,
            script_id,
        )
        await database.execute("UPDATE scripts SET status = 'published' WHERE id = $1", script_id)
        await audit.note(database, actor, "script.published", f"script:{row.name}", now, {"version": row.version})
        return await get(database, script_id)


async def retire(database: Database, script_id: int, *, actor: str, now: int) -> None:
    """Start no more dialogs with it; those that are open go on. Raises Refused where it is not published."""
    async with database.transaction():
        row = await get(database, script_id)
        changed = await database.execute(
            "UPDATE scripts SET status = 'retired' WHERE id = $1 AND status = 'published'", script_id
        )
        if not changed:
            raise Refused(f"version {row.version} of {row.name} is not published")
        await audit.note(database, actor, "script.retired", f"script:{row.name}", now, {"version": row.version})


async def get(database: Database, script_id: int) -> ScriptRow:
    """Raises LookupError."""
    row = await database.fetch_one(f"SELECT {_COLUMNS} FROM scripts WHERE id = $1", script_id)
    if row is None:
        raise LookupError(f"no script {script_id}")
    return ScriptRow(**row)


async def published(database: Database, name: str) -> ScriptRow | None:
    """The version that starts, or None."""
    row = await database.fetch_one(f"SELECT {_COLUMNS} FROM scripts WHERE name = $1 AND status = 'published'", name)
    return ScriptRow(**row) if row else None


async def all_published(database: Database) -> list[ScriptRow]:
    """The versions that start, by name."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM scripts WHERE status = 'published' ORDER BY name")
    return [ScriptRow(**row) for row in rows]


async def retired(database: Database) -> frozenset[str]:
    """The names of those that were used and are not any more."""
    rows = await database.fetch(
        """SELECT DISTINCT name FROM scripts WHERE status = 'retired'
 AND name NOT IN (SELECT name FROM scripts WHERE status = 'published')"""
    )
    return frozenset(row["name"] for row in rows)


async def versions(database: Database, name: str) -> list[ScriptRow]:
    """All versions of a script, newest first."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM scripts WHERE name = $1 ORDER BY version DESC", name)
    return [ScriptRow(**row) for row in rows]


async def latest(database: Database) -> list[ScriptRow]:
    """The newest version of every script, by name."""
    rows = await database.fetch(
        f"""SELECT {_COLUMNS} FROM scripts s WHERE version = (SELECT max(version) FROM scripts o WHERE o.name = s.name)
 ORDER BY name"""
    )
    return [ScriptRow(**row) for row in rows]


async def _lock(database: Database, name: str) -> None:
    """One writer per script at a time; SQLite's transaction is that already."""
    if database.kind == "postgresql":
        await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"script:{name}")
