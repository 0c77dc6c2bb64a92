"""What the engine asks for: a closed, frozen vocabulary. The engine does nothing; the house carries these out.

Rule: an effect is data that can be carried out twice without harm when its (`step`, `sequence`) is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogs.unhappy import Mood

Severity = Literal["normal", "high", "urgent"]


@dataclass(frozen=True, slots=True)
class SayChoice:
    """A choice offered with a question. `index` with the step's index is what the button's payload names."""

    index: int
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the customer. `text` is final: language, channel and template are done.

    `sequence` numbers the Says of a conversation from 1. `kind`: a "question" waits for an answer at `step` (index in
    the script), a "say" does not, a "notice" is one of Motline's own sentences (re-ask, reminder, expired button).
    `buttons` are the choices in the customer's language.
    """

    text: str
    step: int
    sequence: int
    kind: Literal["question", "say", "notice", "reminder"] = "say"
    buttons: tuple[SayChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Keep an answer. `raw` is what the customer wrote, always kept; `value` None when it was not read or skipped.

    `how` is the reading's (`exact`, `read`, `unsure`, `none`, `skipped`, `declined`, `unvalidated`). `corrects` says
    that an answer of this slot stands already and is replaced (a second press, an edited message). `type` is the
    question's.
    `contradiction`: the score and the words disagree (staff see it).
    """

    slot: str
    type: str
    step: int
    value: Any
    raw: str
    how: str
    message: str = ""
    corrects: bool = False
    contradiction: bool = False
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Ring at `at` (seconds, UTC) with TimedOut(timer, sequence). A new one of the same timer replaces the old.

    For "reminder" `after` holds the seconds to count from the question's being sent; `at` is then the earliest guess.
    """

    timer: Literal["reminder", "expiry", "wait"]
    at: float
    sequence: int
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class RunAction:
    """Run a rasa-sdk action, or a form's `validate_<slot>` (`validates` is the slot then, `value` its candidate)."""

    action: str
    step: int
    sequence: int
    slots: Mapping[str, Any]
    text: str = ""
    validates: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Bring the customer to staff.

    `reason`: "score", "words", "always" (a phrase that always escalates), "script", or "staff" (a colleague read it so;
    the engine itself never says that).
    """

    reason: Literal["score", "words", "always", "script", "staff"]
    severity: Severity = "normal"
    team: str = ""
    why: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    text: str = ""
    slot: str = ""
    value: Any = None
    unhappy: float | None = None
    contradiction: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """Put a tag on the customer."""

    tag: str


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Set an attribute of the customer's profile (a `set` step on `profile.…`)."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Finish:
    """The dialog is over; its timers are void."""

    outcome: Literal["finished", "expired", "stopped", "undelivered", "broken"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something an author or a server did wrong, for staff and the log: never for the customer."""

    code: str
    step: int
    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)


Effect = Say | Record | WaitUntil | RunAction | Escalate | Tag | SetAttribute | Finish | Trouble
