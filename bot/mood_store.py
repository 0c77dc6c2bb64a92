"""Which learned weights are in use, with a way back.

Rule: nothing is overwritten. Every set of weights is a file named by its content; `active.json` alone says which one
is in use and which were before it, and it is replaced in one step. The app may keep the same bytes in a row of the
store instead: `reader_of` asks only for bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from dialogs.unhappy import Reader
from dialogs.unhappy_weights import Weights, load_weights, merged, shipped_weights
from dialogs.unhappy_words import Words, load_words

SHIPPED = "shipped"


class MoodStoreError(ValueError):
    """Weights that are not there: names them, the place and the fix."""


class WeightStore(Protocol):
    """Where learned weights are kept."""

    def active(self) -> bytes | None:
        """The bytes in use, or `None` for the shipped weights."""
        ...

    def keep(self, data: bytes) -> str:
        """Keep weights without using them; their name."""
        ...

    def switch(self, name: str) -> None:
        """Use these from now on; `shipped` names those of the package."""
        ...

    def back(self) -> str:
        """Use again what was used before; its name."""
        ...


class WeightFolder:
    """A `WeightStore` in a folder: weights-*.bin and active.json."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def active(self) -> bytes | None:
        name = self.history()[-1]
        return None if name == SHIPPED else self._file(name).read_bytes()

    def keep(self, data: bytes) -> str:
        load_weights(data)
        name = hashlib.sha256(data).hexdigest()[:12]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(self._file_of(name), data)
        return name

    def switch(self, name: str) -> None:
        if name != SHIPPED:
            load_weights(self._file(name).read_bytes())
        self._remember([*self.history(), name])

    def back(self) -> str:
        history = self.history()
        if len(history) < 2:
            raise MoodStoreError(f"{self._folder}: nothing was in use before '{history[-1]}'; there is no way back")
        self._remember(history[:-1])
        return history[-2]

    def history(self) -> list[str]:
        """Names of what was in use, the last of which is now."""
        path = self._folder / "active.json"
        if not path.exists():
            return [SHIPPED]
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["history"]
        except (ValueError, KeyError, TypeError) as error:
            raise MoodStoreError(f"{path}: cannot be read ({error}); delete it to use the shipped weights") from error
        return [str(name) for name in found] or [SHIPPED]

    def _remember(self, history: Sequence[str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(self._folder / "active.json", json.dumps({"history": list(history)}, indent=2).encode())

    def _file_of(self, name: str) -> Path:
        return self._folder / f"weights-{name}.bin"

    def _file(self, name: str) -> Path:
        path = self._file_of(name)
        if not name.isalnum() or not path.exists():
            known = sorted(item.stem.removeprefix("weights-") for item in self._folder.glob("weights-*.bin"))
            raise MoodStoreError(f"no weights '{name}' in {self._folder}; there are: {', '.join([SHIPPED, *known])}")
        return path

    def _write(self, path: Path, data: bytes) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        os.replace(fresh, path)


def weights_of(data: bytes | None) -> Weights:
    """The shipped weights, with the languages that `data` holds in their place. Raises `WeightsError`."""
    return shipped_weights() if data is None else merged([shipped_weights(), load_weights(data)])


def reader_of(data: bytes | None, own_words: Sequence[Path] = (), *, base_rate: float = 0.15) -> Reader:
    """A reader of the active bytes (`None`: shipped) and the business's own words over the shipped lists.

    Raises `WeightsError` or `WordsError`, each naming the place and the fix.
    """
    words: Words = load_words(*own_words)
    return Reader(weights_of(data), words, base_rate=base_rate)


def own_words(folder: Path, more: Sequence[Path] = ()) -> list[Path]:
    """The business's own word lists: words.txt of the folder, where there is one, and `more`."""
    path = folder / "words.txt"
    return [*([path] if path.exists() else []), *more]


def reader_in(folder: Path, more_words: Sequence[Path] = (), *, base_rate: float = 0.15) -> Reader:
    """The reader of a folder: its active weights and its words.txt; of an empty or missing folder, the shipped one.

    Raises `MoodStoreError`, `WeightsError` or `WordsError`, each naming the place and the fix.
    """
    return reader_of(WeightFolder(folder).active(), own_words(folder, more_words), base_rate=base_rate)


def version_of(folder: Path) -> tuple[int, ...]:
    """Changes whenever `reader_in` would give another reader: poll it (two stats) and make the reader anew then."""
    return tuple(
        path.stat().st_mtime_ns if path.exists() else 0 for path in (folder / "active.json", folder / "words.txt")
    )
