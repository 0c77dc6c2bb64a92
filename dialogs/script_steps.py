"""A compiled script: what `advance` walks through. Immutable, shared by all conversations of its version.

Rule: whatever can be decided when a script is loaded is decided here, so that a turn only looks things up. Steps are
named by their index; `END` is behind the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dialogs.answers import Question
from dialogs.effects import SayChoice
from dialogs.expressions import Expression, Path
from dialogs.script_texts import Text, Texts

END: Final = -1
_NO_TEAM: Final = Text("")


@dataclass(frozen=True, slots=True)
class Branch:
    """Where to go on: at `target` (a step's index or `END`) if `condition` holds; None always holds."""

    condition: Expression | None
    target: int


@dataclass(frozen=True, slots=True)
class Place:
    """What every step has. `next` ends with a branch that always holds."""

    index: int
    id: str
    line: int
    next: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Collect(Place):
    """Ask, and keep the answer in `slot`.

    `buttons` by language; `values[i]` is what button i means. `low_at`: a value up to it is a low score (None: no
    scale, or none is low). `validate` names the rasa-sdk form ("" = none). `on_timeout` and `on_error` are targets.
    `lines` are where the words of its options stand.
    """

    slot: str
    question: Question
    ask: Texts
    buttons: Mapping[str, tuple[SayChoice, ...]]
    values: tuple[Any, ...]
    low_at: float | None
    max_tries: int
    on_invalid: Texts | None
    on_timeout: int | None
    on_error: int | None
    takes_rest_of: str
    validate: str
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def optional(self) -> bool:
        return self.question.optional

    def position(self, value: Any) -> float | None:
        """Where a score lies between the worst (0) and the best (1); None for what is no score."""
        low, high = self.question.minimum, self.question.maximum
        if self.low_at is None or low is None or high is None or not isinstance(value, int | float):
            return None
        return (value - low) / (high - low)


@dataclass(frozen=True, slots=True)
class SayStep(Place):
    """Tell something."""

    say: Texts


@dataclass(frozen=True, slots=True)
class ActionStep(Place):
    """Run a rasa-sdk action. `sets` are the slots it may fill, `leads_to` the steps it may go to (FollowupAction)."""

    action: str
    sets: tuple[str, ...]
    on_error: int | None
    leads_to: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalateStep(Place):
    """Bring the customer to staff."""

    severity: Text
    team: Text


@dataclass(frozen=True, slots=True)
class TagStep(Place):
    """Put tags on the customer."""

    tags: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class SetStep(Place):
    """Fill slots (`root` "slots") or attributes of the customer (`root` "profile"), in order."""

    values: tuple[tuple[str, str, Text | int | float | bool], ...]


@dataclass(frozen=True, slots=True)
class WaitStep(Place):
    """Go on after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RandomStep(Place):
    """Go to one of `arms`, (target, weight), by hash(conversation, step)."""

    arms: tuple[tuple[int, int], ...]


Step: TypeAlias = Collect | SayStep | ActionStep | EscalateStep | TagStep | SetStep | WaitStep | RandomStep


@dataclass(frozen=True, slots=True)
class Session:
    """Seconds. `remind_after` are counted from the question's being sent; `expires_after` from the start."""

    remind_after: tuple[float, ...] = ()
    expires_after: float = 3 * 86400.0


@dataclass(frozen=True, slots=True)
class Script:
    """One published version of a dialog. `title` by language; `purpose` is the consent a push needs.

    `source_hash` (32 hex digits) names the version: the same text has the same hash. `promises`: it tells what staff
    promise. `team` is the one that all its `escalate` steps name; empty where they name none or several.
    """

    name: str
    title: Mapping[str, str]
    moment: str
    purpose: str
    languages: tuple[str, ...]
    keywords: tuple[str, ...]
    when: Expression | None
    session: Session
    steps: tuple[Step, ...]
    path: str
    source_hash: str
    index: Mapping[str, int] = field(repr=False)
    names: frozenset[Path] = field(repr=False)
    escalates: bool = False
    uses_now: bool = False
    promises: bool = False
    team: Text = _NO_TEAM

    def applies(self, profile: Mapping[str, Any], moment: Mapping[str, Any]) -> bool:
        """Whether this customer, at this moment, is asked (`when`)."""
        if self.when is None:
            return True
        return self.when.holds({"profile": profile, "moment": moment, "slots": {}, "desk": {}})

    @property
    def questions(self) -> tuple[Collect, ...]:
        """The steps that ask, in the order of the file."""
        return tuple(step for step in self.steps if isinstance(step, Collect))

    @property
    def profile_fields(self) -> frozenset[str]:
        """The fields of a customer's profile that its steps set."""
        steps = (step for step in self.steps if isinstance(step, SetStep))
        return frozenset(name for step in steps for root, name, _ in step.values if root == "profile")

    def title_in(self, language: str) -> str:
        """The title for people, in `language` or the script's first."""
        return self.title.get(language) or next(iter(self.title.values()), self.name)
