"""A team's hours, as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.hours import Unclear, read, told
from storage.teams import DAYS

WEEK = ("mon", "tue", "wed", "thu", "fri")
LATE = ["09:00", "22:00"]


def _same(days: Sequence[str], span: list[str]) -> dict[str, list[str]]:
    return dict.fromkeys(days, span)


EVERY_DAY = """9:00-22:00|09:00-22:00|09：00—22：00|9:00 ~ 22:00|９：００～２２：００|9:00至22:00|9:00到22:00
|9:00 to 22:00|每天 9:00-22:00|每天9:00–22:00|每日：9:00-22:00|daily 9:00-22:00|Every day 9:00-22:00"""
WORKING = """mon-fri 9:00-22:00|Mon – Fri 09:00-22:00|monday to friday 9:00 to 22:00|mon, tue, wed, thu, fri 9:00-22:00
|周一至周五 9:00-22:00|周一到周五9:00到22:00|星期一—星期五 9:00—22:00|周一至五 9:00-22:00|工作日 9:00-22:00
|weekdays 9:00-22:00|周一、周二、周三、周四和周五 9:00-22:00"""


@pytest.mark.parametrize("text", EVERY_DAY.split("|"))
def test_hours_without_days_are_of_every_day(text: str) -> None:
    assert read(text) == _same(DAYS, LATE)


@pytest.mark.parametrize("text", WORKING.split("|"))
def test_days_are_named_in_both_languages(text: str) -> None:
    assert read(text) == _same(WEEK, LATE)


def test_parts_follow_each_other_and_the_later_one_counts_for_its_days() -> None:
    weekend = _same(("sat", "sun"), ["10:00", "16:00"])
    assert read("周一至周五 9:00-22:00；周末 10:00～16:00") == _same(WEEK, LATE) | weekend
    assert read("周一至周五 9:00-22:00、周六和周天 10:00-16:00。") == _same(WEEK, LATE) | weekend
    assert read("9:00-22:00, weekend 10:00-16:00") == _same(WEEK, LATE) | weekend
    assert read("fri-mon 10:00-16:00").keys() == {"fri", "sat", "sun", "mon"}
    assert read(" ") == {}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("mon-fri 09:00-18:00, sat 10-14", "sat 10-14"),
        ("mon-fri 09:00-18:00, xyz 10:00-14:00", "xyz 10:00-14:00"),
        ("always", "always"),
        ("mon", "mon"),
        ("mon- 9:00-18:00", "mon- 9:00-18:00"),
        ("五 9:00-18:00", "五 9:00-18:00"),
        ("9:00-12:00, 14:00-18:00", "14:00-18:00"),
        ("mon 9:00-12:00, mon 14:00-18:00", "mon 14:00-18:00"),
    ],
)
def test_what_is_unclear_is_named(text: str, part: str) -> None:
    with pytest.raises(Unclear) as refused:
        read(text)
    assert refused.value.part == part


def test_hours_are_told_days_together() -> None:
    hours = _same(WEEK, LATE) | {"sun": ["10:00", "24:00"]}
    assert told(hours, "en") == "mon-fri 09:00-22:00, sun 10:00-24:00"
    assert told(hours, "zh") == "周一至周五 09:00-22:00，周日 10:00-24:00"
    assert told(_same(DAYS, LATE), "zh") == "每天 09:00-22:00"
    assert told(_same(("sat", "sun"), LATE), "zh") == "周六、周日 09:00-22:00"
    assert told({}, "en") == ""


spans = st.sampled_from([["09:00", "18:00"], ["10:00", "24:00"], ["00:00", "23:59"]])


@given(st.dictionaries(st.sampled_from(DAYS), spans), st.sampled_from(["en", "zh"]))
def test_what_is_told_is_read_as_the_same(hours: dict[str, list[str]], language: str) -> None:
    assert read(told(hours, language)) == hours


@given(st.text(alphabet="mon fri,周一至五末:：0912-、 ", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Unclear):
        assert set(read(text)) <= set(DAYS)
