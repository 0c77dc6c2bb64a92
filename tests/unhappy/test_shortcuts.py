"""Reading is fast by shortcuts; each gives what reading step by step gives (`plain_reading`)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learn_rows import examples
from dialogs.unhappy import Mood, Reader, shipped_reader
from dialogs.unhappy_text import fold
from dialogs.unhappy_weights import shipped_weights
from dialogs.unhappy_words import shipped_words
from tests.unhappy import plain_reading
from tests.unhappy.test_hard_cases import cases

WORDS = shipped_words()
READER = Reader(shipped_weights(), WORDS, remember=0)
PLAIN = plain_reading.PlainReader(shipped_weights(), WORDS)
MARKS = [
    ",",
    "，",
    "。",
    "!",
    "！",
    "…",
    "\n",
    " ",
    "  ",
    "\t",
    "\u3000",
    "～",
    "；",
    "(",
    "'",
    "’",
    "n't",
    "\ufe0f",
    "Ａ",
]
OTHERS = [
    "一点",
    "都没有",
    "任何",
    "服務",
    "態度",
    "É",
    "ß",
    "ﬁ",
    "①",
    "的",
    "sooooo",
    "哈哈哈哈",
    "the",
    "que",
    "\x07",
]
CHINESE = st.sampled_from([*WORDS.zh.entries, *WORDS.any.emoji, *MARKS, *OTHERS])
ENGLISH = st.sampled_from([*WORDS.en.entries, *WORDS.any.emoji, *MARKS, *OTHERS])
TEXTS = st.one_of(
    st.lists(CHINESE, max_size=12).map("".join),
    st.lists(ENGLISH, max_size=12).map(" ".join),
    st.lists(st.one_of(CHINESE, ENGLISH, st.text(max_size=4)), max_size=10).map("".join),
    st.text(st.characters(codec=None), max_size=60),
)


def same(one: Mood, other: Mood) -> bool:
    """Equal; sums of floats in another order may differ in the fourth place."""
    near = abs(one.unhappy - other.unhappy) < 2e-4 and abs(one.alert - other.alert) < 2e-4
    rest = ("language", "topics", "why", "always")
    return near and all(getattr(one, name) == getattr(other, name) for name in rest)


def is_number(text: str) -> bool:
    return text[:1].isdigit()


@given(TEXTS)
@settings(max_examples=600, deadline=None)
def test_any_text_is_read_as_it_is_step_by_step(text: str) -> None:
    if not is_number(text.strip()):
        assert same(READER.read(text), PLAIN.read(text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_handwritten_and_template_texts_are_read_as_they_are_step_by_step(language: str) -> None:
    texts = [text for _, _, text in cases(language)] + [row.text for row in examples(language)[::40]]
    assert len(texts) > 1000
    assert [text for text in texts if not is_number(text) and not same(READER.read(text), PLAIN.read(text))] == []


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_folded_as_it_is_step_by_step(text: str) -> None:
    assert fold(text) == plain_reading.fold(text)


def test_every_character_is_folded_as_it_is_step_by_step() -> None:
    wrong = [hex(code) for code in range(0x110000) if fold(f"a{chr(code)}，") != plain_reading.fold(f"a{chr(code)}，")]
    assert wrong == []


@pytest.mark.parametrize("text", ["9", "8分", "7!", "10/10", " 4.5 ", "３", "8 points", "4 stars!", "5星", "100分。"])
def test_a_bare_score_says_nothing_in_words(text: str) -> None:
    assert READER.read(text) == READER.read("")


@pytest.mark.parametrize("text", ["9 times I called", "8分钟就到了", "10/10 would recommend", "1 star", "3 hours"])
def test_more_than_a_score_is_read(text: str) -> None:
    assert READER.read(text).language in ("zh", "en")


def test_a_text_that_comes_again_is_read_as_before_however_many_came_between() -> None:
    reader = Reader(shipped_weights(), WORDS, remember=2)
    texts = ["太慢了", "great", "没有意见", "😡", "not good", "a much longer text that is never remembered at all"] * 3
    assert [reader.read(text) for text in texts] == [READER.read(text) for text in texts]
    assert shipped_reader().read("太慢了") == READER.read("太慢了")


def test_a_sign_that_is_no_letter_to_this_python_says_nothing_wherever_it_stands_in_unicode() -> None:
    assert same(READER.read("\U0002ebe1"), PLAIN.read("\U0002ebe1"))
