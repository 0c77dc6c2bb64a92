"""Every step kind, every question type and every shipped dialog has a transcript, and it stays as it is.

`WRITE_GOLDENS=1 pytest tests/dialogs/test_goldens.py` writes them anew: read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dialogs.answers import TYPES
from dialogs.script import BUILT, Script, check_script, shipped_scripts
from dialogs.script_steps import Collect
from dialogs.simulation import simulate
from tests.dialogs.plays import golden_files, plays, reading, transcript

_KIND = {"Collect": "collect", "ActionStep": "action"}
WRITE = os.environ.get("WRITE_GOLDENS") == "1"


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
def test_a_dialog_goes_as_its_transcript_says(path: Path) -> None:
    told = "\n\n".join(transcript(play) for play in plays(path)) + "\n"
    expected = path.with_suffix(".txt")
    if WRITE:
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_what_is_noted_in_chinese_has_no_blank_beside_a_full_width_mark() -> None:
    noted = [
        line
        for path in golden_files()
        for play in plays(path)
        for line in simulate(play.script, play.replies, read=reading, told_in="zh", **play.customer)
        if line.startswith("   ! ")
    ]
    assert any("，" in line for line in noted)
    assert [line for line in noted if re.search(r" [，（]|[，）] |[一-鿿], ", line)] == []


def test_every_step_kind_has_a_transcript() -> None:
    played = {_kind(step) for script in _played() for step in script.steps}
    assert set(BUILT) - played == set()


def test_every_question_type_has_a_transcript() -> None:
    played = {step.question.type for script in _played() for step in script.steps if isinstance(step, Collect)}
    assert set(TYPES) - played == set()


def test_every_shipped_dialog_has_a_transcript_in_each_language() -> None:
    played = {
        (play.script.name, play.customer.get("language", play.script.languages[0]))
        for path in golden_files()
        for play in plays(path)
    }
    wanted = {(name, language) for name in shipped_scripts() for language in ("en", "zh")}
    assert wanted - played == set()


def test_the_transcripts_of_a_shipped_dialog_pass_through_every_step() -> None:
    unseen: list[str] = []
    for name in shipped_scripts():
        path = Path(__file__).with_name("goldens") / f"{name}.yml"
        said = path.with_suffix(".txt").read_text(encoding="utf-8")
        for step in plays(path)[0].script.steps:
            if _kind(step) in ("collect", "say"):
                texts = step.ask if isinstance(step, Collect) else step.say  # type: ignore[union-attr]
                words = [max(re.split(r"{[{%].*?[}%]}", text.source), key=len) for text in texts.by_language.values()]
                if not any(part.strip() in said for part in words):
                    unseen.append(f"{name}: {step.id}")
    assert unseen == []


@pytest.mark.parametrize("name", sorted(shipped_scripts()))
def test_a_shipped_dialog_has_nothing_to_find_fault_with(name: str) -> None:
    assert check_script(shipped_scripts()[name], f"{name}.yml") == []


def test_shipped_dialogs_are_named_like_their_files() -> None:
    named = {
        name: plays(Path(__file__).with_name("goldens") / f"{name}.yml")[0].script.name for name in shipped_scripts()
    }
    assert named == {name: name for name in shipped_scripts()}


def _kind(step: object) -> str:
    name = type(step).__name__
    return _KIND.get(name, name.removesuffix("Step").lower())


def _played() -> list[Script]:
    return [play.script for path in golden_files() for play in plays(path)]
