"""Telephone numbers in the one form in which they are kept."""

from __future__ import annotations

import pytest

from channels.sms_numbers import as_received, e164

OURS, THEIRS = "+14155550100", "+8613912345678"


@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        ("+86 139 1234 5678", "", THEIRS),
        ("139 1234 5678", "CN", THEIRS),
        ("(415) 555-0100", "US", OURS),
        (OURS, "", OURS),
    ],
)
def test_numbers_become_e164(number: str, region: str, expected: str) -> None:
    assert e164(number, region) == expected


@pytest.mark.parametrize("number", ["", "MyBank", "139 1234 5678", "+1", "+86 12"])
def test_what_is_no_number_is_explained(number: str) -> None:
    with pytest.raises(ValueError, match="telephone number"):
        e164(number)


@pytest.mark.parametrize(
    ("sender", "kept"),
    [
        ("MyBank", "MyBank"),
        ("72345", "72345"),
        ("+1 (415) 555-0100", OURS),
        ("whatsapp:+14155550100", f"whatsapp:{OURS}"),
    ],
)
def test_senders_that_are_no_numbers_are_kept_as_they_came(sender: str, kept: str) -> None:
    assert as_received(sender) == kept
