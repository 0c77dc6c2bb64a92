"""Labelled rows: read from CSV, and written from templates of short answers.

Rule: a row is a text and whether it is unhappy, wherever it came from; staff's corrections are rows like any other.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dialogs.unhappy_text import fold, language_of

EXAMPLES = Path(__file__).parent.parent / "dialogs" / "mood"
#: The `source` of rows that a template made.
TEMPLATE = "template"
#: One template gives at most so many examples, spread evenly over what its slots allow.
MOST_OF_A_TEMPLATE = 60
_SLOT = re.compile(r"\{(\w+)\}", re.UNICODE)
_FIELD_LIMIT = 2**20


class RowsError(ValueError):
    """A file of labelled rows that cannot be used: names file, line and the fix."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. `chat` marks chat length; `natural` marks the view with 15 % of unhappy texts."""

    text: str
    unhappy: bool
    language: str
    topics: tuple[str, ...] = ()
    chat: bool = True
    natural: bool = False
    source: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What staff said of a reading: "not unhappy" or "missed one", perhaps with the right topics."""

    text: str
    unhappy: bool
    topics: tuple[str, ...] = ()

    def row(self) -> Row:
        return Row(self.text, self.unhappy, language_of(fold(self.text)), self.topics, source="staff")


def read_rows(path: Path) -> list[Row]:
    """Rows of a CSV (or, named .tsv, tab-separated) file with a header; columns `text` and `y` (1 = unhappy, 0 = not).

    `lang`, `topics` (joined by |), `chat`, `nat15` and `source` are read where present. Raises `RowsError`.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RowsError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    csv.field_size_limit(_FIELD_LIMIT)
    lines = io.StringIO(content, newline="")
    tabbed = path.suffix == ".tsv"
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabbed else csv.DictReader(lines)
    missing = {"text", "y"} - set(reader.fieldnames or ())
    if missing:
        raise RowsError(f"{path}:1: no column {' and '.join(sorted(missing))}; the first line must name text and y")
    try:
        return [_row(found, at, f"{path}:{reader.line_num}") for at, found in enumerate(reader)]
    except csv.Error as error:
        raise RowsError(f"{path}:{reader.line_num}: {error}") from error


def _row(found: Mapping[str, str | None], at: int, where: str) -> Row:
    text, label = found.get("text"), (found.get("y") or "").strip()
    if text is None or label not in ("0", "1"):
        raise RowsError(f"{where}: y is '{label}'; write 1 for unhappy or 0 for not, and a text beside it")
    return Row(
        text=text,
        unhappy=label == "1",
        language=(found.get("lang") or "").strip() or language_of(fold(text)),
        topics=tuple(topic for topic in (found.get("topics") or "").split("|") if topic),
        chat=(found.get("chat") or "1").strip() != "0",
        natural=(found.get("nat15") or "").strip() == "1",
        source=found.get("source") or "",
        at=at,
    )


def corrections_to_csv(corrections: Iterable[Correction]) -> str:
    """CSV with the columns text, y, topics, as `read_rows` takes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("text", "y", "topics"))
    writer.writerows((item.text, int(item.unhappy), "|".join(item.topics)) for item in corrections)
    return out.getvalue()


def examples(language: str) -> list[Row]:
    """The examples that the templates of a language make, always the same and in the same order."""
    path = EXAMPLES / f"examples.{language}.txt"
    return list(dict.fromkeys(_expanded(path.read_text(encoding="utf-8"), language)))


def _expanded(content: str, language: str) -> Iterator[Row]:
    slots: dict[str, list[str]] = {}
    section = ""
    for line in content.split("\n"):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].removeprefix("slot ")
        elif section in ("0", "1"):
            if line:
                yield from (Row(text, section == "1", language, source=TEMPLATE) for text in fill(line, slots))
        elif section and not line.startswith("#"):
            slots.setdefault(section, []).append(line)


def fill(template: str, slots: Mapping[str, list[str]]) -> list[str]:
    """The template with its `{slots}` filled: every combination, or an even spread of `MOST_OF_A_TEMPLATE` of them."""
    names = _SLOT.findall(template)
    choices = [_choices(slots[name]) for name in names]
    parts = _SLOT.split(template)[::2]
    count = 1
    for choice in choices:
        count *= len(choice)
    most = max(MOST_OF_A_TEMPLATE, *map(len, choices)) if choices else MOST_OF_A_TEMPLATE
    if count <= most:
        picks: Iterable[tuple[str, ...]] = itertools.product(*choices)
    else:
        picks = (_spread(choices, f"{template}{turn}") for turn in range(most))
    return [parts[0] + "".join(map("".join, zip(pick, parts[1:], strict=True))) for pick in picks]


def _choices(lines: list[str]) -> list[str]:
    """A slot's words; a blank line ends the list, except that one directly under the name stands for nothing."""
    words = lines[1:] if lines and not lines[0] else lines
    kept = [word for word in words if word]
    return ["", *kept] if lines and not lines[0] else kept


def _spread(choices: list[list[str]], key: str) -> tuple[str, ...]:
    return tuple(choice[zlib.crc32(f"{key}{at}".encode()) % len(choice)] for at, choice in enumerate(choices))


def held_out(text: str) -> bool:
    """Whether a row belongs to the fifth that is kept for comparing: by its text, so that it never changes sides."""
    return zlib.crc32(fold(text).encode()) % 5 == 0
