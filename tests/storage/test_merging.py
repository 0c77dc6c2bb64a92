"""Two customers become one, as the preview said, and two again: nobody loses what was theirs."""

from __future__ import annotations

from typing import Any

import pytest

from storage import audit, consents, privacy
from storage.crypto import Keys
from storage.customers import Customers, Entry
from storage.database import Database
from storage.errors import Refused
from storage.jobs import Jobs
from storage.merge_preview import preview
from storage.merge_undo import UNDO_MS, last_of, undo
from storage.merging import OWNED, merge
from tests.storage.books import make_address, make_customer, make_outgoing

NOW = 100_000_000_000
AFTER = NOW + 1_000


async def put(store: Database, table: str, **columns: Any) -> int:
    names, marks = ", ".join(columns), ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    rows = await store.fetch(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *columns.values())
    return int(rows[0]["id"])


async def somebody(store: Database, keys: Keys, number: int, **columns: Any) -> tuple[int, int, int]:
    """A customer with an address, an open dialog with an answer, messages, a ticket; ids of them, address, dialog."""
    customer = await make_customer(store, **({"external_id": f"crm-{number}", "name": f"Li {number}"} | columns))
    address = await make_address(store, keys, "sms", f"+86138{number:08}", customer_id=customer)
    script = await store.fetch_one("SELECT id FROM scripts")
    script_id = (
        script["id"]
        if script
        else await put(store, "scripts", name="visit", version=1, source="", path="", source_hash="", created_at=1)
    )
    talk = await put(
        store, "conversations", public_id=f"v{number}", customer_id=customer, script_id=script_id, address_id=address,
        state="{}", opened_at=number,
    )  # fmt: skip
    await put(
        store, "answers", conversation_id=talk, customer_id=customer, script_id=script_id, slot="nps", type="nps",
        value="9", said="9", how="exact", at=number,
    )  # fmt: skip
    await put(
        store, "inbound", address_id=address, customer_id=customer, kind="text", text="9", at=number, created_at=number
    )
    await make_outgoing(store, address, customer_id=customer, conversation_id=talk)
    await put(store, "jobs", kind="reminder", subject_id=talk, run_at=NOW * 2, created_at=1)
    await put(store, "tickets", public_id=f"t{number}", customer_id=customer, opened_at=number)
    await put(store, "moments", public_id=f"m{number}", name="x", customer_id=customer, at=1, created_at=1)
    return customer, address, talk


