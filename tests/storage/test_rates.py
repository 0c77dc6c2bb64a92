"""The rate's arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rates import allowance


def test_a_rested_rate_lets_one_seconds_worth_through_at_once() -> None:
    assert allowance(0, 1_000_000, 30).count == 30


def test_a_slow_rate_lets_one_through_at_once() -> None:
    assert allowance(0, 1_000_000, 20 / 60).count == 1


def test_after_a_burst_one_more_may_go_per_interval() -> None:
    first = allowance(0, 1_000_000, 10)
    reached = first.after(10)
    assert allowance(reached, 1_000_000, 10).count == 0
    assert allowance(reached, 1_000_000 + 100, 10).count == 1
    assert allowance(reached, 1_000_000 + 350, 10).count == 3


def test_the_next_time_is_when_one_more_may_go() -> None:
    spent = allowance(allowance(0, 1_000_000, 10).after(10), 1_000_000, 10)
    assert allowance(spent.base, spent.next_at, 10).count == 1
    assert allowance(spent.base, spent.next_at - 2, 10).count == 0


def test_a_rest_in_the_future_holds_everything_back() -> None:
    resting = allowance(2_000_000, 1_000_000, 10)
    assert resting.count == 0
    assert resting.next_at >= 2_000_000


@given(
    st.floats(0.05, 900), st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 50)), min_size=1, max_size=40)
)
def test_never_more_than_the_rate_over_any_stretch_from_the_start(
    per_second: float, steps: list[tuple[int, int]]
) -> None:
    start = now = 10_000_000
    reached, sent = 0.0, 0
    for pause, wanted in steps:
        now += pause
        allowed = allowance(reached, now, per_second)
        used = min(wanted, allowed.count)
        reached = allowed.after(used)
        sent += used
    burst = max(1.0, per_second)
    assert sent <= per_second * (now - start) / 1000 + burst + 0.01
    assert sent == pytest.approx(int(sent))
