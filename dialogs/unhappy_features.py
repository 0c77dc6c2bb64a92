"""What the learned model sees of a text: its n-grams, and a few numbers from the rule layer.

Rule: training and reading call these same functions, so that the two can never drift apart. A feature is a string
without a line break; upper case and marks in front of it keep the kinds apart, since folded text is lower case.
"""

from __future__ import annotations

import math
import operator
import re

from dialogs.unhappy_rules import Signals
from dialogs.unhappy_text import pairs_of

#: Names of the numbers `dense` gives, in order; stored with the weights, so that a change of them is noticed.
DENSE = (
    "praise",
    "complaint",
    "most praise",
    "most complaint",
    "praise after but",
    "complaint after but",
    "praise before but",
    "complaint before but",
    "last praise",
    "last complaint",
    "negated praise",
    "negated complaint",
    "any praise",
    "any complaint",
    "both",
    "turns to complaint",
    "turns to praise",
    "but",
    "always",
    "length",
    "only denied complaint",
    "only denied praise",
    "short and nothing said",
    "praise, then but without",
    "but with praise alone",
    "brief, both",
    "brief, most complaint",
    "brief, turns to complaint",
    "brief, praise, then neither",
    "brief, only denied complaint",
    "brief, ends well",
    "brief, how well it ends",
    "brief, put right",
    "brief, asks and complains of nothing",
    "brief, asks and complains",
    "brief, scolds",
    "brief, wishes and complains of nothing",
    "brief, nothing said",
    "brief, idle negation",
    "brief, idle negation of one's own",
    "brief, bare facts",
    "brief, praise, then idle negation",
    "brief, plain account",
)
_BUT = re.compile("但|不过|可是|只是|就是|可惜|然而")
_NEGATOR_WORDS = "not no never without cannot hardly nothing neither nor dont didnt doesnt isnt wasnt cant wont"
_NEGATORS = frozenset(_NEGATOR_WORDS.split())

_STOPS = frozenset(".,!?;:") | {"but", "and"}
_NEGATED_WORDS = 4
#: Characters of Chinese or words and marks of English up to which a text without praise or complaint counts as short.
_SHORT = 8
#: Words from which on a last clause says something.
_SAID = 3
#: Up to which length a text is brief: a chat line, in which a complaint beside praise weighs more than in a review.
_BRIEF = {str: 30, list: 20}


def grams(signals: Signals) -> set[str]:
    """The n-grams of a scanned text; of English those of words, to which the `pieces` of each word are added."""
    stream = signals.stream
    return _english(stream, signals.pairs) if isinstance(stream, list) else _chinese(stream, signals.pairs)


def all_grams(signals: Signals) -> list[str]:
    """What is learned from a scanned text: its n-grams, and the pieces of each of its words, as often as they stand."""
    found = list(grams(signals))
    if isinstance(signals.stream, list):
        for word in set(signals.stream):
            found += pieces(word)
    return found


def _chinese(stream: str, pairs: list[str]) -> set[str]:
    """Characters 1 to 4, with the text's ends marked; 2 and 3 again behind a "but"."""
    if "\n" in stream:
        stream = " ".join(stream.split())
        pairs = pairs_of(stream)
    text = "^" + stream + "$"
    twos = [text[:2], *pairs, text[-2:]]
    threes = list(map(operator.add, twos, text[2:]))
    found = {*text, *twos, *threes, *map(operator.add, threes, text[3:])}
    turn = _BUT.search(text)
    if turn:
        found.update(["B" + gram for gram in (*twos[turn.start() :], *threes[turn.start() :])])
    return found


def _english(stream: list[str], pairs: list[str]) -> set[str]:
    """Words 1 to 3, the text's ends marked, and words that follow a negator (`!`)."""
    words = ["^", *stream, "$"]
    twos = [" ".join(words[:2]), *pairs, " ".join(words[-2:])]
    found = {*words, *twos, *map("{} {}".format, twos, words[2:])}
    if not _NEGATORS.isdisjoint(stream) or "n't" in " ".join(stream):
        _negated(words, found)
    return found


