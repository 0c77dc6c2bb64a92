"""The admin's page on dialogs is complete, and what it shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialogs.answers import TYPES
from dialogs.sandbox import FILTERS
from dialogs.script import check_script
from dialogs.script_names import NAMES
from dialogs.script_parse import KINDS, LATER_KINDS
from dialogs.script_questions import LATER_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "scripts.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda source: source.split()[1])
def test_an_example_has_nothing_to_find_fault_with(source: str) -> None:
    assert check_script(source, "scripts.md") == []


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


def test_every_step_key_type_filter_and_name_is_explained() -> None:
    keys = {key for keys in KINDS.values() for key in keys}
    members = {member for names in NAMES.values() for member in names or ()}
    known = {*KINDS, *keys, *TYPES, *FILTERS, *NAMES, *members, *LATER_KINDS, *LATER_TYPES}
    quoted = {word for quote in re.findall(r"`([^`\n]+)`", PAGE) for word in re.findall(r"[a-z_]+", quote)}
    assert known - quoted == set()
