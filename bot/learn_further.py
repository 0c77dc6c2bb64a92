"""Learning further: weights that are in use, corrected by a few rows, where the texts they were learned from are gone.

Rule: the old weights are the starting point and every step away from them costs, so that ten corrections cannot undo
what thirty thousand texts taught.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.learn import FEATURES, Lens, Seen, matrix_of
from bot.learn_rows import Row, examples
from dialogs.unhappy_weights import Linear, stepped
from dialogs.unhappy_words import Words

#: Cost of a step away from the old weights; the answers of the templates count this much beside the rows.
STIFFNESS, TEMPLATE_WEIGHT = 0.5, 0.1


def learn_further(old: Linear, rows: Sequence[Row], words: Words, language: str, made: Mapping[str, Any]) -> Linear:
    """`old` moved towards the rows of its language; calibration, share and watch threshold stay those of `old`.

    Minimises Σ log(1 + exp(-y · logit)) over the rows + STIFFNESS / 2 · |step|², from a step of 0 (L-BFGS).
    """
    lens = Lens(words, language)
    own = [lens.see(row) for row in rows if row.language == language]
    if not own:
        return old
    kept = [lens.see(row) for row in examples(language)]
    weights = old.weights()
    counts = Counter(gram for row in own for gram in set(row.grams))
    fresh = {gram for gram, count in counts.items() if count > 1}
    names = sorted(weights.keys() | fresh)
    seen = [*own, *kept]
    matters = [1.0] * len(own) + [TEMPLATE_WEIGHT] * len(kept)
    step = _step(old, weights, names, seen, matters)
    moved = {name: weights.get(name, 0.0) + change for name, change in zip(names, step[:-1], strict=True)}
    strongest = sorted(moved, key=lambda name: (-abs(moved[name]), name))[:FEATURES]
    features = {name: moved[name] for name in sorted(strongest)}
    steps, scale = stepped(features)
    return replace(old, steps=steps, scale=scale, bias=old.bias + step[-1], made=made)


def _step(
    old: Linear, weights: Mapping[str, float], names: Sequence[str], seen: Sequence[Seen], matters: Sequence[float]
) -> list[float]:
    import numpy
    from scipy.optimize import minimize

    matrix = matrix_of({name: at for at, name in enumerate(names)}, seen)
    start = matrix @ numpy.array([weights.get(name, 0.0) for name in names])
    start += [old.bias + math.fsum(a * b for a, b in zip(old.dense, row.numbers, strict=True)) for row in seen]
    signs = numpy.array([1.0 if row.unhappy else -1.0 for row in seen])
    shares = numpy.array(matters)

    def cost(step: Any) -> tuple[float, Any]:
        margins = signs * (start + matrix @ step[:-1] + step[-1])
        loss = float(shares @ numpy.logaddexp(0, -margins)) + STIFFNESS / 2 * float(step @ step)
        pull = -shares * signs * numpy.exp(-numpy.logaddexp(0, margins))
        return loss, numpy.append(matrix.T @ pull, pull.sum()) + STIFFNESS * step

    found = minimize(cost, numpy.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return [float(change) for change in found.x]
