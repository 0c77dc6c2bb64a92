"""Tickets of a batch: new ones are written together, what must come before them comes before them."""

from __future__ import annotations

from storage.database import Database
from storage.turn_rows import Book, CaseMove, Item, Place, TicketWrite, Writes
from storage.turns import Turns


def ticket(code: str, severity: str = "normal") -> TicketWrite:
    return TicketWrite(code * 32, severity, "words", f"{code} was bad", "{}", None, None)


async def person(store: Database, name: str) -> int:
    await store.execute("INSERT INTO customers (public_id, name, status, created_at) VALUES ($1, $1, 'known', 0)", name)
    rows = await store.fetch("SELECT id FROM customers WHERE name = $1", name)
    return int(rows[0]["id"])


def as_carried(item: Item, _book: Book, _place: Place | None) -> Writes:
    writes = item.carry
    assert isinstance(writes, Writes)
    return writes


async def test_a_ticket_that_is_closed_and_one_that_opens_after_it_fit_into_one_batch(store: Database) -> None:
    ann = await person(store, "ann")
    await Turns(store).book([Item(Writes(ticket=ticket("a")), customer_id=ann, now=1)], as_carried)
    closes = Writes(moves=(CaseMove("closed", text="done", outcome="resolved"),))
    both = [Item(closes, customer_id=ann, now=2), Item(Writes(ticket=ticket("b")), customer_id=ann, now=3)]
    assert [one.status for one in await Turns(store).book(both, as_carried)] == ["done", "done"]
    rows = await store.fetch("SELECT public_id, status FROM tickets ORDER BY id")
    assert [(row["public_id"][0], row["status"]) for row in rows] == [("a", "closed"), ("b", "open")]
    events = await store.fetch("SELECT kind FROM ticket_events ORDER BY id")
    assert [row["kind"] for row in events] == ["opened", "closed", "opened"]


async def test_what_joins_a_ticket_of_the_same_batch_raises_it_and_leaves_its_words(store: Database) -> None:
    people = [await person(store, name) for name in ("ann", "bob")]
    items = [Item(Writes(ticket=ticket(code)), customer_id=one, now=1) for code, one in zip("ab", people, strict=True)]
    items.append(Item(Writes(ticket=ticket("c", "urgent")), customer_id=people[0], now=2))
    assert [one.status for one in await Turns(store).book(items, as_carried)] == ["done"] * 3
    rows = await store.fetch("SELECT public_id, severity, text FROM tickets ORDER BY id")
    assert [(row["public_id"][0], row["severity"], row["text"]) for row in rows] == [
        ("a", "urgent", "a was bad"),
        ("b", "normal", "b was bad"),
    ]
    events = await store.fetch("SELECT kind, text FROM ticket_events ORDER BY id")
    assert {(row["kind"], row["text"]) for row in events} == {
        ("opened", "a was bad"),
        ("opened", "b was bad"),
        ("joined", "c was bad"),
    }
