"""Reading a score: nps, csat, ces and rating.

Rule: a number is a score only where something says so: it stands alone in its clause, it says what it is (9分, 9/10,
"I'd give it a 9"), or an opinion follows it ("6 because…"). A number of minutes, parcels or an order is none. Two
different scores are unsure, unless the customer corrects the first.
"""

from dataclasses import dataclass, replace
from typing import Final

from dialogs import answers_cues as cues
from dialogs.answers_fold import rest_of
from dialogs.answers_numbers import Mention, mentions
from dialogs.answers_question import NONE, UNSURE, Question, Reading, number_value
from dialogs.answers_symbols import stars

_WINDOW: Final = 60  # Characters before a number that can say what it is.


@dataclass(frozen=True, slots=True)
class Score:
    """A number that may be the score, with the span of everything that says so. Sure or not."""

    start: int
    end: int
    value: float
    sure: bool


def read_scale(asked: Question, text: str, folded: str) -> Reading:
    """The score in a folded text, "unsure" where there may be one, "none" where there is no sign of one."""
    plain, top, full = _without_statement(folded)
    found = _scores(asked, plain)
    sure = [score for score in found if score.sure]
    starred = stars(plain, asked.maximum)
    if starred is not None and not _is_unit(starred[0], starred[1], sure):
        sure.append(Score(*starred, sure=starred[2] > 0))
    if not sure and full is not None:
        return _reading(asked, text, folded, Score(*full, float(asked.maximum or 0), sure=True))
    chosen = _choose(sure, plain)
    if chosen is None:
        return UNSURE if sure or found or cues.denies_full_marks(plain) else NONE
    if top is not None and top != asked.maximum:
        return UNSURE
    return _reading(asked, text, folded, _over_blanks(chosen, plain))


def _reading(asked: Question, text: str, folded: str, score: Score) -> Reading:
    if not score.sure or not asked.allows(score.value):
        return UNSURE
    rest = rest_of(text, score.start, score.end)
    return Reading(number_value(score.value), "read", rest)


def _without_statement(folded: str) -> tuple[str, float | None, tuple[int, int] | None]:
    """Blank out what states the scale ("on a scale of 0 to 10", 满分10分); say its top and where full marks stand."""
    top: float | None = None
    full: tuple[int, int] | None = None
    for match in cues.STATEMENT.finditer(folded):
        numbers = [mention.value for mention in mentions(match[0]) if mention.value is not None]
        if match["out"] and cues.NUMBER_BEFORE.search(folded, 0, match.start()):
            continue  # 8 out of 10
        if match["best"] is None and numbers:
            top = max(numbers)
        if match["full"]:
            full = match.span()
        folded = folded[: match.start()] + cues.BLANK * len(match[0]) + folded[match.end() :]
    return folded, top, full or cues.full_marks(folded)


def _over_blanks(score: Score, plain: str) -> Score:
    start, end = score.start, score.end
    before, after = plain[:start].rstrip(" ,:(" + cues.BLANK), plain[end:].lstrip(" ,:()" + cues.BLANK)
    if cues.BLANK in plain[len(before) : start]:
        start = len(before)
    if cues.BLANK in plain[end : len(plain) - len(after)]:
        end = len(plain) - len(after)
    return replace(score, start=start, end=end)


def _is_unit(start: int, end: int, scores: list[Score]) -> bool:
    """Whether a star belongs to a number: 4⭐, ⭐ 4."""
    return any(score.start - 2 <= end and start <= score.end + 2 for score in scores)


def _scores(asked: Question, folded: str) -> list[Score]:
    found: list[Score] = []
    all_mentions = list(mentions(folded))
    skip = -1
    previous = 0
    for at, mention in enumerate(all_mentions):
        if at == skip or (mention.kind == "no_number" and " point " not in folded[mention.start : mention.end]):
            continue
        following = all_mentions[at + 1] if at + 1 < len(all_mentions) else None
        ratio = _ratio(asked, folded, mention, following)
        if ratio is not None:
            skip = at + 1
        score = ratio or _weigh(asked, folded, mention, previous)
        if score is not None:
            found.append(score)
            previous = score.end
    return found


