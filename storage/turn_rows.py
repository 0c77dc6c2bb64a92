"""What a turn reads and what it writes, as plain rows. `turns.py` carries them; nobody else writes a conversation.

Rule: nothing here does anything. `Item` is what wants a turn, `Book` what is known under the customer's lock, `Writes`
what one decision asks to be written. A decision is a pure function `(Item, Book, Place | None) -> Writes`; it may be
called again for the same item when its transaction has to be redone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

UNFINISHED: Final = ("due", "claimed", "sending", "retry", "inline")


class StaleTurn(Exception):
    """The timer or action that asked for this turn is no longer awaited, or another worker had it."""


class TurnConflict(Exception):
    """A revision was not the expected one: somebody wrote the conversation without the customer's lock."""


@dataclass(frozen=True, slots=True)
class About:
    """What a message says of what it answers: the public id of a conversation, or messages of ours, surest first.

    A message of ours is named by its public id, by the platform's id of it in this chat, or by its words (`quoted`).
    `last`: nothing is named, but it may answer the last question that was asked where it was written.
    """

    conversation: str = ""
    public_ids: tuple[str, ...] = ()
    external: str = ""
    quoted: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The message of ours that an arrival answers: kind, number (`Outgoing.sequence`), when it was made (ms, 0: none).

    `conversation_id` is 0 where it belongs to none; `named` is how it was found, "last" being the weakest.
    """

    conversation_id: int
    kind: str
    sequence: int
    at: int
    named: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something a person sent. `lookup` and `dedup` are keyed hashes, `raw` is encrypted; times ms UTC.

    `seal` encrypts the address, which is wanted for strangers alone. `about` is None where nothing is to be looked up.
    """

    channel: str
    lookup: str
    seal: Callable[[], bytes]
    dedup: str | None
    kind: str
    text: str
    external: str
    at: int
    received_at: int
    raw: bytes | None = None
    name: str = ""
    language: str = ""
    about: About | None = None


@dataclass(frozen=True, slots=True)
class JobRef:
    """The leased job that asks for a turn; it is done in the turn's own commit, or the turn is stale."""

    id: int
    attempts: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Item:
    """What wants a turn: an arrival, or something that happened to `customer_id`. `carry` belongs to the decider.

    `address_id`: where a push wants to begin; the decider gets that place, and what the customer consents to.
    """

    carry: Any
    arrival: Arrival | None = None
    customer_id: int = 0
    job: JobRef | None = None
    now: int = 0
    address_id: int = 0


@dataclass(slots=True)
class Talk:
    """A conversation. `base` is the revision in the store, `revision` that after this batch; `closed_at` 0: open."""

    id: int
    public_id: str
    script_id: int
    state: str
    revision: int
    status: str
    address_id: int
    base: int = 0
    fresh: bool = False
    closed_at: int = 0


@dataclass(slots=True)
class Case:
    """The ticket of a customer that is not closed. `body` is its JSON, which belongs to the decider."""

    id: int
    public_id: str
    status: str
    severity: str
    team_id: int | None
    staff_id: int | None
    engaged: bool
    conversation_id: int | None
    body: str = "{}"


@dataclass(slots=True)
class Book:
    """What is known of one customer, under the lock. Folded messages of one batch see what the earlier ones did.

    `talk` is the open conversation; `earlier` are those of the customer's, by id, that messages of the batch are about,
    and `threads` says which message is about which. `granted`: the purposes consented to; read for a push alone, None
    otherwise.
    """

    customer_id: int
    public_id: str
    name: str
    language: str
    platform_language: str
    timezone: str
    attributes: str
    tags: str
    status: str
    talk: Talk | None = None
    case: Case | None = None
    earlier: dict[int, Talk] = field(default_factory=dict)
    threads: dict[tuple[int, About], Thread] = field(default_factory=dict)
    granted: frozenset[str] | None = None


@dataclass(slots=True)
class Place:
    """The address that an item came from. `busy`: an earlier message to it is unfinished; the rest as in `Address`."""

    id: int
    channel: str
    status: str
    staff_id: int | None
    team_id: int | None
    last_inbound_at: int
    busy: bool
    window_at: int = 0
    window_left: int = -1
    greeted_at: int = 0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """A row of the outbox. `ticket`: belongs to the customer's ticket, also when this very turn opens it."""

    public_id: str
    address_id: int
    channel: str
    kind: str
    text: str
    body: str = "{}"
    sequence: int = 0
    status: Literal["due", "inline"] = "due"
    run_at: int = 0
    ticket: bool = False
    answers_inbound: bool = True


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A filled slot; a second one of the same slot replaces it and counts a correction."""

    slot: str
    type: str
    value: str | None
    number: float | None
    said: str
    how: str
    unhappy: float | None
    contradiction: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job to be due; replaces the due one of the same (kind, subject).

    `subject_id` 0 stands for the turn's conversation, -1 for its ticket.
    """

    kind: str
    run_at: int
    sequence: int = 0
    body: str = "{}"
    subject_id: int = 0


