"""What the delivery loop and the outbox tell each other, as plain rows.

Rule: nothing here does anything. Times are milliseconds UTC. `attempts` is the fencing token of a claim: an outcome
whose row was claimed by another worker since changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

#: A row with one of these holds back every later row of its address.
UNFINISHED: Final = ("due", "claimed", "sending", "retry", "inline")
UNFINISHED_SQL: Final = ", ".join(f"'{status}'" for status in UNFINISHED)

#: The kind of the job that tells a dialog that a message of its will not arrive; its subject is the row's id, its
#: sequence the message's, its body JSON: conversation_id, customer_id, status (dead | unknown), reason.
FAILED_JOB: Final = "failed_msg"
#: The kind of the job that tells a team that a colleague's words (a row of kind "staff") did not reach the customer;
#: its subject is the row's id, its body JSON: ticket_id, status (dead | unknown), reason.
LOST_REPLY_JOB: Final = "lost_reply"


@dataclass(frozen=True, slots=True)
class Room:
    """How many rows of a channel may be claimed now. `per_second` is shared by all processes under the name `rate`.

    `resting`: addresses (their ids) to which nothing may go before a time, ms.
    """

    channel: str
    room: int
    rate: str
    per_second: float
    resting: Mapping[int, int] = field(default_factory=dict)


class ClaimedRow(NamedTuple):
    """A message that is this worker's until its lease ends. `run_at`: when it was due or, once sending, when it began.

    `sealed` is the encrypted id of the address, `address_status` open | closed | stopped.
    `window_at` and `window_left` are the address's (0 and -1: no limit known), `free_until` is when counting begins.
    `via`: "response" where it was to travel in a webhook's response, else "api".
    """

    id: int
    attempts: int
    public_id: str
    address_id: int
    channel: str
    kind: str
    text: str
    body: str
    sequence: int
    conversation_id: int | None
    customer_id: int | None
    created_at: int
    run_at: int
    sealed: bytes
    address_status: str
    window_at: int = 0
    window_left: int = -1
    free_until: int = 0
    via: str = "api"

    @property
    def key(self) -> dict[str, int]:
        """What says that the row is still this worker's."""
        return {"id": self.id, "attempts": self.attempts}


#: The columns of a ClaimedRow, with the outbox as `o` and the address as `a`.
CLAIMED_COLUMNS: Final = """o.id, o.attempts, o.public_id, o.address_id, o.channel, o.kind, o.text, o.body, o.sequence,
 o.conversation_id, o.customer_id, o.created_at, o.run_at, a.sealed, a.status AS address_status,
 a.window_at, a.window_left, a.free_until, o.via"""


class Verdict(NamedTuple):
    """What is to become of a row that is being claimed.

    `mark`: "sending" for one that leaves as soon as the claim is committed, "claimed" for one of which something else
    is to be done first. `spends`: how many of the messages that its address's window still takes.
    """

    mark: Literal["sending", "claimed"]
    spends: int = 0


#: Looks at each row that is being claimed, inside the claim's transaction: pure, and quick.
Judge = Callable[[ClaimedRow], Verdict]


def only_claimed(_: ClaimedRow) -> Verdict:
    """Every row is claimed, and none marked as being sent."""
    return Verdict("claimed")


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it; `external_id` is its id there."""

    row: ClaimedRow
    external_id: str


class Asked(NamedTuple):
    """What a claim is asked for: at `now` (ms), for `lease` ms, in rooms that are not full; `sent` is written with it.
    """

    rooms: Sequence[Room]
    now: int
    lease: int
    judge: Judge
    sent: Sequence[Sent]


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed, and the ids of those rows that are `sending` already.

    `next_at` (ms): when a rate or an address that rests lets more through, 0 where none held anything back.
    """

    rows: Sequence[ClaimedRow]
    sending: Set[int] = frozenset()
    next_at: int = 0


@dataclass(frozen=True, slots=True)
class NotSent:
    """It did not leave, or not surely.

    `status`: retry (again at `run_at`), due (again at `run_at`; it was not tried), dead, unknown, or sending (whether
    it left will be asked after `look_up_in` ms). `address`: what becomes of it, "closed" where it is gone, "stopped"
    where the person told the provider to stop, "spent" where the platform takes nothing until they write again.
    """

    row: ClaimedRow
    status: Literal["retry", "due", "dead", "unknown", "sending"]
    reason: str = ""
    run_at: int = 0
    look_up_in: int = 0
    address: Literal["stays", "closed", "stopped", "spent"] = "stays"


Outcome = Sent | NotSent


@dataclass(frozen=True, slots=True)
class Proof:
    """What a receipt says of a message: found by our `public_id`, else by the channel's `external_id`.

    `status`: sent | delivered | read | failed. `again_in` (ms): after which a failed one may be sent again (0: never).
    """

    channel: str
    status: Literal["sent", "delivered", "read", "failed"]
    at: int
    external_id: str = ""
    public_id: str = ""
    reason: str = ""
    again_in: int = 0
