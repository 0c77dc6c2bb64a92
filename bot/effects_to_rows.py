"""Effects of the engine become rows to write: the price of the import rule, and the only place where it is paid.

Rule: pure. The same effects at the same place give the same rows, but for the random public ids of new messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, assert_never

import orjson

from bot.outgoing_shape import to_body
from bot.payloads import answer_payload
from channels.capabilities import CAPABILITIES
from channels.message import Address, Choice, Outbound
from channels.render import fit
from dialogs.effects import Effect, Escalate, Finish, Record, RunAction, Say, SetAttribute, Tag, Trouble, WaitUntil
from storage.crypto import new_public_id
from storage.turn_rows import AnswerRow, Book, JobRow, OutgoingRow, Writes

TIMERS: Final = ("reminder", "expiry", "wait", "action")
#: What of a profile has a column of its own, and its length.
_COLUMNS: Final = {"name": 200, "language": 16, "timezone": 64}


@dataclass(slots=True)
class Desk:
    """Where a turn's messages go: the address, its channel, and whether the first may travel in the response.

    `opening` says, by language, what the first message to the address must end with (None: this is not the first).
    """

    address_id: int
    channel: str
    language: str
    conversation: str
    now: int
    inline: bool = False
    run_at: int = 0
    opening: Callable[[str], str] | None = None


@dataclass(slots=True)
class Carried:
    """What is not the customer's business: escalations and troubles for staff, and how the dialog ended, if it did."""

    escalations: list[Escalate] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    outcome: str = ""


def carry_out(effects: Iterable[Effect], writes: Writes, book: Book, desk: Desk) -> Carried:
    """Put the rows of `effects` into `writes`; what concerns staff is handed back."""
    carried = Carried()
    for effect in effects:
        match effect:
            case Say():
                say(effect.text, effect.kind, writes, desk, sequence=effect.sequence, choices=_choices(effect, desk))
            case Record():
                writes.answers.append(_answer(effect))
            case WaitUntil():
                body = orjson.dumps({"after": effect.after}).decode() if effect.after else "{}"
                writes.jobs.append(JobRow(effect.timer, int(effect.at * 1000), effect.sequence, body))
            case RunAction():
                _run(effect, writes, desk)
            case Tag():
                _tag(effect.tag, writes, book)
            case SetAttribute():
                _attribute(effect, writes, book)
            case Finish():
                writes.void_jobs = TIMERS
                carried.outcome = effect.outcome
            case Escalate():
                carried.escalations.append(effect)
            case Trouble():
                carried.troubles.append(effect)
            case _:
                assert_never(effect)
    return carried


def say(
    text: str,
    kind: Literal["question", "say", "notice", "reminder", "staff"],
    writes: Writes,
    desk: Desk,
    *,
    sequence: int = 0,
    choices: Sequence[Choice] = (),
    ticket: Literal["", "ticket"] = "",
) -> None:
    """Put one message to the customer into `writes`, fitted to the channel; the first one inline where that may be."""
    capabilities = CAPABILITIES[desk.channel]
    if desk.opening is not None:
        text = f"{text}\n{desk.opening(desk.language)}"
        desk.opening, writes.greets = None, desk.address_id
    whole = Outbound(
        id=new_public_id(),
        to=Address(desk.channel, ""),
        text=text,
        choices=tuple(choices),
        language=desk.language,
    )
    for part in fit(whole, capabilities):
        inline = desk.inline and not writes.outgoing
        writes.outgoing.append(
            OutgoingRow(
                part.id,
                desk.address_id,
                desk.channel,
                kind,
                part.text,
                to_body(desk.language, part.choices),
                sequence,
                "inline" if inline else "due",
                desk.run_at,
                ticket == "ticket",
            )
        )


def _choices(effect: Say, desk: Desk) -> tuple[Choice, ...]:
    if not effect.buttons:
        return ()
    return tuple(
        Choice(button.title, answer_payload(desk.conversation, effect.step, button.index)) for button in effect.buttons
    )


def _answer(effect: Record) -> AnswerRow:
    value: Any = effect.value
    number = float(value) if isinstance(value, int | float) else None
    return AnswerRow(
        effect.slot,
        effect.type,
        None if value is None else orjson.dumps(value).decode(),
        number,
        effect.raw,
        effect.how,
        effect.mood.unhappy if effect.mood is not None else None,
        int(effect.contradiction),
    )


def _run(effect: RunAction, writes: Writes, desk: Desk) -> None:
    """A turn's actions are one job, as one is due for a conversation; a dialog that expires may want several."""
    before = next((job for job in writes.jobs if job.kind == "action"), None)
    calls = [] if before is None else orjson.loads(before.body)
    body = orjson.dumps([*calls, _call(effect)]).decode()
    if before is not None:
        writes.jobs.remove(before)
    writes.jobs.append(JobRow("action", desk.now, effect.sequence, body))


def _call(effect: RunAction) -> dict[str, Any]:
    return {
        "action": effect.action,
        "step": effect.step,
        "sequence": effect.sequence,
        "slots": dict(effect.slots),
        "text": effect.text,
        "validates": effect.validates,
        "value": effect.value,
    }


def _tag(tag: str, writes: Writes, book: Book) -> None:
    tags: list[str] = orjson.loads(writes.profile.get("tags", book.tags))
    if tag not in tags:
        writes.profile = {**writes.profile, "tags": orjson.dumps([*tags, tag]).decode()}


def _attribute(effect: SetAttribute, writes: Writes, book: Book) -> None:
    longest = _COLUMNS.get(effect.name)
    if longest is not None:
        kept = "" if effect.value is None else str(effect.value)[:longest]
        writes.profile = {**writes.profile, effect.name: kept}
        return
    attributes: dict[str, Any] = orjson.loads(writes.profile.get("attributes", book.attributes))
    attributes[effect.name] = effect.value
    writes.profile = {**writes.profile, "attributes": orjson.dumps(attributes).decode()}