@dataclass(frozen=True, slots=True)
class TicketWrite:
    """Open a ticket, or join what is new to the one that stands: its severity only rises, and its text stays.

    `body` is then that of the whole ticket, what stood in it included.
    """

    public_id: str
    severity: str
    reason: str
    text: str
    body: str
    team_id: int | None
    address_id: int | None


@dataclass(frozen=True, slots=True)
class CaseMove:
    """What happened to the customer's open ticket, and what changes with it.

    `kind`: claimed (by `staff_id`) | released | said (the customer has heard from staff) | closed (with `outcome`);
    anything else is an event alone. Each becomes a row of ticket_events, with `text`.
    """

    kind: str
    staff_id: int | None = None
    text: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DeskInbound:
    """A message or a press of staff, kept under its `dedup`; it belongs to `ticket_id` and to no customer."""

    dedup: str | None
    address_id: int
    ticket_id: int | None
    kind: str
    text: str
    external: str
    at: int
    received_at: int
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """Staff's word against a reading: `unhappy` 0 or 1, of the message `inbound_id` where one is known."""

    inbound_id: int | None
    staff_id: int | None
    text: str
    language: str
    unhappy: int
    topics: str = "[]"


@dataclass(frozen=True, slots=True)
class TalkWrite:
    """The conversation after this turn. `start` is set for a new one, `earlier` names one that is not the open one."""

    state: str
    status: str
    address_id: int
    start: NewTalk | None = None
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class NewTalk:
    """A conversation that begins in this turn."""

    public_id: str
    script_id: int
    moment_id: int | None = None


@dataclass(slots=True)
class Writes:
    """What one decision asks to be written, all in one commit. `result` belongs to the decider, as `carry` does.

    `window` (until when in ms, how many messages) is the platform's, for the address that the item came from; `greets`
    is an address (0: none) whose first message is among `outgoing`.
    """

    inbound_status: str = "read"
    inbound_reason: str = ""
    event: str | None = None
    mood: str | None = None
    log: tuple[str, str] | None = None
    talk: TalkWrite | None = None
    outgoing: list[OutgoingRow] = field(default_factory=list)
    answers: list[AnswerRow] = field(default_factory=list)
    jobs: list[JobRow] = field(default_factory=list)
    void_jobs: tuple[str, ...] = ()
    void_outgoing: bool = False
    ticket: TicketWrite | None = None
    profile: Mapping[str, str] = field(default_factory=dict)
    consents: list[tuple[str, str, str]] = field(default_factory=list)
    withdraw_all: str = ""
    restore_consents: str = ""
    address_status: tuple[str, str] | None = None
    window: tuple[int, int] | None = None
    greets: int = 0
    moment: tuple[int, str, str] | None = None
    moves: tuple[CaseMove, ...] = ()
    kept: DeskInbound | None = None
    correction: CorrectionRow | None = None
    broken_job: str = ""
    """Why the decision that a job asked for failed; the job is kept as failed."""
    result: Any = None

    def is_rare(self) -> bool:
        """Whether anything but the hot rows (inbound, talk, answers, outgoing, jobs, a new ticket) is to be written."""
        return bool(
            self.void_outgoing
            or self.profile
            or self.consents
            or self.withdraw_all
            or self.restore_consents
            or self.address_status
            or self.greets
            or self.moment
            or self.moves
            or self.kept
            or self.correction
            or self.broken_job
        )


@dataclass(slots=True)
class Booked:
    """What became of an item. `status`: done | duplicate | stale | failed. `reply` is the inline message, if any.

    For a duplicate `reply` is the stored one; `reply_id` is its row. `outgoing` tells the delivery loop whether there
    is something to send, `jobs` the timers whether a job is due at once.
    """

    item: Item
    status: str
    inbound_id: int = 0
    customer_id: int = 0
    conversation_id: int = 0
    address_id: int = 0
    reply: OutgoingRow | None = None
    reply_id: int = 0
    outgoing: bool = False
    jobs: bool = False
    reason: str = ""
    writes: Writes | None = None


Decide = Callable[[Item, Book, Place | None], Writes]
