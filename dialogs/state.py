"""Where a conversation stands: everything the next turn needs beside the script and the event.

Rule: a state is a value. `advance` copies it and puts new objects in place of old ones; what it gave out never changes.
All of it is plain JSON, so that a state survives the store unchanged; what is at its default is not written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, Literal

import orjson

Status = Literal["asking", "validating", "acting", "paused", "waiting", "finished"]

#: What of a customer's text is kept in the state, in characters; the whole of it is in `Record`.
LONGEST_KEPT: Final = 4_000


@dataclass(slots=True)
class State:
    """One conversation.

    `place` is the address where the customer answered last, as the house names it: a channel may hold two of theirs.
    `open_step` is the index of the step that waits, -1 before the first and after the last. `sequence` counts the
    Says, `ticks` the timers and actions; both only grow. `answers` lists (step, message id, first Say of the question,
    0 where it was not asked) of what was answered. `asked_from` is the first Say of the open question, or of the one
    that was still open at the end, `left` (-1: none). `reminder`, `expiry`, `wait`, `action` are the ticks awaited, 0
    for none. `pending` is an answer under validation, `held` what came while nothing may be said, `result` an
    ActionFinished that came while paused. `album_until`: what comes without words until then belongs to the pictures
    before it. `score` is (slot, value, low, position 0 to 1) of the last scale answered.
    """

    seed: str = ""
    language: str = "en"
    channel: str = ""
    place: str = ""
    brand: str = ""
    timezone: str = "UTC"
    desk: str = ""
    profile: dict[str, Any] = field(default_factory=dict)
    moment: dict[str, Any] = field(default_factory=dict)
    status: Status = "asking"
    outcome: str = ""
    open_step: int = -1
    sequence: int = 0
    ticks: int = 0
    slots: dict[str, Any] = field(default_factory=dict)
    answers: list[list[Any]] = field(default_factory=list)
    tries: int = 0
    tried: list[str] = field(default_factory=list)
    excused: bool = False
    album_until: float = 0.0
    asked_from: int = 0
    left: int = -1
    reminder: int = 0
    reminded: int = 0
    expiry: int = 0
    wait: int = 0
    action: int = 0
    rests: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Any] | None = None
    held: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] | None = None
    paused_from: str = ""
    declined: bool = False
    escalated: bool = False
    score: list[Any] | None = None
    comment: str = ""
    mood: dict[str, Any] | None = None
    contradiction: bool = False

    def copy(self) -> State:
        """A state of its own that shares what it holds; replace what you change."""
        return State(*_values(self))

    def to_json(self) -> bytes:
        """Compact JSON. What is not JSON (a date in a profile) becomes its text."""
        written = {}
        for name, default in _DEFAULTS:
            value = getattr(self, name)
            if value != default:
                written[name] = value
        return orjson.dumps(written, default=str)

    @classmethod
    def from_json(cls, data: bytes) -> State:
        """Raises ValueError that names what is wrong with the data."""
        try:
            return cls(**orjson.loads(data))
        except (TypeError, orjson.JSONDecodeError) as error:
            raise ValueError(f"this is no state of a dialog ({error})") from None


_NAMES: Final = tuple(one.name for one in fields(State))
_values = attrgetter(*_NAMES)
_DEFAULTS: Final = tuple((name, getattr(State(), name)) for name in _NAMES)
