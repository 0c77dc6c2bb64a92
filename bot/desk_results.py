"""What came of a colleague's word: closed, frozen answers, for the chat and for the console alike.

Rule: a refusal is an answer, not an error; it names who or what stands in the way. `said` gives the sentence for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.reasons import reason_in
from dialogs.texts import text


@dataclass(frozen=True, slots=True)
class Claimed:
    """The ticket is theirs now, or was already."""


@dataclass(frozen=True, slots=True)
class Released:
    """The ticket is nobody's again."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words are on their way to the customer: public id of the outgoing message, and its channel."""

    outgoing: str
    channel: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The ticket is closed. `asks_at`: when the customer will be asked whether it was put right (ms; 0: not)."""

    asks_at: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """A colleague saw what the reading missed: there is a ticket now, or the open one was joined."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The word against a reading is kept."""


@dataclass(frozen=True, slots=True)
class AlreadyClaimed:
    """Another colleague has it; an admin may close it or hand it back all the same."""

    staff_id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """The ticket is closed, or there is none of this number."""


@dataclass(frozen=True, slots=True)
class NotStaff:
    """Nobody active of this id."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The customer can be written to on none of their addresses; why, for staff ("": none is known)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same message came before and had its effect then."""


Refusal = AlreadyClaimed | AlreadyClosed | NotStaff | Unreachable
Result = Claimed | Released | Said | Closed | Opened | Marked | Repeated | Refusal


def named(result: AlreadyClaimed, name: str) -> AlreadyClaimed:
    """The same refusal with the holder's name."""
    return replace(result, name=name)


def refusal(result: Refusal, language: str) -> str:
    """The sentence that a colleague reads instead of what they wanted."""
    match result:
        case AlreadyClaimed():
            name = result.name or text("desk.a_colleague", language)
            return text("desk.already_claimed", language, name=name)
        case AlreadyClosed():
            return text("desk.already_closed", language)
        case NotStaff():
            return text("desk.not_staff", language)
        case Unreachable():
            reason = reason_in(result.reason, language) or text("desk.no_address", language)
            return text("desk.unreachable", language, reason=reason)
        case _:
            assert_never(result)
