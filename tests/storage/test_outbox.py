"""The outbox: order per address, leases, rates, and statuses that only move forward."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from storage import rates_kept
from storage.crypto import Keys
from storage.database import Database
from storage.outbox import Outbox
from storage.outbox_results import OutboxResults
from storage.outbox_rows import FAILED_JOB, ClaimedRow, NotSent, Proof, Room, Sent
from tests.storage.books import expire_leases, make_address, make_customer, make_outgoing, status_of

NOW = 1_000_000
SMS = Room("sms", 100, "sms", 1000.0)


@pytest.fixture
def outbox(store: Database) -> Outbox:
    return Outbox(store, lease_ms=60_000, most_attempts=3)


@pytest.fixture
def results(store: Database) -> OutboxResults:
    return OutboxResults(store)


@pytest.fixture
async def address(store: Database, keys: Keys) -> int:
    return await make_address(store, keys, "sms", "+15550001")


async def claim(outbox: Outbox, room: Room = SMS) -> list[ClaimedRow]:
    return list((await outbox.claim([room], NOW)).rows)


async def sending(outbox: Outbox) -> ClaimedRow:
    (row,) = await claim(outbox)
    assert await outbox.mark_sending([row], NOW) == {row.id}
    return row


async def test_a_due_message_is_claimed_with_all_that_sending_needs(
    outbox: Outbox, store: Database, address: int, keys: Keys
) -> None:
    customer = await make_customer(store)
    made = await make_outgoing(store, address, customer_id=customer, conversation_id=5, sequence=2, text="你好")
    (row,) = await claim(outbox)
    assert (row.id, row.attempts, row.text, row.sequence) == (made, 1, "你好", 2)
    assert (row.conversation_id, row.customer_id, row.address_status) == (5, customer, "open")
    assert keys.open(row.sealed) == b"+15550001"
    assert await status_of(store, made) == "claimed"


async def test_a_message_is_not_claimed_before_its_time_nor_for_another_channel(
    outbox: Outbox, store: Database, address: int
) -> None:
    await make_outgoing(store, address, run_at=NOW + 1)
    assert await claim(outbox) == []
    await make_outgoing(store, address, channel="email")
    assert await claim(outbox) == []


@pytest.mark.parametrize("status", ["due", "claimed", "sending", "retry", "inline"])
async def test_a_message_waits_for_an_earlier_one_of_its_address(
    outbox: Outbox, store: Database, address: int, status: str
) -> None:
    await make_outgoing(store, address, status=status, run_at=NOW + 1, lease_at=10**15)
    await make_outgoing(store, address)
    assert await claim(outbox) == []


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "dead", "unknown", "cancelled"])
async def test_a_finished_message_does_not_hold_back_later_ones(
    outbox: Outbox, store: Database, address: int, status: str
) -> None:
    await make_outgoing(store, address, status=status)
    later = await make_outgoing(store, address)
    assert [row.id for row in await claim(outbox)] == [later]


async def test_addresses_do_not_wait_for_each_other(
    outbox: Outbox, store: Database, address: int, keys: Keys
) -> None:
    other = await make_address(store, keys, "sms", "+15550002")
    first = [await make_outgoing(store, to) for to in (address, other)]
    second = [await make_outgoing(store, to) for to in (address, other)]
    assert [row.id for row in await claim(outbox)] == first
    assert await claim(outbox) == []
    await store.execute("UPDATE outbox SET status = 'sent' WHERE status = 'claimed'")
    assert [row.id for row in await claim(outbox)] == second


async def test_two_workers_never_hold_the_same_message(outbox: Outbox, store: Database, keys: Keys) -> None:
    for number in range(40):
        to = await make_address(store, keys, "sms", f"+1555{number:04}")
        await make_outgoing(store, to)
        await make_outgoing(store, to)
    other = Outbox(store, lease_ms=60_000)
    room = Room("sms", 7, "sms", 1000.0)
    batches = await asyncio.gather(*(claim(worker, room) for worker in (outbox, other) * 8))
    rows = [row for batch in batches for row in batch]
    assert len({row.id for row in rows}) == len(rows)
    assert len({row.address_id for row in rows}) == len(rows)


async def test_only_a_row_that_is_still_mine_becomes_sending(outbox: Outbox, store: Database, address: int) -> None:
    made = await make_outgoing(store, address)
    (late,) = await claim(outbox)
    await expire_leases(store)
    await outbox.reclaim(NOW, (), ())
    (current,) = await claim(outbox)
    assert current.attempts == 2
    assert await outbox.mark_sending([late], NOW) == set()
    assert await status_of(store, made) == "claimed"
    assert await outbox.mark_sending([current], NOW) == {made}
    assert await status_of(store, made) == "sending"


async def test_a_sent_message_keeps_the_providers_id(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address)
    row = await sending(outbox)
    assert await results.settle([Sent(row, "SM1")], NOW + 5) == 0
    kept = await store.fetch_one("SELECT status, external_id, sent_at, finished_at FROM outbox")
    assert kept == {"status": "sent", "external_id": "SM1", "sent_at": NOW + 5, "finished_at": NOW + 5}


async def test_a_retry_comes_again_at_its_time_and_keeps_its_place(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    first = await make_outgoing(store, address)
    await make_outgoing(store, address)
    row = await sending(outbox)
    await results.settle([NotSent(row, "retry", "429", run_at=NOW + 500)], NOW)
    assert await claim(outbox) == []
    again = (await outbox.claim([SMS], NOW + 500)).rows
    assert [(row.id, row.attempts) for row in again] == [(first, 2)]


async def test_a_row_put_back_is_told_from_its_next_claim_so_that_putting_back_twice_changes_nothing(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address)
    (row,) = await claim(outbox)
    await results.settle([NotSent(row, "due", run_at=NOW)], NOW)
    (again,) = await claim(outbox)
    assert again.attempts == 2
    await results.settle([NotSent(row, "due", run_at=NOW)], NOW)
    assert await status_of(store, row.id) == "claimed"


async def failed_jobs(store: Database) -> list[dict[str, Any]]:
    return await store.fetch("SELECT subject_id, sequence, body FROM jobs WHERE kind = $1", FAILED_JOB)


@pytest.mark.parametrize("status", ["dead", "unknown"])
async def test_a_message_of_a_dialog_that_will_not_arrive_leaves_a_job(
    outbox: Outbox, results: OutboxResults, store: Database, address: int, status: Any
) -> None:
    made = await make_outgoing(store, address, conversation_id=5, customer_id=6, sequence=3)
    row = await sending(outbox)
    assert await results.settle([NotSent(row, status, "blocked")], NOW) == 1
    assert await status_of(store, made) == status
    (job,) = await failed_jobs(store)
    assert (job["subject_id"], job["sequence"]) == (made, 3)
    told = {"conversation_id": 5, "status": status, "reason": "blocked"}
    assert orjson.loads(job["body"]) == told


async def test_a_message_outside_dialogs_leaves_no_job(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address)
    row = await sending(outbox)
    assert await results.settle([NotSent(row, "dead", "blocked")], NOW) == 1
    assert await failed_jobs(store) == []


async def test_an_address_that_is_gone_is_closed_with_its_reason(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address)
    row = await sending(outbox)
    await results.settle([NotSent(row, "dead", "blocked by the customer", address="closed")], NOW)
    kept = await store.fetch_one("SELECT status, reason FROM addresses")
    assert kept == {"status": "closed", "reason": "blocked by the customer"}


async def test_a_worker_whose_row_was_taken_over_changes_nothing(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    made = await make_outgoing(store, address)
    late = await sending(outbox)
    await expire_leases(store)
    left = await outbox.reclaim(NOW, ("sms",), ())
    assert [row.id for row in left.doubtful] == [made]
    await results.settle([NotSent(late, "dead", "x")], NOW)
    assert await status_of(store, made) == "sending"
    await results.settle([Sent(left.doubtful[0], "SM1")], NOW)
    assert await status_of(store, made) == "sent"


async def test_an_expired_claim_is_due_again(outbox: Outbox, store: Database, address: int) -> None:
    made = await make_outgoing(store, address)
    await claim(outbox)
    assert (await outbox.reclaim(NOW, (), ())).outcomes == ()
    assert await status_of(store, made) == "claimed"
    await expire_leases(store)
    await outbox.reclaim(NOW, (), ())
    assert await status_of(store, made) == "due"


async def test_an_expired_sending_that_cannot_be_looked_up_is_unknown_and_never_sent_again(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    made = await make_outgoing(store, address)
    await sending(outbox)
    await expire_leases(store)
    left = await outbox.reclaim(NOW, (), ("sms",))
    await results.settle(left.outcomes, NOW)
    assert await status_of(store, made) == "unknown"
    assert await claim(outbox) == []


async def test_a_message_that_kills_its_workers_is_dead(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    made = await make_outgoing(store, address)
    for _ in range(3):
        assert len(await claim(outbox)) == 1
        await expire_leases(store)
        await results.settle((await outbox.reclaim(NOW, (), ())).outcomes, NOW)
    assert await status_of(store, made) == "dead"


async def test_an_inline_reply_that_nobody_confirmed_goes_its_channels_way(
    outbox: Outbox, results: OutboxResults, store: Database, keys: Keys
) -> None:
    made = {}
    for channel in ("wechat", "sms", "telegram"):
        to = await make_address(store, keys, channel, "42")
        made[channel] = await make_outgoing(
            store, to, channel=channel, status="inline", via="response", created_at=NOW
        )
    assert await outbox.reclaim(NOW + 19_999, ("sms",), ("wechat",)) == await outbox.reclaim(NOW, (), ())
    left = await outbox.reclaim(NOW + 20_000, ("sms",), ("wechat",))
    await results.settle(left.outcomes, NOW)
    assert await status_of(store, made["wechat"]) == "due"
    assert await status_of(store, made["telegram"]) == "unknown"
    assert [row.id for row in left.doubtful] == [made["sms"]]


async def test_a_receipt_moves_a_message_forward(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    made = await make_outgoing(store, address)
    row = await sending(outbox)
    await results.settle([Sent(row, "SM1")], NOW)
    for status in ("delivered", "read"):
        assert await results.prove([Proof("sms", status, NOW, external_id="SM1")], NOW) == (1, 0)
        assert await status_of(store, made) == status


@pytest.mark.parametrize(
    ("stands", "late"),
    [
        ("delivered", "sent"),
        ("delivered", "delivered"),
        ("delivered", "failed"),
        ("read", "delivered"),
        ("read", "failed"),
        ("dead", "delivered"),
        ("cancelled", "sent"),
        ("due", "delivered"),
        ("retry", "sent"),
    ],
)
async def test_a_late_or_impossible_receipt_changes_nothing(
    results: OutboxResults, store: Database, address: int, stands: str, late: Any
) -> None:
    made = await make_outgoing(store, address, status=stands, external_id="SM1")
    assert await results.prove([Proof("sms", late, NOW, external_id="SM1")], NOW) == (0, 0)
    assert await status_of(store, made) == stands


async def test_a_receipt_that_is_faster_than_our_own_answer_stands(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    made = await make_outgoing(store, address)
    row = await sending(outbox)
    proof = Proof("sms", "delivered", NOW, external_id="SM1", public_id=row.public_id)
    assert await results.prove([proof], NOW) == (1, 0)
    await results.settle([Sent(row, "SM1")], NOW + 5)
    assert await status_of(store, made) == "delivered"


async def test_a_receipt_clears_up_an_unknown_outcome(results: OutboxResults, store: Database, address: int) -> None:
    made = await make_outgoing(store, address, status="unknown", public_id="f" * 32)
    assert await results.prove([Proof("sms", "sent", NOW, public_id="f" * 32)], NOW) == (1, 0)
    assert await status_of(store, made) == "sent"


async def test_a_receipt_of_failure_tells_the_dialog(results: OutboxResults, store: Database, address: int) -> None:
    made = await make_outgoing(store, address, status="sent", external_id="SM1", conversation_id=5, sequence=1)
    assert await results.prove([Proof("sms", "failed", NOW, external_id="SM1", reason="30003")], NOW) == (1, 1)
    assert await status_of(store, made) == "dead"
    assert [job["subject_id"] for job in await failed_jobs(store)] == [made]


async def test_a_receipt_of_another_channels_message_changes_nothing(
    results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address, status="sent", external_id="1")
    assert await results.prove([Proof("telegram", "read", NOW, external_id="1")], NOW) == (0, 0)
    assert await results.prove([Proof("sms", "read", NOW)], NOW) == (0, 0)


async def test_text_that_a_database_cannot_keep_is_cleaned(
    outbox: Outbox, results: OutboxResults, store: Database, address: int
) -> None:
    await make_outgoing(store, address)
    row = await sending(outbox)
    await results.settle([NotSent(row, "dead", "a\0b\ud800" + "x" * 1000)], NOW)
    kept = await store.fetch_one("SELECT error FROM outbox")
    assert kept is not None
    assert kept["error"].startswith("ab?")
    assert len(kept["error"]) == 400


async def test_a_rate_is_shared_by_all_workers(outbox: Outbox, store: Database, keys: Keys) -> None:
    for number in range(12):
        await make_outgoing(store, await make_address(store, keys, "sms", f"+1555{number:04}"))
    slow = Room("sms", 100, "sms", 5.0)
    first = await outbox.claim([slow], NOW)
    second = await Outbox(store, lease_ms=1).claim([slow], NOW)
    assert len(first.rows) == 5
    assert len(second.rows) <= 1
    assert second.next_at > await store.now_ms() - 1000


async def test_what_a_rate_let_through_and_was_not_used_is_given_back(
    outbox: Outbox, store: Database, address: int
) -> None:
    slow = Room("sms", 100, "sms", 0.001)
    await make_outgoing(store, address, run_at=NOW + 1)
    assert (await outbox.claim([slow], NOW)).rows == ()
    claimed = await outbox.claim([slow], NOW + 1)
    assert len(claimed.rows) == 1
    assert claimed.next_at > await store.now_ms()


async def test_a_channel_at_rest_is_not_claimed(outbox: Outbox, store: Database, address: int) -> None:
    await make_outgoing(store, address)
    await rates_kept.rest(store, "sms", 60_000)
    await rates_kept.rest(store, "sms", 10)
    slow = Room("sms", 100, "sms", 5.0)
    claimed = await outbox.claim([slow], NOW)
    assert not claimed.rows
    assert claimed.next_at > await store.now_ms() + 50_000


async def test_a_claim_stays_quick_after_analyze_with_many_finished_messages(
    outbox: Outbox, store: Database, keys: Keys
) -> None:
    to = [await make_address(store, keys, "sms", f"+1555{number:04}") for number in range(20)]
    rows = [(f"{10**6 + n:032x}", to[n % 20], "sent" if n < 19_980 else "due") for n in range(20_000)]
    await store.execute_many(
        """INSERT INTO outbox (public_id, address_id, channel, kind, text, run_at, created_at, status)
 VALUES ($1, $2, 'sms', 'say', '', 1, 1, $3)""",
        rows,
    )
    await store.execute("ANALYZE")
    claimed = await claim(outbox)
    assert len(claimed) == 20
    assert await scans(store) == []


async def scans(store: Database) -> list[str]:
    """The steps of the claim's plan that read the whole outbox."""
    claim_sql = """SELECT o.id FROM outbox o WHERE o.channel = 'sms' AND o.status IN ('due', 'retry')
 AND o.run_at <= 5 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.address_id = o.address_id AND e.id < o.id
 AND e.status IN ('due', 'claimed', 'sending', 'retry', 'inline')) ORDER BY o.run_at, o.id LIMIT 10"""
    marked = store.table("'[]'", id="bigint")
    mark_sql = f"UPDATE outbox SET status = 'sending' FROM {marked} WHERE outbox.id = k.id"
    plans: list[str] = []
    for sql in (claim_sql, mark_sql):
        if store.kind == "sqlite":
            async with store.transaction():
                plans += [row["detail"] for row in await store.fetch(f"EXPLAIN QUERY PLAN {sql}")]
        else:
            plans += [row["QUERY PLAN"] for row in await store.fetch(f"EXPLAIN {sql}")]
    whole = ("SCAN o", "SCAN e", "SCAN outbox", "Seq Scan on outbox")
    return [step for step in plans if any(name in step and "USING" not in step for name in whole)]
