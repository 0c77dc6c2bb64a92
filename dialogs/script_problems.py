"""What is wrong with a script, said so that its author can put it right.

Rule: a problem names the line, what stands there and the fix. An author's mistake is never a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding. `line` counts from 1. An error blocks publishing, a warning does not."""

    path: str
    line: int
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        prefix = "warning: " if self.level == "warning" else ""
        return f"{self.path}:{self.line}: {prefix}{self.message}"


class ScriptError(ValueError):
    """A script that cannot run. `problems` holds every finding, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Findings:
    """Collects what is wrong while a script is read, so that an author sees all of it at once."""

    __slots__ = ("found", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[Problem] = []

    def error(self, line: int, message: str) -> None:
        self.found.append(Problem(self.path, line, message))

    def warn(self, line: int, message: str) -> None:
        self.found.append(Problem(self.path, line, message, "warning"))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.found if problem.level == "error"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'reason'?" where one known word is near enough, else the words there are (at most 12)."""
    words = list(dict.fromkeys(known))
    longer = [known_word for known_word in words if len(word) >= 3 and known_word.startswith(word)]
    if len(longer) == 1:
        return f"; did you mean '{longer[0]}'?"
    best = process.extractOne(word, words, scorer=OSA.distance, score_cutoff=max(1, min(3, len(word) // 2)))
    if best is not None:
        return f"; did you mean '{best[0]}'?"
    return f"; use one of: {', '.join(words[:12])}" if words else ""
