"""What a text is about: topics by clause, from the keyword lists that the business edits.

Rule: a topic stands only where one of its words stands; the topics of complaining clauses come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class TopicClause(Protocol):
    """What is asked of a clause."""

    @property
    def complaint(self) -> float: ...
    @property
    def topics(self) -> list[str]: ...


def topics_of(clauses: Iterable[TopicClause]) -> tuple[str, ...]:
    """Every topic once, those of clauses with a complaint first, otherwise in order of appearance."""
    found = [(clause.complaint <= 0, topic) for clause in clauses for topic in clause.topics]
    if not found:
        return ()
    found.sort(key=lambda item: item[0])
    return tuple(dict.fromkeys(topic for _, topic in found))
