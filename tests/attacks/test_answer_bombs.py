"""Long and crafted texts as answers: none raises, and none holds up the others."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels.words import CHAT, SMS_CHINA, SMS_TWILIO, kind_of
from dialogs.script import Script, load_script
from dialogs.simulation import simulate
from tests.readers import as_shipped

HEAD = """dialog: d
title: {en: D, zh: D}
moment: m.x
purpose: service
languages: [en, zh]
steps:
  - collect: q
    ask: {en: "And?", zh: "如何？"}
    type: """
CHOICES = """
    options:
      food: {en: Food, zh: 菜品}
      rider: {en: Rider or driver, zh: 骑手}
      other: {en: Something else, zh: 其他}
"""
TYPES = {
    **{name: name for name in ("csat", "yes_no", "number")},
    **{name: name + CHOICES for name in ("choice", "multi_choice")},
}
UNITS = [
    *'a9.,-!("éßİﬃ½①Ⅷ١百万亿九十点负不是星分👍⭐\u202e\n\t\u3000',
    *("一百二", "1.5万", "3万", "很满意", "菜品、", "👨\u200d", "e\u0301", "1/", "1e", "0.", "1,"),
    *("觉得是", "主要是", "答案是", "还是", "那个", "我选", "i think ", "option", "the ", "please"),
    *("one", "hundred", "million", "and ", "minus", "no", "not", "yes", "5 of", "between", "out of 10", "ten to"),
]


@pytest.fixture(scope="module", params=TYPES, ids=str)
def script(request: pytest.FixtureRequest) -> Script:
    return load_script(HEAD + TYPES[request.param], path="d.yml")


def test_no_repetition_of_anything_breaks_or_stalls_an_answer(script: Script) -> None:
    begun = time.process_time()
    for unit in UNITS:
        for joint in ("", " "):
            text = (unit + joint) * 1000
            assert any(line.startswith("you> ") for line in simulate(script, [text], language="en"))
    # About 100 readings; a search that starts anew from each character would take minutes.
    assert time.process_time() - begun < 20


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(UNITS) | st.text(max_size=6), max_size=60), st.sampled_from(["", " "]))
@example(["hundred"] * 200, " ")
@example(["1.5", "亿" * 60], "")
@example(["1.5", "亿" * 60, "点", "五"], "")
@example(["\ud800", "9"], "")
def test_no_mixture_breaks_an_answer(script: Script, units: list[str], joint: str) -> None:
    text = joint.join(units)
    assert simulate(script, [text, text], language="en")


def test_a_text_of_100_kb_is_read_at_once() -> None:
    reader = as_shipped()
    for unit in UNITS:
        text = unit * (100_000 // len(unit.encode()))
        begun = time.process_time()
        mood = reader.read(text)
        kinds = {kind_of(text, words=words) for words in (CHAT, SMS_TWILIO, SMS_CHINA)}
        assert time.process_time() - begun < 1.0
        assert 0.0 <= mood.unhappy <= 1.0
        assert kinds == {"text"}
