"""Asking: the question, asked again, reminded of, and what is said about an answer that changed.

Rule: one question is open at a time, and what is asked is always the open one.
"""

from __future__ import annotations

from typing import Any, Final

from dialogs.engine_turn import SayKind, Turn
from dialogs.sandbox import shown
from dialogs.script_steps import Collect
from dialogs.texts import text

_REASK: Final = {
    "nps": "dialog.reask_nps",
    "csat": "dialog.reask_csat",
    "ces": "dialog.reask_ces",
    "rating": "dialog.reask_rating",
    "number": "dialog.reask_number",
    "yes_no": "dialog.reask_yes_no",
    "choice": "dialog.reask_choice",
    "multi_choice": "dialog.reask_multi_choice",
    "text": "dialog.reask_text",
}
_GOT: Final = {"photo": "dialog.got_photo", "voice": "dialog.got_voice"}


def ask(turn: Turn, step: Collect) -> None:
    """Open the question: say it, and set its first reminder."""
    state = turn.state
    state.status, state.open_step = "asking", step.index
    state.tries, state.excused, state.tried = 0, False, []
    state.pending = None
    state.asked_from = state.sequence + 1
    say_question(turn, step, "")
    first_reminder(turn)


def first_reminder(turn: Turn) -> None:
    """The open question's reminders begin anew."""
    reminders = turn.script.session.remind_after
    turn.state.reminded = turn.state.reminder = 0
    if reminders:
        turn.remind(reminders[0])


def say_question(turn: Turn, step: Collect, lead: str, kind: SayKind = "question") -> None:
    """The question in its own words, after `lead`."""
    state = turn.state
    words = step.ask.pick(state.language, state.channel).render(turn.scope)
    if not words.strip():
        words = short_question(turn, step)
    turn.say(f"{lead}\n{words}" if lead else words, step.index, kind, step.buttons[state.language])


def ask_again(turn: Turn, step: Collect, lead: str = "") -> None:
    """Shorter, with an example, or in the author's own words; once more the buttons."""
    state = turn.state
    words = ""
    if step.on_invalid is not None:
        words = step.on_invalid.pick(state.language, state.channel).render(turn.scope)
    if not words.strip():
        words = short_question(turn, step)
    turn.say(f"{lead}\n{words}" if lead else words, step.index, "notice", step.buttons[state.language])


def got_media(turn: Turn, step: Collect, media: str) -> None:
    """Thanks for what came, and what is needed instead."""
    ask_again(turn, step, text(_GOT.get(media, "dialog.got_media"), turn.state.language))


def short_question(turn: Turn, step: Collect) -> str:
    """What kind of answer is needed, with an example."""
    asked = step.question
    low, high = asked.minimum, asked.maximum
    key = _REASK[asked.type]
    if asked.type == "number" and low is not None and high is not None:
        key = "dialog.reask_number_between"
    return text(key, turn.state.language, minimum=shown(low), maximum=shown(high), example=_example(turn, step))


def _example(turn: Turn, step: Collect) -> str:
    asked, buttons = step.question, step.buttons[turn.state.language]
    if asked.type in ("choice", "multi_choice"):
        return _listed(turn, [button.title for button in buttons[: 1 if asked.type == "choice" else 2]])
    low = 0.0 if asked.minimum is None else asked.minimum
    high = low + 10 if asked.maximum is None else asked.maximum
    middle = low + (high - low) * 3 / 4
    return shown(float(int(middle)) if int(middle) >= low else middle)


def answer_shown(turn: Turn, step: Collect, value: Any) -> str:
    """An answer as the customer would put it: the button's title, or the value."""
    titles = {step.values[button.index]: button.title for button in step.buttons[turn.state.language]}
    if isinstance(value, list | tuple):
        return _listed(turn, [titles.get(item, str(item)) for item in value])
    return titles[value] if value in titles else shown(value)


def _listed(turn: Turn, titles: list[str]) -> str:
    return ("、" if turn.state.language.startswith("zh") else ", ").join(titles)
