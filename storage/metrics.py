"""The figures of customer feedback, from how often each number was given. Pure; every formula stands with its figure.

Rule: over those who answered, never over those who refused or were not reached. A figure comes with the number of
answers and its standard error, because 5 answers say less than 500.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Counts = Mapping[float, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over `n` answers with its standard error, both in the figure's own unit, and how it is computed."""

    name: str
    value: float
    error: float
    n: int
    formula: str


NPS_FORMULA: Final = "NPS = % of 9–10 − % of 0–6"
CSAT_FORMULA: Final = "CSAT = % of 4–5 on 1–5"
CES_FORMULA: Final = "CES = mean of 1–7, 7 is best"
MEAN_FORMULA: Final = "mean"


def figure(type_: str, counts: Counts) -> Figure | None:
    """The figure of a question of this type (nps, csat, ces, rating, number); None without answers or for others."""
    match type_:
        case "nps":
            return nps(counts)
        case "csat":
            return csat(counts)
        case "ces":
            return _mean("CES", CES_FORMULA, counts)
        case "rating" | "number":
            return _mean("mean", MEAN_FORMULA, counts)
        case _:
            return None


def nps(counts: Counts) -> Figure | None:
    """Net promoter score in points, −100 … 100: 100 (p − d), p and d the shares of 9–10 and of 0–6.

    Its variance is (p + d − (p − d)²) / n, on the scale of points times 100² (the variance of a mean of +1, 0, −1).
    """
    n = sum(counts.values())
    if not n:
        return None
    promoters = sum(count for number, count in counts.items() if number >= 9) / n
    detractors = sum(count for number, count in counts.items() if number <= 6) / n
    score = promoters - detractors
    variance = (promoters + detractors - score**2) / n
    return Figure("NPS", 100 * score, 100 * math.sqrt(max(0.0, variance)), n, NPS_FORMULA)


def csat(counts: Counts) -> Figure | None:
    """Customer satisfaction in per cent: 100 s, s the share of 4–5; its variance is s (1 − s) / n, times 100²."""
    n = sum(counts.values())
    if not n:
        return None
    share = sum(count for number, count in counts.items() if number >= 4) / n
    return Figure("CSAT", 100 * share, 100 * math.sqrt(share * (1 - share) / n), n, CSAT_FORMULA)


def _mean(name: str, formula: str, counts: Counts) -> Figure | None:
    """The mean; its variance is Σ (x − mean)² / (n (n − 1)), 0 for a single answer."""
    n = sum(counts.values())
    if not n:
        return None
    mean = sum(number * count for number, count in counts.items()) / n
    squares = sum(count * (number - mean) ** 2 for number, count in counts.items())
    return Figure(name, mean, math.sqrt(squares / (n * (n - 1))) if n > 1 else 0.0, n, formula)
