"""Reading a choice among options, and a choice of several.

Rule: what was printed wins over what was guessed: a label, then the option's number or letter, then a label within the
text, then a part or a slip of one label. Two options that fit equally well are unsure; a slip is forgiven only where no
other option is near and no negation, number or first letter was changed by it.
"""

import re
from functools import lru_cache
from typing import Final

from dialogs.answers_fold import bare, rest_of, trim
from dialogs.answers_numbers import han_number
from dialogs.answers_question import NONE, UNSURE, Question, Reading

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_ORDINALS: Final = {
    **{
        word: at
        for at, word in enumerate(
            ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
        )
    },
    **{
        word: at
        for at, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
    },
}
_LAST: Final = re.compile(r"(?:the )?(?:very )?last(?: one| option)?|最后(?:一个|一项|那个|的)?")
# Atomic: 觉得是 is taken whole or not at all. Else a row of them could be read in ever more ways.
_BEFORE: Final = (
    r"(?>(?:i'?d (?:say|go (?:with|for)|choose|pick)|i (?:choose|pick|think|guess|want|say|vote for)|choose|pick|select"
    r"|i would (?:say|choose|pick)|probably|maybe|definitely|it'?s|it is|it was|that'?s|mostly|mainly|just|only|option"
    r"|number|choice|answer|no|the|a|my (?:answer|choice) is|go(?:ing)? (?:with|for)|let'?s say|item)(?:[\s:.]+|(?=\d))"
    r"|(?:#|我选择?|选项|选择?|我要|我觉得|觉得是?|应该是|是|答案是?|第|就|主要是?|那|还是|要|按)[\s:]*)"
)
_AFTER: Final = (
    r"(?:[\s.:)]*(?:please|pls|thanks|thank you|one|option|i think|i guess|for me"
    r"|最多|吧|了|啊|呢|哦|的|项|个|号|那个|选项|谢谢))"
)
#: Characters up to which words around an answer are looked for.
_LONGEST: Final = 300
_FILLERS: Final = re.compile(rf"\A(?:{_BEFORE})+|{_AFTER}+\Z")
_NUMBERED: Final = re.compile(
    rf"(?:{_BEFORE})*\(?(?:(?P<digits>\d{{1,2}})(?:st|nd|rd|th)?|(?P<letter>[a-z])|(?P<word>{'|'.join(_ORDINALS)})"
    rf"|(?P<han>[一二三四五六七八九十两]{{1,3}}))"
    rf"\)?{_AFTER}*"
)
_NEGATION: Final = re.compile(r"\b(?:not|no|never|none|without|except|n't)\b|n't\b|[不没无非未别否]|除了")
_DIGITS: Final = re.compile(r"\d+")
_EMPTY_WORDS: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "is",
        "was",
        "were",
        "it",
        "i",
        "my",
        "me",
        "you",
        "your",
        "we",
        "they",
        "he",
        "she",
        "this",
        "that",
        "with",
        "for",
        "so",
        "very",
        "too",
        "all",
        "some",
        "any",
        "other",
        "others",
        "not",
        "no",
        "yes",
        "ok",
        "but",
        "as",
        "be",
        "have",
        "had",
        "do",
        "did",
        "are",
        "am",
        "if",
        "there",
        "good",
        "bad",
        "more",
        "less",
        "than",
        "from",
        "by",
        "的",
        "了",
        "是",
        "我",
        "你",
        "不",
        "没",
        "有",
        "很",
        "太",
        "也",
        "都",
        "就",
        "在",
        "和",
        "什么",
        "一个",
        "其他",
        "服务",
    ]
)
_KEYWORD: Final = re.compile(r"[a-z]{4,}")
_HAN_PAIR: Final = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SEVERAL: Final = re.compile(r"[,;/、&+|\n]+|\band\b|\bor\b|和|或者?|还是")
_MOST: Final = 12  # Parts of a reply that are looked at.


def _core(folded: str) -> str:
    whole = trim(folded)
    return whole if len(whole) > _LONGEST else trim(_FILLERS.sub("", whole)) or whole


def by_label(asked: Question, words: str) -> int | None:
    """The option one of whose labels the words are; None without one, or with two."""
    found = {at for label, at in asked.labels if label == words}
    return found.pop() if len(found) == 1 else None


def by_value(asked: Question, words: str) -> int | None:
    """The option whose stored value was typed; a value made of digits is taken for a number of the list instead."""
    found = [at for at, option in enumerate(asked.options) if trim(option.value.casefold()) == words]
    return found[0] if len(found) == 1 and not words.isdigit() else None


def by_number(asked: Question, words: str) -> int | None:
    """The place of an option on the list, from 0: "2", "b)", 第二个, "the last one". -1 for one that is not on it."""
    count = len(asked.options)
    if _LAST.fullmatch(words):
        return count - 1
    match = _NUMBERED.fullmatch(words) if len(words) <= _LONGEST else None
    if match is None:
        return None
    if match["letter"]:
        place: float | None = _LETTERS.index(match["letter"]) + 1
        if place is not None and place > count:
            return None
    elif match["digits"]:
        place = int(match["digits"])
    else:
        place = _ORDINALS[match["word"]] if match["word"] else han_number(match["han"])
    if place is None or not 1 <= place <= count or _in_another_label(asked, match["digits"], int(place) - 1):
        return -1
    return int(place) - 1


def _in_another_label(asked: Question, digits: str | None, at: int) -> bool:
    """Whether a number also stands in the label of another option: 3 where the labels are "1-2 times", "3-5 times"."""
    return digits is not None and any(other != at and digits in _DIGITS.findall(label) for label, other in asked.labels)