async def owners(store: Database) -> dict[str, list[tuple[int, int]]]:
    """Whose every row is, by table."""
    return {
        table: [(row["id"], row["customer_id"]) for row in await store.fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in OWNED
    }


async def profiles(store: Database) -> list[dict[str, Any]]:
    return await store.fetch("SELECT * FROM customers ORDER BY id")


async def words(store: Database, customer: int) -> dict[str, str]:
    return {word.purpose: word.status for word in await consents.of_customer(store, customer)}


async def test_the_preview_says_what_the_merge_then_does(store: Database, keys: Keys) -> None:
    keep, _, _ = await somebody(store, keys, 1, language="", attributes='{"tier": "gold"}', tags='["vip"]')
    gone, address, _ = await somebody(store, keys, 2, language="zh", attributes='{"tier": "x", "city": "Wuhan"}')
    await consents.say(store, keep, "service", "granted", source="form", actor="x", at=5)
    await consents.say(store, gone, "service", "withdrawn", source="chat", actor="x", at=9)
    said = await preview(store, keep, gone)
    await merge(store, keep, gone, actor="staff:1", now=NOW)
    row = (await profiles(store))[0]
    assert {field.name: field.merged for field in said.fields} == {
        "external_id": "crm-1, crm-2", "name": "Li 1", "language": "zh", "tags": "vip", "tier": "gold", "city": "Wuhan",
    }  # fmt: skip
    assert (row["external_id"], row["name"], row["language"], row["tags"]) == ("crm-1", "Li 1", "zh", '["vip"]')
    assert [field.name for field in said.fields if field.differs] == ["name", "tier"]
    assert [(word.purpose, word.stays, word.goes, word.merged) for word in said.words] == [
        ("service", "granted", "withdrawn", "withdrawn")
    ]
    assert await words(store, keep) == {"service": "withdrawn"}
    assert [one.id for one in said.addresses] == [address]
    assert said.moves == {"conversations": 1, "answers": 1, "moments": 1, "tickets": 1, "messages": 2}
    assert (said.ends, said.closes, said.stands) == ("visit", 1, 2)
    assert [row["status"] for row in await store.fetch("SELECT status FROM conversations ORDER BY id")] == [
        "stopped", "open",
    ]  # fmt: skip


async def test_the_preview_changes_nothing_and_refuses_what_the_merge_refuses(store: Database, keys: Keys) -> None:
    keep, _, _ = await somebody(store, keys, 1)
    gone, _, _ = await somebody(store, keys, 2)
    before = await owners(store), await profiles(store)
    await preview(store, keep, gone)
    assert (await owners(store), await profiles(store)) == before
    await merge(store, keep, gone, actor="cli", now=NOW)
    with pytest.raises(Refused):
        await preview(store, keep, gone)


async def test_what_is_open_with_one_of_the_two_alone_goes_on(store: Database, keys: Keys) -> None:
    keep = await make_customer(store)
    gone, _, _ = await somebody(store, keys, 2)
    said = await preview(store, keep, gone)
    assert (said.goes_on, said.goes_on_of, said.ends) == ("visit", gone, "")
    assert (said.stands, said.stands_of, said.closes) == (1, gone, 0)
    await merge(store, keep, gone, actor="cli", now=NOW)
    talk = await store.fetch_one("SELECT status, customer_id FROM conversations")
    assert talk == {"status": "open", "customer_id": keep}


async def test_undone_at_once_everything_is_as_it_was(store: Database, keys: Keys) -> None:
    keep, _, _ = await somebody(store, keys, 1, attributes='{"tier":"gold"}', tags='["vip"]')
    gone, _, _ = await somebody(store, keys, 2, attributes='{"tier":"x","city":"Wuhan"}', tags='["new"]')
    await consents.say(store, keep, "service", "granted", source="form", actor="x", at=5)
    await consents.say(store, gone, "service", "withdrawn", source="chat", actor="x", at=9)
    stands = (
        "SELECT id, status, closed_at AS ended FROM conversations ORDER BY id",
        "SELECT id, status, closed_at AS ended FROM tickets ORDER BY id",
        "SELECT id, status, finished_at AS ended FROM outbox ORDER BY id",
        "SELECT kind, subject_id, run_at FROM jobs WHERE status = 'due' ORDER BY subject_id",
    )
    before = await owners(store), await profiles(store)
    states = [await store.fetch(sql) for sql in stands]
    number = await merge(store, keep, gone, actor="staff:1", now=NOW)
    assert (await owners(store), await profiles(store)) != before
    assert await undo(store, number, actor="staff:1", now=AFTER) == gone
    assert (await owners(store), await profiles(store)) == before
    assert [await store.fetch(sql) for sql in stands] == states
    assert (await words(store, keep), await words(store, gone)) == ({"service": "granted"}, {"service": "withdrawn"})


async def test_both_are_in_the_audit(store: Database, keys: Keys) -> None:
    keep, gone = await make_customer(store), await make_customer(store)
    number = await merge(store, keep, gone, actor="staff:1", now=NOW)
    await undo(store, number, actor="staff:2", now=AFTER)
    deeds = [(deed.actor, deed.action, deed.subject) for deed in await audit.latest(store)]
    assert deeds == [
        ("staff:2", "customer.unmerged", f"customer:{keep}"), ("staff:1", "customer.merged", f"customer:{keep}"),
    ]  # fmt: skip


async def test_what_came_since_goes_with_its_address(store: Database, keys: Keys) -> None:
    keep, mine, _ = await somebody(store, keys, 1)
    gone, theirs, _ = await somebody(store, keys, 2)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    for address in (mine, theirs):
        when = {"at": AFTER, "created_at": AFTER}
        await put(store, "inbound", address_id=address, customer_id=keep, kind="text", text="since", **when)
    await undo(store, number, actor="cli", now=AFTER)
    since = await store.fetch("SELECT address_id, customer_id FROM inbound WHERE text = 'since' ORDER BY id")
    assert [(row["address_id"], row["customer_id"]) for row in since] == [(mine, keep), (theirs, gone)]


async def test_an_open_dialog_that_went_over_to_the_others_address_comes_home(store: Database, keys: Keys) -> None:
    keep, mine, talk = await somebody(store, keys, 9)
    gone, theirs, _ = await somebody(store, keys, 2)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await store.execute("UPDATE conversations SET address_id = $1 WHERE id = $2", theirs, talk)
    await undo(store, number, actor="cli", now=AFTER)
    row = await store.fetch_one("SELECT customer_id, address_id FROM conversations WHERE id = $1", talk)
    assert row == {"customer_id": keep, "address_id": mine}


async def test_a_dialog_that_was_ended_is_not_opened_beside_a_newer_one(store: Database, keys: Keys) -> None:
    keep, mine, older = await somebody(store, keys, 1)
    gone, _, _ = await somebody(store, keys, 2)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await store.execute("UPDATE conversations SET status = 'finished' WHERE status = 'open'")
    await put(
        store, "conversations", public_id="new", customer_id=keep, script_id=1, address_id=mine, state="{}",
        opened_at=AFTER,
    )  # fmt: skip
    await undo(store, number, actor="cli", now=AFTER)
    assert (await store.fetch_one("SELECT status FROM conversations WHERE id = $1", older)) == {"status": "stopped"}


async def test_a_dialog_that_they_said_stop_to_since_is_not_begun_again(store: Database, keys: Keys) -> None:
    keep, _, older = await somebody(store, keys, 1)
    gone, _, _ = await somebody(store, keys, 2)
    await consents.say(store, keep, "service", "granted", source="form", actor="x", at=5)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await consents.say(store, keep, "service", "withdrawn", source="stop:sms", actor="x", at=AFTER)
    await undo(store, number, actor="cli", now=AFTER + 1)
    assert (await store.fetch_one("SELECT status FROM conversations WHERE id = $1", older)) == {"status": "stopped"}
    unsent = await store.fetch("SELECT status FROM outbox WHERE conversation_id = $1", older)
    assert [row["status"] for row in unsent] == ["cancelled"]


async def test_the_timers_of_a_dialog_and_the_clock_of_a_ticket_come_back_with_them(
    store: Database, keys: Keys
) -> None:
    keep, _, older = await somebody(store, keys, 1)
    gone, _, _ = await somebody(store, keys, 2)
    row = await store.fetch_one("SELECT id FROM tickets WHERE customer_id = $1", keep)
    assert row is not None
    await put(store, "jobs", kind="sla", subject_id=row["id"], sequence=2, run_at=NOW + 10, created_at=1)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    assert await Jobs(store).claim(NOW + 20, 10) == [], "nobody is called for a ticket that is closed"
    await Jobs(store).forget(NOW)
    await undo(store, number, actor="cli", now=AFTER)
    due = await store.fetch("SELECT kind, subject_id, sequence, run_at FROM jobs WHERE status = 'due'")
    assert {"kind": "sla", "subject_id": row["id"], "sequence": 2, "run_at": NOW + 10} in due
    assert {"kind": "reminder", "subject_id": older, "sequence": 0, "run_at": NOW * 2} in due


async def test_what_was_changed_since_in_the_profile_stays(store: Database, keys: Keys) -> None:
    keep = await make_customer(store, "W.", attributes='{"tier": "gold"}', tags='["vip"]')
    gone = await make_customer(store, "Wei", language="zh", attributes='{"city": "Wuhan", "shop": "a"}', tags='["new"]')
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await store.execute(
        """UPDATE customers SET name = 'Wang Wei', tags = '["late","new","vip"]',
 attributes = '{"tier": "gold", "city": "Beijing", "shop": "a"}' WHERE id = $1""",
        keep,
    )
    await undo(store, number, actor="cli", now=AFTER)
    row = (await profiles(store))[0]
    assert (row["name"], row["language"]) == ("Wang Wei", "")
    assert row["tags"] == '["late","vip"]'
    assert row["attributes"] == '{"tier":"gold","city":"Beijing"}'


async def test_a_withdrawal_that_came_since_holds_for_both(store: Database, keys: Keys) -> None:
    keep, gone = await make_customer(store), await make_customer(store)
    await consents.say(store, gone, "service", "granted", source="form", actor="x", at=5)
    await consents.say(store, gone, "research", "granted", source="form", actor="x", at=5)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await consents.say(store, keep, "service", "withdrawn", source="chat", actor="x", at=AFTER)
    await undo(store, number, actor="cli", now=AFTER + 1)
    assert await words(store, keep) == {"service": "withdrawn"}
    assert await words(store, gone) == {"service": "withdrawn", "research": "granted"}


async def test_only_the_last_merge_can_be_taken_back_and_not_for_ever(store: Database, keys: Keys) -> None:
    one, two, three = [await make_customer(store) for _ in range(3)]
    first = await merge(store, one, two, actor="cli", now=NOW)
    second = await merge(store, three, one, actor="cli", now=NOW)
    assert await last_of(store, one, AFTER) is None
    with pytest.raises(Refused, match="take that merge back first"):
        await undo(store, first, actor="cli", now=AFTER)
    with pytest.raises(Refused, match="30 days"):
        await undo(store, second, actor="cli", now=NOW + UNDO_MS + 1)
    found = await last_of(store, three, AFTER)
    assert found is not None
    assert (found.id, found.gone) == (second, one)
    await undo(store, second, actor="cli", now=AFTER)
    with pytest.raises(Refused, match="already"):
        await undo(store, second, actor="cli", now=AFTER)
    await undo(store, first, actor="cli", now=AFTER)
    assert {row["status"] for row in await profiles(store)} == {"known"}


async def test_who_was_erased_since_does_not_come_back(store: Database, keys: Keys) -> None:
    keep, _, _ = await somebody(store, keys, 1)
    gone, _, _ = await somebody(store, keys, 2)
    number = await merge(store, keep, gone, actor="cli", now=NOW)
    await privacy.erase(store, keep, actor="cli", now=AFTER)
    with pytest.raises(Refused):
        await undo(store, number, actor="cli", now=AFTER)
    left = str(await profiles(store)) + str(await store.fetch("SELECT before FROM merges"))
    assert "Li" not in left
    assert "crm-" not in left


async def test_other_programs_go_on_naming_a_customer_who_was_merged(store: Database, keys: Keys) -> None:
    customers = Customers(store, keys)
    keep = (await customers.save(Entry("crm-1", "Li"), actor="key:shop", now=NOW)).id
    gone = (await customers.save(Entry("crm-2", "Wei Li"), actor="key:shop", now=NOW)).id
    await merge(store, keep, gone, actor="cli", now=NOW)
    found = await customers.named("crm-2")
    assert found is not None
    assert found.id == keep
    again = await customers.save(
        Entry("crm-2", "Li Wei", addresses=[("sms", "+8613800138000")]), actor="key:shop", now=AFTER
    )
    assert (again.id, again.how) == (keep, "updated")
    assert [row["name"] for row in await profiles(store)] == ["Li Wei", ""]


async def test_a_stranger_who_stays_becomes_the_known_customer(store: Database, keys: Keys) -> None:
    stranger = await make_customer(store, "", status="anonymous")
    known = await make_customer(store, "Li", external_id="crm-1")
    number = await merge(store, stranger, known, actor="cli", now=NOW)
    row = (await profiles(store))[0]
    assert (row["status"], row["external_id"], row["name"]) == ("known", "crm-1", "Li")
    await undo(store, number, actor="cli", now=AFTER)
    assert [(row["status"], row["external_id"]) for row in await profiles(store)] == [
        ("anonymous", None), ("known", "crm-1"),
    ]  # fmt: skip
