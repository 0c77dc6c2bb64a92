"""Leases on work that one process of all may do: polling a bot or a mailbox.

Rule: a lease runs on the database's clock and ends by itself, so that a process that dies holds nobody up for longer
than that. Whoever holds it extends it long before.
"""

from __future__ import annotations

from storage.database import Database

_PREFIX = "lease:"


class Leases:
    """Named leases in the store's facts; `owner` tells processes apart."""

    def __init__(self, database: Database, *, owner: str) -> None:
        self._database, self._owner = database, owner

    async def take(self, name: str, milliseconds: int) -> bool:
        """Take the lease, or extend it where it is ours; false while another process has it."""
        now = self._database.now_sql
        taken = await self._database.fetch(
            f"""INSERT INTO facts (name, value, at) VALUES ($1, $2, {now} + $3)
 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
 WHERE facts.value = excluded.value OR facts.at <= {now} RETURNING name""",
            _PREFIX + name,
            self._owner,
            milliseconds,
        )
        return bool(taken)

    async def let_go(self, name: str) -> None:
        """Give the lease back; nothing happens where it is another's by now."""
        await self._database.execute(
            "UPDATE facts SET at = 0 WHERE name = $1 AND value = $2", _PREFIX + name, self._owner
        )
