"""Whatever an author's file holds, it is loaded or refused with a line: never a traceback, never a hang."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.script import ScriptError, check_script, load_script, shipped_scripts

WORDS = [
    "collect", "say", "next", "if", "then", "else", "type", "nps", "choice", "options", "ask", "en", "zh", "end", "set",
    "slots.nps", "{{ slots.x }}", "{% if", "[", "]", "{", "}", ":", "- ", "&a", "*a", "!!int", "null", "true", "1e99",
    "-5", "''", '"', "random", "wait", "2h", "escalate", "severity", "tag", "action", "labels", "min", "max", "'", "#",
    "：", "，", "【", "】", "｛", "｝", "“", "”", "　", "－", "{{", "}}",
]  # fmt: skip
SOURCES = sorted(shipped_scripts().values())


def mutated(source: str, seed: int) -> str:
    """The file after a few slips of the hand: lines lost, doubled, indented, words exchanged."""
    draw = random.Random(seed)
    lines = source.splitlines()
    for _ in range(draw.randint(1, 5)):
        at = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                del lines[at : at + draw.randint(1, 3)]
            case 1:
                lines.insert(at, lines[draw.randrange(len(lines))])
            case 2:
                lines[at] = " " * draw.randint(0, 8) + lines[at].strip()
            case 3:
                words = lines[at].split(" ")
                words[draw.randrange(len(words))] = draw.choice(WORDS)
                lines[at] = " ".join(words)
            case 4:
                cut = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + draw.choice(WORDS) + lines[at][cut:]
            case _:
                lines[at] = lines[at].replace(": ", draw.choice([":", ": [", ": {", ": null", ": - "]), 1)
        lines = lines or [""]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_a_file_with_slips_is_loaded_or_refused_with_its_lines(source: str, seed: int) -> None:
    text = mutated(source, seed)
    problems = check_script(text, "slip.yml")
    last = text.count("\n") + 2
    assert all(1 <= problem.line <= last for problem in problems), problems
    try:
        load_script(text, path="slip.yml")
        loaded = True
    except ScriptError as refused:
        loaded = False
        assert set(refused.problems) <= set(problems)  # noqa: PT017 - what is refused is what the check names
    assert loaded or any(problem.level == "error" for problem in problems)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_refused_with_a_line(text: str) -> None:
    assert all(problem.line >= 1 for problem in check_script(text, "noise.yml"))
