"""What is wrong with a script, said so that its author can put it right.

Rule: a problem names the line, what stands there and the fix, in any language that Motline speaks. An author's mistake
is never a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from dialogs.phrases import Phrase, Value, phrase

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` counts from 1; `said.key` names its kind. An error blocks publishing, a warning does not."""

    path: str
    line: int
    said: Phrase
    level: Level = "error"

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return str(self.said)

    def told(self, language: str) -> str:
        """A line for a terminal: the place, what is wrong there, and the fix."""
        said = phrase("script.doubtful", said=self.said) if self.level == "warning" else self.said
        return f"{self.path}:{self.line}: {said.told(language)}"

    def __str__(self) -> str:
        return self.told("en")


class ScriptError(ValueError):
    """A script that cannot run. `problems` holds every finding, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(in_order(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Findings:
    """Collects what is wrong while a script is read, so that an author sees all of it at once."""

    __slots__ = ("found", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[Problem] = []

    def error(self, line: int, key: str, /, **fields: Value) -> None:
        """What the script cannot run with."""
        self.add(line, phrase(key, **fields))

    def warn(self, line: int, key: str, /, **fields: Value) -> None:
        """What is doubtful."""
        self.found.append(Problem(self.path, line, phrase(key, **fields), "warning"))

    def add(self, line: int, said: Phrase) -> None:
        """An error that somebody else has found the phrase for."""
        self.found.append(Problem(self.path, line, said))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.found if problem.level == "error"]


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of the file; of one line by their English words, so that both languages have the same order."""
    return sorted(problems, key=lambda one: (one.path, one.line, one.message, one.level))


def did_you_mean(word: str, known: Iterable[str]) -> Phrase | str:
    """ "; did you mean 'reason'?" where one known word is near enough, else the words there are (at most 12).

    Empty where there are none.
    """
    words = list(dict.fromkeys(known))
    longer = [known_word for known_word in words if len(word) >= 3 and known_word.startswith(word)]
    if len(longer) == 1:
        return meant(longer[0])
    best = process.extractOne(word, words, scorer=OSA.distance, score_cutoff=max(1, min(3, len(word) // 2)))
    if best is not None:
        return meant(best[0])
    return phrase("script.hint_known", words=tuple(words[:12])) if words else ""


def slip_of(word: str, known: Iterable[str]) -> str:
    """The known word of which this is a slip of the finger, else "": two letters off, in short words one.

    It begins alike, or holds the same letters: "nmae" is "name", but "game" and "age" are words of their own.
    """
    alike = [one for one in sorted(known) if one[:1] == word[:1] or sorted(one) == sorted(word)]
    best = process.extractOne(word, alike, scorer=OSA.distance, score_cutoff=1 if len(word) <= 5 else 2)
    return str(best[0]) if best is not None else ""


def meant(word: str) -> Phrase:
    """ "; did you mean 'reason'?"."""
    return phrase("script.hint_meant", word=word)
