"""What a customer wrote, as an answer: to the open question, or to one that was answered before.

Rule: a message fills the slot that was asked and no other. What was written is always kept, whatever it was read as.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from dialogs.answers import NONE, Reading, read_answer
from dialogs.answers_refusal import before_wish, wants_alone, wants_alone_too
from dialogs.effects import RunAction
from dialogs.engine_ask import answer_shown, ask_again, got_media
from dialogs.engine_steps import onward, run
from dialogs.engine_turn import Turn
from dialogs.engine_values import storable
from dialogs.events import Replied
from dialogs.script_steps import Collect
from dialogs.texts import text
from dialogs.unhappy import Mood

#: What a place is called and whose number it is are words for a question that wants words, and no score.
_NAMED: Final = frozenset({"location", "contact"})
#: What is sent many at a time, by all platforms' names; a voice message or a sticker never is.
_ALBUMS: Final = frozenset({"photo", "live_photo", "image", "video", "shortvideo", "audio", "document", "file"})
#: Seconds between two pictures of one album, at most.
_ALBUM: Final = 15.0


def answer_open(turn: Turn, step: Collect, event: Replied) -> None:
    """The reply to the open question."""
    if event.media in _NAMED and step.question.type != "text":
        event = replace(event, text="")
    if _goes_on(turn, event):
        return
    if event.media and not event.text.strip() and not turn.state.excused:
        turn.state.excused = True
        alarm(turn, event)
        got_media(turn, step, event.media)
        return
    reading = _pressed(step, event) or _read(step, event.text)
    value = storable(reading.value)
    raw = raw_of(turn, step, event)
    if value is not None:
        heard = _keep_rest(turn, step, reading.rest, event)
        if step.validate:
            if heard:
                alarm(turn, heard)
            _validate(turn, step, value, raw, reading.how)
        else:
            accept(turn, step, value, raw, reading.how, heard)
        return
    match reading.how:
        case "declined" | "skipped":
            _pass_over(turn, step, raw, reading.how, event)
        case _:
            _unread(turn, step, raw, reading.how, event)


def _goes_on(turn: Turn, event: Replied) -> bool:
    """Whether it is one more picture of an album, which platforms send one by one: it says nothing and costs no try."""
    state = turn.state
    many = event.media in _ALBUMS
    silent = many and event.at < state.album_until and not event.text.strip()
    state.album_until = event.at + _ALBUM if many else 0.0
    return silent


def raw_of(turn: Turn, step: Collect, event: Replied) -> str:
    """What the customer wrote, or the button's title, or what came instead of words."""
    if event.text.strip():
        return event.text
    if event.choice is not None and 0 <= event.choice < len(step.values):
        return step.buttons[turn.state.language][event.choice].title
    return f"[{event.media}]" if event.media else event.text


def _pressed(step: Collect, event: Replied) -> Reading | None:
    if event.step != step.index or event.choice is None:
        return None
    value = button_value(step, event.choice)
    return NONE if value is None else Reading(value, "exact")


def button_value(step: Collect, choice: int) -> Any:
    """What the button means, as an answer; None for a button there is not."""
    if not 0 <= choice < len(step.values):
        return None
    value = step.values[choice]
    return [value] if step.question.type == "multi_choice" else value


def _read(step: Collect, words: str) -> Reading:
    reading = read_answer(step.question, words)
    if reading.value is None and (parts := before_wish(words)):
        answer = read_answer(step.question, parts[0])
        return replace(answer, rest=parts[1]) if answer.value is not None else reading
    return reading


def _keep_rest(turn: Turn, step: Collect, rest: str, event: Replied) -> Replied | None:
    """What was said beside the answer. Gives the reply, or None where its words are for nobody: "6, 别再发了"."""
    if not rest.strip():
        if step.question.type == "text" and wants_alone_too(event.text):
            decline(turn, step.index, alone=True)
        return event
    if not wants_alone(rest):
        turn.state.rests = {**turn.state.rests, step.slot: storable(rest)}
        return event
    decline(turn, step.index, alone=True)
    return event if event.mood is not None and event.mood.always else None


def accept(turn: Turn, step: Collect, value: Any, raw: str, how: str, event: Replied | None) -> None:
    """Keep the answer, tell staff if it is bad, go on."""
    turn.record(step, value, raw, how)
    if step.question.type == "text" and isinstance(value, str):
        turn.state.comment = value[:2000]
    if event is None or not alarm(turn, event):
        low_score(turn, step, value)
    run(turn, onward(turn, step.next))


