"""The pass through one text by which the rule layer sees what its words say.

Rule: one pass from left to right; what a phrase is worth may be settled by what stands behind it, but every number can
be traced to a phrase of the word lists.
"""

from __future__ import annotations

from dialogs.unhappy_rules import REACH, Clause, Index, Signals
from dialogs.unhappy_text import pairs_of, stream_of
from dialogs.unhappy_words import Entry

_STOPS = frozenset(".!?\n。！？…")
#: A negated complaint is faint praise; negated praise is a complaint ("not good").
_NEGATED_COMPLAINT, _NEGATED_PRAISE = -0.5, -0.8
#: Stands in the stream for a complaint that the text denies, so that nothing learned takes "no problems" for a problem.
DENIED = "N"
_SPEAKERS = frozenset({"i", "i'm", "i've", "we", "we've", "me", "my", "我", "咱", "俺"})
#: "Neither folded nor torn" denies twice over; only a negator that follows another at once undoes it.
_JOINS = frozenset({"也", "又", "还", "and", "or", "nor", "but"})
#: What follows one of these is told anew: "没过两天又坏了" broke.
_HINGES = frozenset({"就", "又", "才", "then"})


def read_clauses(folded: str, index: Index) -> Signals:
    """Scan one folded text (its emoji taken out) in the language of the index."""
    stream = stream_of(folded, index.language)
    pairs = pairs_of(stream)
    scan = _Scan(stream, pairs, index)
    singles = map(index.ones.get, stream)
    longer = map(index.longer.get, [*pairs, ""])
    ends = index.ends
    marks = 0
    for at, (one, more) in enumerate(zip(singles, longer, strict=False)):
        if one is None and more is None:
            continue
        if one is not None and stream[at] in ends:
            marks += stream[at] != " "
            scan.end_clause(stream[at], at)
        if more is not None:
            scan.take_longer(at, *more)
        if one is not None:
            scan.take(at, 1, one)
    return scan.result(len(stream) - marks - stream.count(" "))


