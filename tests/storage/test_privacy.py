"""A customer's own data: handed over whole, erased for good, and kept no longer than it may be."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from storage import privacy, retention
from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database
from storage.retention import DEDUP_MS, Kept
from tests.storage.books import make_address, make_customer, make_outgoing

NOW = 100_000_000_000
SECRET = "Wang Wei said: the rider was rude"
#: Tables that hold something of a customer, directly or through what is the customer's.
OF_CUSTOMERS = {
    "addresses",
    "answers",
    "consents",
    "conversations",
    "conversation_events",
    "corrections",
    "customers",
    "deep_links",
    "inbound",
    "jobs",
    "merges",
    "moments",
    "outbox",
    "ticket_events",
    "tickets",
}
HOUSE = {
    "api_keys",
    "audit",
    "facts",
    "progress",
    "provider_tokens",
    "scripts",
    "sessions",
    "sign_in_links",
    "staff",
    "teams",
    "tortoise_migrations",
}


async def put(store: Database, table: str, **columns: Any) -> int:
    names, marks = ", ".join(columns), ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    rows = await store.fetch(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *columns.values())
    return int(rows[0]["id"])


async def everything(store: Database, keys: Keys, number: int, at: int = 1) -> int:
    """A customer with a row in every table."""
    customer = await make_customer(
        store, SECRET, external_id=f"c-{number}", attributes=orjson.dumps({"note": SECRET}).decode(), tags='["vip"]'
    )
    address = await make_address(store, keys, "sms", f"+1555{number:04}", customer_id=customer)
    found = await store.fetch_one("SELECT id FROM scripts")
    script = (
        found["id"]
        if found
        else await put(store, "scripts", name="s", version=1, source="", path="", source_hash="", created_at=1)
    )
    talk = await put(
        store,
        "conversations",
        public_id=f"v{number}",
        customer_id=customer,
        script_id=script,
        address_id=address,
        state=SECRET,
        opened_at=at,
        status="open",
    )
    inbound = await put(
        store,
        "inbound",
        dedup=f"d{number}",
        address_id=address,
        customer_id=customer,
        conversation_id=talk,
        revision=1,
        kind="text",
        text=SECRET,
        event=SECRET,
        mood='{"unhappy": 1}',
        external=SECRET,
        raw_sealed=keys.seal(SECRET.encode()),
        at=at,
        created_at=at,
    )
    ticket = await put(
        store,
        "tickets",
        public_id=f"t{number}",
        customer_id=customer,
        conversation_id=talk,
        text=SECRET,
        body="{}",
        opened_at=at,
    )
    moment = await put(
        store,
        "moments",
        public_id=f"order-{number}",
        name="left",
        customer_id=customer,
        at=at,
        created_at=at,
        data=orjson.dumps({"note": SECRET}).decode(),
    )
    await put(store, "consents", customer_id=customer, purpose="service", source=SECRET, at=at)
    await put(store, "conversation_events", conversation_id=talk, revision=2, kind="k", body=SECRET, at=at)
    await put(
        store,
        "answers",
        conversation_id=talk,
        customer_id=customer,
        script_id=script,
        slot="nps",
        type="nps",
        value="3",
        number=3.0,
        said=SECRET,
        how="read",
        at=at,
    )
    await put(store, "ticket_events", ticket_id=ticket, kind="said", text=SECRET, at=at)
    await put(store, "corrections", inbound_id=inbound, text=SECRET, unhappy=1, at=at)
    await put(store, "merges", keep_id=customer, gone_id=0, actor="cli", before=orjson.dumps([SECRET]).decode(), at=at)
    await put(store, "deep_links", token_hash=f"h{number}", customer_id=customer, expires_at=NOW * 2, created_at=at)
    await put(store, "jobs", kind="moment", subject_id=moment, body=SECRET, run_at=1, created_at=at)
    await put(store, "jobs", kind="action", subject_id=talk, body=SECRET, run_at=1, created_at=at)
    await make_outgoing(store, address, customer_id=customer, conversation_id=talk, text=SECRET, created_at=at)
    team = await make_address(store, keys, "telegram", f"-{number}")
    await make_outgoing(store, team, ticket_id=ticket, channel="telegram", text=SECRET, body=SECRET, created_at=at)
    return customer


async def whole(store: Database) -> str:
    """Every value of every table, as one text."""
    found = []
    for table in sorted(OF_CUSTOMERS | HOUSE):
        found += [f"{table}: {row}" for row in await store.fetch(f"SELECT * FROM {table}")]
    return "\n".join(found)


async def test_the_test_knows_every_table(store: Database) -> None:
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        if store.kind == "sqlite"
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    assert {row["name"] for row in await store.fetch(sql)} == OF_CUSTOMERS | HOUSE


async def test_the_export_holds_everything_in_clear(store: Database, keys: Keys) -> None:
    customer = await everything(store, keys, 1)
    await everything(store, keys, 2)
    data = await privacy.export(store, keys, customer, actor="staff:1", now=NOW)
    assert orjson.loads(orjson.dumps(data)) == data
    sections = {name for name, rows in data.items() if rows}
    assert sections == {"customer", *privacy._EXPORT}
    assert data["addresses"][0]["sealed"] == "+15550001"
    assert data["messages_in"][0]["raw"] == SECRET
    assert data["customer"]["attributes"] == {"note": SECRET}
    assert len(data["messages_out"]) == 2
    assert {len(rows) for name, rows in data.items() if name not in ("customer", "messages_out")} == {1}


async def test_erasing_leaves_numbers_and_nothing_of_the_person(store: Database, keys: Keys) -> None:
    customer = await everything(store, keys, 1)
    before = {
        t: await store.fetch(f"SELECT count(*) AS n FROM {t}") for t in ("inbound", "outbox", "answers", "tickets")
    }
    await privacy.erase(store, customer, actor="staff:1", now=NOW)
    left = await whole(store)
    for trace in (SECRET, "c-1", "order-1", "vip", keys.lookup("sms", "+15550001")):
        assert trace not in left
    assert {t: await store.fetch(f"SELECT count(*) AS n FROM {t}") for t in before} == before
    answers = await store.fetch("SELECT number FROM answers")
    assert answers == [{"number": 3.0}]
    assert await store.fetch("SELECT id FROM outbox WHERE status IN ('due', 'retry')") == []
    assert await store.fetch("SELECT id FROM jobs WHERE status = 'due'") == []
    states = await store.fetch("SELECT status, closed_at FROM conversations")
    assert states == [{"status": "stopped", "closed_at": NOW}]


async def test_erasing_touches_nobody_else(store: Database, keys: Keys) -> None:
    customer = await everything(store, keys, 1)
    other = await everything(store, keys, 2)
    before = await privacy.export(store, keys, other, actor="cli", now=NOW)
    await privacy.erase(store, customer, actor="cli", now=NOW)
    await privacy.erase(store, customer, actor="cli", now=NOW)
    assert await privacy.export(store, keys, other, actor="cli", now=NOW) == before


async def test_an_erased_customer_who_writes_again_is_a_stranger(store: Database, keys: Keys) -> None:
    customer = await everything(store, keys, 1)
    await privacy.erase(store, customer, actor="cli", now=NOW)
    customers = Customers(store, keys)
    assert await customers.find("sms", "+15550001") is None
    assert await customers.search("Wang") == []


async def test_an_address_that_is_a_colleagues_too_stays_theirs(store: Database, keys: Keys) -> None:
    customer = await make_customer(store)
    person = await put(store, "staff", public_id="s", name="Ann", created_at=1)
    await make_address(store, keys, "telegram", "42", customer_id=customer, staff_id=person)
    await privacy.erase(store, customer, actor="cli", now=NOW)
    row = await store.fetch_one("SELECT customer_id, staff_id, status FROM addresses")
    assert row == {"customer_id": None, "staff_id": person, "status": "open"}


async def test_somebody_unknown_can_neither_be_exported_nor_erased(store: Database, keys: Keys) -> None:
    with pytest.raises(LookupError):
        await privacy.export(store, keys, 999, actor="cli", now=NOW)
    with pytest.raises(LookupError):
        await privacy.erase(store, 999, actor="cli", now=NOW)


async def swept(store: Database, now: int, kept: Kept) -> None:
    while await retention.sweep(store, now, kept):
        pass


async def test_raw_payloads_and_texts_go_at_their_times(store: Database, keys: Keys) -> None:
    await everything(store, keys, 1, at=NOW)
    kept = Kept(raw=1_000, text=DEDUP_MS * 2)
    await swept(store, NOW + 1_000, kept)
    assert await store.fetch("SELECT id FROM inbound WHERE raw_sealed IS NULL") == []
    await swept(store, NOW + 1_001, kept)
    row = await store.fetch_one("SELECT raw_sealed, text, dedup FROM inbound")
    assert row == {"raw_sealed": None, "text": SECRET, "dedup": "d1"}
    await swept(store, NOW + DEDUP_MS + 1, kept)
    row = await store.fetch_one("SELECT text, dedup FROM inbound")
    assert row == {"text": SECRET, "dedup": None}
    await store.execute("UPDATE conversations SET closed_at = $1", NOW)
    await swept(store, NOW + kept.text + 1, kept)
    # Names and consents are the profile's, links are gone through by their own time, jobs by theirs.
    kept_tables = {"customers", "consents", "deep_links", "jobs", "addresses"}
    rows = [row for table in sorted(OF_CUSTOMERS - kept_tables) for row in await store.fetch(f"SELECT * FROM {table}")]
    assert SECRET not in str(rows)
    assert await store.fetch("SELECT number, value FROM answers") == [{"number": 3.0, "value": "3"}]


async def test_a_sweep_goes_on_where_the_last_one_stopped(
    store: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    address = await make_address(store, keys, "sms", "+1")
    for number in range(7):
        await put(
            store,
            "inbound",
            address_id=address,
            kind="text",
            text=f"t{number}",
            at=1,
            created_at=NOW + (10 if number == 5 else 0),
        )
    kept = Kept(raw=5, text=5)
    await swept(store, NOW + 6, kept)
    texts = [row["text"] for row in await store.fetch("SELECT text FROM inbound ORDER BY id")]
    assert texts == ["", "", "", "", "", "t5", "t6"]
    await swept(store, NOW + 16, kept)
    assert [row["text"] for row in await store.fetch("SELECT text FROM inbound")] == [""] * 7
