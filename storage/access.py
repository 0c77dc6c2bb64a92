"""Who may come in: keys of other programs, sign-in links and sessions of people.

Rule: a token of 128 random bits is shown once and kept only as its hash; a link works once, a session can be ended by
anybody who may. Every sign-in, new key and end of one stands in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from storage import audit
from storage.crypto import hash_token, new_public_id, new_token
from storage.database import Database
from storage.errors import Refused

Scope = Literal["moments", "rest", "all"]
Role = Literal["agent", "admin"]

LINK_MS: Final = 15 * 60 * 1000
SESSION_MS: Final = 12 * 60 * 60 * 1000
# A key's last use is kept to the minute: a write with every request would cost more than the request.
_USED_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Integration:
    """Another program that showed a key."""

    id: int
    name: str
    scope: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as the console lists it. `last_used_at` in ms, 0 never."""

    public_id: str
    name: str
    scope: str
    status: str
    last_used_at: int
    created_at: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody of the staff with a session."""

    staff_id: int
    name: str
    role: str
    language: str


class AccessStore:
    """Keys, links and sessions. Times are milliseconds UTC, given by the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_key(self, name: str, scope: Scope, *, by: str, now: int) -> str:
        """A new key, shown this once. Raises Refused where an active one has the name."""
        key = f"ml_{new_token()}"
        async with self._database.transaction():
            if await self._database.fetch("SELECT id FROM api_keys WHERE name = $1", name):
                raise Refused(f"a key named {name!r} exists already; choose another name")
            await self._database.execute(
                "INSERT INTO api_keys (public_id, name, scope, key_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
                new_public_id(),
                name,
                scope,
                hash_token(key),
                now,
            )
            await audit.note(self._database, by, "key.made", f"key:{name}", now)
        return key

    async def keys(self) -> list[KeyEntry]:
        """All keys, newest first."""
        rows = await self._database.fetch(
            "SELECT public_id, name, scope, status, last_used_at, created_at FROM api_keys ORDER BY id DESC"
        )
        return [KeyEntry(**row) for row in rows]

    async def revoke_key(self, public_id: str, *, by: str, now: int) -> None:
        """End a key at once."""
        async with self._database.transaction():
            await self._database.execute("UPDATE api_keys SET status = 'revoked' WHERE public_id = $1", public_id)
            await audit.note(self._database, by, "key.revoked", f"key:{public_id}", now)

    async def integration(self, key: str, scope: str, *, now: int) -> Integration | None:
        """Whose active key this is, if it is of the scope or of all."""
        row = await self._database.fetch_one(
            "SELECT id, name, scope, last_used_at FROM api_keys WHERE key_hash = $1 AND status = 'active'",
            hash_token(key),
        )
        if row is None or row["scope"] not in (scope, "all"):
            return None
        if now - row["last_used_at"] > _USED_MS:
            await self._database.execute("UPDATE api_keys SET last_used_at = $1 WHERE id = $2", now, row["id"])
        return Integration(row["id"], row["name"], row["scope"])

    async def make_link(self, staff_id: int, *, by: str, now: int) -> str:
        """A sign-in link's token: single use, 15 minutes."""
        token = new_token()
        async with self._database.transaction():
            await self._database.execute(
                "INSERT INTO sign_in_links (token_hash, staff_id, expires_at) VALUES ($1, $2, $3)",
                hash_token(token),
                staff_id,
                now + LINK_MS,
            )
            await audit.note(self._database, by, "link.made", f"staff:{staff_id}", now)
        return token

    async def redeem(self, token: str, *, now: int) -> str | None:
        """Use a link up; the new session's token, or None where it was used, is too old, or its owner has left."""
        async with self._database.transaction():
            rows = await self._database.fetch(
                """UPDATE sign_in_links SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $1
 AND staff_id IN (SELECT id FROM staff WHERE status = 'active') RETURNING staff_id""",
                now,
                hash_token(token),
            )
            if not rows:
                return None
            session = new_token()
            await self._database.execute(
                "INSERT INTO sessions (token_hash, staff_id, expires_at, created_at) VALUES ($1, $2, $3, $4)",
                hash_token(session),
                rows[0]["staff_id"],
                now + SESSION_MS,
                now,
            )
            await audit.note(self._database, f"staff:{rows[0]['staff_id']}", "session.begun", "", now)
        return session

    async def session(self, token: str, *, now: int) -> SignedIn | None:
        """Who a session belongs to; None where it has ended or they have left."""
        row = await self._database.fetch_one(
            """SELECT s.id, s.name, s.role, s.language FROM sessions n JOIN staff s ON s.id = n.staff_id
 WHERE n.token_hash = $1 AND n.revoked_at IS NULL AND n.expires_at > $2 AND s.status = 'active'""",
            hash_token(token),
            now,
        )
        return SignedIn(row["id"], row["name"], row["role"], row["language"]) if row else None

    async def end_session(self, token: str, *, now: int) -> None:
        """Sign out."""
        await self._database.execute(
            "UPDATE sessions SET revoked_at = $1 WHERE token_hash = $2 AND revoked_at IS NULL", now, hash_token(token)
        )

    async def end_sessions_of(self, staff_id: int, *, by: str, now: int) -> None:
        """Sign somebody out everywhere."""
        async with self._database.transaction():
            await self._database.execute(
                "UPDATE sessions SET revoked_at = $1 WHERE staff_id = $2 AND revoked_at IS NULL", now, staff_id
            )
            await audit.note(self._database, by, "sessions.ended", f"staff:{staff_id}", now)

    async def admin_named(self, name: str, *, now: int) -> int:
        """The id of an active admin of this name, made where there is none."""
        async with self._database.transaction():
            rows = await self._database.fetch(
                "SELECT id FROM staff WHERE name = $1 AND role = 'admin' AND status = 'active' ORDER BY id", name
            )
            if rows:
                return int(rows[0]["id"])
            made = await self._database.fetch(
                "INSERT INTO staff (public_id, name, role, created_at) VALUES ($1, $2, 'admin', $3) RETURNING id",
                new_public_id(),
                name,
                now,
            )
            await audit.note(self._database, "cli", "admin.made", f"staff:{made[0]['id']}", now)
            return int(made[0]["id"])
