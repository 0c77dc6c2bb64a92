"""A dialog played through on paper: what the customer would see, and what staff and store would get.

Rule: pure, and through the engine's public door alone, the state going through JSON at every turn, so that what is
shown here is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

from dialogs.effects import (
    Effect,
    Escalate,
    Finish,
    Record,
    RunAction,
    Say,
    SetAttribute,
    Tag,
    Trouble,
    WaitUntil,
)
from dialogs.events import Event, OptedOut, Replied, Started, Verdict
from dialogs.promised import Promise, advance_as_promised
from dialogs.script_steps import Script
from dialogs.state import State
from dialogs.texts import text
from dialogs.texts.recognition import told_again
from dialogs.unhappy import Mood

#: What the house's reading makes of a text: its mood, and "fine", "watch" or "unhappy".
Reading: TypeAlias = Callable[[str], tuple[Mood | None, Verdict]]
#: A reply: the words, or an event for what words cannot say (a button, a photo, a timer).
Reply: TypeAlias = str | Event
START: Final = 1_767_225_600.0  # 2026-01-01 00:00 UTC
_EVERY: Final = 60.0


def simulate(
    script: Script,
    replies: Iterable[Reply],
    *,
    language: str = "",
    channel: str = "webchat",
    profile: Mapping[str, Any] | None = None,
    moment: Mapping[str, Any] | None = None,
    brand: str = "Motline",
    promise: Promise = lambda _language, _escalations: "",
    read: Reading | None = None,
    stops: Callable[[str], bool] = lambda _words: False,
    told_in: str = "en",
) -> tuple[str, ...]:
    """The transcript, a line each: "bot> …", "you> …", and "   ! …" for what is neither. Stops where the dialog ends.

    What is neither is noted in the language `told_in`. Replies come a minute apart, beginning at `START`; an event
    among them keeps its own time. Words that are the command to stop, by `stops`, are no reply but `OptedOut`.
    """
    started = Started(
        START,
        seed="simulation",
        language=language or script.languages[0],
        channel=channel,
        brand=brand,
        profile=profile or {},
        moment=moment or {},
    )
    _, state, effects = advance_as_promised(script, None, started, promise)
    lines = list(told(effects, told_in))
    for count, reply in enumerate(replies, 1):
        at = START + count * _EVERY
        if isinstance(reply, str) and stops(reply):
            lines += [f"you> {_short(reply)}", f"bot> {_farewell(script, state)}"]
            event: Event = OptedOut(at)
        else:
            event = _replied(reply, at, channel, f"m{count}", read) if isinstance(reply, str) else reply
            lines.append(_asked(event))
        _, state, effects = advance_as_promised(script, State.from_json(state.to_json()), event, promise)
        lines += told(effects, told_in)
    return tuple(lines)


def _replied(words: str, at: float, channel: str, message: str, read: Reading | None) -> Replied:
    if read is None:
        return Replied(at, words, channel, message)
    mood, verdict = read(words)
    return Replied(at, words, channel, message, mood=mood, verdict=verdict)


def _farewell(script: Script, state: State) -> str:
    """What the house says to a stop: with a dialog open it ends its purpose, with none all."""
    if state.status == "finished":
        return text("house.stopped_all", state.language, brand=state.brand)
    purpose = text(f"house.purpose_{script.purpose}", state.language)
    return text("house.stopped_purpose", state.language, brand=state.brand, purpose=purpose)


def _asked(event: Event) -> str:
    match event:
        case Replied(step=int(), choice=int()):
            return f"you> [presses button {event.choice} of step {event.step}]"
        case Replied(media=str() as media) if media and not event.text:
            return f"you> [sends {media}]"
        case Replied():
            return f"you> {'[edits] ' if event.edited else ''}{_short(event.text)}"
    shown = [name for name in event.__dataclass_fields__ if name not in ("at", "desk")]
    fields = ", ".join(f"{name}={getattr(event, name)!r}" for name in shown)
    return f"   * {type(event).__name__}({fields})"


def told(effects: Iterable[Effect], language: str = "en") -> Iterable[str]:
    """Effects as people read them; what stands beside the messages in `language`."""
    for effect in effects:
        match effect:
            case Say():
                yield f"bot> {_short(effect.text)}".replace("\n", "\n     ")
                if effect.buttons:
                    yield "     " + " ".join(f"[{button.title}]" for button in effect.buttons)
            case _:
                yield f"   ! {_noted(effect, language)}"


def _noted(effect: Effect, language: str) -> str:
    def t(key: str, **fields: object) -> str:
        return text(f"simulation.{key}", language, **fields)

    match effect:
        case Record():
            return _kept(effect, t)
        case Escalate():
            return _escalated(effect, t)
        case Finish():
            return t(effect.outcome)
        case Tag():
            return t("tag", tag=effect.tag)
        case SetAttribute():
            return t("attribute", name=effect.name, value=repr(effect.value))
        case WaitUntil():
            return t(f"timer_{effect.timer}", time=_duration(effect.after, t))
        case RunAction():
            action = t("action", action=effect.action)
            value = {"slot": effect.validates, "value": repr(effect.value)}
            return t("validates", action=action, **value) if effect.validates else action
        case Trouble():
            return t("trouble", step=effect.step, detail=told_again(effect.detail, "trouble", language))
    return type(effect).__name__


def _kept(effect: Record, t: Callable[..., str]) -> str:
    notes = [t(f"how_{effect.how}")] if effect.how not in ("exact", "read") else []
    notes += [t(word) for word in ("corrects", "contradiction") if getattr(effect, word)]
    told = t("kept", slot=effect.slot, value=repr(effect.value))
    if notes:
        told = t("notes", kept=told, notes=_listed(notes, t))
    return t("from", kept=told, raw=repr(_short(effect.raw))) if effect.raw != str(effect.value) else told


def _listed(parts: Sequence[str], t: Callable[..., str]) -> str:
    return reduce(lambda one, more: t("listed", one=one, more=more), parts)


def _escalated(effect: Escalate, t: Callable[..., str]) -> str:
    parts = [t(f"reason_{effect.reason}"), t(f"severity_{effect.severity}")]
    parts += [t("team", team=effect.team)] if effect.team else []
    parts += effect.why
    parts += [t("kept", slot=effect.slot, value=repr(effect.value))] if effect.slot else []
    parts += [t("disagree")] if effect.contradiction else []
    return t("escalate", parts=_listed(parts, t))


def _duration(seconds: float, t: Callable[..., str]) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size and seconds % size == 0:
            return t(unit, count=f"{seconds / size:g}")
    return t("seconds", count=f"{seconds:g}")


def _short(words: str) -> str:
    return words if len(words) <= 400 else f"{words[:400]}… ({len(words)} characters)"
