"""Keys and sessions as the web side asks for them: the store's, at this moment of the house's clock."""

from __future__ import annotations

from channels.channel import Clock
from storage.access import AccessStore, Integration, SignedIn

COOKIE = "motline_session"


class Access:
    """Who may do what."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self.store = store
        self._clock = clock

    def now(self) -> int:
        """Milliseconds UTC."""
        return int(self._clock.now().timestamp() * 1000)

    async def key(self, key: str, scope: str) -> Integration | None:
        """The integration that a key of this scope (or of all) belongs to."""
        return await self.store.integration(key, scope, now=self.now())

    async def session(self, token: str) -> SignedIn | None:
        """Who a session cookie belongs to, or None where it has ended."""
        return await self.store.session(token, now=self.now()) if token else None

    async def sign_in(self, token: str) -> str | None:
        """Use up a sign-in link; the new session's token, or None where it was used or is too old."""
        return await self.store.redeem(token, now=self.now())

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self.store.end_session(token, now=self.now())
