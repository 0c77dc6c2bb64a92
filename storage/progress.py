"""How far a mailbox or an update queue was read. Implements `channels.channel.Progress`."""

from __future__ import annotations

from storage.database import Database


class ProgressStore:
    """Named marks, each kept in its own commit after what it stands for was committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, name: str) -> str:
        """What was kept under the name, or an empty string."""
        row = await self._database.fetch_one("SELECT value FROM progress WHERE name = $1", name)
        return str(row["value"]) if row else ""

    async def keep(self, name: str, value: str) -> None:
        """Keep it."""
        await self._database.execute(
            f"""INSERT INTO progress (name, value, at) VALUES ($1, $2, {self._database.now_sql})
 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at""",
            name,
            value,
        )
