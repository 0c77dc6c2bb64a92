"""A platform's number as a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.unix_time import moment

NINE = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", [1772703000, 1772703000.0, "1772703000", 1772703000000, "1772703000000"])
def test_seconds_and_milliseconds_name_the_same_time(written: object) -> None:
    assert moment(written) == NINE


@pytest.mark.parametrize("written", [0, -1, "", "0", "-1", "1e9", " 1", "²", True, None, [], {}, "9" * 5000, 1e300])
def test_what_is_no_time_is_none(written: object) -> None:
    assert moment(written) is None


@given(st.integers() | st.floats() | st.text(max_size=20))
def test_nothing_raises(written: object) -> None:
    found = moment(written)
    assert found is None or found.tzinfo is UTC
