"""What can happen to a dialog: a closed, frozen vocabulary. The engine sees nothing of the world but these.

Rule: an event carries all that the engine needs to know of its moment (its time, the reading of its text), so that the
same events always give the same dialog. `at` is seconds since the epoch, UTC, from the house's one clock. Events are
kept in the conversation's log as JSON (`to_dict`, `from_dict`) and can be replayed on another version of the script.
`desk` is what staff promise then, in the customer's language; empty: what they promised before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogs.unhappy import Mood

Verdict = Literal["fine", "watch", "unhappy"]


@dataclass(frozen=True, slots=True)
class Started:
    """A conversation begins. `language` is one of the script's own, `channel` where the customer is asked.

    `profile` (name, attributes, …), `moment` (its data), `brand` and `desk` are what texts and conditions may name.
    `timezone` is an IANA name. `seed` names the conversation: A/B arms are hash(seed, step).
    """

    at: float
    seed: str
    language: str
    channel: str
    brand: str = ""
    timezone: str = "UTC"
    desk: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    moment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replied:
    """The customer wrote, pressed a button, or sent something else.

    `step` and `choice` are set when a button of this conversation was pressed: the step's index in the script and the
    choice's index in it; `text` then holds the button's title or is empty. `media` names what came instead of words
    ("photo", "voice", "location", …). `mood` is the reading of the text, `verdict` what the business's thresholds make
    of it. `message` is our id of the inbound message. `edited` says that the customer changed an earlier message, `of`
    being its id. `answers` is the number (`Say.sequence`) of our message that this one is a reply to, `last_here` that
    of the last question asked where this was written, given when the dialog has gone on elsewhere; 0: not known.
    `place` is the address where it was written, as the house names it.
    """

    at: float
    text: str
    channel: str
    message: str = ""
    step: int | None = None
    choice: int | None = None
    media: str = ""
    mood: Mood | None = None
    verdict: Verdict = "fine"
    desk: str = ""
    edited: bool = False
    of: str = ""
    answers: int = 0
    last_here: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """A timer rang: that of `WaitUntil(timer, sequence)`. One whose sequence is no longer awaited changes nothing."""

    at: float
    timer: Literal["reminder", "expiry", "wait"]
    sequence: int
    desk: str = ""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The customer said stop. The dialog ends at any step; nothing is recorded as an answer."""

    at: float


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """The action or validation of (`step`, `sequence`) came back; a second one, or one not awaited, changes nothing.

    `slots` are to be set (for a validation: the validated slot, None meaning "refused, ask again"), `messages` to be
    said before going on, `followup` names a step to go to, `error` why it failed (then the step's `on_error` applies).
    """

    at: float
    step: int
    sequence: int
    slots: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[Mapping[str, Any], ...] = ()
    followup: str = ""
    error: str = ""
    desk: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A message of ours (`sequence` of its Say) will not arrive. `final`: no address is left to try."""

    at: float
    sequence: int
    final: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Paused:
    """A member of staff has taken over; the dialog says nothing until Resumed."""

    at: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """Staff handed back; the open question is asked again."""

    at: float
    channel: str = ""
    desk: str = ""


Event = Started | Replied | TimedOut | OptedOut | ActionFinished | DeliveryFailed | Paused | Resumed
