"""Addresses of ours that travel in messages: the chat page, a choice in a mail, unsubscribing, reply tokens.

Rule: whoever holds such an address may do what it says, so none can be made without the house's secret, and none shows
whom it is for: addresses of customers travel encrypted.
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from functools import lru_cache
from typing import Final

from channels.channel import Clock
from channels.message import Address
from storage.crypto import Keys, Unreadable

_CHAT: Final = "webchat"
_REPLY: Final = "reply"
# Signatures are checked with every request of a page; a link says the same for this many seconds.
_REMEMBERED: Final = 60


class Links:
    """Makes and reads them. `address` is where pages are opened, without a slash at the end.

    `public` is the same as the world reaches it, for what travels in mail ("": not at all; None: it is `address`);
    without one, unsubscribing goes by mail to `mailbox`.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        address: str,
        clock: Clock,
        lifetime: timedelta,
        public: str | None = None,
        mailbox: str = "",
    ) -> None:
        self._keys = keys
        self._address = address
        self._public = address if public is None else public
        self._mailbox = mailbox
        self._clock = clock
        self._lifetime = lifetime.total_seconds()
        self._read_chat = lru_cache(maxsize=20_000)(self._verified)

    def chat_token(self, address_id: str) -> str:
        """The token of a web chat address, good for `[webchat] link_lifetime`."""
        expires = self._clock.now().timestamp() + self._lifetime
        return self._keys.sign(_CHAT, address_id, expires=expires)

    def chat_url(self, address_id: str) -> str:
        """Where a customer opens their chat."""
        return f"{self._address}/c/{self.chat_token(address_id)}"

    def address_of(self, token: str) -> str | None:
        """The web chat address behind a token, or None where it is forged or expired."""
        if len(token) > 200:
            return None
        return self._read_chat(token, int(self._clock.now().timestamp()) // _REMEMBERED)

    def expired(self, token: str) -> bool:
        """Whether a token was ours once."""
        return len(token) <= 200 and self._keys.verify(_CHAT, token, now=0) is not None

    def _verified(self, token: str, minute: int) -> str | None:
        return self._keys.verify(_CHAT, token, now=minute * _REMEMBERED)

    def reply_token(self, outgoing: str) -> str:
        """A signed token that brings an answer back to this message (its public id)."""
        return self._keys.sign_id(_REPLY, outgoing)

    def message_of(self, token: str) -> str | None:
        """The public id of the message behind a reply token, or None."""
        return self._keys.verify_id(_REPLY, token)

    def unsubscribe_url(self, address: Address) -> str:
        """Where one press unsubscribes this address, or the mail that does; empty where neither can be."""
        if self._public:
            return f"{self._public}/unsubscribe/{self._sealed('unsubscribe', address.channel, address.id)}"
        return f"mailto:{self._mailbox}?subject=unsubscribe" if self._mailbox else ""

    def unsubscribes(self, token: str) -> Address | None:
        """Whom an unsubscribe link is for, or None where it is forged."""
        parts = self._opened("unsubscribe", token, 2)
        return Address(*parts) if parts else None

    def answer_url(self, address: Address, payload: str) -> str:
        """A page where this choice is marked, and one press sends it; empty without a public address."""
        sealed = self._sealed("answer", address.channel, address.id, payload)
        return f"{self._public}/answer/{sealed}" if self._public else ""

    def answers(self, token: str) -> tuple[Address, str] | None:
        """Whose answer a link is and the payload of the choice, or None where it is forged."""
        parts = self._opened("answer", token, 3)
        return (Address(parts[0], parts[1]), parts[2]) if parts else None

    def _sealed(self, purpose: str, *parts: str) -> str:
        return base64.urlsafe_b64encode(self._keys.seal("\0".join((purpose, *parts)).encode())).rstrip(b"=").decode()

    def _opened(self, purpose: str, token: str, count: int) -> list[str]:
        try:
            plain = self._keys.open(base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))).decode()
        except (ValueError, binascii.Error, Unreadable):
            return []
        found, *parts = plain.split("\0")
        return parts if found == purpose and len(parts) == count else []
