"""The engine's benchmark measures dialogs that go right, and notices one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.engine import SCRIPT, WrongDialogError, dialogs_of, measured, play
from dialogs.script import load_script


def test_dialogs_of_a_seed_are_varied_and_the_same_each_time() -> None:
    made = dialogs_of(7, 200)
    assert made == dialogs_of(7, 200)
    assert {dialog.nps for dialog in made} == set(range(11))
    assert {dialog.started.language for dialog in made} == {"en", "zh"}


def test_a_wrong_ending_is_noticed() -> None:
    script = load_script(SCRIPT, path="bench.yml")
    dialog = dialogs_of(1, 1)[0]
    play(script, dialog)
    for wrong in (
        replace(dialog, thanks="?"),
        replace(dialog, again=not dialog.again),
        replace(dialog, nps=dialog.nps ^ 8),
    ):
        with pytest.raises(WrongDialogError):
            play(script, wrong)


def test_the_figure_is_turns_by_cpu_time() -> None:
    assert measured(load_script(SCRIPT, path="bench.yml"), 0.01) > 0
