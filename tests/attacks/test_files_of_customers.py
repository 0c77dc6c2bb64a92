"""Files of customers that are no such files: one line says so, and nothing hangs."""

from __future__ import annotations

import time

import pytest

from bot.config_values import ConfigError
from bot.intake import lines_of

HEAD = b"external_id,name\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (HEAD + b"a," + b"x" * 200_000 + b"\n", "new.csv:2: cannot be read as CSV"),
        (HEAD + b'a,"' + b"x\n" * 200_000, "cannot be read as CSV"),
        (b"external_id," + b",".join(b"c%d" % n for n in range(50_000)) + b"\n", "50001 columns"),
        (HEAD.decode().encode("utf-16"), "UTF-8"),
        (bytes(range(256)) * 100, "UTF-8"),
        (b"", "no column 'external_id'"),
        (b"\0", "no column 'external_id'"),
    ],
)
def test_what_is_no_file_of_customers_is_refused_in_one_line(raw: bytes, said: str) -> None:
    begun = time.process_time()
    with pytest.raises(ConfigError, match=said) as refused:
        list(lines_of(raw, "new.csv"))
    assert time.process_time() - begun < 2
    assert "\n" not in str(refused.value)


def test_a_nul_in_a_cell_refuses_its_line_alone() -> None:
    found = list(lines_of(HEAD + b"a\0b,c\nd,e\n", "new.csv"))
    assert [line.record is not None for line in found] == [False, True]
    assert "NUL" in str(found[0].said[0])


def test_a_formula_stays_a_name() -> None:
    found = list(lines_of(HEAD + b"a,\"=cmd|' /C calc'!A0\"\n", "new.csv"))
    assert found[0].record is not None
    assert found[0].record.name == "=cmd|' /C calc'!A0"
