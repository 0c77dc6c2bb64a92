"""The rule layer: what the words, emoji and turns of a text say, before anything learned is asked.

Rule: one pass from left to right over bounded text; every number that comes out can be traced to a phrase of the
word lists, and those phrases are kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialogs.unhappy_text import tokens
from dialogs.unhappy_words import Entry, WordList

_ENDS = frozenset(".!?,;:\n~、。，！？；…()")
_STOPS = frozenset(".!?\n。！？…")
#: How many tokens may stand between a negator and what it turns round.
_REACH = {"en": 3, "zh": 2, "und": 0}
#: A negated complaint is faint praise; negated praise is a complaint ("not good").
_NEGATED_COMPLAINT, _NEGATED_PRAISE = -0.5, -0.8
_LETTERED = re.compile(r"\w")

Index = Mapping[str, Sequence[tuple[list[str], Entry]]]


@dataclass(slots=True)
class Clause:
    """One clause: its praise and complaint (sums of values, both ≥ 0), its topics, and whether a "but" came before."""

    after_but: bool
    praise: float = 0.0
    complaint: float = 0.0
    topics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Signals:
    """Everything the rule layer saw in one text."""

    clauses: list[Clause]
    evidence: list[tuple[str, float]]
    emoji: list[tuple[str, float]]
    always: list[str]
    negated_praise: float = 0.0
    negated_complaint: float = 0.0
    known: int = 0
    length: int = 0


def index_of(words: WordList) -> Index:
    """First token → its phrases as tokens, longest first."""
    language = words.language
    index: dict[str, list[tuple[list[str], Entry]]] = {}
    for phrase, entry in words.entries.items():
        parts = phrase.split(" ") if language == "en" else list(phrase)
        index.setdefault(parts[0], []).append((parts, entry))
    for candidates in index.values():
        candidates.sort(key=lambda candidate: -len(candidate[0]))
    return index


def emoji_pattern(values: Mapping[str, float]) -> re.Pattern[str]:
    """Finds any of the signs, the longest first; a sign of letters only where no word is around it."""
    ordered = sorted(values, key=lambda sign: -len(sign))
    bare = [re.escape(sign) for sign in ordered if not _LETTERED.search(sign) or sign.startswith("[")]
    lettered = [re.escape(sign) for sign in ordered if _LETTERED.search(sign) and not sign.startswith("[")]
    return re.compile(rf"(?:{'|'.join(bare)})|(?<!\w)(?:{'|'.join(lettered)})(?!\w)")


def read_clauses(folded: str, language: str, index: Index) -> Signals:
    """Scan one folded text (its emoji taken out) in one language."""
    stream = tokens(folded, language)
    scan = _Scan(stream, language)
    for at, token in enumerate(stream):
        if token in _ENDS:
            scan.end_clause(token in _STOPS)
        candidates = index.get(token)
        if candidates is not None:
            scan.take(at, candidates)
    scan.signals.length = len(stream)
    scan.end_clause(True)
    return scan.signals


class _Scan:
    """The state of one pass: where the current clause began, and which negator is still in reach."""

    __slots__ = (
        "blocked_until",
        "clause",
        "consumed",
        "language",
        "negated_at",
        "pending",
        "reach",
        "signals",
        "stream",
    )

    def __init__(self, stream: list[str], language: str) -> None:
        self.stream = stream
        self.language = language
        self.reach = _REACH[language]
        self.clause = Clause(after_but=False)
        self.signals = Signals([self.clause], [], [], [])
        self.consumed = 0
        self.blocked_until = 0
        self.negated_at = -99

    def end_clause(self, full_stop: bool) -> None:
        self.negated_at = -99
        clause = self.clause
        if clause.praise or clause.complaint or clause.topics:
            self._open(clause.after_but and not full_stop)
        elif full_stop:
            clause.after_but = False

    def _open(self, after_but: bool) -> None:
        self.clause = Clause(after_but)
        self.signals.clauses.append(self.clause)

    def take(self, at: int, candidates: Sequence[tuple[list[str], Entry]]) -> None:
        stream, known = self.stream, False
        value_taken = at < self.consumed
        for parts, entry in candidates:
            size = len(parts)
            if size > 1 and stream[at : at + size] != parts:
                continue
            if self.language == "und" and not self._whole(at, size):
                continue
            known = True
            if entry.blocks:
                self.blocked_until = max(self.blocked_until, at + size)
            if entry.always and at >= self.blocked_until and not self._negated(at):
                self.signals.always.append(entry.phrase)
                self.blocked_until = at + size
            if entry.topics:
                self.clause.topics.extend(entry.topics)
            if not value_taken:
                value_taken = self._value(at, size, entry)
        self.signals.known += known

    def _value(self, at: int, size: int, entry: Entry) -> bool:
        if entry.value is not None:
            self.consumed = at + size
            self._weigh(entry, at)
            return True
        if entry.but:
            self.consumed = at + size
            self._open(after_but=True)
            return True
        if entry.negator:
            self.consumed = at + size
            self.negated_at = at + size
            return True
        return False

    def _weigh(self, entry: Entry, at: int) -> None:
        value = entry.value or 0.0
        phrase = entry.phrase
        if value and self._negated(at):
            phrase = self._joined(self.negated_at - 1, at) + phrase
            self.negated_at = -99
            if value < 0:
                self.signals.negated_complaint -= value
                value *= _NEGATED_COMPLAINT
            else:
                self.signals.negated_praise += value
                value *= _NEGATED_PRAISE
        if value > 0:
            self.clause.praise += value
        elif value < 0:
            self.clause.complaint -= value
        if value:
            self.signals.evidence.append((phrase, value))

    def _negated(self, at: int) -> bool:
        return 0 <= at - self.negated_at <= self.reach

    def _joined(self, start: int, end: int) -> str:
        between = self.stream[max(start, 0) : end]
        return " ".join(between) + " " if self.language == "en" else "".join(between)

    def _whole(self, at: int, size: int) -> bool:
        """Whether a phrase of another language stands alone, where its script has spaces and cases."""
        if not self.stream[at].islower():
            return True
        before, after = at - 1, at + size
        return not (before >= 0 and self.stream[before].isalpha()) and not (
            after < len(self.stream) and self.stream[after].isalpha()
        )


def rule_logit(signals: Signals) -> float:
    """Log-odds of unhappy by hand-set weights; used alone only where no learned weights are given."""
    has_but = any(clause.after_but for clause in signals.clauses)
    praise = complaint = 0.0
    for clause in signals.clauses:
        share = 1.0 if clause.after_but or not has_but else 0.6
        praise += share * clause.praise
        complaint += share * clause.complaint
    return -1.0 + 1.1 * min(complaint, 5.0) - 0.7 * min(praise, 5.0)


def sign_logit(signals: Signals) -> float:
    """What emoji add to the log-odds, by hand: the texts to learn from hold too few.

    Anger and scorn (-3) outweigh kind words around them, as in "great service 🙄"; tears (-2) give way to praise, as
    in "so good 😭"; a smile does not undo a complaint.
    """
    praised = any(clause.praise for clause in signals.clauses)
    complained = any(clause.complaint for clause in signals.clauses)
    worst = min(value for _, value in signals.emoji)
    best = max(value for _, value in signals.emoji)
    if worst <= -3:
        return 4.5
    if worst <= -2:
        return 0.4 if praised and not complained else 3.0
    if worst <= -1:
        return 0.0 if praised else 1.0
    if best >= 1:
        return -0.3 * best if complained else -0.9 * best
    return 0.0
