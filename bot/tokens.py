"""Provider access tokens for adapters: fetched by one process of all, kept encrypted, renewed in time.

Rule: no network call inside a transaction: a lease says who fetches, the others wait for what it keeps. Fetching has a
time limit shorter than the lease.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from channels.errors import Temporary
from storage.provider_tokens import LEASE_MS, ProviderTokens

_LOOK_AGAIN: Final = 0.1
_LONGEST_FETCH: Final = LEASE_MS / 1000 * 0.8
Fetch = Callable[[], Awaitable[tuple[str, float]]]


class SharedTokens:
    """Implements `channels.channel.Tokens` over the store."""

    def __init__(self, store: ProviderTokens) -> None:
        self._store = store
        self._turns: dict[str, asyncio.Lock] = {}

    async def token(self, name: str, fetch: Fetch, *, stale: str = "") -> str:
        """The token kept under `name`; fetched when missing, expired, or equal to `stale`.

        Raises what `fetch` raises, and Temporary where another process was fetching for too long.
        """
        async with self._turns.setdefault(name, asyncio.Lock()):
            for _ in range(int(LEASE_MS / 1000 / _LOOK_AGAIN) + 1):
                kept = await self._store.load(name)
                if kept.token and kept.token != stale:
                    return kept.token
                if await self._store.take(name):
                    return await self._fetched(name, fetch, stale)
                await asyncio.sleep(_LOOK_AGAIN)
        raise Temporary(f"another process has been fetching the token {name} for {LEASE_MS // 1000} s")

    async def _fetched(self, name: str, fetch: Fetch, stale: str) -> str:
        # Between our look and the lease, the one before may have kept a new token.
        kept = await self._store.load(name)
        if kept.token and kept.token != stale:
            await self._store.give_up(name)
            return kept.token
        try:
            async with asyncio.timeout(_LONGEST_FETCH):
                token, lifetime = await fetch()
        except TimeoutError:
            await self._store.give_up(name)
            raise Temporary(f"the provider gave no token {name} within {_LONGEST_FETCH:.0f} s") from None
        except BaseException:
            await self._store.give_up(name)
            raise
        await self._store.keep(name, token, lifetime)
        return token
