"""Turns per CPU-second of the dialog engine.

    python -m benchmarks.engine --seconds 10

Rule: what is measured is what serves customers. Each turn goes through the public `advance`; between turns nothing
survives but the state's JSON and the compiled script; every final state is checked; CPU time is that of all threads.

One dialog is a start and three answers: a number with three branches, yes or no, free text, and a templated thanks.
Beside it stand the floor of any such engine (one orjson round trip and one Jinja2 render a turn, and nothing else), and
the best open peer at the same work, goflow: 1,400-1,600 turns per CPU-second.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from jinja2.sandbox import SandboxedEnvironment

from dialogs.effects import Effect, Escalate, Finish, Say
from dialogs.engine import advance
from dialogs.events import Replied, Started
from dialogs.script import Script, load_script
from dialogs.state import State

SCRIPT = """
dialog: bench_nps
moment: order.delivered
purpose: service
languages: [en, zh]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - collect: nps
    type: nps
    ask:
      en: "How likely are you to recommend {{ brand }}? Reply 0-10."
      zh: "您有多大可能推荐{{ brand }}？请回复0-10。"
    next:
      - {if: slots.nps <= 6, then: low}
      - {if: slots.nps >= 9, then: high}
      - else: middle
  - {id: low, say: {en: We are sorry., zh: 很抱歉。}, next: again}
  - {id: middle, say: {en: Thank you., zh: 谢谢。}, next: again}
  - {id: high, say: {en: Wonderful!, zh: 太好了！}, next: again}
  - id: again
    collect: again
    type: yes_no
    ask: {en: Would you order again?, zh: 您还会再来吗？}
  - collect: why
    type: text
    ask: {en: What is the main reason?, zh: 主要原因是什么？}
  - id: thanks
    say:
      en: "Thank you, {{ profile.name }}! You gave {{ brand }} a {{ slots.nps }}."
      zh: "谢谢您，{{ profile.name }}！您给{{ brand }}打了 {{ slots.nps }} 分。"
"""
TURNS = 4
_BRANCHES = {"en": ("We are sorry.", "Thank you.", "Wonderful!"), "zh": ("很抱歉。", "谢谢。", "太好了！")}
_WHY = (
    "the food was good and it came quickly",
    "my driver could not find the house, and everything was cold when it came",
    "味道不错，送得也快",
    "送餐太慢了，等了一个多小时",
)


@dataclass(frozen=True, slots=True)
class Dialog:
    """One customer's part, and how it must end."""

    started: Started
    replies: tuple[str, str, str]
    nps: int
    again: bool
    thanks: str


def dialogs_of(seed: int, count: int) -> list[Dialog]:
    """Varied by seed: language, name, score, yes or no in several spellings, reasons of several lengths."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        language = draw.choice(("en", "zh"))
        nps, again = draw.randint(0, 10), draw.random() < 0.7
        name = draw.choice(("Ann", "Ben", "王芳", "李雷"))
        yes_no = draw.choice(("yes", "Yes", "y", "是的") if again else ("no", "No", "n", "不是"))
        started = Started(
            1.7e9 + number,
            f"c{number}",
            language,
            "webchat",
            "Motline",
            "UTC",
            "",
            {"name": name, "orders": 3},
            {"order": number},
        )
        thanks = {
            "en": f"Thank you, {name}! You gave Motline a {nps}.",
            "zh": f"谢谢您，{name}！您给Motline打了 {nps} 分。",
        }[language]
        made.append(Dialog(started, (str(nps), yes_no, f"{draw.choice(_WHY)} {number}"), nps, again, thanks))
    return made


class WrongDialogError(Exception):
    """A dialog did not go as its answers demand: the figure would be worth nothing."""


def play(script: Script, dialog: Dialog) -> None:
    """One dialog, each turn from JSON to JSON. Raises WrongDialogError where it does not go and end as it must."""
    state, effects = advance(script, None, dialog.started)
    stored = state.to_json()
    for count, words in enumerate(dialog.replies, 1):
        event = Replied(dialog.started.at + 60 * count, words, "webchat", f"m{count}")
        state, effects = advance(script, State.from_json(stored), event)
        stored = state.to_json()
        if count == 1:
            _check_branch(dialog, effects)
    _check_end(dialog, stored, effects)


def _check_branch(dialog: Dialog, effects: tuple[Effect, ...]) -> None:
    """The words of the branch, and a low score brought to staff."""
    branch = 0 if dialog.nps <= 6 else 2 if dialog.nps >= 9 else 1
    said = next(effect.text for effect in effects if isinstance(effect, Say))
    escalated = any(isinstance(effect, Escalate) for effect in effects)
    if said != _BRANCHES[dialog.started.language][branch] or escalated is not (branch == 0):
        raise WrongDialogError(f"{dialog} went on with {effects}")


def _check_end(dialog: Dialog, stored: bytes, effects: tuple[Effect, ...]) -> None:
    """The final state and the last words are exactly what this customer's answers lead to."""
    final = orjson.loads(stored)
    said = [effect.text for effect in effects if isinstance(effect, Say)]
    slots = {"nps": dialog.nps, "again": dialog.again, "why": dialog.replies[2]}
    if final["slots"] != slots or final["status"] != "finished" or said != [dialog.thanks]:
        raise WrongDialogError(f"{dialog} ended as {final}, saying {said}")
    if effects[-1] != Finish("finished"):
        raise WrongDialogError(f"{dialog} did not finish: {effects}")


def measured(script: Script, seconds: float) -> float:
    """Turns per CPU-second (time.process_time: all threads), over at least `seconds` of CPU."""
    turns = 0
    spent = 0.0
    for batch in _batches():
        begun = time.process_time()
        for dialog in batch:
            play(script, dialog)
        spent += time.process_time() - begun
        turns += TURNS * len(batch)
        if spent >= seconds:
            break
    return turns / spent


def _batches() -> Iterator[list[Dialog]]:
    seed = 1
    while True:
        yield dialogs_of(seed, 500)
        seed += 1


def floor_measured(script: Script, seconds: float) -> float:
    """The same, of nothing but an orjson round trip of such a state and one Jinja2 render a turn."""
    state, _ = advance(script, None, dialogs_of(1, 1)[0].started)
    stored = state.to_json()
    template = SandboxedEnvironment().from_string(
        "Thank you, {{ profile.name }}! You gave {{ brand }} a {{ slots.nps }}."
    )
    given = {"profile": {"name": "Ann"}, "brand": "Motline", "slots": {"nps": 9}}
    turns = 0
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        for _ in range(200):
            stored = orjson.dumps(orjson.loads(stored))
            template.render(given)
        turns += 200
    return turns / (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description="Turns per CPU-second of the dialog engine")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds to measure (default 10)")
    seconds = parser.parse_args().seconds
    script = load_script(SCRIPT, path="benchmarks/engine.py")
    measured(script, min(1.0, seconds / 10))  # Warm: lazy tables, caches of the interpreter.
    turns = measured(script, seconds)
    floor = floor_measured(script, min(3.0, seconds / 3))
    print(f"motline: {turns:,.0f} turns per CPU-second ({1e6 / turns:.1f} µs a turn)")
    print(f"floor:   {floor:,.0f} (an orjson round trip and one Jinja2 render, nothing else; {1e6 / floor:.1f} µs)")
    print("peer:    1,400-1,600 (goflow, Go, at the same work)")
    print(orjson.dumps({"turns_per_cpu_second": round(turns)}).decode())


if __name__ == "__main__":
    main()
