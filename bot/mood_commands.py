"""`motline read` and `motline learn`: the reading of moods from the command line, with no configuration and no store.

Rule: `learn` compares and keeps; it switches only where it is told to, and there is always a way back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from bot.learn_figures import Pair, auc, calibration_error, f1, interval, precision_recall
from bot.learn_rows import Row, RowsError, held_out, read_rows
from bot.mood_store import MoodStoreError, WeightFolder, own_words, reader_in, weights_of
from dialogs.unhappy import Mood, Reader
from dialogs.unhappy_weights import Weights, WeightsError, dump_weights, merged
from dialogs.unhappy_words import Words, WordsError, load_words

STORE = Path("data/mood")
#: Fewer rows of a language than this do not carry weights of their own.
ENOUGH = 2_000
SURE = 0.8
Start = Literal["anew", "further"]

Words_ = Annotated[list[Path] | None, typer.Option("--words", help="The business's own word lists.")]
Store_ = Annotated[Path, typer.Option("--store", help="Folder of learned weights.")]
Rate_ = Annotated[float, typer.Option("--base-rate", min=0.001, max=0.999, help="Share of unhappy texts here.")]


def read(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; without any, lines are read from standard input.")
    ] = None,
    lines: Annotated[bool, typer.Option("--json", help="Read lines from standard input.")] = False,
    words: Words_ = None,
    store: Store_ = STORE,
    base_rate: Rate_ = 0.15,
) -> None:
    """Read the mood of texts: one line of JSON for each."""
    with _Plainly():
        reader = reader_in(store, words or (), base_rate=base_rate)
    for text in _texts(texts or [], lines):
        sys.stdout.write(json.dumps(_shown(reader.read(text)), ensure_ascii=False) + "\n")


def _shown(mood: Mood) -> dict[str, Any]:
    return mood.to_dict()


def _texts(texts: Sequence[str], lines: bool) -> Iterator[str]:
    yield from texts
    if lines or not texts:
        for raw in sys.stdin.buffer:
            yield _unwrapped(raw.decode("utf-8", "replace").rstrip("\r\n"))


def _unwrapped(line: str) -> str:
    """A line is a text, or JSON that holds one: a string, or an object with `text`."""
    if line[:1] in ('"', "{"):
        try:
            found = json.loads(line)
        except ValueError:
            return line
        text = found.get("text") if isinstance(found, dict) else found
        return text if isinstance(text, str) else line
    return line


def learn(
    rows: Annotated[
        list[Path] | None, typer.Argument(help="Labelled CSV or TSV: columns text, y (1 = unhappy).")
    ] = None,
    corrections: Annotated[list[Path] | None, typer.Option(help="What staff corrected, in the same columns.")] = None,
    dev: Annotated[
        list[Path] | None, typer.Option(help="Rows to calibrate and compare on; else a fifth is held out.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help=f"Start from nothing ({ENOUGH}+ rows a language).")] = False,
    switch: Annotated[str, typer.Option(help="Use these weights from now on: a name, or 'shipped'.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Use again what was used before.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write weights.LANGUAGE.bin into this folder.")] = None,
    words: Words_ = None,
    store: Store_ = STORE,
) -> None:
    """Learn from labelled rows, show old against new, keep the new weights; `--switch NAME` uses them."""
    folder = WeightFolder(store)
    with _Plainly():
        if back:
            typer.echo(f"In use again: {folder.back()}")
        elif switch:
            folder.switch(switch)
            typer.echo(f"In use now: {switch}. The way back: motline learn --back --store {store}")
        else:
            lists = load_words(*own_words(store, words or ()))
            name = _learn(_Given.read(rows, corrections, dev), lists, folder, "anew" if anew else "further", out)
            typer.echo(f"Kept as {name}; nothing is switched. To use it: motline learn --switch {name} --store {store}")


class _Given:
    """The rows of one run, parted into those to learn from and those held out."""

    def __init__(self, train: list[Row], dev: list[Row]) -> None:
        self.train, self.dev = train, dev

    @classmethod
    def read(
        cls, rows: Iterable[Path] | None, corrections: Iterable[Path] | None, dev: Iterable[Path] | None
    ) -> _Given:
        given = [row for path in (*(rows or ()), *(corrections or ())) for row in read_rows(path)]
        if not given:
            raise RowsError("nothing to learn from: name a CSV file with the columns text and y, or --corrections FILE")
        held = [row for path in dev or () for row in read_rows(path)]
        if held:
            return cls(given, held)
        return cls([row for row in given if not held_out(row.text)], [row for row in given if held_out(row.text)])


def _learn(given: _Given, words: Words, folder: WeightFolder, start: Start, out: Path | None) -> str:
    old = weights_of(folder.active())
    with Console(stderr=True).status("Learning (about a minute for 30,000 rows) …"):
        new = _learned(given, words, old, start)
    _compare(given.dev, Reader(old, words), Reader(new, words))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for language, linear in new.languages.items():
            (out / f"weights.{language}.bin").write_bytes(dump_weights(Weights({language: linear})))
    return folder.keep(dump_weights(new))


def _learned(given: _Given, words: Words, old: Weights, start: Start) -> Weights:
    try:
        from bot.learn import learn as learn_anew
        from bot.learn_further import learn_further
    except ImportError as error:
        raise RowsError(f"learning needs scikit-learn ({error}); install it: pip install 'motline[learn]'") from error
    found = {}
    for language in sorted({row.language for row in given.train} & {"zh", "en"}):
        own = [row for row in given.train if row.language == language]
        made = {"rows": len(own), "unhappy": sum(row.unhappy for row in own), "sources": _sources(own)}
        if start == "anew":
            if len(own) < ENOUGH:
                raise RowsError(f"{language}: {len(own)} rows are too few to start from nothing; leave --anew out")
            found[language] = learn_anew(own, given.dev, words, language, made)
        elif language in old.languages:
            before = dict(old.languages[language].made)
            found[language] = learn_further(old.languages[language], own, words, language, made | {"from": before})
    if not found:
        raise RowsError("no row is Chinese or English; other languages are read by emoji and word lists, not learned")
    return merged([old, Weights(found)])


def _sources(rows: Sequence[Row]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.source or "own"] = counts.get(row.source or "own", 0) + 1
    return dict(sorted(counts.items()))


def _sure_precision(pairs: Sequence[Pair]) -> float:
    return precision_recall(pairs, SURE)[0]


def _sure_recall(pairs: Sequence[Pair]) -> float:
    return precision_recall(pairs, SURE)[1]


FIGURES: tuple[tuple[str, Callable[[Sequence[Pair]], float]], ...] = (
    ("AUC", auc),
    ("F1 at 0.5", f1),
    ("precision at 0.8", _sure_precision),
    ("recall at 0.8", _sure_recall),
    ("calibration error", calibration_error),
)


def _compare(dev: Sequence[Row], old: Reader, new: Reader) -> None:
    """Old against new on the held-out rows, each figure with its 95 % confidence interval."""
    console = Console(width=110)
    for language in sorted({row.language for row in dev} & {"zh", "en"}):
        own = [row for row in dev if row.language == language]
        table = Table("figure", "in use", "new", title=f"{language}: {len(own)} held-out rows")
        before = [(row.unhappy, old.read(row.text).unhappy) for row in own]
        after = [(row.unhappy, new.read(row.text).unhappy) for row in own]
        for name, figure in FIGURES:
            table.add_row(name, _with_interval(before, figure), _with_interval(after, figure))
        console.print(table)


def _with_interval(pairs: Sequence[Pair], figure: Callable[[Sequence[Pair]], float]) -> str:
    low, high = interval(pairs, figure)
    return f"{figure(pairs):.3f} ({low:.3f} to {high:.3f})"


class _Plainly:
    """Turns an error of the admin's making into one line and exit code 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (RowsError, WordsError, WeightsError, MoodStoreError)):
            typer.echo(f"motline: {error}", err=True)
            raise typer.Exit(2) from None