def within(asked: Question, folded: str) -> list[int]:
    """The options whose labels stand in a text as words, longer labels hiding the shorter within them."""
    spans: list[tuple[int, int, int]] = []
    for label, at in sorted(asked.labels, key=lambda pair: -len(pair[0])):
        for match in re.finditer(_as_words(label), folded):
            start, end = match.span()
            if not any(low <= start and end <= high for low, high, _ in spans):
                spans.append((start, end, at))
    return sorted({at for _, _, at in spans})


def mentioned(asked: Question, folded: str) -> list[int]:
    """The options a text speaks of, by whole labels or by words of their own."""
    return sorted({*within(asked, folded), *by_keyword(asked, folded)})


def by_keyword(asked: Question, folded: str) -> list[int]:
    """The options that a word of a text belongs to, by words that stand in the labels of one option only."""
    return sorted({at for word, at in _keywords(asked.labels) if re.search(_as_words(word), folded)})


@lru_cache(maxsize=512)
def _keywords(labels: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    owners: dict[str, set[int]] = {}
    for label, at in labels:
        for word in (*_KEYWORD.findall(label), *_HAN_PAIR.findall(label)):
            if word not in _EMPTY_WORDS:
                owners.setdefault(word, set()).add(at)
    return tuple((word, min(places)) for word, places in owners.items() if len(places) == 1)


def _as_words(label: str) -> str:
    before = r"(?<![a-z0-9])" if label[0].isascii() else ""
    after = r"(?:e?s)?(?![a-z0-9])" if label[-1].isascii() else ""
    return before + re.escape(label) + after


def by_part(asked: Question, words: str) -> int | None:
    """The one option of whose labels the words are a part: "delivery" of "Delivery speed", 速度 of 配送速度."""
    shortest = 3 if words.isascii() else 2
    if len(words) < shortest or words in _EMPTY_WORDS or _DIGITS.search(words):
        return None
    found = {at for label, at in asked.labels if _is_part(words, label)}
    if not found:
        return None
    return found.pop() if len(found) == 1 else -1


def _is_part(words: str, label: str) -> bool:
    if _NEGATION.findall(words) != _NEGATION.findall(label):
        return False
    if words.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(words)}", label) is not None
    return words in label


def by_slip(asked: Question, words: str) -> int | None:
    """The option whose label was misspelt; -1 where two are near. Up to one slip in four letters, three at most."""
    from rapidfuzz.distance import OSA

    if len(words) < 4 or len(words) > 60:
        return None
    limit = min(3, len(words) // 4)
    nearest: dict[int, int] = {}
    for label, at in asked.labels:
        label = label.removeprefix("the ")
        distance = OSA.distance(words, label, score_cutoff=limit + 2)
        if distance < nearest.get(at, limit + 3):
            nearest[at] = distance if distance > limit or _same_sense(words, label) else limit + 2
    ranked = sorted((distance, at) for at, distance in nearest.items())
    if not ranked or ranked[0][0] > limit:
        return None
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < 2:
        return -1
    return ranked[0][1]


def _same_sense(words: str, label: str) -> bool:
    swapped = len(words) > 1 and words[:2] == label[1::-1]
    return (
        (words[0] == label[0] or swapped)
        and _NEGATION.findall(words) == _NEGATION.findall(label)
        and _DIGITS.findall(words) == _DIGITS.findall(label)
    )


def one_option(asked: Question, folded: str) -> int | None:
    """The option a piece of text stands for; -1 where it may be several or none on the list, None for no option."""
    words = trim(folded)
    core = _core(folded)
    for spelling in dict.fromkeys((words, core)):
        for reader in (by_label, by_number, by_value):
            at = reader(asked, spelling)
            if at is not None:
                return at
    for reader in (by_part, by_slip):
        at = reader(asked, core)
        if at is not None:
            return at
    return None


def one_label(asked: Question, folded: str) -> int | None:
    """The label of a scale that a text is a slip of; a list's numbers and letters mean nothing there."""
    return by_slip(asked, _core(folded))


def read_choice(asked: Question, text: str, folded: str) -> Reading:
    """The one option that was chosen. `rest` is the whole text where the option was only mentioned in it."""
    words = trim(folded)
    at = by_label(asked, words)
    if at is not None:
        return Reading(asked.options[at].value, "exact")
    at = one_option(asked, folded)
    if at is not None:
        return UNSURE if at < 0 else Reading(asked.options[at].value, "read")
    parts = [part for part in _SEVERAL.split(folded)[:_MOST] if trim(part)]
    if len({one_option(asked, part) for part in parts} - {None}) > 1:
        return UNSURE
    return _from_clauses(asked, text, folded)


def _from_clauses(asked: Question, text: str, folded: str) -> Reading:
    first = re.match(r"\s*[^,.;!?、。:\n]*[,.;!?、。:\n)]+", folded)
    if first and (at := one_option(asked, first[0])) is not None:
        return UNSURE if at < 0 else Reading(asked.options[at].value, "read", _comment(asked, at, text, first.end()))
    found = mentioned(asked, folded)
    if not found:
        return NONE
    if len(found) > 1 or _NEGATION.search(folded):
        return UNSURE
    return Reading(asked.options[found[0]].value, "read", _comment(asked, found[0], text, 0))


def _comment(asked: Question, at: int, text: str, end: int) -> str:
    """What follows the choice, unless it only says the same option again: "2. Food quality"."""
    rest = rest_of(text, 0, end)
    left = bare(rest)
    for label, other in asked.labels:
        if other == at:
            left = left.replace(label, "")
    return rest if _LETTER.search(left) else ""
