"""The rule layer: what the words, emoji and turns of a text say, before anything learned is asked.

Rule: one pass from left to right over bounded text; every number that comes out can be traced to a phrase of the
word lists, and those phrases are kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.unhappy_text import pairs_of, stream_of
from dialogs.unhappy_words import Entry, WordList

_ENDS = frozenset(".!?,;:\n~、。，！？；…()")
_STOPS = frozenset(".!?\n。！？…")
#: How many tokens may stand between a negator and what it turns round; fillers do not count.
_REACH = {"en": 3, "zh": 2, "und": 0}
#: A negated complaint is faint praise; negated praise is a complaint ("not good").
_NEGATED_COMPLAINT, _NEGATED_PRAISE = -0.5, -0.8
#: Stands in the stream for a complaint that the text denies, so that nothing learned takes "no problems" for a problem.
DENIED = "N"
_SPEAKERS = frozenset({"i", "i'm", "i've", "we", "we've", "me", "my", "我", "咱", "俺"})
_NEVER = "(?!)"
#: Where the pictures among the signs lie; one range is found faster than two hundred single characters.
_PICTURES = "\U00010000-\U0010ffff"
_LETTERED = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Index:
    """A word list made ready to scan.

    `ones` holds the phrases of one token and the marks that end a clause; `longer`, for the first two tokens of longer
    phrases, the phrase of these two alone, if it is one, and how long the others are, longest first. Where neither
    knows a place of the text, nothing happens there. In a Chinese chat a space stands where a comma would (`ends`).
    """

    language: str
    ends: frozenset[str]
    ones: Mapping[str, Entry]
    longer: Mapping[str, tuple[Entry | None, tuple[int, ...]]]
    entries: Mapping[str, Entry]


@dataclass(slots=True)
class Clause:
    """One clause: its praise and complaint (sums of values, both ≥ 0), its topics, whether a "but" came before, and
    whether it says that something was put right."""

    after_but: bool
    praise: float = 0.0
    complaint: float = 0.0
    mended: bool = False
    topics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Signals:
    """Everything the rule layer saw in one text. `stream` is its tokens, denied complaints masked by `DENIED`.

    `pairs` are the `pairs_of` the stream, `length` counts the words of the text, `covered` those that the lists know,
    `last` holds the last clause. `asks` counts questions and requests, `scolds` what only looks like one; `idle` counts
    negators that turned nothing round ("it does not turn on"), `idle_own` those of them that say what "I" do not.
    """

    clauses: list[Clause]
    evidence: list[tuple[str, float]]
    emoji: list[tuple[str, float]]
    always: list[str]
    stream: str | list[str]
    pairs: list[str]
    negated_praise: float = 0.0
    negated_complaint: float = 0.0
    length: int = 0
    covered: int = 0
    asks: int = 0
    scolds: int = 0
    wishes: int = 0
    idle: int = 0
    idle_own: int = 0
    last: str | list[str] = ""

    def trailing(self) -> int:
        """How many words the last clause has."""
        return sum(word not in _ENDS and word != " " for word in self.last)

    def plain(self) -> float | None:
        """The strongest value of a few words that the lists know all of, and that all say one thing; else `None`."""
        if not self.evidence or self.covered < self.length or self.length > _PLAIN:
            return None
        values = [value for _, value in self.evidence]
        return max(values, key=abs) if min(values) > 0 or max(values) < 0 else None


_PLAIN = 8


def index_of(words: WordList) -> Index:
    """A word list as `read_clauses` scans it."""
    join = " ".join if words.language == "en" else "".join
    ends = _ENDS | {" "} if words.language == "zh" else _ENDS
    ones = {mark: Entry(mark) for mark in ends}
    longer: dict[str, set[int]] = {}
    for phrase, entry in words.entries.items():
        parts = phrase.split(" ") if words.language == "en" else list(phrase)
        if len(parts) == 1:
            ones[phrase] = entry
        else:
            longer.setdefault(join(parts[:2]), set()).add(len(parts))
    ordered = {
        first: (words.entries.get(first), tuple(sorted(found - {2}, reverse=True))) for first, found in longer.items()
    }
    return Index(words.language if words.language in _REACH else "und", ends, ones, ordered, words.entries)


def emoji_pattern(values: Mapping[str, float]) -> re.Pattern[str]:
    """Finds any of the signs, the longest first; a sign of letters only where no word is around it."""
    ordered = sorted(values, key=lambda sign: -len(sign))
    bare = [re.escape(sign) for sign in ordered if not _LETTERED.search(sign) or sign.startswith("[")]
    lettered = [re.escape(sign) for sign in ordered if _LETTERED.search(sign) and not sign.startswith("[")]
    parts = bare + ([rf"(?<!\w)(?:{'|'.join(lettered)})(?!\w)"] if lettered else [])
    return re.compile("|".join(parts) or _NEVER)


def hint_pattern(values: Mapping[str, float]) -> re.Pattern[str]:
    """Finds a character without which none of the signs can stand in a text: of each its first that is no letter."""
    marks = {min(sign, key=lambda character: character.isalnum()) for sign in values}
    plain = "".join(re.escape(mark) for mark in sorted(marks) if mark < _PICTURES[0])
    return re.compile(f"[{plain}{_PICTURES}]" if marks else _NEVER)


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
        "clause",
        "consumed",
        "denied",
        "index",
        "negated_at",
        "negator_at",
        "opened_at",
        "own",
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
        self.reach = _REACH[index.language]
        self.clause = Clause(after_but=False)
        self.signals = Signals([self.clause], [], [], [], stream, pairs)
        self.begun = self.consumed = self.asked = 0
        self.spent = 0
        self.own = False
        self.opened_at = 0
        self.negated_at = self.negator_at = -99
        self.waived_at = -99
        self.twice = False
        self.denied: list[tuple[int, int]] = []

    def end_clause(self, mark: str, at: int) -> None:
        self.negated_at = self.waived_at = -99
        clause = self.clause
        if clause.praise or clause.complaint or clause.topics or clause.mended:
            self._open(clause.after_but and mark not in _STOPS, at + 1)
        elif mark in _STOPS:
            clause.after_but = False

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
        self._guard(at, size, entry)

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
            self.twice = self._negated(at)
            self.negator_at, self.negated_at = (self.negator_at if self.twice else at), at + size
            self.signals.idle += 1
            self.own = self._is_own(at)
            self.signals.idle_own += self.own
        elif self._negated(at):
            self.negated_at = at + size

    def _weigh(self, entry: Entry, value: float, at: int, size: int) -> None:
        if not value:
            return
        phrase, signals = entry.phrase, self.signals
        if self._negated(at):
            signals.idle -= 1
            signals.idle_own -= self.own
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
        if value > 0:
            self.clause.praise += value
        else:
            self.clause.complaint -= value
        signals.evidence.append((phrase, value))

    def result(self, length: int) -> Signals:
        signals = self.signals
        signals.length = length
        signals.last = self.stream[self.opened_at :]
        if self.denied:
            signals.stream = self._masked()
            signals.pairs = pairs_of(signals.stream)
        return signals

    def _masked(self) -> str | list[str]:
        parts: list[str] = []
        done = 0
        for start, end in self.denied:
            parts += [*self.stream[done:start], DENIED]
            done = end
        parts += self.stream[done:]
        return parts if isinstance(self.stream, list) else "".join(parts)

    def _negated(self, at: int) -> bool:
        return 0 <= at - self.negated_at <= self.reach

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


def rule_logit(signals: Signals) -> float:
    """Log-odds of unhappy by hand-set weights; used alone only where no learned weights are given."""
    has_but = any(clause.after_but for clause in signals.clauses)
    praise = complaint = 0.0
    for clause in signals.clauses:
        share = 1.0 if clause.after_but or not has_but else 0.6
        praise += share * clause.praise
        complaint += share * clause.complaint
    return -1.0 + 1.1 * min(complaint, 5.0) - 0.7 * min(praise, 5.0)


def with_signs(logit: float, signals: Signals) -> float:
    """The log-odds of the words, moved by the emoji, by hand: the texts to learn from hold too few.

    Anger and scorn (-3) outweigh kind words around them, as in "great service 🙄"; tears (-2) give way to praise, as
    in "so good 😭"; a smile does not undo a complaint. Where no listed word praises or complains, the sign counts more
    than what was learned of the words (`_UNSURE`).
    """
    praised = any(clause.praise for clause in signals.clauses)
    complained = any(clause.complaint for clause in signals.clauses)
    worst = min(value for _, value in signals.emoji)
    best = max(value for _, value in signals.emoji)
    if worst <= -3:
        return max(logit, -_UNSURE) + 4.5
    if worst <= -2:
        gentle = (praised or best >= 2) and not complained
        return logit + 0.4 if gentle else max(logit, -_UNSURE) + 3.0
    if worst <= -1:
        return logit if praised else logit + 1.0
    if best >= 1:
        return logit - 0.3 * best if complained else min(logit, _UNSURE) - 0.9 * best
    return logit


#: Log-odds, either way, beyond which words without a listed one among them are not believed against an emoji.
_UNSURE = 1.0
