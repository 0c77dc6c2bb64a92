"""The rule layer: what the words, emoji and turns of a text say, before anything learned is asked.

Rule: one pass from left to right over bounded text; every number that comes out can be traced to a phrase of the
word lists, and those phrases are kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.unhappy_words import Entry, WordList

ENDS = frozenset(".!?,;:\n~、。，！？；…()")
#: How many tokens may stand between a negator and what it turns round; fillers do not count.
REACH = {"en": 3, "zh": 2, "und": 0}
_NEVER = "(?!)"
_COMMON_MARKS = frozenset(" .,'\"()-!?/。，、！？；：")
#: Where the pictures among the signs lie; one range is found faster than two hundred single characters.
_PICTURES = "\U00010000-\U0010ffff"
_LETTERED = re.compile(r"\w")
#: A letter or figure of scripts with spaces between words: Chinese and kana stand next to a sign without any.
_WORD = r"[^\W\u3041-\u30ff\u3400-\u9fff]"
_STARS = "⭐★🌟☆"
#: "：（1）", "：[玫瑰]" and "size:<5" hold no face.
_CLOSED = r"(?!\S[^()\[\]\n]{0,60}(?<![:;=-])[)\]])"
_AFTER = {":(": _CLOSED, "=(": _CLOSED, ";(": _CLOSED, ":[": _CLOSED, ":<": r"(?!\d)", ":>": r"(?!\d)"}


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
    """One clause: its praise and complaint (sums of values, both ≥ 0), its topics, whether a "but" came before,
    whether it says that something was put right, whether it tells of what was or was feared, and how many negators in
    it turned nothing round, but for those of what "I" do not.
    """

    after_but: bool
    praise: float = 0.0
    complaint: float = 0.0
    mended: bool = False
    past: bool = False
    idle: int = 0
    topics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Signals:
    """Everything the rule layer saw in one text. `stream` is its tokens, denied complaints masked by `DENIED`.

    `pairs` are the `pairs_of` the stream, `length` counts the words of the text, `covered` those that the lists know,
    `last` holds the last clause. `asks` counts questions and requests, `scolds` what only looks like one; `idle` counts
    negators that turned nothing round ("it does not turn on"), `idle_own` those of them that say what "I" do not.
    `bare` is the weight of facts that complain of nothing.
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
    bare: float = 0.0
    last: str | list[str] = ""

    def trailing(self) -> int:
        """How many words the last clause has."""
        return sum(word not in ENDS and word != " " for word in self.last)

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
    ends = ENDS | {" "} if words.language == "zh" else ENDS
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
    return Index(words.language if words.language in REACH else "und", ends, ones, ordered, words.entries)


def _commonness(character: str) -> int:
    if character.isalnum():
        return 3 if character.isascii() else 1
    return 2 if character in _COMMON_MARKS else 0


def emoji_pattern(values: Mapping[str, float]) -> re.Pattern[str]:
    """Finds any of the signs, the longest first; one of letters, or that may be something else, where it stands alone.

    Every branch begins with a character of its own, so that a search looks only where one of these stands.
    """
    groups: dict[str, list[str]] = {}
    for sign in sorted(values, key=lambda sign: -len(sign)):
        groups.setdefault(sign[0], []).append(_branch(sign))
    parts = [re.escape(first) + (f"(?:{'|'.join(found)})" if found != [""] else "") for first, found in groups.items()]
    return re.compile("|".join(parts) or _NEVER)


def _branch(sign: str) -> str:
    """What must follow the first character of a sign, and what must not stand around it."""
    first, rest, before, after = re.escape(sign[0]), re.escape(sign[1:]), "", _AFTER.get(sign, "")
    if sign.isalpha():
        before, after = f"(?<!{_WORD}{first})", f"(?!{_WORD})"
    elif _LETTERED.search(sign) and not sign.startswith("[") and sign.isascii():
        before, after = _around(sign, first)
    if sign[:2] in (")-", "):", ")'"):
        before, after = rf"(?<!\S{first})", r"(?!\S)"
    if sign[-1] in "/\\" and len(sign) == 2:
        after = r"(?![\w/\\])"
    if sign[0].isdigit() and sign[-1] in _STARS:
        before, after = rf"(?<!\d{first})(?<!\d[.,/]{first})", f"(?![{_STARS}])"
    return before + rest + after


def _around(sign: str, first: str) -> tuple[str, str]:
    """What must stand neither before nor behind a sign of letters and ASCII marks."""
    before = f"(?<!{_WORD}{first})"
    if sign[0] == ":" and sign[1:].isalnum():
        before = rf"(?<!\w{first})"
    elif sign[0] == "/":
        before = ""
    if sign[-1].isdigit() or sign[-1] == ":":
        return before, r"(?!\w)"
    return before, f"(?!{_WORD})" if _LETTERED.match(sign[-1]) else ""


def hint_pattern(values: Mapping[str, float]) -> re.Pattern[str]:
    """Finds a character without which none of the signs can stand in a text: of each one that few texts have."""
    marks = {min(sign, key=_commonness) for sign in values}
    plain = "".join(re.escape(mark) for mark in sorted(marks) if mark < _PICTURES[0])
    return re.compile(f"[{plain}{_PICTURES}]" if marks else _NEVER)


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
