"""The look-up of old threads reads a customer's own rows by an index, and none where nothing is to be looked up."""

from __future__ import annotations

from storage.database import Database
from storage.turn_rows import About, Arrival, Book, Item, Place, Talk
from storage.turn_threads import SQLITE, Threads


def one(about: About | None, *, talk: Talk | None = None, place: int = 1, status: str = "known") -> Threads:
    arrival = Arrival("sms", "x", bytes, None, "text", "9", "", 0, 0, about=about)
    book = Book(7, "p", "", "", "", "", "{}", "[]", status, talk)
    return Threads([(Item(None, arrival=arrival), Place(place, "sms", "open", None, None, 0, False), book)])


def talking(address: int = 1) -> Talk:
    return Talk(3, "c" * 32, 1, "{}", 2, "open", address)


def test_nothing_is_asked_where_the_open_conversation_is_meant_for_certain() -> None:
    assert one(None).asks == []
    assert one(About(conversation="c" * 32), talk=talking()).asks == []
    assert one(About(last=True), talk=talking()).asks == []
    assert one(About(last=True), status="anonymous").asks == [], "a stranger was asked nothing"


def test_an_old_button_another_channel_or_no_open_dialog_is_looked_up() -> None:
    assert [ask[4] for ask in one(About(conversation="d" * 32), talk=talking()).asks] == ["conversation"]
    assert [ask[4] for ask in one(About(last=True), talk=talking(), place=2).asks] == ["last"]
    assert [ask[4] for ask in one(About(last=True)).asks] == ["last"]
    named = About(public_ids=("a", "b"), external="5")
    assert [ask[4] for ask in one(named, talk=talking()).asks] == ["public", "public", "external"]


async def test_no_table_is_gone_through(sqlite_url: str) -> None:
    database = await Database.connect(sqlite_url, serving=True)
    plan = [row["detail"] for row in await database.fetch("EXPLAIN QUERY PLAN " + SQLITE, "[]")]
    await database.close()
    assert any("outbox_customer" in step for step in plan)
    assert [step for step in plan if step.startswith("SCAN") and step.split()[1] in ("o", "v")] == []
