"""What a customer wrote goes out again, to staff: no row of anything holds up the rest while it is cut."""

from __future__ import annotations

import time

import pytest

from channels.capabilities import CAPABILITIES
from channels.message import Address, Choice, Outbound
from channels.render import fit

ROWS = (".", "!?", "...!", "a. ", "。", "。”", "\n", " \n", "，", "‍👍", "é", "http://a ", "(1) ", " ")


@pytest.mark.parametrize("channel", sorted(CAPABILITIES))
def test_a_long_row_of_anything_is_cut_at_once(channel: str) -> None:
    begun = time.process_time()
    for row in ROWS:
        text = (row * 100_000)[:100_000] + "x"
        parts = fit(Outbound("0" * 32, Address(channel, "1"), text, (Choice("Yes", "y"),)), CAPABILITIES[channel])
        assert "x" in parts[-1].text
    # Half a second; a search that starts anew from each mark took a minute for the first of them.
    assert time.process_time() - begun < 10
