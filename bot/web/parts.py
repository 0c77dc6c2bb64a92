"""What the web side is given by `bot/app.py`, and the little it knows of it.

Rule: routes talk to these shapes alone; they write no conversation and read no platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.config import Config
from bot.feed import Feed
from bot.links import Links
from channels.channel import Channel, Clock
from channels.message import Inbound, Outbound, Receipt
from storage.crypto import Keys
from storage.database import Database


class Reply(Protocol):
    """What may travel in the webhook's own response."""

    @property
    def outbound(self) -> Outbound: ...


class Conversations(Protocol):
    """The way in, `bot/conversation.py`."""

    async def receive(
        self, channel_name: str, events: Sequence[Inbound | Receipt], *, inline: bool = True
    ) -> Reply | None:
        """Make turns of what came in; returns when they are committed. None: nothing to say in the response."""

    def written(self, reply: Reply) -> None:
        """The response that carried the reply has been written: it is sent."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a route may use."""

    config: Config
    clock: Clock
    keys: Keys
    database: Database
    channels: Mapping[str, Channel]
    conversations: Conversations
    feed: Feed
    links: Links


@dataclass(frozen=True, slots=True)
class Integration:
    """Another program that showed a key. `scope`: moments | rest | all."""

    id: int
    name: str
    scope: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody of the staff with a session. `role`: agent | admin."""

    staff_id: int
    name: str
    role: str
    language: str


class Access(Protocol):
    """Who may do what: keys of programs, sessions of people."""

    async def key(self, key: str, scope: str) -> Integration | None:
        """The integration that a key of this scope (or of all) belongs to."""

    async def session(self, token: str) -> SignedIn | None:
        """Who a session cookie belongs to, or None where it has ended."""

    async def sign_in(self, token: str) -> str | None:
        """Use up a sign-in link; the new session's token, or None where it was used or is too old."""

    async def sign_out(self, token: str) -> None:
        """End a session."""
