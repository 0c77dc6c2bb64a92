"""What the web side is given by `bot/app.py`, and the little it knows of it.

Rule: routes talk to these shapes alone; they write no conversation and read no platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.config import Config
from bot.conversation import Conversations
from bot.feed import Feed
from bot.links import Links
from channels.channel import Channel, Clock
from storage.access import Integration, SignedIn
from storage.crypto import Keys
from storage.database import Database


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
