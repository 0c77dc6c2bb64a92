"""Any text of any script is read, in bounded time, and never raises."""

from __future__ import annotations

import sys
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.unhappy import Mood, shipped_reader
from dialogs.unhappy_text import LONGEST, fold

READER = shipped_reader()
ANY = st.text(st.characters(codec=None), max_size=300)
LONG = st.builds(
    lambda part, times: (part * times)[: 100 * 1024], st.text(min_size=1, max_size=40), st.integers(1, 3000)
)
HOSTILE = st.sampled_from(
    ["𝔱𝔢𝔯𝔯𝔦𝔟𝔩𝔢", "ﷺ" * 500, "\u202e坏", "Z̸̢̛a̸l̵g̶o̷", "👨‍👩‍👧‍👦" * 50, "\ud800", "\x00\x01", "不" * 4000, "not " * 5000]
)


def check(mood: Mood) -> None:
    assert 0 < mood.unhappy < 1
    assert 0 <= mood.alert <= 1
    assert mood.language in ("zh", "en", "und")
    assert len(mood.why) <= 6
    assert len(mood.topics) == len(set(mood.topics))


@given(st.one_of(ANY, LONG, HOSTILE))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(text: str) -> None:
    mood = READER.read(text)
    check(mood)
    assert Mood.from_dict(mood.to_dict()) == mood


@given(st.one_of(ANY, LONG, HOSTILE))
@settings(max_examples=200, deadline=None)
def test_what_is_read_is_bounded_whatever_the_length(text: str) -> None:
    assert len(fold(text)) <= LONGEST + 1


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_the_same_text_always_gives_the_same_mood(text: str) -> None:
    assert READER.read(text) == READER.read(text)


def test_a_text_of_100_kb_costs_no_more_steps_than_one_of_2_500_characters() -> None:
    def steps(text: str) -> int:
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            READER.read(text)
        finally:
            sys.setprofile(None)
        return counted

    for unit in ("太慢了，", "not bad but slow ", "😡"):
        once = unit * (LONGEST // len(unit))
        assert steps(unit * (100 * 1024 // len(unit))) <= 1.5 * steps(once) + 50


def test_threads_may_share_one_reader() -> None:
    texts = ["太慢了", "great food", "没有意见", "not bad at all", "😡"] * 40
    alone = [READER.read(text) for text in texts]
    results: list[list[Mood]] = [[] for _ in range(4)]

    def work(at: int) -> None:
        results[at] = [READER.read(text) for text in texts]

    threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == alone for result in results)
