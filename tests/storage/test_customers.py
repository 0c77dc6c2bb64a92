"""Customers: how they become known, what they allow, and two that are one."""

from __future__ import annotations

from typing import Any

import pytest

from storage import addresses, audit, consents
from storage.crypto import Keys
from storage.customers import Customers, Entry, Said
from storage.database import Database
from storage.errors import Refused
from storage.merging import merge
from tests.storage.books import make_address, make_customer, make_outgoing

NOW = 1_000_000


@pytest.fixture
def customers(store: Database, keys: Keys) -> Customers:
    return Customers(store, keys)


async def save(customers: Customers, external_id: str = "c-1", **fields: Any) -> int:
    return (await customers.save(Entry(external_id, **fields), actor="key:shop", now=NOW)).id


async def test_a_customer_is_created_once_and_updated_afterwards(customers: Customers) -> None:
    first = await customers.save(Entry("c-1", name="Wang Wei", language="zh-CN"), actor="cli", now=NOW)
    second = await customers.save(Entry("c-1", timezone="Asia/Shanghai"), actor="cli", now=NOW)
    assert (first.how, second.how) == ("created", "updated")
    assert first.public_id == second.public_id
    known = await customers.named("c-1")
    assert known is not None
    assert (known.name, known.language, known.timezone) == ("Wang Wei", "zh-CN", "Asia/Shanghai")


async def test_a_customer_is_found_by_an_address_however_it_is_written(customers: Customers) -> None:
    made = await save(customers, addresses=[("email", "Wei@Example.com"), ("sms", "+86 138 0013 8000")])
    for channel, id in (("email", "wei@example.COM"), ("sms", "+8613800138000")):
        found = await customers.find(channel, id)
        assert found is not None
        assert found.id == made
    assert await customers.find("sms", "+8613800138001") is None


async def test_addresses_lie_encrypted_in_the_store(customers: Customers, store: Database, keys: Keys) -> None:
    made = await save(customers, addresses=[("email", "wei@example.com")])
    row = await store.fetch_one("SELECT sealed, lookup FROM addresses WHERE customer_id = $1", made)
    assert row is not None
    assert b"wei" not in row["sealed"]
    assert "wei" not in row["lookup"]
    (address,) = await addresses.of_customer(store, made)
    assert address.shown(keys) == "wei@example.com"


