"""How many parts an SMS takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms_segments import segments


@pytest.mark.parametrize(
    ("text", "parts", "encoding", "units", "cause"),
    [
        ("", 1, "GSM-7", 0, ""),
        ("a" * 160, 1, "GSM-7", 160, ""),
        ("a" * 161, 2, "GSM-7", 161, ""),
        ("a" * 306, 2, "GSM-7", 306, ""),
        ("a" * 307, 3, "GSM-7", 307, ""),
        ("€" * 80, 1, "GSM-7", 160, ""),
        ("a" * 159 + "€", 2, "GSM-7", 161, ""),
        ("Ärger mit Öl, ¿qué?", 1, "GSM-7", 19, ""),
        ("请" * 70, 1, "UCS-2", 70, "请"),
        ("请" * 71, 2, "UCS-2", 71, "请"),
        ("请" * 134, 2, "UCS-2", 134, "请"),
        ("请" * 135, 3, "UCS-2", 135, "请"),
        ("It’s fine", 1, "UCS-2", 9, "’"),
        ("👍" * 35, 1, "UCS-2", 70, "👍"),
        ("ç", 1, "UCS-2", 1, "ç"),
    ],
)
def test_parts_are_counted_as_networks_count(text: str, parts: int, encoding: str, units: int, cause: str) -> None:
    counted = segments(text)
    assert (counted.parts, counted.encoding, counted.units, counted.cause) == (parts, encoding, units, cause)


def test_a_character_of_two_units_is_not_cut_in_two() -> None:
    assert segments("a" * 152 + "€" + "a" * 152).parts == 3
    assert segments("请" * 66 + "👍" + "请" * 66).parts == 3


def test_the_costly_character_is_shown_with_its_place() -> None:
    counted = segments("Thanks — it’s noted")
    assert (counted.cause, counted.position) == ("—", 7)


@given(st.text(max_size=400))
def test_parts_hold_their_units(text: str) -> None:
    counted = segments(text)
    alone, each = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    assert counted.parts == 1 if counted.units <= alone else counted.units <= counted.parts * each
