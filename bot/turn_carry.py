"""Why a turn is wanted: what `storage` carries for us without looking at it.

Rule: a carry holds all that the decision needs and that is not under the customer's lock: the parsed message, the
reading of its text, what a link led to. It is made before the transaction and never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from channels.message import Inbound
from dialogs.events import Verdict
from dialogs.unhappy import Mood
from storage.turn_rows import CorrectionRow, DeskInbound, OutgoingRow

#: The kind of the job that looks for another way to ask, when a dialog (its subject) ended undelivered.
UNHEARD: Final = "unheard"


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours: of which conversation (public id), which step, which choice (both indexes)."""

    conversation: str
    step: int
    choice: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A customer wrote or pressed. `inline`: the webhook's response may carry the answer.

    `linked`: a deep link was redeemed ("linked") or could not be ("expired"). `opens` is the script to start with, by
    its id, for a keyword or a deep link. `answered`: the platform itself answers this stop, start or help.
    `zone`: the time zone that their telephone tells, empty where it tells none.
    """

    inbound: Inbound
    mood: Mood | None = None
    verdict: Verdict = "fine"
    press: Press | None = None
    inline: bool = False
    linked: str = ""
    opens: int = 0
    answered: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a dialog by ourselves: a moment, a campaign, a recovery. The planner chose the address.

    `first`: nothing was ever sent to it. `template` and `fields` are the provider's, where it takes nothing else now.
    `zone` as in `Heard`.
    """

    script_id: int
    address_id: int
    channel: str
    moment: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    moment_id: int | None = None
    run_at: int = 0
    first: bool = False
    template: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Rang:
    """A timer of a conversation rang."""

    conversation_id: int
    timer: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Acted:
    """An action or a validation of a conversation, of the script `script_id`, came back."""

    conversation_id: int
    step: int
    sequence: int
    slots: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[Mapping[str, Any], ...] = ()
    followup: str = ""
    error: str = ""
    script_id: int = 0


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message of a conversation will not arrive; `moment_id` is what the conversation began with, if anything."""

    conversation_id: int
    sequence: int
    final: bool
    reason: str
    moment_id: int | None = None


StaffVerb = Literal["claim", "release", "say", "close", "missed", "overdue"]


@dataclass(frozen=True, slots=True)
class StaffWord:
    """What a colleague does with a ticket, or what its clock does ("overdue").

    `staff_id` 0 is the house itself; an `admin` may close or release what another holds. `text` goes to the customer
    ("say"), or is what they wrote ("close", "missed"). `address_id` and `channel`: where the customer is written to.
    `public_id` is given to the outgoing message. `again_at` (ms): when the customer is asked after closing, or when the
    clock rings next; 0: not. `kept` is the colleague's own message, `lines` go to staff where the word has its effect.
    """

    verb: StaffVerb
    ticket_id: int
    staff_id: int = 0
    staff_name: str = ""
    admin: bool = False
    text: str = ""
    outcome: str = ""
    address_id: int = 0
    channel: str = ""
    public_id: str = ""
    again_at: int = 0
    sequence: int = 0
    kept: DeskInbound | None = None
    correction: CorrectionRow | None = None
    mood: Mood | None = None
    lines: tuple[OutgoingRow, ...] = ()


Carry = Heard | Begin | Rang | Acted | Undelivered | StaffWord


def zone_of_customer(carry: object, stated: str) -> str:
    """The time zone that they stated, else that of their telephone; empty where neither is known."""
    return stated or (carry.zone if isinstance(carry, Heard | Begin) else "")
