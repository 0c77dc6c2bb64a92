"""A conversation under test: a script, its state through JSON at every turn, and what came of the last event."""

from __future__ import annotations

from typing import Any

from dialogs.effects import Effect, Say
from dialogs.engine import advance
from dialogs.events import Event, Replied, Started
from dialogs.script import Script, load_script
from dialogs.state import State
from dialogs.unhappy import Mood

HEAD = (
    "dialog: visit\npurpose: service\nlanguages: [en, zh]\n"
    "session: {remind_after: [20h, 44h], expires_after: 3d}\nsteps:\n"
)
NPS = "  - {collect: nps, type: nps, ask: {en: 'How likely, {{ profile.name }}?', zh: 多大可能？}}\n"
WHY = "  - {collect: why, type: text, ask: {en: Why?, zh: 为什么？}}\n"
BYE = "  - {id: bye, say: {en: Bye, zh: 再见}}\n"
SAD = Mood(0.95, 0.9, "en", ("staff",), ("rude",), False)
T = 1_000_000.0


def script(steps: str) -> Script:
    return load_script(HEAD + steps, path="visit.yml")


class Talk:
    """One conversation; its state goes through JSON at every turn."""

    def __init__(self, steps: str, **started: Any) -> None:
        self.script = script(steps)
        given = {"seed": "s", "language": "en", "channel": "webchat", "brand": "Motline", **started}
        self.state, self.effects = advance(self.script, None, Started(T, **given))

    def __call__(self, event: Event) -> tuple[Effect, ...]:
        self.state, self.effects = advance(self.script, State.from_json(self.state.to_json()), event)
        return self.effects

    def reply(self, text: str, **given: Any) -> tuple[Effect, ...]:
        return self(Replied(T + 60, text, given.pop("channel", "webchat"), **given))

    def press(self, step: int, choice: int) -> tuple[Effect, ...]:
        return self.reply("", step=step, choice=choice)

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def said(self) -> list[str]:
        return [say.text for say in self.of(Say)]
