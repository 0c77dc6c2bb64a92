"""The readers of moods that tests share: making one takes longer than most tests do."""

from __future__ import annotations

import functools

from dialogs.unhappy import Reader, shipped_reader
from dialogs.unhappy_weights import Weights
from dialogs.unhappy_words import shipped_words


@functools.cache
def by_rules() -> Reader:
    """Reads by the shipped words alone, without what was learned."""
    return Reader(Weights({}), shipped_words())


@functools.cache
def as_shipped() -> Reader:
    """Reads as Motline does as it ships."""
    return shipped_reader()
