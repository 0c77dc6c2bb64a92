"""The reading of moods that all processes share: what one machine switches to, the others take up within seconds.

Rule: the newer word counts. `motline learn --switch` writes the folder of the machine where it is called; the process
there puts the weights into the store, and every process reads moods by the row in the store. Without a row, and without
a folder, the weights that ship are used.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from bot.mood_store import WeightFolder, own_words, reader_of
from dialogs.unhappy import Reader
from storage.database import Database

_ROW: Final = "mood.weights"


class ActiveReader:
    """Looks whether there is another reader now. `folder` is `[unhappy] weights`."""

    def __init__(self, database: Database, folder: Path, base_rate: float) -> None:
        self._database, self._folder, self._base_rate = database, folder, base_rate
        self._taken: tuple[int, int] | None = None

    async def changed(self) -> Reader | None:
        """The reader to use from now on, or None where nothing has changed since the last call.

        Raises ValueError, naming the place and the fix, for weights or words that cannot be read; it is not asked again
        until they change.
        """
        active, words = await asyncio.to_thread(self._stamps)
        row = await self._database.fetch_one("SELECT at FROM facts WHERE name = $1", _ROW)
        kept = int(row["at"]) if row else 0
        if active > kept:
            await self._put(active)
            kept = active
        if (kept, words) == self._taken:
            return None
        self._taken = kept, words
        found = await self._database.fetch_one("SELECT data FROM facts WHERE name = $1", _ROW) if kept else None
        data = bytes(found["data"]) if found is not None and found["data"] else None
        return await asyncio.to_thread(self._made, data)

    async def _put(self, at: int) -> None:
        data = await asyncio.to_thread(WeightFolder(self._folder).active)
        await self._database.execute(
            """INSERT INTO facts (name, value, data, at) VALUES ($1, '', $2, $3)
 ON CONFLICT (name) DO UPDATE SET data = excluded.data, at = excluded.at WHERE facts.at < excluded.at""",
            _ROW,
            data,
            at,
        )

    def _stamps(self) -> tuple[int, int]:
        """When the folder's weights and its words were last changed, ms; 0 where they are not there."""
        return _changed(self._folder / "active.json"), _changed(self._folder / "words.txt")

    def _made(self, data: bytes | None) -> Reader:
        return reader_of(data, own_words(self._folder), base_rate=self._base_rate)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000_000 if path.exists() else 0