class _Scan:
    """The state of one pass: where the current clause began, and which negator is still in reach."""

    __slots__ = (
        "asked",
        "begun",
        "bygone",
        "clause",
        "consumed",
        "denied",
        "facts",
        "index",
        "negated_at",
        "negator_at",
        "opened_at",
        "own",
        "past_at",
        "reach",
        "signals",
        "spent",
        "stream",
        "twice",
        "waived_at",
    )

    def __init__(self, stream: str | list[str], pairs: list[str], index: Index) -> None:
        self.stream = stream
        self.index = index
        self.reach = REACH[index.language]
        self.clause = Clause(after_but=False)
        self.signals = Signals([self.clause], [], [], [], stream, pairs)
        self.begun = self.consumed = self.asked = 0
        self.spent = 0
        self.own = False
        self.opened_at = 0
        self.negated_at = self.negator_at = -99
        self.waived_at = -99
        self.twice = False
        self.past_at = -1
        self.denied: list[tuple[int, int]] = []
        self.facts: list[tuple[Clause, str, float]] = []
        self.bygone: list[tuple[Clause, int, int, int]] = []

    def end_clause(self, mark: str, at: int) -> None:
        self.negated_at = self.waived_at = -99
        clause = self.clause
        if clause.praise or clause.complaint or clause.topics or clause.mended:
            self._open(clause.after_but and mark not in _STOPS, at + 1)
            return
        if mark in _STOPS:
            clause.after_but = False
        if at != self.past_at:
            clause.past = False

    def _open(self, after_but: bool, at: int) -> None:
        self.clause = Clause(after_but)
        self.opened_at = at
        self.signals.clauses.append(self.clause)

    def take_longer(self, at: int, two: Entry | None, sizes: tuple[int, ...]) -> None:
        stream, entries, left = self.stream, self.index.entries, len(self.stream) - at
        for size in sizes:
            if size <= left:
                part = stream[at : at + size]
                entry = entries.get(part if isinstance(part, str) else " ".join(part))
                if entry is not None:
                    self.take(at, size, entry)
        if two is not None:
            self.take(at, 2, two)

    def take(self, at: int, size: int, entry: Entry) -> None:
        if self.reach == 0 and not self._whole(at, size):
            return
        if entry.topics:
            self.clause.topics.extend(entry.topics)
        if entry.plays:
            self._play(at, size, entry)
        if entry.acts and at >= self.consumed:
            self._consume(at, size, entry)

    def _play(self, at: int, size: int, entry: Entry) -> None:
        if at >= self.asked and entry.asks:
            self.asked = at + size
            if entry.asks > 0:
                self.signals.asks += 1
            else:
                self.signals.scolds += 1
        if entry.wishes:
            self.signals.wishes += 1
        if entry.mends and not self._negated(at) and (at >= self.consumed or at == self.begun):
            self.clause.mended = True
        self._place(at, size, entry)
        self._guard(at, size, entry)

    def _place(self, at: int, size: int, entry: Entry) -> None:
        """What belongs to the past, or is a fear, and what to now."""
        if entry.past:
            self.clause.past, self.past_at = True, at + size
        elif entry.now and self.clause.past and at >= self.past_at:
            self._open(after_but=False, at=at)

    def _guard(self, at: int, size: int, entry: Entry) -> None:
        if entry.blocks:
            self.spent = max(self.spent, at + size)
        elif entry.waives:
            self.waived_at = at + size
        elif entry.always and at >= self.spent and not self._waived(entry, at):
            self.signals.always.append(entry.phrase)
            self.spent = at + size

    def _consume(self, at: int, size: int, entry: Entry) -> None:
        self.begun, self.consumed = at, at + size
        self.signals.covered += size
        if entry.value is not None:
            self._weigh(entry, entry.value, at, size)
        elif entry.but:
            self._open(after_but=True, at=at + size)
        elif entry.negator:
            self.twice = self._negated(at) and self.stream[at - 1] not in _JOINS
            self.negator_at, self.negated_at = (self.negator_at if self.twice else at), at + size
            self.signals.idle += 1
            self.own = self._is_own(at)
            self.signals.idle_own += self.own
            self.clause.idle += not self.own
        elif self._negated(at):
            self.negated_at = at + size

    def _weigh(self, entry: Entry, value: float, at: int, size: int) -> None:
        if not value:
            return
        phrase, signals = entry.phrase, self.signals
        if self._negated(at):
            signals.idle -= 1
            signals.idle_own -= self.own
            self.clause.idle -= not self.own
            phrase = self._said(self.negator_at, at + size)
            if self.twice:
                value *= -_NEGATED_COMPLAINT
                signals.negated_complaint += max(value, 0.0)
                self.denied.append((self.negator_at, at + size))
            elif value < 0:
                signals.negated_complaint -= value
                value *= _NEGATED_COMPLAINT
                self.denied.append((self.negator_at, at + size))
            else:
                signals.negated_praise += value
                value *= _NEGATED_PRAISE
            self.negated_at = -99
        elif entry.denies:
            signals.negated_complaint += value
            self.denied.append((at, at + size))
        elif entry.fact:
            self.facts.append((self.clause, phrase, value))
            return
        if value > 0:
            self.clause.praise += value
        else:
            self.clause.complaint -= value
            if self.clause.past:
                start = at if phrase == entry.phrase else self.negator_at
                self.bygone.append((self.clause, start, at + size, len(signals.evidence)))
        signals.evidence.append((phrase, value))

    def result(self, length: int) -> Signals:
        signals = self.signals
        signals.length = length
        signals.last = self.stream[self.opened_at :]
        if self.bygone:
            self._forget()
        if self.facts:
            self._tell()
        if self.denied:
            self.denied.sort()
            signals.stream = self._masked()
            signals.pairs = pairs_of(signals.stream)
        return signals

    def _forget(self) -> None:
        """A trouble of the past, or a fear, is none where a later clause praises or tells that it was put right."""
        better, settled = False, set()
        for clause in reversed(self.signals.clauses):
            if clause.past and better:
                settled.add(id(clause))
            better = better or clause.mended or clause.praise > clause.complaint == 0
        for clause, start, end, at in self.bygone:
            if id(clause) in settled:
                phrase, value = self.signals.evidence[at]
                clause.complaint = max(clause.complaint + value, 0.0)
                self.signals.negated_complaint -= value
                self.signals.evidence[at] = (phrase, 0.0)
                self.denied.append((start, end))

    def _tell(self) -> None:
        """Facts count beside a complaint, behind a "but" or behind praise; alone, "two hours" may be a good film.

        What praise follows on is forgiven: "there was a queue, but the food is lovely".
        """
        signals = self.signals
        counts = bool(signals.always or signals.scolds or any(clause.complaint for clause in signals.clauses))
        order = {id(clause): at for at, clause in enumerate(signals.clauses)}
        praised = [at for at, clause in enumerate(signals.clauses) if clause.praise]
        for clause, phrase, value in self.facts:
            at = order[id(clause)]
            if counts or clause.after_but or (praised and at not in praised and praised[0] < at):
                clause.complaint -= value
                signals.evidence.append((phrase, value))
            elif not praised:
                signals.bare -= value

    def _masked(self) -> str | list[str]:
        parts: list[str] = []
        done = 0
        for start, end in self.denied:
            parts += [*self.stream[done:start], DENIED]
            done = end
        parts += self.stream[done:]
        return parts if isinstance(self.stream, list) else "".join(parts)

    def _negated(self, at: int) -> bool:
        if not 0 <= at - self.negated_at <= self.reach:
            return False
        return at == self.negated_at or _HINGES.isdisjoint(self.stream[self.negated_at : at + 1])

    def _waived(self, entry: Entry, at: int) -> bool:
        """A wish may be waived, a danger denied; "they don't refund" is neither."""
        return 0 <= at - self.waived_at <= self.reach or (entry.always == "safety" and self._negated(at))

    def _is_own(self, at: int) -> bool:
        """Whether the speaker stands just before a place of the text."""
        return not _SPEAKERS.isdisjoint(self.stream[max(at - 2, 0) : at])

    def _said(self, start: int, end: int) -> str:
        part = self.stream[start:end]
        return part if isinstance(part, str) else " ".join(part)

    def _whole(self, at: int, size: int) -> bool:
        """Whether a phrase of another language stands alone, where its script has spaces and cases."""
        if not self.stream[at].islower():
            return True
        before, after = at - 1, at + size
        return not (before >= 0 and self.stream[before].isalpha()) and not (
            after < len(self.stream) and self.stream[after].isalpha()
        )
