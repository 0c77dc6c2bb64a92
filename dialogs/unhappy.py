"""Is this text unhappy, how surely, about what, and which words decided.

Rule: `Reader` is pure: the same weights, words and text always give the same `Mood`. No clock, no network, no
randomness, and nothing of scikit-learn or numpy. Any text of any script is read in bounded time and never raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialogs.topics import topics_of
from dialogs.unhappy_features import dense
from dialogs.unhappy_rules import Signals, emoji_pattern, index_of, read_clauses, rule_logit, sign_logit
from dialogs.unhappy_text import fold, language_of
from dialogs.unhappy_weights import Weights, shipped_weights
from dialogs.unhappy_words import Words, shipped_words

#: `unhappy` of a short answer in the tables or of emoji alone, by its value from -3 to +3.
_SHORT = {-3: 0.95, -2: 0.88, -1: 0.6, 0: 0.12, 1: 0.06, 2: 0.03, 3: 0.02}
_NOTHING_SAID = 0.1
_MARKS = re.compile(r"[\W_]+")
#: Without one of these marks a text of plain ASCII holds no :-) or ^_^.
_NO_FACE = frozenset(":;=<^_[-")
_AROUND = " .!?~,\n。！？，…～"
_LONGEST_SHORT = 40
_MOST_WHY = 6
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
    """Reads texts. Made once and shared: it holds no state between calls, so threads may use it together."""

    def __init__(self, weights: Weights, words: Words, *, base_rate: float = 0.15) -> None:
        """Raises `ValueError` where `base_rate` (share of unhappy texts at this business) is not between 0 and 1."""
        if not 0 < base_rate < 1:
            raise ValueError(f"base_rate {base_rate} must lie between 0 and 1; 0.15 means 15 % of texts are unhappy")
        self._weights = weights
        self._short_tables = {"zh": words.zh.short, "en": words.en.short}
        self._index = {"zh": index_of(words.zh), "en": index_of(words.en), "und": index_of(words.any)}
        self._signs = words.any.emoji
        self._emoji = emoji_pattern(self._signs)
        self._base_rate = base_rate

    def read(self, text: str) -> Mood:
        """The mood of one text, however long, in whatever script."""
        folded = fold(text)
        language = language_of(folded)
        signs: list[tuple[str, float]] = []
        if self._signs and not (folded.isascii() and _NO_FACE.isdisjoint(folded)):
            signs = [(sign, self._signs[sign]) for sign in self._emoji.findall(folded)]
            folded = self._emoji.sub(" ", folded) if signs else folded
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
            return self._finish(_NOTHING_SAID, "und", (), (), False)
        worst, mean = min(value for _, value in signs), sum(value for _, value in signs) / len(signs)
        value = round(worst if worst <= -2 else mean)
        return self._finish(_SHORT[value], "und", (), _why(signs), False)

    def _mood(self, folded: str, language: str, signals: Signals) -> Mood:
        linear = self._weights.languages.get(language)
        met: set[str] = set()
        short = self._short(folded, language)
        if short is None:
            short = signals.plain()
        if short is not None:
            unhappy = _SHORT[round(short)]
            signals.evidence = signals.evidence or [(folded.strip(), short)]
        else:
            met = linear.met(signals.stream) if linear else met
            unhappy = _probability(linear.logit(met, dense(signals)) if linear else rule_logit(signals))
        if signals.emoji:
            unhappy = _probability(math.log(unhappy / (1 - unhappy)) + sign_logit(signals))
        why = [*signals.always, *_why(signals.emoji + signals.evidence)]
        if linear and unhappy >= 0.5 and all(word.startswith("+") for word in why):
            why = linear.strongest(met, language, 3) + why
        topics = topics_of(signals.clauses)
        return self._finish(unhappy, language, topics, tuple(dict.fromkeys(why))[:_MOST_WHY], bool(signals.always))

    def _short(self, folded: str, language: str) -> float | None:
        table = self._short_tables.get(language)
        if not table or len(folded) > _LONGEST_SHORT:
            return None
        found = table.get(folded.strip(_AROUND))
        return found if found is not None else table.get(_MARKS.sub("" if language == "zh" else " ", folded).strip())

    def _finish(
        self, unhappy: float, language: str, topics: tuple[str, ...], why: tuple[str, ...], always: bool
    ) -> Mood:
        alert = shift(unhappy, self._weights.share(language), self._base_rate)
        return Mood(round(unhappy, 4), round(alert, 4), language, topics, why, always)


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
    strongest = sorted((item for item in evidence if item[1]), key=lambda item: (item[1] > 0, -abs(item[1])))
    return tuple(dict.fromkeys(f"+{phrase}" if value > 0 else phrase for phrase, value in strongest))[:_MOST_WHY]


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
