"""The learned part as it is stored: loaded from bytes, so that a file or a row of the store serves alike.

Rule: nothing is imported to load it but the standard library, and bytes that are not weights are refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned for each language, with its share of unhappy texts and its watch threshold."""

    shares: dict[str, float] = field(default_factory=dict)
    watch: dict[str, float] = field(default_factory=dict)

    def share(self, language: str) -> float:
        """The share of unhappy texts in the development data that `unhappy` is calibrated on."""
        return self.shares.get(language, 0.44)

    def watch_threshold(self, language: str) -> float:
        """`unhappy` at which 95 % of the unhappy development texts are found."""
        return self.watch.get(language, 0.25)


def shipped_weights() -> Weights:
    """The weights in the package."""
    return Weights()
