"""How good a reading is: the figures of the benchmark and of `motline learn`, computed the same way.

Rule: plain Python on lists of (label, probability), so that anyone can compute the figures again from outside.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from dialogs.unhappy import shift

Pair = tuple[bool, float]
RECALL, SURE, BINS = 0.95, 0.8, 10
_RESAMPLES = 400


def auc(pairs: Sequence[Pair]) -> float:
    """Area under the ROC curve: how often an unhappy text is placed above another; ties count half."""
    ordered = sorted(pairs, key=lambda pair: pair[1])
    positives = sum(label for label, _ in ordered)
    negatives = len(ordered) - positives
    if not positives or not negatives:
        return float("nan")
    ranks, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][1] == ordered[at][1]:
            end += 1
        ranks += sum(label for label, _ in ordered[at:end]) * (at + end + 1) / 2
        at = end
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def precision_recall(pairs: Sequence[Pair], threshold: float) -> tuple[float, float]:
    """Precision and recall of "unhappy" at and above the threshold; precision of nothing found is 0."""
    found = [label for label, p in pairs if p >= threshold]
    positives = sum(label for label, _ in pairs)
    hits = sum(found)
    return (hits / len(found) if found else 0.0), (hits / positives if positives else 0.0)


def f1(pairs: Sequence[Pair], threshold: float = 0.5) -> float:
    """The harmonic mean of precision and recall at the threshold."""
    precision, recall = precision_recall(pairs, threshold)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def threshold_at_recall(pairs: Sequence[Pair], recall: float = RECALL) -> float:
    """The highest threshold that reaches the recall."""
    positives = sorted(p for label, p in pairs if label)
    return positives[int((1 - recall) * len(positives))] if positives else 0.0


def calibration_error(pairs: Sequence[Pair]) -> float:
    """Expected calibration error over ten bins of equal width: the mean of |share - mean probability| by rows."""
    bins: list[list[Pair]] = [[] for _ in range(BINS)]
    for label, p in pairs:
        bins[min(int(p * BINS), BINS - 1)].append((label, p))
    total = sum(abs(sum(label for label, _ in part) - sum(p for _, p in part)) for part in bins)
    return total / len(pairs) if pairs else 0.0


def interval(pairs: Sequence[Pair], figure: Callable[[Sequence[Pair]], float]) -> tuple[float, float]:
    """The 95 % confidence interval of a figure by bootstrap: 400 resamples of the rows, seeded."""
    chance = random.Random(0)  # noqa: S311 - a resample is no secret
    found = sorted(figure(chance.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return found[int(0.025 * _RESAMPLES)], found[int(0.975 * _RESAMPLES) - 1]


def micro_f1(pairs: Sequence[tuple[set[str], set[str]]]) -> float:
    """Micro-averaged F1 of topics over (labelled, found) sets."""
    hits = sum(len(labelled & found) for labelled, found in pairs)
    total = sum(len(labelled) + len(found) for labelled, found in pairs)
    return 2 * hits / total if total else 0.0


def at_rate(p: float, share: float, rate: float) -> float:
    """A probability calibrated at `share`, moved to `rate`."""
    return shift(p, share, rate)
