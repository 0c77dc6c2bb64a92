"""The figures by which readings are judged, and the bounds that they must keep on the development texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.learn_figures import (
    Pair,
    auc,
    calibration_error,
    f1,
    interval,
    micro_f1,
    precision_recall,
    threshold_at_recall,
)
from dialogs.unhappy_weights import FOLDER

ROOT = Path(__file__).parents[2]
#: A little under what the shipped weights reach on the development files.
LEAST = {
    "zh": {
        "auc": 0.955,
        "f1": 0.873,
        "precision_at_dev_r95": 0.79,
        "nat15_precision_p80": 0.795,
        "nat15_recall_p80": 0.69,
    },
    "en": {
        "auc": 0.93,
        "f1": 0.829,
        "precision_at_dev_r95": 0.713,
        "nat15_precision_p80": 0.725,
        "nat15_recall_p80": 0.57,
    },
}
MOST = {"zh": {"ece": 0.02, "nat15_alert_ece": 0.013}, "en": {"ece": 0.02, "nat15_alert_ece": 0.013}}


def test_auc_counts_how_often_an_unhappy_text_is_placed_above_another() -> None:
    assert auc([(True, 0.9), (False, 0.1), (True, 0.8), (False, 0.2)]) == 1.0
    assert auc([(True, 0.1), (False, 0.9)]) == 0.0
    assert auc([(True, 0.5), (False, 0.5)]) == 0.5
    assert auc([(True, 0.6), (False, 0.7), (True, 0.8), (False, 0.1)]) == 0.75


def test_precision_recall_and_f1_at_a_threshold() -> None:
    pairs: Sequence[Pair] = [(True, 0.9), (True, 0.3), (False, 0.8), (False, 0.1)]
    assert precision_recall(pairs, 0.5) == (0.5, 0.5)
    assert f1(pairs) == 0.5
    assert precision_recall(pairs, 0.99) == (0.0, 0.0)
    assert f1([], 0.5) == 0.0


def test_the_threshold_for_a_recall_reaches_it() -> None:
    pairs: Sequence[Pair] = [(True, at / 100) for at in range(100)]
    threshold = threshold_at_recall(pairs)
    assert precision_recall(pairs, threshold)[1] >= 0.95
    assert precision_recall(pairs, threshold + 0.01)[1] < 0.95


def test_a_calibrated_reading_has_no_calibration_error_and_a_sure_wrong_one_has_much() -> None:
    assert calibration_error([(True, 0.75), (True, 0.75), (True, 0.75), (False, 0.75)]) == 0.0
    assert calibration_error([(False, 1.0)] * 4) == 1.0


def test_an_interval_holds_its_figure_and_is_always_the_same() -> None:
    pairs: Sequence[Pair] = [(at % 3 == 0, (at * 37 % 100) / 100) for at in range(300)]
    low, high = interval(pairs, auc)
    assert low <= auc(pairs) <= high
    assert interval(pairs, auc) == (low, high)


def test_micro_f1_counts_topics_over_all_texts() -> None:
    assert micro_f1([({"price"}, {"price"}), ({"service", "price"}, {"service"})]) == pytest.approx(0.8)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_language_takes_less_than_a_megabyte(language: str) -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob(f"*.{language}.*")) < 1_000_000


def test_reading_loads_neither_numpy_nor_scikit_learn() -> None:
    code = (
        "import sys, dialogs.unhappy as u, bot.mood_store\n"
        "u.shipped_reader().read('太慢了')\n"
        "print([name for name in ('numpy', 'scipy', 'sklearn') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(
    not os.environ.get("MOTLINE_UNHAPPY_DATA"),
    reason="MOTLINE_UNHAPPY_DATA is not set; untested: the figures of the reading of moods on the development texts",
)
def test_the_benchmark_keeps_its_bounds_on_the_development_texts(tmp_path: Path) -> None:
    folder = Path(os.environ["MOTLINE_UNHAPPY_DATA"])
    files = [str(folder / "zh_dev.tsv"), str(folder / "en_dev.tsv")]
    out = tmp_path / "rows.tsv"
    command = [sys.executable, "-m", "benchmarks.unhappy", "--dev", *files, "--data", *files, "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    for language, bounds in LEAST.items():
        short = {key: found[language][key] for key, bound in bounds.items() if found[language][key] < bound}
        assert not short, language
    for language, bounds in MOST.items():
        assert not {key: found[language][key] for key, bound in bounds.items() if found[language][key] > bound}, (
            language
        )
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "row\tunhappy\talert"
    assert lines[1].startswith("0\t")