def pieces(word: str) -> list[str]:
    """The characters 3 to 5 inside a word (`#`), its ends marked."""
    if len(word) == 1:
        return []
    marked = "<" + word + ">"
    return ["#" + marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1)]


def _negated(words: list[str], found: set[str]) -> None:
    left = 0
    for word in words:
        if word in _STOPS:
            left = 0
        elif left:
            found.add("!" + word)
            left -= 1
        if word in _NEGATORS or word.endswith("n't"):
            left = _NEGATED_WORDS


def dense(signals: Signals) -> tuple[float, ...]:
    """The rule layer's numbers, each of the order of 1, in the order of `DENSE`."""
    praise = complaint = most_praise = most_complaint = 0.0
    after_praise = after_complaint = last_praise = last_complaint = 0.0
    but = turned_down = turned_up = mended = False
    for clause in signals.clauses:
        liked, disliked = clause.praise, clause.complaint
        but = but or clause.after_but
        mended = mended or clause.mended
        if not liked and not disliked:
            continue
        turned_down = turned_down or (disliked > liked and praise > 0)
        turned_up = turned_up or (liked > disliked and complaint > 0)
        praise += liked
        complaint += disliked
        most_praise, most_complaint = max(most_praise, liked), max(most_complaint, disliked)
        last_praise, last_complaint = liked, disliked
        if clause.after_but:
            after_praise += liked
            after_complaint += disliked
    return (
        min(praise, 8.0) / 3,
        min(complaint, 8.0) / 3,
        min(most_praise, 6.0) / 3,
        min(most_complaint, 6.0) / 3,
        min(after_praise, 6.0) / 3,
        min(after_complaint, 6.0) / 3,
        min(praise - after_praise, 6.0) / 3 if but else 0.0,
        min(complaint - after_complaint, 6.0) / 3 if but else 0.0,
        min(last_praise, 6.0) / 3,
        min(last_complaint, 6.0) / 3,
        min(signals.negated_praise, 4.0) / 2,
        min(signals.negated_complaint, 4.0) / 2,
        praise > 0,
        complaint > 0,
        praise > 0 and complaint > 0,
        turned_down,
        turned_up,
        but,
        bool(signals.always),
        math.log1p(signals.length) / 3,
        signals.negated_complaint > 0 and complaint == 0,
        signals.negated_praise > 0 and praise == 0,
        signals.length <= _SHORT and not praise and not complaint,
        but and praise > after_praise == 0,
        but and after_praise > 0 and after_complaint == 0,
        *_brief(signals, praise, complaint, most_complaint, turned_down, mended),
    )


def _brief(
    signals: Signals, praise: float, complaint: float, most_complaint: float, turned_down: bool, mended: bool
) -> tuple[float, ...]:
    """The numbers that count in a brief text alone."""
    if signals.length > _BRIEF[type(signals.stream)]:
        return _NOT_BRIEF
    ends_well = complaint > 0 and _how_it_ends(signals)
    asks = signals.asks > 0 and not signals.scolds
    nothing = not (praise or complaint or asks or mended)
    return (
        praise > 0 and complaint > 0,
        min(most_complaint, 3.0) / 3,
        turned_down,
        praise > 0 and complaint == 0 and not signals.clauses[-1].praise and signals.trailing() >= _SAID,
        signals.negated_complaint > 0 and complaint == 0,
        ends_well > 0,
        min(ends_well, 3.0) / 3,
        mended,
        asks and not complaint,
        asks and complaint > 0,
        signals.scolds > 0,
        signals.wishes > 0 and not complaint,
        nothing,
        min(signals.idle, 2) / 2,
        min(signals.idle_own, 2) / 2,
        min(signals.bare, 3.0) / 3,
        praise > 0 and not complaint and signals.clauses[-1].idle > 0 and not signals.clauses[-1].praise,
        nothing and signals.idle <= signals.idle_own,
    )


def _how_it_ends(signals: Signals) -> float:
    """The praise of the last clause that says anything; 0 where that clause complains, 1 at least where it mends."""
    for clause in reversed(signals.clauses):
        if clause.praise or clause.complaint or clause.mended:
            return 0.0 if clause.complaint else max(clause.praise, 1.0)
    return 0.0


_NOT_BRIEF = (0.0,) * 18
