"""Is this text unhappy, how surely, about what, and which words decided.

Rule: `Reader` is pure: the same weights, words and text always give the same `Mood`. No clock, no network, no
randomness, and nothing of scikit-learn or numpy. Any text of any script is read in bounded time and never raises.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialogs.topics import topics_of
from dialogs.unhappy_rules import Signals, emoji_pattern, hint_pattern, index_of, rule_logit, with_signs
from dialogs.unhappy_scan import read_clauses
from dialogs.unhappy_text import fold, language_of, signs_apart
from dialogs.unhappy_weights import Weights, shipped_weights
from dialogs.unhappy_words import Words, shipped_words

#: `unhappy` of a short answer in the tables or of emoji alone, by its value from -3 to +3.
_SHORT = {-3: 0.95, -2: 0.88, -1: 0.6, 0: 0.12, 1: 0.06, 2: 0.03, 3: 0.02}
_NOTHING_SAID = 0.1
_MARKS = re.compile(r"[\W_]+")
#: A score alone, as people type it: "9", "8分", "10/10!", "4 stars". It is judged as a score and says nothing in words.
#: One star and two are words: that is what people call a bad thing.
_SCORE = re.compile(
    r"\s*(?:[0-9０-９]{1,3}(?:[.,/][0-9]{1,3})?(?:\s*(?:分|points?))?|[3-9](?:\.[0-9])?\s*(?:星|stars))[\s.!。！~～]*",
    re.IGNORECASE,
)
_AROUND = " .!?~,\n。！？，…～"
#: How many marks may stand in and around a short answer of the tables.
_MOST_MARKS = 10
_MOST_WHY = 6
#: Texts up to so many characters come again word for word.
_REPEATS = 24
#: The commonest words of English, and of other languages in Latin script: whichever a text has more of is its language.
_ENGLISH_WORDS = """the is was it my you not and very this that with were they have are but your of for we what how why
nobody nothing i'm it's all a i at be there had has would will can too so"""
_FOREIGN_WORDS = """que el los las muy es una por para con está fue le les et est pas très une je dans pour der das
und ist nicht sehr ich ein eine mit il che non è di per sono molto não muito foi uma het een niet zijn erg nie jest się
bardzo tidak yang dan sangat dengan không và rất của çok değil bir ve bu la lo"""
_ENGLISH, _FOREIGN = frozenset(_ENGLISH_WORDS.split()), frozenset(_FOREIGN_WORDS.split())

Contradiction = Literal["happy score, unhappy words", "low score, happy words"]


@dataclass(frozen=True, slots=True)
class Mood:
    """One reading. `unhappy` is calibrated on the development data's own share, `alert` on the business's base rate.

    `why` holds the words that decided, strongest first; praise among them begins with "+". `always` says that a phrase
    that always escalates (refund, safety, legal, a person) was met, whatever the probability.
    """

    unhappy: float
    alert: float
    language: str
    topics: tuple[str, ...]
    why: tuple[str, ...]
    always: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` gives the same `Mood` back."""
        return {
            "unhappy": self.unhappy,
            "alert": self.alert,
            "language": self.language,
            "topics": list(self.topics),
            "why": list(self.why),
            "always": self.always,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Mood:
        return cls(
            float(data["unhappy"]),
            float(data["alert"]),
            str(data["language"]),
            tuple(data["topics"]),
            tuple(data["why"]),
            bool(data["always"]),
        )


class Reader:
    """Reads texts. Made once and shared; threads may use it together, since no reading depends on another.

    Short answers repeat all day: the readings of the last `remember` short texts are kept.
    """

    def __init__(self, weights: Weights, words: Words, *, base_rate: float = 0.15, remember: int = 1024) -> None:
        """Raises `ValueError` where `base_rate` (share of unhappy texts at this business) is not between 0 and 1."""
        if not 0 < base_rate < 1:
            raise ValueError(f"base_rate {base_rate} must lie between 0 and 1; 0.15 means 15 % of texts are unhappy")
        self._weights = weights
        self._short = {"zh": _ShortAnswers(words.zh.short, ""), "en": _ShortAnswers(words.en.short, " ")}
        self._index = {"zh": index_of(words.zh), "en": index_of(words.en), "und": index_of(words.any)}
        self._signs = words.any.emoji
        self._emoji = emoji_pattern(self._signs)
        self._hint = hint_pattern(self._signs)
        self._base_rate = base_rate
        self._nothing = self._finish(_NOTHING_SAID, "und", (), (), False)
        self._recent = functools.lru_cache(remember)(self._read)

    def read(self, text: str) -> Mood:
        """The mood of one text, however long, in whatever script."""
        return self._recent(text) if len(text) <= _REPEATS else self._read(text)

    def _read(self, text: str) -> Mood:
        if _SCORE.fullmatch(text):
            return self._nothing
        folded = fold(text)
        signs: list[tuple[str, float]] = []
        if self._hint.search(folded):
            folded, found = signs_apart(folded, self._emoji)
            signs = [(sign, self._signs[sign]) for sign in found]
        language = language_of(folded)
        if not any(map(str.isalpha, folded)):
            return self._of_signs(signs)
        signals = read_clauses(folded, self._index[language])
        signals.emoji = signs
        if language == "en":
            lead = _english_lead(folded)
            if lead < 0 or (lead == 0 and not signals.evidence):
                other = read_clauses(folded, self._index["und"])
                if lead < 0 or other.evidence:
                    language, signals, other.emoji = "und", other, signs
        return self._mood(folded, language, signals)

    def watch_threshold(self, language: str) -> float:
        """`unhappy` from which a text stands on the watch list: recall 0.95 on the development texts."""
        return self._weights.watch_threshold(language)

    def _of_signs(self, signs: list[tuple[str, float]]) -> Mood:
        if not signs:
            return self._nothing
        worst, mean = min(value for _, value in signs), sum(value for _, value in signs) / len(signs)
        value = round(worst if worst <= -2 else mean)
        return self._finish(_SHORT[value], "und", (), _why(signs), False)

    def _mood(self, folded: str, language: str, signals: Signals) -> Mood:
        linear = self._weights.languages.get(language)
        table = self._short.get(language)
        short = table.value(folded) if table else None
        if short is None:
            short = signals.plain()
        if short is not None:
            unhappy = _SHORT[round(short)]
            signals.evidence = signals.evidence or [(folded.strip(), short)]
        elif linear:
            unhappy = _probability(linear.logit(signals))
        else:
            unhappy = _probability(rule_logit(signals))
        if signals.emoji:
            unhappy = _probability(with_signs(math.log(unhappy / (1 - unhappy)), signals))
        why = (*signals.always, *_why(signals.emoji + signals.evidence))
        if linear and short is None and unhappy >= 0.5 and all(word.startswith("+") for word in why):
            why = (*linear.strongest(signals, language, 3), *why)
        why = tuple(dict.fromkeys(why))[:_MOST_WHY] if len(why) > 1 else why
        return self._finish(unhappy, language, topics_of(signals.clauses), why, bool(signals.always))

    def _finish(
        self, unhappy: float, language: str, topics: tuple[str, ...], why: tuple[str, ...], always: bool
    ) -> Mood:
        alert = shift(unhappy, self._weights.share(language), self._base_rate)
        return Mood(round(unhappy, 4), round(alert, 4), language, topics, why, always)


class _ShortAnswers:
    """The whole messages of a language whose value is known, found whatever marks stand in and around them."""

    def __init__(self, values: Mapping[str, float], gap: str) -> None:
        self._values, self._gap = values, gap
        self._longest = max(map(len, values), default=0) + _MOST_MARKS

    def value(self, folded: str) -> float | None:
        if len(folded) > self._longest:
            return None
        found = self._values.get(folded.strip(_AROUND))
        return found if found is not None else self._values.get(_MARKS.sub(self._gap, folded).strip())


def _english_lead(folded: str) -> int:
    """How many more of the commonest words of English a text has than of other languages in Latin script."""
    words = set(folded.split())
    return len(words & _ENGLISH) - len(words & _FOREIGN)


def _probability(logit: float) -> float:
    """Never quite 0 or 1: no text is that sure."""
    return 1 / (1 + math.exp(-max(-7.0, min(7.0, logit))))


def shift(p: float, share: float, base_rate: float) -> float:
    """The probability `p`, calibrated where `share` of texts are unhappy, moved to `base_rate` (Bayes' rule)."""
    kept, lost = p * base_rate * (1 - share), (1 - p) * (1 - base_rate) * share
    return kept / (kept + lost)


def _why(evidence: list[tuple[str, float]]) -> tuple[str, ...]:
    if len(evidence) > 1:
        evidence = sorted(evidence, key=_by_weight)
    why = [f"+{phrase}" if value > 0 else phrase for phrase, value in evidence if value]
    return tuple(dict.fromkeys(why))[:_MOST_WHY] if len(why) > 1 else tuple(why)


def _by_weight(found: tuple[str, float]) -> tuple[bool, float]:
    return found[1] > 0, -abs(found[1])


def contradiction(score: float | None, mood: Mood, *, threshold: float = 0.8) -> Contradiction | None:
    """Score and comment judged apart. `score` runs from 0 (worst) to 1 (best): (value - lowest) / (highest - lowest).

    A good score (0.7 and better: NPS 7, CSAT 4 of 5) with words that are unhappy at `threshold` or always escalate, or
    a bad one (0.4 and worse: NPS 4, CSAT 2 of 5) with words that praise and hold nothing unhappy. `None`: no
    contradiction, or no score.
    """
    if score is None:
        return None
    if score >= 0.7 and (mood.unhappy >= threshold or mood.always):
        return "happy score, unhappy words"
    praises = any(word.startswith("+") for word in mood.why)
    if score <= 0.4 and mood.unhappy <= 0.2 and praises and not mood.always:
        return "low score, happy words"
    return None


def shipped_reader(*, base_rate: float = 0.15) -> Reader:
    """A reader of the weights and words in the package. Loading takes some 50 ms: make it once and keep it."""
    return Reader(shipped_weights(), shipped_words(), base_rate=base_rate)
