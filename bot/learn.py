"""Learning to read moods: from labelled rows to weights. scikit-learn is needed here and nowhere else.

Rule: the same rows give the same weights. Nothing is switched here; `mood_store` does that, when it is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.learn_rows import TEMPLATE, Row, examples
from dialogs.unhappy import Reader
from dialogs.unhappy_features import DENSE, all_grams, dense
from dialogs.unhappy_rules import Signals, emoji_pattern, index_of
from dialogs.unhappy_scan import read_clauses
from dialogs.unhappy_text import fold, signs_apart
from dialogs.unhappy_weights import Linear, Weights, stepped
from dialogs.unhappy_words import Words

#: Features a language keeps, and the fewest rows a feature must stand in.
FEATURES, FEWEST = 60_000, 2
#: Platt's slope is held back by this: the first tickets are dear, so a 0.8 shall rather be 0.82 elsewhere than 0.78.
CAUTION = 0.92
#: Inverse strength of regularisation, chosen on the development rows (0.04 to 0.15 is as good).
STRENGTH = {"zh": 0.08, "en": 0.08}
DENSE_SCALE = 1.0
#: Taken off the log-odds of brief texts of these kinds: reviews complain by facts more often than answers in a chat do,
#: and nobody shall be called for "we took the early train", for "no scratches", or for a trouble that was put right.
BENEFIT_OF_DOUBT = {
    "brief, nothing said": 0.15,
    "brief, asks and complains of nothing": 0.25,
    "brief, only denied complaint": 0.25,
    "brief, ends well": 0.1,
    "brief, put right": 0.1,
}
#: Besides, in one language: plain accounts ("停了四十分钟，收了五块") are the calm answers that reviews know least.
BENEFIT_IN = {
    "zh": {"brief, nothing said": 0.1, "brief, plain account": 0.35},
    "en": {"brief, plain account": 0.2},
}
#: What the doubt takes from some is given to all, so that the probabilities stay true on the whole.
GIVEN_BACK = 0.05
#: What an example of the templates counts beside a row: they are as many as the rows, and more alike.
TEMPLATE_WEIGHT = 0.5
WATCH_RECALL = 0.95


class LearnError(ValueError):
    """Rows that nothing can be learned from: says what is missing."""


def learn(train: Sequence[Row], dev: Sequence[Row], words: Words, language: str, made: Mapping[str, Any]) -> Linear:
    """Train one language and calibrate it on `dev`. `made` is kept with the weights (sources, dates, counts)."""
    own = [row for row in train if row.language == language]
    kept = [row for row in dev if row.language == language]
    for rows, name in ((own, "training"), (kept, "development")):
        if len({row.unhappy for row in rows}) < 2:
            raise LearnError(f"{language}: the {name} rows must hold unhappy and other texts; {len(rows)} rows given")
    lens = Lens(words, language)
    linear = fit([lens.see(row) for row in (*own, *examples(language))], language)
    return calibrated(linear, kept, words, language, made)


class Seen:
    """One row as the model sees it."""

    __slots__ = ("grams", "matters", "numbers", "unhappy")

    def __init__(self, found: list[str], numbers: tuple[float, ...], unhappy: bool, matters: float = 1.0) -> None:
        self.grams = found
        self.numbers = numbers
        self.unhappy = unhappy
        self.matters = matters


class Lens:
    """Turns rows of one language into what the model sees, as `Reader` does when it reads them."""

    def __init__(self, words: Words, language: str) -> None:
        self._index = index_of(words.zh if language == "zh" else words.en)
        self._signs = emoji_pattern(words.any.emoji)

    def see(self, row: Row) -> Seen:
        signals = self.scan(row)
        return Seen(all_grams(signals), dense(signals), row.unhappy, TEMPLATE_WEIGHT if row.source == TEMPLATE else 1.0)

    def scan(self, row: Row) -> Signals:
        return read_clauses(signs_apart(fold(row.text), self._signs)[0], self._index)


def fit(seen: Sequence[Seen], language: str, features: int = FEATURES) -> Linear:
    """Two fits: one on every feature, to choose the strongest; one on those alone."""
    counts = Counter(gram for row in seen for gram in set(row.grams))
    names = sorted(gram for gram, count in counts.items() if count >= FEWEST)
    weights, _, _ = _fit_on(names, counts, seen, STRENGTH[language])
    if len(names) > features:
        strength = sorted(
            range(len(names)), key=lambda at: (-abs(weights[at]) * math.sqrt(counts[names[at]]), names[at])
        )
        names = sorted(names[at] for at in strength[:features])
    weights, numbers, bias = _fit_on(names, counts, seen, STRENGTH[language])
    steps, scale = stepped(dict(zip(names, weights, strict=True)))
    return Linear(steps, scale, tuple(numbers), bias, 0.5, 0.5, {})


def _fit_on(
    names: Sequence[str], counts: Mapping[str, int], seen: Sequence[Seen], strength: float
) -> tuple[list[float], list[float], float]:
    """Logistic regression; rare features that tell the classes apart are regularised less than common ones."""
    import numpy
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    place = {name: at for at, name in enumerate(names)}
    labels = numpy.array([row.unhappy for row in seen], dtype=float)
    matrix = matrix_of(place, seen)
    scales = _scales(matrix, labels)
    numbers = sparse.csr_matrix(numpy.array([row.numbers for row in seen]) * DENSE_SCALE)
    both = sparse.hstack([matrix @ sparse.diags(scales), numbers]).tocsr()
    model = LogisticRegression(C=strength, solver="liblinear", random_state=0).fit(
        both, labels, sample_weight=[row.matters for row in seen]
    )
    found = model.coef_[0]
    size = len(names)
    return (found[:size] * scales).tolist(), (found[size:] * DENSE_SCALE).tolist(), float(model.intercept_[0])


def matrix_of(place: Mapping[str, int], seen: Sequence[Seen]) -> Any:
    """Rows of 1/√(features met) in the columns of the features met, as often as they are met."""
    import numpy
    from scipy import sparse

    columns: list[int] = []
    figures: list[float] = []
    ends = [0]
    for row in seen:
        met = sorted(place[gram] for gram in row.grams if gram in place)
        columns += met
        figures += [1 / math.sqrt(len(met))] * len(met)
        ends.append(len(columns))
    matrix = sparse.csr_matrix((numpy.array(figures), columns, ends), shape=(len(seen), len(place)))
    matrix.sum_duplicates()
    return matrix


def _scales(matrix: Any, labels: Any) -> Any:
    """Inverse document frequency x (|log of the ratio of the classes' rates| + 0.3), after Wang & Manning 2012."""
    import numpy

    met = matrix.copy()
    met.data[:] = 1.0
    unhappy = numpy.asarray(met[labels == 1].sum(0)).ravel() + 1
    other = numpy.asarray(met[labels == 0].sum(0)).ravel() + 1
    ratio = numpy.abs(numpy.log((unhappy / unhappy.sum()) / (other / other.sum())))
    rarity = numpy.log((1 + len(labels)) / (unhappy + other - 1)) + 1
    return rarity * (ratio + 0.3)


def calibrated(linear: Linear, dev: Sequence[Row], words: Words, language: str, made: Mapping[str, Any]) -> Linear:
    """Platt scaling (a slope and an offset for the log-odds) on `dev`, and the watch threshold there."""
    from sklearn.linear_model import LogisticRegression

    lens = Lens(words, language)
    logits = [linear.logit(lens.scan(row)) for row in dev]
    model = LogisticRegression(C=1e6).fit([[logit] for logit in logits], [row.unhappy for row in dev])
    slope, offset = CAUTION * float(model.coef_[0][0]), CAUTION * float(model.intercept_[0])
    share = sum(row.unhappy for row in dev) / len(dev)
    doubt = Counter(BENEFIT_OF_DOUBT) + Counter(BENEFIT_IN.get(language, {}))
    scaled = replace(
        linear,
        scale=slope * linear.scale,
        dense=tuple(slope * weight - doubt[name] for name, weight in zip(DENSE, linear.dense, strict=True)),
        bias=slope * linear.bias + offset + GIVEN_BACK,
        share=share,
        made=made,
    )
    return replace(scaled, watch=watch_threshold(Reader(Weights({language: scaled}), words), dev))


def watch_threshold(reader: Reader, dev: Iterable[Row]) -> float:
    """The `unhappy` that `WATCH_RECALL` of the unhappy rows reach."""
    found = sorted(reader.read(row.text).unhappy for row in dev if row.unhappy)
    return found[int((1 - WATCH_RECALL) * len(found))]
