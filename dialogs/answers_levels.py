"""How well or how easily it went, in words: "very satisfied", "not bad", 一般, 非常不满意; csat on 1-5, ces on 1-7.

Rule: a clause is cut into words of known kinds, and has a level only if nothing else is in it; around the words for
satisfaction itself a sentence may stand. What people disagree about ("not terrible") has no level.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dialogs import answers_level_words as words
from dialogs.answers_fold import alternatives, rest_of, trim
from dialogs.answers_question import NONE, UNSURE, Question, Reading

# One letter per kind of word, so that a clause becomes a short string with a grammar of its own.
_STEPS: Final[Mapping[str, int]] = {"A": -2, "B": -1, "C": 0, "D": 1, "E": 2}
_GRAMMAR: Final = re.compile(
    r"[ht]*(?P<before>[sm]*)h*(?P<not>[noz]?)h*(?P<degree>[smh]*)(?P<word>[A-E])(?P<after>[wtsmh]*)"
)
_INSIDE: Final = re.compile(r"(?P<before>[sm]*)(?P<not>[noz]?)(?P<degree>[sm]*)(?P<word>[A-E])(?P<after>w?)")
_CLAUSE: Final = re.compile(
    r"(?:(?!\b(?:but|however|although|though|except)\b|但是?|不过|可是|只是|虽然)[^,.;!?、。:\n()~…])+"
)
_SATISFACTION: Final = re.compile(
    r"(?:un|dis)?satisfied|(?:un)?happy|disappointed|满意|失望|easy|difficult|agree|disagree|容易|简单|方便|麻烦|同意"
)
_DOUBT: Final = re.compile(
    r"n't\b|\b(?:never|no|nor|without|if|would|could|should|hope|wish|can|more|why|when|unless|who)\b|[更若吗别没]"
    r"|希望|如果|要是|怎么|什么"
)
_DISCOURSE: Final = frozenset(
    {
        "ok",
        "okay",
        "good",
        "great",
        "well",
        "fine",
        "alright",
        "all right",
        "right",
        "好",
        "好的",
        "好吧",
        "行",
        "不行",
        "nice",
    }
)
_ACKNOWLEDGED: Final = frozenset(
    {"好的", "好吧", "好哒", "好滴", "好嘞", "行", "可以"}
)  # "All right then", not "good".
_ACCEPTED: Final = frozenset({"ok", "okay", "acceptable", "alright", "all right"})


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    end: int
    step: int
    mild: bool


class _Lexer:
    """Cuts a clause into words and names their kinds by letters, in the order of precedence below."""

    def __init__(self, judgements: Mapping[int, str]) -> None:
        kinds = {
            **{letter: judgements[step] for letter, step in _STEPS.items()},
            "z": words.AT_ALL,
            "o": words.NOT_QUITE,
            "n": words.NOT,
            "w": words.AFTERWARDS,
            "s": words.STRONG,
            "m": words.MILD,
            "h": words.HEAD,
            "t": words.TAIL,
        }
        self._kinds = {kind: re.compile("|".join(alternatives(pattern))) for kind, pattern in kinds.items()}
        known = alternatives("|".join(kinds.values()))
        self._word = re.compile("|".join([part + _whole(part) for part in known] + [r"[a-z'\d]+|[^\W_]|[^\w\s]"]))

    def cut(self, folded: str, start: int, end: int) -> tuple[str, list[re.Match[str]]]:
        """The letters of the clause, x for an unknown word, and the words they stand for."""
        found = list(self._word.finditer(folded, start, end))
        letters = "".join(self._kind(match[0]) for match in found)
        for at, match in enumerate(found[:-1]):
            if match[0] == "好" and letters[at + 1] in _STEPS:  # 好差: so bad
                letters = f"{letters[:at]}s{letters[at + 1 :]}"
        return letters, found

    def _kind(self, word: str) -> str:
        if not word[0].isalnum() and len(word) == 1:
            return "t"  # An emoji beside the words.
        return next((kind for kind, pattern in self._kinds.items() if pattern.fullmatch(word)), "x")


def _whole(part: str) -> str:
    return r"(?![a-z'])" if re.match(r"[a-z(]", part) else ""


_LEXERS: Final = {"csat": _Lexer(words.JUDGEMENTS), "ces": _Lexer(words.EASE)}


def read_level(asked: Question, text: str, folded: str) -> Reading:
    """The level that words give to a csat (1-5) or ces (1-7) question; other scales have no agreed words."""
    reading = _read_level(asked, text, folded)
    if reading.how == "none" and _STRETCHED.search(folded):
        for letters in (r"\1\1", r"\1"):
            short = _STRETCHED.sub(letters, folded)
            again = _read_level(asked, short, short)
            if again.how == "read" and not again.rest:
                return again
    return reading


_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")  # goood, greaaat


def _read_level(asked: Question, text: str, folded: str) -> Reading:
    lexer = _LEXERS.get(asked.type)
    if lexer is None:
        return UNSURE if judges(folded) else NONE
    if (asked.minimum, asked.maximum) != ((1, 5) if asked.type == "csat" else (1, 7)):
        return UNSURE if judges(folded) else NONE
    if trim(folded) in _ACKNOWLEDGED:
        return UNSURE
    clauses = [_clause(lexer, folded, match) for match in _CLAUSE.finditer(folded) if trim(match[0])]
    whole = [level for level, _ in clauses if level is not None]
    if len(clauses) > 1:
        whole = [level for level in whole if trim(folded[level.start : level.end]) not in _DISCOURSE]
    found = whole or [level for _, level in clauses if level is not None]
    if len({(level.step, level.mild) for level in found}) != 1 or found[0].step == _NO_STEP:
        return UNSURE if found or judges(folded) else NONE
    if whole and _contradicted(lexer, folded, found[0]):
        return UNSURE
    rest = rest_of(text, found[0].start, found[0].end)
    return Reading(_value(asked, found[0]), "read", rest)


def _contradicted(lexer: _Lexer, folded: str, level: _Level) -> bool:
    """Whether "good service, bad rider": a judgement of one thing is followed by the opposite of another."""
    if _SATISFACTION.search(folded, level.start, level.end):
        return False
    beside, _ = lexer.cut(folded[: level.start] + "\n" + folded[level.end :], 0, len(folded))
    return any(_STEPS.get(letter, 0) * level.step < 0 for letter in beside)


def judges(folded: str) -> bool:
    """Whether a text is nothing but a judgement of some kind, with or without a level."""
    letters, _ = _LEXERS["csat"].cut(folded, 0, len(folded))
    return "x" not in letters and any(letter in _STEPS for letter in letters)


_NO_STEP: Final = 9


def _value(asked: Question, level: _Level) -> int:
    if asked.type == "csat":
        return 3 + level.step
    if level.step in {1, -1}:
        return 4 + level.step * (1 if level.mild else 2)
    return 4 + level.step * 3 // 2


_LONGEST: Final = 30  # Words; a longer clause is a story, and the grammar is not linear.


def _clause(lexer: _Lexer, folded: str, match: re.Match[str]) -> tuple[_Level | None, _Level | None]:
    """(the level of a clause that is a judgement and nothing else, that of a judgement of satisfaction within it)."""
    letters, found = lexer.cut(folded, *match.span())
    if len(letters) > _LONGEST:
        return None, None
    whole = _GRAMMAR.fullmatch(letters)
    if whole:
        word = found[whole.start("word")][0]
        return _Level(match.start(), match.end(), *_step(whole, word)), None
    inside = [part for part in _INSIDE.finditer(letters) if _SATISFACTION.fullmatch(found[part.start("word")][0])]
    if not inside:
        return None, None
    asks = folded[match.end() : match.end() + 1] == "?"
    if asks or len(inside) > 1 or sum(map(letters.count, "noz")) > 1 or _DOUBT.search(_unknown(letters, found)):
        return None, _Level(*match.span(), _NO_STEP, mild=False)
    return None, _Level(match.start(), match.end(), *_step(inside[0], found[inside[0].start("word")][0]))


_HAN_GAP: Final = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")


def _unknown(letters: str, found: list[re.Match[str]]) -> str:
    unknown = " ".join(word[0] for letter, word in zip(letters, found, strict=True) if letter == "x")
    return _HAN_GAP.sub("", unknown)


def _step(parts: re.Match[str], word: str) -> tuple[int, bool]:
    """The step of a judgement under its degrees and negations, and whether it is put mildly."""
    step = _STEPS[parts["word"]]
    strong = "s" in parts["before"] + parts["degree"] or "w" in parts["after"]
    mild = "m" in parts["before"] + parts["degree"]
    if not parts["not"]:
        return (step * 2, False) if strong and step in {1, -1} else (step, mild)
    if step == 0:
        return (-1, False) if word in _ACCEPTED else (_NO_STEP, False)
    if step != 1:
        return _NO_STEP, False  # "not terrible", "not perfect": people mean different things by it.
    if parts["not"] == "z" or "s" in parts["before"] or "w" in parts["after"]:
        return -2, False
    return -1, parts["not"] == "o" or mild
