"""How well and how fast moods are read: every figure of docs/unhappy.md, computed from labelled texts.

    .venv/bin/python -m benchmarks.unhappy --dev DEV.tsv… --data FILE.tsv… [--out ROWS.tsv]

Rule: thresholds are chosen on --dev alone; --data is only read. The last line is one JSON object. Without arguments
both are the development files of MOTLINE_UNHAPPY_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bot.learn_figures import auc, calibration_error, f1, micro_f1, precision_recall, threshold_at_recall
from bot.learn_rows import Row, read_rows
from dialogs.unhappy import Mood, Reader
from dialogs.unhappy_weights import FOLDER, Weights, shipped_weights
from dialogs.unhappy_words import WordList, Words, shipped_words

NO_WORDS = Words(WordList("zh"), WordList("en"), WordList("any"))
#: The data's spelling of topics → the word lists'.
TOPICS = {"aftersales": "after-sales"}


def readers() -> dict[str, Reader]:
    """Together, and each part alone; none remembers a reading, so that the time is that of reading."""
    weights, words = shipped_weights(), shipped_words()
    return {
        "together": Reader(weights, words, remember=0),
        "rules alone": Reader(Weights({}), words, remember=0),
        "model alone": Reader(weights, NO_WORDS, remember=0),
    }


def figures(dev: list[Row], data: list[Row], reader: Reader) -> dict[str, float]:
    """Every figure of one language for the rows `data`, with the threshold for recall 0.95 from `dev`."""
    threshold = threshold_at_recall([(row.unhappy, reader.read(row.text).unhappy) for row in dev])
    begun = time.process_time()
    moods = [reader.read(row.text) for row in data]
    spent = time.process_time() - begun
    pairs = [(row.unhappy, mood.unhappy) for row, mood in zip(data, moods, strict=True)]
    natural = [(row, mood) for row, mood in zip(data, moods, strict=True) if row.natural]
    natural_pairs = [(row.unhappy, mood.unhappy) for row, mood in natural]
    precision, recall = precision_recall(pairs, threshold)
    sure_precision, sure_recall = precision_recall(natural_pairs, 0.8)
    return {
        "auc": auc(pairs),
        "f1": f1(pairs),
        "precision_at_dev_r95": precision,
        "recall_at_dev_r95": recall,
        "nat15_precision_p80": sure_precision,
        "nat15_recall_p80": sure_recall,
        "ece": calibration_error(pairs),
        "nat15_alert_ece": calibration_error([(row.unhappy, mood.alert) for row, mood in natural]),
        "us": spent / len(data) * 1e6,
        "topics_micro_f1": topic_figure(data, moods),
        "always_false_share": always_false(data, moods),
    }


def topic_figure(data: list[Row], moods: list[Mood]) -> float:
    """Micro-F1 over the rows that carry topic labels."""
    labelled = [(row, mood) for row, mood in zip(data, moods, strict=True) if row.topics]
    return micro_f1([({TOPICS.get(topic, topic) for topic in row.topics}, set(mood.topics)) for row, mood in labelled])


def always_false(data: list[Row], moods: list[Mood]) -> float:
    """The share of texts that are not unhappy and still escalate by a phrase."""
    others = [mood for row, mood in zip(data, moods, strict=True) if not row.unhappy]
    return sum(mood.always for mood in others) / len(others) if others else 0.0


def size_mb(language: str) -> float:
    """The learned weights and words of a language on disk, in MB (10^6 bytes)."""
    names = (f"weights.{language}.bin", f"words.{language}.txt", "words.any.txt")
    return sum((FOLDER / name).stat().st_size for name in names) / 1e6


def show(language: str, name: str, found: dict[str, float]) -> None:
    line = "  ".join(f"{key} {value:.1f}" if key == "us" else f"{key} {value:.4f}" for key, value in found.items())
    print(f"{language} {name:12s} {line}")


def write_rows(path: Path, files: list[Path], reader: Reader) -> None:
    """`row` counts from 0 in the order of the files given."""
    with path.open("w", encoding="utf-8") as out:
        out.write("row\tunhappy\talert\n")
        for at, row in enumerate(row for file in files for row in read_rows(file)):
            mood = reader.read(row.text)
            out.write(f"{at}\t{mood.unhappy}\t{mood.alert}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--dev", type=Path, nargs="+", help="development rows: the threshold for recall 0.95")
    parser.add_argument("--data", type=Path, nargs="+", help="the rows to judge")
    parser.add_argument("--out", type=Path, help="write row, unhappy, alert of every row of --data here")
    parser.add_argument("--seconds", type=float, default=0.0, help="accepted for likeness with the other benchmarks")
    found = parser.parse_args()
    if not found.data:
        folder = os.environ.get("MOTLINE_UNHAPPY_DATA")
        if not folder:
            parser.error("give --dev and --data, or set MOTLINE_UNHAPPY_DATA")
        found.data = sorted(Path(folder).glob("*_dev.tsv"))
    found.dev = found.dev or found.data
    return found


def main() -> int:
    options = arguments()
    dev = [row for path in options.dev for row in read_rows(path)]
    data = [row for path in options.data for row in read_rows(path)]
    made = readers()
    result: dict[str, Any] = {}
    for language in ("zh", "en"):
        own = [row for row in data if row.language == language]
        chosen = [row for row in dev if row.language == language] or own
        if not own:
            continue
        for name, reader in made.items():
            found = figures(chosen, own, reader)
            show(language, name, found)
            if name == "together":
                result[language] = found | {"mb": size_mb(language)}
    if options.out:
        write_rows(options.out, options.data, made["together"])
    print(json.dumps({key: {k: round(v, 4) for k, v in found.items()} for key, found in result.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
