"""One turn under way: the new state, the effects so far, and what the steps may look at.

Rule: everything that changes a state's timers, numbers or status is here or goes through here. The state is this
turn's own copy; its dicts and lists are replaced, never changed, as they are shared with the state before.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from dialogs.effects import Effect, Escalate, Finish, Record, Say, SayChoice, Severity, Trouble, WaitUntil
from dialogs.engine_values import local_time, storable
from dialogs.events import Verdict
from dialogs.script_steps import Collect, Script
from dialogs.state import State
from dialogs.unhappy import Mood, contradiction

SEVERITIES: Final[tuple[Severity, ...]] = ("normal", "high", "urgent")
Reason: TypeAlias = Literal["score", "words", "always", "script", "staff"]
SayKind: TypeAlias = Literal["question", "say", "notice", "reminder"]
Outcome: TypeAlias = Literal["finished", "expired", "stopped", "undelivered", "broken"]


class Turn:
    """One call of `advance`.

    `left` bounds the steps it may take. `closing` is the outcome where only the end is left to walk.
    `message`, `mood` and `verdict` are those of the words being read.
    """

    __slots__ = ("_scope", "at", "closing", "effects", "left", "message", "mood", "script", "state", "verdict")

    def __init__(self, script: Script, state: State, at: float) -> None:
        self.script = script
        self.state = state
        self.at = at
        self.effects: list[Effect] = []
        self.left = 50
        self.closing: Outcome | None = None
        self.message = ""
        self.mood: Mood | None = None
        self.verdict: Verdict = "fine"
        self._scope: dict[str, Any] | None = None

    # What texts and conditions see.

    @property
    def scope(self) -> dict[str, Any]:
        if self._scope is None:
            state = self.state
            self._scope = {
                "slots": state.slots,
                "profile": state.profile,
                "moment": state.moment,
                "brand": state.brand,
                "channel": state.channel,
                "language": state.language,
                "desk": {"promise": state.desk},
            }
            if self.script.uses_now:
                self._scope["now"] = local_time(self.at, state.timezone)
        return self._scope

    def changed(self) -> None:
        """What the scope shows has changed."""
        self._scope = None

    def promised(self, desk: str) -> None:
        """What staff promise from now on; an empty text leaves it as it was."""
        if desk:
            self.state.desk = desk
        self._scope = None

    def fill(self, slot: str, value: Any) -> None:
        """Set a slot, or empty it (None)."""
        if value is None:
            if slot in self.state.slots:
                self.state.slots = {name: kept for name, kept in self.state.slots.items() if name != slot}
        else:
            self.state.slots = {**self.state.slots, slot: storable(value)}
        self._scope = None

    # Effects.

    def say(self, text: str, step: int, kind: SayKind = "say", buttons: tuple[SayChoice, ...] = ()) -> None:
        """Nothing is said that has no words."""
        text = text.strip()
        if text:
            self.state.sequence += 1
            self.effects.append(Say(text, step, self.state.sequence, kind, buttons))

    def trouble(self, code: str, step: int, detail: str, **data: Any) -> None:
        self.effects.append(Trouble(code, step, detail, data))

    def tick(self) -> int:
        self.state.ticks += 1
        return self.state.ticks

    def remind(self, after: float) -> None:
        self.state.reminder = self.tick()
        self.effects.append(WaitUntil("reminder", self.at + after, self.state.reminder, after))

    def finish(self, outcome: Outcome) -> None:
        state = self.state
        if outcome in ("expired", "undelivered") and state.status in ("asking", "validating", "paused"):
            state.left = state.open_step
        state.status, state.outcome, state.open_step = "finished", outcome, -1
        state.excused = False
        state.reminder = state.expiry = state.wait = state.action = 0
        state.pending = state.result = None
        state.held, state.tried, state.rests = [], [], {}
        self.effects.append(Finish(outcome))

    def record(self, step: Collect, value: Any, raw: str, how: str) -> None:
        """Keep an answer, in the state and as an effect. An answer of this step that stands already is replaced."""
        state = self.state
        before = next((entry for entry in state.answers if entry[0] == step.index), None)
        corrects = before is not None
        kept = [entry for entry in state.answers if entry is not before]
        state.answers = [*kept, [step.index, self.message, self._asked_from(step, before)]]
        position = step.position(value)
        if position is not None:
            state.score = [step.slot, value, step.low_at is not None and value <= step.low_at, position]
        disagree = self._disagrees()
        self.fill(step.slot, value)
        self.effects.append(
            Record(
                step.slot, step.question.type, step.index, value, raw, how, self.message, corrects, disagree, self.mood
            )
        )

    def _asked_from(self, step: Collect, before: list[Any] | None) -> int:
        """The first Say of the question that is answered, 0 where it was never asked."""
        if before is not None and len(before) > 2:
            return int(before[2])
        return self.state.asked_from if step.index in (self.state.open_step, self.state.left) else 0

    def _disagrees(self) -> bool:
        """Whether these words contradict the last score; remembered for staff.

        Whether they are unhappy at all is the business's own judgement, the verdict.
        """
        score, mood = self.state.score, self.mood
        if mood is None or score is None:
            return False
        threshold = mood.unhappy if self.verdict == "unhappy" else 2.0
        if contradiction(score[3], mood, threshold=threshold) is None:
            return False
        self.state.contradiction = True
        return True

    def escalate(self, reason: Reason, severity: Severity = "normal", team: str = "", text: str = "") -> None:
        """With the last score, and the mood of the words that were unhappy, to `team` or else the script's own.

        One turn brings a customer to staff once: what the script asks for after unhappy words joins them.
        """
        state = self.state
        for before in [effect for effect in self.effects if isinstance(effect, Escalate)]:
            self.effects.remove(before)
            reason, text = before.reason, text or before.text
            severity = max(severity, before.severity, key=SEVERITIES.index)
        mood = state.mood or {}
        score = state.score or ["", None]
        state.escalated = True
        self.effects.append(
            Escalate(
                reason,
                severity,
                team or self.script.team.render(self.scope).strip(),
                tuple(mood.get("why", ())),
                tuple(mood.get("topics", ())),
                text or state.comment,
                score[0],
                score[1],
                mood.get("unhappy"),
                state.contradiction,
            )
        )
