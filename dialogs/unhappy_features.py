"""What the learned model sees of a text: its n-grams, and a few numbers from the rule layer.

Rule: training and reading call these same functions, so that the two can never drift apart. A feature is a string
without a line break; upper case and marks in front of it keep the kinds apart, since folded text is lower case.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable

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


def grams(signals: Signals, inner: Callable[[str], frozenset[str]] | None = None) -> set[str]:
    """The n-grams of a scanned text; `inner` gives those inside an English word, all of them (`inside`) by default."""
    stream = signals.stream
    if isinstance(stream, list):
        return _english(stream, signals.pairs, inner or inside)
    return _chinese(stream, signals.pairs)


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


def _english(stream: list[str], pairs: list[str], inner: Callable[[str], frozenset[str]]) -> set[str]:
    """Words 1 to 3, what is `inner` to each word, and words that follow a negator (`!`)."""
    words = ["^", *stream, "$"]
    twos = [" ".join(words[:2]), *pairs, " ".join(words[-2:])]
    found = set(words).union(twos, map("{} {}".format, twos, words[2:]), *map(inner, set(stream)))
    if not _NEGATORS.isdisjoint(stream) or "n't" in " ".join(stream):
        _negated(words, found)
    return found


def inside(word: str) -> frozenset[str]:
    """The characters 3 to 5 of a word (`#`), its ends marked."""
    if len(word) == 1:
        return frozenset()
    marked = "<" + word + ">"
    return frozenset("#" + marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1))


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
    but = turned_down = turned_up = False
    for clause in signals.clauses:
        liked, disliked = clause.praise, clause.complaint
        but = but or clause.after_but
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
        float(praise > 0),
        float(complaint > 0),
        float(praise > 0 and complaint > 0),
        float(turned_down),
        float(turned_up),
        float(but),
        float(bool(signals.always)),
        math.log1p(signals.length) / 3,
        float(signals.negated_complaint > 0 and complaint == 0),
        float(signals.negated_praise > 0 and praise == 0),
        float(signals.length <= _SHORT and not praise and not complaint),
        float(but and praise > after_praise == 0),
        float(but and after_praise > 0 and after_complaint == 0),
        *_brief(signals, praise, complaint, most_complaint, turned_down),
    )


def _brief(
    signals: Signals, praise: float, complaint: float, most_complaint: float, turned_down: bool
) -> tuple[float, ...]:
    """The numbers that count in a brief text alone."""
    if signals.length > _BRIEF[type(signals.stream)]:
        return _NOT_BRIEF
    return (
        float(praise > 0 and complaint > 0),
        min(most_complaint, 3.0) / 3,
        float(turned_down),
        float(praise > 0 and complaint == 0 and not signals.clauses[-1].praise and signals.trailing() >= _SAID),
        float(signals.negated_complaint > 0 and complaint == 0),
    )


_NOT_BRIEF = (0.0,) * 5
