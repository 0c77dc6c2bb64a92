"""Reading a text step by step, with no thought of speed: what `Reader` must give as well.

Rule: no shortcut. Everything is normalised, every phrase is tried at every place, every n-gram is cut and looked up.
"""

from __future__ import annotations

import math
import re
import unicodedata

from dialogs import unhappy_text
from dialogs.unhappy import Mood, Reader, _english_lead
from dialogs.unhappy_features import dense
from dialogs.unhappy_rules import ENDS, Index, Signals, emoji_pattern, index_of
from dialogs.unhappy_scan import _Scan
from dialogs.unhappy_text import LONGEST, bound, pairs_of, stream_of
from dialogs.unhappy_weights import Linear, Weights
from dialogs.unhappy_words import Words

_NEGATORS = "not no never without cannot hardly nothing neither nor dont didnt doesnt isnt wasnt cant wont"
NEGATORS = frozenset(_NEGATORS.split())


def fold(text: str) -> str:
    text = bound(text)
    if not text.isascii():
        text = unhappy_text._INVISIBLE.sub("", text.translate(unhappy_text._APOSTROPHE))
        text = unicodedata.normalize("NFKC", text)[: LONGEST + 1].translate(unhappy_text._TO_SIMPLIFIED)
    return re.sub(r"(?s)([^⭐★☆])\1{2,}", r"\1\1", re.sub(r"[\x00-\x08\x0b-\x1f\x7f]+", " ", text.lower()))


def read_clauses(folded: str, index: Index) -> Signals:
    stream = stream_of(folded, index.language)
    scan = _Scan(stream, pairs_of(stream), index)
    join = " ".join if isinstance(stream, list) else "".join
    longest = max((len(phrase.split(" ")) if join("ab") == "a b" else len(phrase)) for phrase in index.entries)
    for at, word in enumerate(stream):
        if word in index.ends:
            scan.end_clause(word, at)
        for size in range(min(longest, len(stream) - at), 0, -1):
            entry = index.entries.get(join(stream[at : at + size]))
            if entry is not None:
                scan.take(at, size, entry)
    return scan.result(sum(word not in ENDS and word != " " for word in stream))


def grams(signals: Signals) -> list[str]:
    stream = signals.stream
    if isinstance(stream, list):
        return _english(stream)
    text = "^" + re.sub(r"\s+", " ", stream.strip()) + "$"
    found = {text[at : at + size] for size in (1, 2, 3, 4) for at in range(len(text) - size + 1)}
    turn = re.search("但|不过|可是|只是|就是|可惜|然而", text)
    behind = text[turn.start() :] if turn else ""
    return [*found, *{"B" + behind[at : at + size] for size in (2, 3) for at in range(len(behind) - size + 1)}]


def _english(stream: list[str]) -> list[str]:
    words = ["^", *stream, "$"]
    found = {" ".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)}
    left = 0
    for word in words:
        stops = word in {".", ",", "!", "?", ";", ":", "but", "and"}
        if left and not stops:
            found.add("!" + word)
        left = 0 if stops else max(left - 1, 0)
        if word in NEGATORS or word.endswith("n't"):
            left = 4
    pieces = []
    for word in set(stream):
        marked = "<" + word + ">"
        if len(word) > 1:
            pieces += ["#" + marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1)]
    return [*found, *pieces]


class PlainLinear(Linear):
    """The same weights, looked up one by one."""

    def logit(self, signals: Signals) -> float:
        weights = self.weights()
        met = [weights[gram] for gram in sorted(grams(signals)) if gram in weights]
        total = math.fsum(met) / math.sqrt(len(met)) if met else 0.0
        return self.bias + total + math.fsum(a * b for a, b in zip(self.dense, dense(signals), strict=True))


class PlainReader:
    """`Reader` with each of its shortcuts undone."""

    def __init__(self, weights: Weights, words: Words) -> None:
        plain = {
            name: PlainLinear(
                found.steps, found.scale, found.dense, found.bias, found.share, found.watch, found.made
            )
            for name, found in weights.languages.items()
        }
        self._reader = Reader(Weights(plain), words)
        self._index = {"zh": index_of(words.zh), "en": index_of(words.en), "und": index_of(words.any)}
        self._signs = words.any.emoji
        self._emoji = emoji_pattern(self._signs)

    def read(self, text: str) -> Mood:
        folded = fold(text)
        folded, found = unhappy_text.signs_apart(folded, self._emoji)
        signs = [(sign, self._signs[sign]) for sign in found]
        language = unhappy_text.language_of(folded)
        if not any(character.isalpha() for character in folded):
            return self._reader._of_signs(signs)
        signals = read_clauses(folded, self._index[language])
        if language == "en" and _english_lead(folded) <= 0:
            other = read_clauses(folded, self._index["und"])
            if _english_lead(folded) < 0 or (other.evidence and not signals.evidence):
                language, signals = "und", other
        signals.emoji = signs
        return self._reader._mood(folded, language, signals)