async def test_attributes_are_merged_key_by_key_and_null_removes(customers: Customers) -> None:
    made = await save(customers, attributes={"tier": "gold", "city": "Suzhou"})
    await customers.set_attributes(made, {"tier": "silver", "city": None, "age": 41})
    known = await customers.get(made)
    assert known is not None
    assert known.attributes == {"tier": "silver", "age": 41}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"language": "klingon!"}, "language 'klingon!'"),
        ({"timezone": "Peking"}, "timezone 'Peking'"),
        ({"name": "x" * 201}, "at most 200"),
        ({"addresses": [("email", "nobody")]}, "'nobody' is no mail address"),
        ({"addresses": [("sms", "0301234")]}, "write it with the country"),
        ({"addresses": [("sms", " ")]}, "empty"),
        ({"consents": [Said("spam", "form")]}, "consent purpose 'spam'"),
        ({"attributes": {"note": "x" * 20_000}}, "at most 16384"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_written(
    customers: Customers, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refused) as refused:
        await save(customers, **fields)
    assert says in str(refused.value)
    assert await customers.named("c-1") is None


async def test_an_address_of_another_customer_is_refused(customers: Customers) -> None:
    await save(customers, "c-1", addresses=[("email", "wei@example.com")])
    with pytest.raises(Refused, match="another customer"):
        await save(customers, "c-2", addresses=[("email", "wei@example.com")])
    assert await customers.named("c-2") is None


async def test_customers_are_searched_by_name_and_external_id(customers: Customers) -> None:
    await save(customers, "shop-17", name="Ann 100%")
    await save(customers, "shop-18", name="李雷")
    assert [c.external_id for c in await customers.search("ANN")] == ["shop-17"]
    assert [c.external_id for c in await customers.search("李")] == ["shop-18"]
    assert [c.external_id for c in await customers.search("%")] == ["shop-17"]
    assert [c.external_id for c in await customers.search("shop")] == ["shop-18", "shop-17"]


async def test_no_push_is_allowed_without_a_consent_for_its_purpose(customers: Customers, store: Database) -> None:
    made = await save(customers, consents=[Said("service", "order form")])
    assert await consents.allowed(store, made, "service")
    assert not await consents.allowed(store, made, "marketing")


async def test_the_later_word_counts_and_a_late_import_does_not_undo_a_withdrawal(
    customers: Customers, store: Database
) -> None:
    made = await save(customers, consents=[Said("service", "form", at=NOW)])
    await consents.say(store, made, "service", "withdrawn", source="chat", actor="customer:1", at=NOW + 5)
    await save(customers, consents=[Said("service", "old import", at=NOW + 1)])
    assert not await consents.allowed(store, made, "service")
    words = await consents.of_customer(store, made)
    assert [(word.status, word.source) for word in words] == [("withdrawn", "chat")]


async def test_every_consent_is_in_the_audit(customers: Customers, store: Database) -> None:
    made = await save(customers, consents=[Said("service", "form")])
    await consents.withdraw_all(store, made, source="chat", actor=f"customer:{made}", at=NOW + 1)
    deeds = [(deed.action, deed.actor) for deed in await audit.latest(store)]
    assert ("consent.granted", "key:shop") in deeds
    assert deeds.count(("consent.withdrawn", f"customer:{made}")) == len(consents.PURPOSES)
    assert not await consents.allowed(store, made, "marketing")


async def test_merging_brings_everything_along(customers: Customers, store: Database, keys: Keys) -> None:
    keep = await save(customers, "c-1", name="Wei", attributes={"tier": "gold"})
    gone = await make_customer(store, "W.", status="anonymous", language="zh", attributes='{"tier":"x","city":"y"}')
    address = await make_address(store, keys, "telegram", "42", customer_id=gone)
    message = await make_outgoing(store, address, customer_id=gone)
    await consents.say(store, gone, "service", "withdrawn", source="chat", actor="x", at=NOW + 9)
    await merge(store, keep, gone, actor="staff:1", now=NOW)
    found = await customers.find("telegram", "42")
    assert found is not None
    assert (found.id, found.name, found.language) == (keep, "Wei", "zh")
    assert found.attributes == {"tier": "gold", "city": "y"}
    row = await store.fetch_one("SELECT customer_id FROM outbox WHERE id = $1", message)
    assert row == {"customer_id": keep}
    assert not await consents.allowed(store, keep, "service")
    led = await customers.get(gone)
    assert led is not None
    assert led.id == keep


async def test_of_two_open_dialogs_and_tickets_the_later_one_goes_on(store: Database) -> None:
    keep, gone = await make_customer(store), await make_customer(store)
    await store.execute(
        "INSERT INTO scripts (name, version, source, path, source_hash, created_at) VALUES ('s', 1, '', '', '', 1)"
    )
    for customer, at in ((keep, 1), (gone, 2)):
        await store.execute(
            """INSERT INTO conversations (public_id, customer_id, script_id, address_id, state, opened_at)
 SELECT $1, $2, id, 1, '', $3 FROM scripts""",
            f"v{at}",
            customer,
            at,
        )
        await store.execute(
            "INSERT INTO tickets (public_id, customer_id, opened_at) VALUES ($1, $2, $3)", f"t{at}", customer, at
        )
    await store.execute(
        "INSERT INTO jobs (kind, subject_id, run_at, created_at) SELECT 'reminder', id, 1, 1 FROM conversations"
    )
    await merge(store, keep, gone, actor="house", now=NOW)
    talks = await store.fetch("SELECT public_id, status FROM conversations ORDER BY id")
    assert [(t["public_id"], t["status"]) for t in talks] == [("v1", "stopped"), ("v2", "open")]
    tickets = await store.fetch("SELECT public_id, status FROM tickets ORDER BY id")
    assert [(t["public_id"], t["status"]) for t in tickets] == [("t1", "closed"), ("t2", "open")]
    jobs = await store.fetch("SELECT status FROM jobs ORDER BY id")
    assert [job["status"] for job in jobs] == ["cancelled", "due"]


async def test_what_is_not_there_any_more_cannot_be_merged(store: Database) -> None:
    one, two, three = [await make_customer(store) for _ in range(3)]
    await merge(store, one, two, actor="cli", now=NOW)
    for keep, gone in ((one, one), (one, two), (two, three)):
        with pytest.raises(Refused):
            await merge(store, keep, gone, actor="cli", now=NOW)