def _ratio(asked: Question, folded: str, mention: Mention, top: Mention | None) -> Score | None:
    """8/10, eight out of ten, 8分/10分. Over another top than the scale's it is unsure."""
    if mention.value is None or top is None or top.value is None:
        return None
    between = folded[mention.end : top.start]
    fits = top.value == asked.maximum
    if not (cues.OVER.fullmatch(between) or (fits and cues.OF.fullmatch(between))):
        return None
    start, left = _left(folded, mention)
    unit = cues.SCORE_UNIT.match(folded, top.end)
    end = _right(folded, unit.end() if unit else top.end)
    sure = fits and left != "negated" and not cues.HYPOTHETICAL.search(folded, max(0, start - _WINDOW), start)
    return Score(start, end if end is not None else top.end, mention.value, sure)


def _weigh(asked: Question, folded: str, mention: Mention, previous: int) -> Score | None:
    """The mention as a sure score, as one that may be (sure=False), or None where it counts something else."""
    start, left = _left(folded, mention)
    unit = cues.SCORE_UNIT.match(folded, mention.end)
    end = _right(folded, unit.end() if unit else mention.end)
    if mention.value is None:
        if folded[mention.start] in "百千万亿":
            return None  # 百分百
        return Score(start, mention.end, -1, False) if unit or (left and end is not None) else None
    if left in {"excluded", "negated"} or (left == "time" and unit):
        return None
    if cues.is_adverb(folded, mention):
        return None  # 十分满意: very satisfied
    doubtful = left == "compared" or _doubtful(folded, mention, previous)
    if doubtful and end is not None:
        return Score(start, end, mention.value, False)
    if unit:
        starred = unit["star"] is not None and asked.maximum != 5 and mention.value <= 5
        return Score(start, end or unit.end(), mention.value, not doubtful and not starred)
    if mention.kind == "digits" and mention.value >= cues.IDENTITY:
        return None
    if left and end is not None and not (mention.kind == "words" and cues.not_the_number(folded, mention)):
        return Score(start, end, mention.value, not doubtful)
    if left and mention.kind == "digits" and cues.OPINION.match(folded, mention.end):
        return Score(start, mention.end, mention.value, not doubtful)
    return _perhaps(folded, mention, left, end)


def _perhaps(folded: str, mention: Mention, left: str, end: int | None) -> Score | None:
    """A number in digits that nothing explains: "iPhone 8", "9 magnificent". Others count as no score."""
    if mention.kind != "digits" or (end is None and (not left or cues.COUNTED.match(folded, mention.end))):
        return None
    return Score(mention.start, mention.end, mention.value or 0, False)


def _left(folded: str, mention: Mention) -> tuple[int, str]:
    """Where the words that lead to the number begin, and what they make of it ("" when nothing)."""
    low = max(0, mention.start - _WINDOW)
    for name, pattern in cues.LEFT:
        match = pattern.search(folded, low, mention.start)
        if match:
            return match.start("from") if "from" in match.groupdict() else mention.start, name
    return mention.start, ""


def _right(folded: str, end: int) -> int | None:
    """Where the clause of a number ends, when only courtesies follow it there."""
    match = cues.RIGHT.match(folded, end)
    return match.end() if match else None


def _doubtful(folded: str, mention: Mention, previous: int) -> bool:
    if cues.COMPARED_AFTER.match(folded, mention.end) or cues.HALF_AFTER.match(folded, mention.end):
        return True
    low = max(previous, mention.start - _WINDOW)
    for match in cues.TURN.finditer(folded, low, mention.start):
        low = match.end()
    return cues.HYPOTHETICAL.search(folded, low, mention.start) is not None


def _choose(sure: list[Score], folded: str) -> Score | None:
    """The one score that was meant: the only value, or the last one after a correction."""
    if not sure:
        return None
    if len({score.value for score in sure}) == 1:
        return sure[0]
    *_, before, last = sorted(sure, key=lambda score: score.start)
    if cues.CORRECTION.search(folded[before.end : last.end]):
        return replace(last, start=min(score.start for score in sure))
    return None
