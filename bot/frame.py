"""What the house knows when a batch of turns begins: a snapshot, read by decisions that may not ask the store.

Rule: nothing in it changes; what is not in it is under the customer's lock or in the item itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.directory import Directory, TeamEntry, promise, utc
from dialogs.script import Script
from storage.turn_batch import ScriptNeeded
from storage.turn_rows import Book


@dataclass(frozen=True, slots=True)
class Frame:
    """`scripts` by id, compiled; `sla` by severity.

    `openings`: for channels whose first message must say how to stop, that line by language. `broken`: scripts that
    cannot be loaded, by id, and why.
    """

    scripts: Mapping[int, Script]
    directory: Directory
    brand: str
    language: str
    timezone: str
    sla: Mapping[str, timedelta]
    openings: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)

    def script(self, script_id: int) -> Script:
        """The compiled script. ScriptNeeded where it is not loaded yet, LookupError where it cannot be."""
        try:
            return self.scripts[script_id]
        except KeyError:
            if script_id in self.broken:
                raise LookupError(f"script {script_id} cannot be loaded: {self.broken[script_id]}") from None
            raise ScriptNeeded(script_id) from None

    def language_of(self, book: Book, spoken: str = "") -> str:
        """The customer's: stated, else the platform's, else that which their dialog is `spoken` in, else ours."""
        return book.language or book.platform_language or spoken or self.language

    def language_in(self, script: Script, book: Book) -> str:
        """The language of `script` for this customer: theirs where it has it, else the business's, else its first."""
        for wanted in (book.language, book.platform_language, self.language):
            for spoken in script.languages:
                if wanted and (wanted == spoken or wanted.replace("_", "-").split("-")[0] == spoken.split("-")[0]):
                    return spoken
        return script.languages[0]

    def promise(self, severity: str, team: TeamEntry | None, language: str, now: int, zone: str = "") -> str:
        """What `team` promises at `now` (ms), in the customer's time zone."""
        return promise(team, language, utc(now), self.sla[severity], zone)

    def due(self, severity: str, team: TeamEntry | None, now: int) -> int:
        """Until when (ms) `team` has promised to write, at `now`."""
        sla = self.sla[severity]
        return int((team.due(utc(now), sla) if team is not None else utc(now) + sla).timestamp() * 1000)
