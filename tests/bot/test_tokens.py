"""Provider tokens: one fetch for all processes, renewed in time, never handed out stale."""

from __future__ import annotations

import asyncio

import pytest

from bot.tokens import SharedTokens
from channels.errors import Temporary
from storage.crypto import Keys
from storage.database import Database
from storage.progress import ProgressStore
from storage.provider_tokens import ProviderTokens


class Provider:
    """Gives tokens with numbers; counts how often it was asked."""

    def __init__(self, lifetime: float = 7200) -> None:
        self.asked = 0
        self._lifetime = lifetime

    async def fetch(self) -> tuple[str, float]:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0)
        return f"token-{number}", self._lifetime


@pytest.fixture
def tokens(store: Database, keys: Keys) -> SharedTokens:
    return SharedTokens(ProviderTokens(store, keys))


async def test_many_callers_in_several_processes_cause_one_fetch(
    tokens: SharedTokens, store: Database, keys: Keys
) -> None:
    provider = Provider()
    other = SharedTokens(ProviderTokens(store, keys))
    got = await asyncio.gather(*(each.token("wechat", provider.fetch) for each in (tokens, other) * 5))
    assert set(got) == {"token-1"}
    assert provider.asked == 1


async def test_a_token_that_the_provider_refused_is_fetched_once_anew(tokens: SharedTokens) -> None:
    provider = Provider()
    old = await tokens.token("wechat", provider.fetch)
    new = await asyncio.gather(*(tokens.token("wechat", provider.fetch, stale=old) for _ in range(3)))
    assert set(new) == {"token-2"}


async def test_a_token_near_its_end_is_renewed(tokens: SharedTokens) -> None:
    provider = Provider(lifetime=30)
    assert await tokens.token("wechat", provider.fetch) == "token-1"
    assert await tokens.token("wechat", provider.fetch) == "token-2"


async def test_a_fetch_that_fails_is_the_callers_error_and_the_next_one_may_try(tokens: SharedTokens) -> None:
    async def broken() -> tuple[str, float]:
        raise Temporary("no answer")

    with pytest.raises(Temporary, match="no answer"):
        await tokens.token("wechat", broken)
    assert await tokens.token("wechat", Provider().fetch) == "token-1"


async def test_a_token_lies_encrypted_in_the_store(tokens: SharedTokens, store: Database) -> None:
    await tokens.token("wechat", Provider().fetch)
    row = await store.fetch_one("SELECT sealed FROM provider_tokens WHERE name = 'wechat'")
    assert row is not None
    assert b"token-1" not in row["sealed"]


async def test_progress_is_kept_by_name(store: Database) -> None:
    progress = ProgressStore(store)
    assert await progress.load("imap:inbox") == ""
    await progress.keep("imap:inbox", "7:41")
    await progress.keep("imap:inbox", "7:42")
    assert await progress.load("imap:inbox") == "7:42"
