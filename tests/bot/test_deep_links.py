"""Links that tie a chat to a known customer: single use, expiring, and nothing that was said is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.deep_links import DeepLinks
from bot.script_shelf import ScriptShelf
from channels.message import Inbound
from storage.crypto import Keys
from storage.database import Database


class SteppedClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def links(store: Database, keys: Keys, clock: SteppedClock) -> DeepLinks:
    await store.execute("INSERT INTO customers (public_id, name, created_at) VALUES ('k', 'Ann', 0)")
    return DeepLinks(store, keys, clock, ScriptShelf(store))


def pressed(token: str, sender: str = "77") -> Inbound:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    return Inbound("command", "telegram", "bot", "1", sender, sender, now, f"/start {token}", payload=token)


async def owner(store: Database, keys: Keys, sender: str = "77") -> int | None:
    found = await store.fetch(
        "SELECT customer_id FROM addresses WHERE lookup = $1", keys.lookup("telegram", sender)
    )
    return found[0]["customer_id"] if found else None


async def test_a_link_makes_the_chat_the_known_customers(links: DeepLinks, store: Database, keys: Keys) -> None:
    token = await links.make(1, "telegram")
    assert len(token) <= 64
    redeemed = await links.redeem(token, pressed(token), keys.lookup("telegram", "77"))
    assert redeemed is not None
    assert redeemed.outcome == "linked"
    assert await owner(store, keys) == 1


async def test_a_link_works_for_one_chat_only_and_again_for_that_one(
    links: DeepLinks, store: Database, keys: Keys
) -> None:
    token = await links.make(1, "telegram")
    mine, other = keys.lookup("telegram", "77"), keys.lookup("telegram", "88")
    outcomes = [
        await links.redeem(token, pressed(token), mine),
        await links.redeem(token, pressed(token, "88"), other),
        await links.redeem(token, pressed(token), mine),
    ]
    assert [found.outcome for found in outcomes if found] == ["linked", "expired", "linked"]
    assert await owner(store, keys, "88") is None


async def test_a_link_that_is_too_old_ties_nothing(
    links: DeepLinks, store: Database, keys: Keys, clock: SteppedClock
) -> None:
    token = await links.make(1, "telegram", lifetime=timedelta(days=1))
    clock.at += timedelta(days=2)
    redeemed = await links.redeem(token, pressed(token), keys.lookup("telegram", "77"))
    assert redeemed is not None
    assert redeemed.outcome == "expired"
    assert await owner(store, keys) is None


async def test_a_stranger_who_opens_a_link_is_merged_into_the_known_customer(
    links: DeepLinks, store: Database, keys: Keys
) -> None:
    await store.execute("INSERT INTO customers (public_id, status, created_at) VALUES ('s', 'anonymous', 0)")
    await store.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at)
 VALUES ('a', 'telegram', $1, $2, 2, 0)""",
        keys.lookup("telegram", "77"),
        keys.seal(b"77"),
    )
    await store.execute(
        """INSERT INTO inbound (address_id, customer_id, kind, text, at, created_at)
 VALUES (1, 2, 'text', 'hello', 0, 0)"""
    )
    token = await links.make(1, "telegram")
    await links.redeem(token, pressed(token), keys.lookup("telegram", "77"))
    assert await owner(store, keys) == 1
    assert (await store.fetch("SELECT customer_id FROM inbound"))[0]["customer_id"] == 1
    gone = (await store.fetch("SELECT status, merged_into_id FROM customers WHERE id = 2"))[0]
    assert (gone["status"], gone["merged_into_id"]) == ("merged", 1)


async def test_what_is_no_link_of_ours_is_left_to_others(links: DeepLinks, keys: Keys) -> None:
    assert await links.redeem("promo2026", pressed("promo2026"), keys.lookup("telegram", "77")) is None
