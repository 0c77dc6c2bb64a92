"""The contract of a channel, and what an adapter is given by the house.

Rule: an adapter keeps no books. It verifies, parses, answers, sends; allowances, rates and retries are decided by
others from its `Capabilities`, and everything it needs from outside is a constructor argument of one of the Protocols
below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from channels.message import Address, Inbound, Outbound, Receipt, Request, Response


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, as data for the renderer, the planner and the delivery loop.

    `max_text` counts in `text_unit`s. `max_choices` is the number of buttons of a message (0: choices are written as a
    numbered list), `max_label` the characters of a button's title. `can_initiate`: may write first, given consent.
    `reply_window` and `window_messages`: how long and how many messages after the customer's own (None: no limit);
    `brief_window` and `brief_messages`: the same after a mere press, follow or scan; `paid_window`: how long nothing is
    counted after the customer paid.
    `one_a_turn`: what is said in one turn goes as one message, as far as its length allows.
    `inline_reply`: the webhook's response may carry the answer; `inline_resend`: one that nobody confirmed may go again
    another way, because the platform shows a message once or forgets an answer that came too late. `receipts`: delivery
    is reported. `lookup`: the outcome of a send can be asked afterwards. `edits`: a sent message can be changed.
    `per_second` over the whole channel and `per_address_seconds` between two messages of one address (0: none);
    `group_minute`: how many messages a group takes in a minute (0: as many as a person).
    `under_way`: how many sends may be under way at once.
    """

    max_text: int
    text_unit: Literal["characters", "utf16", "bytes"] = "characters"
    max_choices: int = 0
    max_label: int = 64
    can_initiate: bool = True
    reply_window: timedelta | None = None
    window_messages: int | None = None
    brief_window: timedelta | None = None
    brief_messages: int | None = None
    paid_window: timedelta | None = None
    one_a_turn: bool = False
    inline_reply: bool = False
    inline_resend: bool = False
    receipts: bool = False
    lookup: bool = False
    edits: bool = False
    per_second: float = 30.0
    per_address_seconds: float = 0.0
    group_minute: int = 0
    under_way: int = 192


@runtime_checkable
class Channel(Protocol):
    """Five members and a record; a new platform is one class of this shape."""

    name: str
    account: str
    capabilities: Capabilities

    def verify(self, request: Request) -> None:
        """Check the platform's signature, in constant time. Raises InvalidSignature or MissingSetting."""

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """Read a verified request. Pure; raises MalformedRequest alone, whatever the body holds."""

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """The webhook's response: the platform's bare acknowledgement, or one that carries the reply."""

    async def send(self, outbound: Outbound) -> str:
        """Send one message; returns the platform's id of it. Raises a SendError and nothing else."""

    async def aclose(self) -> None:
        """Close connections."""


@runtime_checkable
class LooksUp(Protocol):
    """A channel that can be asked afterwards whether a message left."""

    async def look_up(self, outbound: Outbound, since: datetime) -> str | None:
        """The platform's id of a message sent since then; None if there surely is none, OutcomeUnknown if unsure."""


@runtime_checkable
class Acknowledges(Protocol):
    """A channel whose pressed buttons want an answer of their own (best effort, outside the outbox)."""

    async def acknowledge(self, inbound: Inbound, chosen: str) -> None:
        """Answer the press and mark the choice on the pressed message; errors are swallowed and logged."""


@runtime_checkable
class HasGroups(Protocol):
    """A channel on which a place to write to may be a group of people, with a limit of its own."""

    def is_group(self, address: Address) -> bool:
        """Whether it is one."""


@runtime_checkable
class LeadsIn(Protocol):
    """A channel into which a link or a QR code leads, with something of ours in it."""

    async def lead_in(self, payload: str, lifetime: timedelta) -> str:
        """The address to open, or to show as a QR code; who uses it brings `payload` (at most 64 characters) with them.

        `lifetime` (at most 30 days) is for platforms that keep it themselves. Raises MissingSetting and a SendError.
        """


@runtime_checkable
class TellsHowToStop(Protocol):
    """A channel on which the first message to somebody must say how to stop (SMS)."""

    def opt_out_line(self, language: str) -> str:
        """That line, in this language or in English."""


@runtime_checkable
class MayBeOneWay(Protocol):
    """A channel that may be set up so that nobody can answer (an SMS sender that is a name)."""

    @property
    def answerable(self) -> bool:
        """Whether customers can write back."""


@runtime_checkable
class AnswersItself(Protocol):
    """A channel whose platform may answer a stop, start or help by itself (Twilio's opt-out handling)."""

    def platform_answers(self, inbound: Inbound) -> bool:
        """Whether it answers this one, so that we must be silent."""


@runtime_checkable
class ReadsSomeResponses(Protocol):
    """A channel whose platform reads the response of some requests only (Twilio: not of those in JSON)."""

    def carries_reply(self, request: Request) -> bool:
        """Whether a reply may travel in the response to this one."""


Receive = Callable[[Inbound | Receipt], Awaitable[None]]


@runtime_checkable
class Polls(Protocol):
    """A channel that fetches instead of being called (Telegram without a public address, IMAP)."""

    async def poll(self, receive: Receive, progress: Progress) -> None:
        """Fetch until cancelled. `receive` returns when the event is committed; only then is progress kept."""


@runtime_checkable
class Starts(Protocol):
    """A channel with something to set or check at start (a webhook, a bot's name)."""

    async def start(self) -> None:
        """Raises SendError with a reason that an admin can act on."""


class Clock(Protocol):
    """The one clock of the house."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""


class Tokens(Protocol):
    """Provider access tokens, shared by all processes."""

    async def token(self, name: str, fetch: Callable[[], Awaitable[tuple[str, float]]], *, stale: str = "") -> str:
        """The token kept under `name`, fetched by one process alone when missing, expired, or equal to `stale`.

        `fetch` returns the token and its lifetime in seconds.
        """


class Progress(Protocol):
    """How far a mailbox or an update queue has been read, kept in the store."""

    async def load(self, name: str) -> str:
        """What was kept under `name`, or an empty string."""

    async def keep(self, name: str, value: str) -> None:
        """Keep it."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole HTTP answer. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """An asynchronous HTTP client with pooled connections and a time limit on every call."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float = 10.0,
    ) -> HttpAnswer:
        """One call. Raises NotSent or Unanswered (channels.errors); any status is an answer."""
