"""SQLite decides a batch while the one before it is being committed; what was overtaken meanwhile is decided anew."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing

import pytest

from storage.database import Database
from storage.turn_rows import Arrival, Book, Booked, Item, OutgoingRow, Place, Writes
from storage.turns import Turns

NOW = 1_700_000_000_000


def item(lookup: str, text: str, dedup: str | None = None) -> Item:
    arrival = Arrival(
        "webchat", lookup, lambda: b"sealed", dedup or secrets.token_hex(16), "text", text, text, NOW, NOW
    )
    return Item(text, arrival, now=NOW)


class Deciding:
    """Answers with the customer's name; `meanwhile` happens inside the first decision."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.names: list[str] = []
        self._meanwhile = meanwhile

    def __call__(self, item: Item, book: Book, place: Place | None) -> Writes:
        if not self.names:
            self._meanwhile()
        self.names.append(book.name)
        assert place is not None
        return Writes(outgoing=[OutgoingRow(secrets.token_hex(16), place.id, "webchat", "say", f"for {book.name}")])


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Database]:
    made = await Database.connect(sqlite_url, serving=True)
    await Turns(made).book([item("a" * 32, "hello"), item("b" * 32, "hello")], Deciding())
    await made.execute("UPDATE customers SET name = 'Ann'")
    yield made
    await made.close()


def renamed(sqlite_url: str) -> None:
    """As another process does it."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("UPDATE customers SET name = 'Bea'")


async def said(store: Database) -> list[str]:
    return [row["text"] for row in await store.fetch("SELECT text FROM outbox WHERE id > 2 ORDER BY id")]


async def test_what_nobody_touched_is_decided_once(store: Database) -> None:
    deciding = Deciding()
    booked = await Turns(store).book([item("a" * 32, "one"), item("b" * 32, "two")], deciding)
    assert deciding.names == ["Ann", "Ann"]
    ids = [row["id"] for row in await store.fetch("SELECT id FROM inbound ORDER BY id")]
    assert [one.inbound_id for one in booked] == ids[-2:]


async def test_what_another_process_changed_after_the_decision_is_decided_anew(
    store: Database, sqlite_url: str
) -> None:
    deciding = Deciding(lambda: renamed(sqlite_url))
    booked = await Turns(store).book([item("a" * 32, "one")], deciding)
    assert deciding.names == ["Ann", "Bea"]
    assert await said(store) == ["for Bea"]
    assert [one.status for one in booked] == ["done"]


async def test_two_addresses_of_one_customer_in_two_batches_see_each_other(store: Database) -> None:
    await store.execute("UPDATE addresses SET customer_id = 1")
    await store.execute("DELETE FROM outbox")

    def decide(item: Item, book: Book, place: Place | None) -> Writes:
        return Writes(profile={"name": f"{book.name}{item.carry}"})

    turns = Turns(store)
    await asyncio.gather(
        turns.book([item("a" * 32, "+")], decide),
        turns.book([item("b" * 32, "-")], decide),
    )
    names = await store.fetch("SELECT name FROM customers WHERE id = 1")
    assert sorted(names[0]["name"].removeprefix("Ann")) == ["+", "-"]


async def test_a_message_that_comes_twice_in_one_batch_has_one_id(store: Database) -> None:
    booked: list[Booked] = await Turns(store).book(
        [item("a" * 32, "one", dedup="d" * 32), item("a" * 32, "one", dedup="d" * 32)], Deciding()
    )
    assert [one.status for one in booked] == ["done", "duplicate"]
    assert booked[0].inbound_id == booked[1].inbound_id != 0


async def test_a_stranger_in_a_batch_is_admitted_with_the_others(store: Database) -> None:
    booked = await Turns(store).book([item("a" * 32, "one"), item("c" * 32, "two")], Deciding())
    assert [one.status for one in booked] == ["done", "done"]
    assert booked[1].customer_id == 3


async def test_an_inline_reply_is_settled_with_the_batch_that_was_decided_ahead(store: Database) -> None:
    await store.execute("UPDATE outbox SET status = 'inline' WHERE id = 2")
    await Turns(store).book([item("a" * 32, "one")], Deciding(), [(2, NOW + 5)])
    row = await store.fetch_one("SELECT status, sent_at FROM outbox WHERE id = 2")
    assert row == {"status": "sent", "sent_at": NOW + 5}
