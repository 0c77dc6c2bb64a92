"""A turn that tells what staff promise: by whom and by when depends on the ticket that the turn itself opens.

Rule: pure, as `advance` is, if `promise` is. The event that comes back holds the promise that was told, so that its log
replays to the same dialog.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from dialogs.effects import Effect, Escalate
from dialogs.engine import advance
from dialogs.events import ActionFinished, Event, Replied, Resumed, Started, TimedOut
from dialogs.script_steps import Script
from dialogs.state import State

#: What staff promise, in a language, when a turn brings the customer to them so (in no way: none).
Promise: TypeAlias = Callable[[str, Sequence[Escalate]], str]


def advance_as_promised(
    script: Script, state: State | None, event: Event, promise: Promise
) -> tuple[Event, State, tuple[Effect, ...]]:
    """`advance` with what staff promise filled in; the event comes back with it. Raises what `advance` raises.

    Which ticket there will be is known at the end of the turn only, so one that escalates may be made twice.
    """
    if not script.promises or not isinstance(event, Started | Replied | TimedOut | ActionFinished | Resumed):
        return event, *advance(script, state, event)
    language = event.language if isinstance(event, Started) else state.language if state is not None else ""
    event = replace(event, desk=promise(language, ()))
    after, effects = advance(script, state, event)
    escalations = [effect for effect in effects if isinstance(effect, Escalate)]
    told = promise(after.language, escalations) if escalations else event.desk
    if told == event.desk:
        return event, after, effects
    event = replace(event, desk=told)
    return event, *advance(script, state, event)
