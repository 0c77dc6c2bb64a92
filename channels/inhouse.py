"""Channels whose messages are fetched from the store instead of being sent to a platform: other programs, the console.

Rule: the row in the outbox is the mailbox. To send is to wake whoever waits for it; nothing can be lost on the way.
"""

from __future__ import annotations

from channels.capabilities import CAPABILITIES
from channels.errors import InvalidSignature
from channels.message import Inbound, Outbound, Receipt, Request, Response
from channels.webchat import Feed


class InHouse:
    """A channel without a platform: "rest" (Rasa's REST channel) or "console" (staff on the console's desk)."""

    def __init__(self, name: str, *, feed: Feed) -> None:
        self.name = name
        self.account = name
        self.capabilities = CAPABILITIES[name]
        self._feed = feed

    def verify(self, request: Request) -> None:
        """There is no webhook to verify: whoever speaks here has signed in, or holds a key."""
        raise InvalidSignature(f"{self.name} takes no webhooks")

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        """Nothing."""
        return ()

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """An empty answer."""
        return Response()

    async def send(self, outbound: Outbound) -> str:
        """Wake who waits; our own id is the message's id there."""
        self._feed.publish(outbound)
        return outbound.id

    async def aclose(self) -> None:
        """Nothing is open."""