def alarm(turn: Turn, event: Replied) -> bool:
    """Bring unhappy words to staff, at any step. Whether they were.

    Who says no more than to be left alone is: no colleague is sent after them for saying so rudely.
    """
    always = event.mood is not None and event.mood.always
    if not always and (event.verdict != "unhappy" or wants_alone(event.text)):
        return False
    state, mood = turn.state, event.mood
    if mood is not None:
        state.mood = {"unhappy": mood.unhappy, "why": list(mood.why), "topics": list(mood.topics)}
    said = storable(event.text)
    state.comment = said[:2000]
    turn.escalate("always" if always else "words", "high" if always else "normal", "", said)
    return True


def low_score(turn: Turn, step: Collect, value: Any) -> None:
    """A low score escalates by itself where the script leads nobody to staff."""
    if not turn.script.escalates and step.low_at is not None and value <= step.low_at:
        turn.escalate("score")


def _validate(turn: Turn, step: Collect, value: Any, raw: str, how: str) -> None:
    state = turn.state
    state.status, state.action, state.reminder = "validating", turn.tick(), 0
    state.pending = {
        "value": value,
        "raw": storable(raw),
        "how": how,
        "message": turn.message,
        "verdict": turn.verdict,
        "mood": turn.mood.to_dict() if turn.mood is not None else None,
    }
    turn.effects.append(
        RunAction(step.validate, step.index, state.action, state.slots, storable(raw), step.slot, value)
    )


def pending_words(turn: Turn) -> dict[str, Any]:
    """The answer under validation; its message and mood become those of the turn."""
    pending = turn.state.pending or {}
    turn.state.pending = None
    turn.message, turn.verdict = pending.get("message", ""), pending.get("verdict", "fine")
    mood = pending.get("mood")
    turn.mood = Mood.from_dict(mood) if mood else None
    return pending


def _pass_over(turn: Turn, step: Collect, raw: str, how: str, event: Replied) -> None:
    """No answer, on purpose. Who declines what is not optional is asked nothing more; the rest of the script runs.

    So is nobody who wants to be left alone, whatever was asked.
    """
    turn.record(step, None, raw, how)
    alarm(turn, event)
    alone = wants_alone(event.text)
    if how == "declined" and (not step.optional or alone):
        decline(turn, step.index, alone=alone)
    run(turn, onward(turn, step.next))


def decline(turn: Turn, step: int, *, alone: bool = False) -> None:
    """Ask nothing more in this conversation, and say so once; who wants to be left `alone` is told how to stop us."""
    if not turn.state.declined:
        turn.state.declined = True
        turn.say(text("dialog.left_alone" if alone else "dialog.declined", turn.state.language), step, "notice")


def _unread(turn: Turn, step: Collect, raw: str, how: str, event: Replied) -> None:
    """Ask once more, shorter; at the last try keep what was written and go on."""
    state = turn.state
    state.tries += 1
    upset = alarm(turn, event)
    if state.tries < step.max_tries:
        if turn.message:
            state.tried = [*state.tried, turn.message]
        ask_again(turn, step, text("dialog.heard", state.language) if upset else "")
        return
    turn.record(step, None, raw, how)
    run(turn, onward(turn, step.next))


def correct(turn: Turn, step: Collect, value: Any, raw: str, how: str, event: Replied) -> None:
    """An answer given before is replaced, or one that comes late is kept. The open question stays open.

    It is confirmed briefly: what it was changed to, or that it was noted.
    """
    value = storable(value)
    stood = turn.state.slots.get(step.slot)
    if value is None or value == stood:
        alarm(turn, event)
        return
    turn.record(step, value, raw, "unvalidated" if step.validate else how)
    upset = alarm(turn, event)
    if not upset and step.low_at is not None and value <= step.low_at and not turn.state.escalated:
        # The script's own way to staff lies behind, so a score that turns low goes there by itself.
        upset = True
        turn.escalate("score")
    if stood is None or _adds(value, stood):
        turn.say(text("dialog.heard" if upset else "dialog.noted", turn.state.language), step.index, "notice")
        return
    shown = answer_shown(turn, step, value)
    turn.say(text("dialog.corrected", turn.state.language, answer=shown[:200]), step.index, "notice")


def joined(stood: Any, value: Any) -> Any:
    """Words that are written after an answer in words stand under it; any other answer takes the place of the first."""
    return f"{stood}\n{value}" if isinstance(stood, str) and isinstance(value, str) and value != stood else value


def _adds(value: Any, stood: Any) -> bool:
    return isinstance(stood, str) and isinstance(value, str) and value.startswith(f"{stood}\n")
