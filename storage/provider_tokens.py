"""Access tokens of providers, encrypted and shared by all processes, each fetched by one process alone.

Rule: who fetches holds a lease, on the database's clock; a process that dies while fetching holds nobody up for longer
than that. A token is never handed out beyond its lifetime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from storage.crypto import Keys, Unreadable
from storage.database import Database

LEASE_MS: Final = 15_000
#: Tokens are renewed a little before they end.
_EARLY_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A token, empty where there is none that is good. `lease_at`: until when somebody is fetching one."""

    token: str
    lease_at: int


class ProviderTokens:
    """The table of tokens."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    async def load(self, name: str) -> Kept:
        """The token, if it is good for a while yet."""
        row = await self._database.fetch_one(
            f"""SELECT sealed, expires_at, lease_at, {self._database.now_sql} AS now FROM provider_tokens
 WHERE name = $1""",
            name,
        )
        if row is None:
            return Kept("", 0)
        good = row["sealed"] is not None and row["expires_at"] - _EARLY_MS > row["now"]
        return Kept(self._opened(row["sealed"]) if good else "", row["lease_at"])

    async def take(self, name: str) -> bool:
        """Take the lease to fetch this token; false where another process has it."""
        now = self._database.now_sql
        taken = await self._database.fetch(
            f"""INSERT INTO provider_tokens (name, lease_at) VALUES ($1, {now} + $2)
 ON CONFLICT (name) DO UPDATE SET lease_at = {now} + $2 WHERE provider_tokens.lease_at <= {now} RETURNING name""",
            name,
            LEASE_MS,
        )
        return bool(taken)

    async def keep(self, name: str, token: str, lifetime: float) -> None:
        """Keep what was fetched, good for `lifetime` seconds, and let go of the lease."""
        await self._database.execute(
            f"""UPDATE provider_tokens SET sealed = $1, expires_at = {self._database.now_sql} + $2, lease_at = 0
 WHERE name = $3""",
            self._keys.seal(token.encode()),
            int(lifetime * 1000),
            name,
        )

    async def give_up(self, name: str) -> None:
        """Fetching failed: let go of the lease."""
        await self._database.execute("UPDATE provider_tokens SET lease_at = 0 WHERE name = $1", name)

    def _opened(self, sealed: bytes) -> str:
        try:
            return self._keys.open(sealed).decode()
        except Unreadable:
            return ""
