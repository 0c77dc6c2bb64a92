"""Scripts in memory: compiled once for each version, and which of them are published now.

Rule: a version never changes, so what is compiled stays right; which one is published is read again every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.script import Script, ScriptError, load_script
from storage.database import Database

_LOG = logging.getLogger("motline.scripts")


@dataclass(frozen=True, slots=True)
class Published:
    """The published versions: ids by name, by the moment that starts them, by the keyword that does (case-folded)."""

    names: Mapping[str, int] = field(default_factory=dict)
    moments: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    keywords: Mapping[str, int] = field(default_factory=dict)


class ScriptShelf:
    """The scripts of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.compiled: dict[int, Script] = {}
        self.broken: dict[int, str] = {}
        self.published = Published()

    async def load(self, script_id: int) -> None:
        """Compile a version from the store. Raises LookupError, and ScriptError where it was never valid."""
        rows = await self._database.fetch("SELECT source, path FROM scripts WHERE id = $1", script_id)
        if not rows:
            raise LookupError(f"script {script_id} is not in the store")
        self.compiled[script_id] = load_script(rows[0]["source"], path=rows[0]["path"])

    async def need(self, script_id: int) -> None:
        """As `load`, for a turn: why a version cannot be loaded is kept in `broken`, so that this turn fails alone."""
        try:
            await self.load(script_id)
        except (LookupError, ScriptError) as error:
            _LOG.error("script %d, which a conversation needs, cannot be loaded: %s", script_id, error)
            self.broken[script_id] = str(error)

    async def refresh(self) -> None:
        """Read which versions are published, compiling those that are new; one that does not load is left out."""
        rows = await self._database.fetch("SELECT id, name, moment FROM scripts WHERE status = 'published' ORDER BY id")
        names: dict[str, int] = {}
        moments: dict[str, tuple[int, ...]] = {}
        keywords: dict[str, int] = {}
        for row in rows:
            identity = row["id"]
            if identity not in self.compiled and not await self._compiles(identity, row["name"]):
                continue
            script = self.compiled[identity]
            names[script.name] = identity
            if script.moment:
                moments[script.moment] = (*moments.get(script.moment, ()), identity)
            keywords.update({word.casefold(): identity for word in script.keywords})
        self.published = Published(names, moments, keywords)

    async def _compiles(self, identity: int, name: str) -> bool:
        try:
            await self.load(identity)
        except Exception:
            _LOG.exception("the published script %s (%d) cannot be loaded", name, identity)
            return False
        return True
