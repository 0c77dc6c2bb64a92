"""The outgoing loop: order, outcomes, rates, what others left, and a store that goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bot.delivery import Delivery
from bot.delivery_outcomes import Pace
from channels.channel import Capabilities
from channels.errors import OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary
from channels.message import Outbound
from storage.crypto import Keys
from storage.database import Database
from storage.outbox import Outbox
from storage.outbox_rows import Claim, ClaimedRow, Room
from tests.bot.delivery_parts import PACE, AskablePlatform, Platform, delivery_of
from tests.fakes.house import StandingClock
from tests.storage.books import expire_leases, make_address, make_outgoing, status_of

LONG = Pace(timeout=20.0)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def address(store: Database, keys: Keys) -> int:
    return await make_address(store, keys, "sms", "+15550001")


def milliseconds(clock: StandingClock) -> int:
    return int(clock.at.timestamp() * 1000)


def raising(error: SendError) -> Callable[[Outbound], object]:
    def does(outbound: Outbound) -> object:
        raise error

    return does


async def row_of(store: Database, outgoing: int) -> dict[str, Any]:
    row = await store.fetch_one("SELECT * FROM outbox WHERE id = $1", outgoing)
    assert row is not None
    return row


async def test_a_due_message_is_sent_and_marked(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    platform = Platform()
    body = '{"language":"zh","choices":[["好","p1",""]],"reply_to":"77"}'
    made = await make_outgoing(store, address, text="怎么样？", body=body)
    assert await delivery_of(store, keys, clock, platform).once() == 1
    (outbound,) = platform.book
    assert (outbound.to.id, outbound.text) == ("+15550001", "怎么样？")
    assert (outbound.language, outbound.reply_to) == ("zh", "77")
    assert [choice.payload for choice in outbound.choices] == ["p1"]
    row = await row_of(store, made)
    assert (row["status"], row["external_id"]) == ("sent", f"ext-{row['public_id']}")
    assert row["sent_at"] == milliseconds(clock)


async def test_messages_of_an_address_arrive_in_order_and_addresses_run_beside_each_other(
    store: Database, keys: Keys, clock: StandingClock
) -> None:
    slow = asyncio.Event()
    platform = Platform(does=lambda outbound: slow.wait() if outbound.text == "a0" else None)
    one = await make_address(store, keys, "sms", "+1")
    two = await make_address(store, keys, "sms", "+2")
    for number in range(4):
        await make_outgoing(store, one, text=f"a{number}")
        await make_outgoing(store, two, text=f"b{number}")
    running = asyncio.create_task(delivery_of(store, keys, clock, platform, pace=LONG).once())
    while "b3" not in platform.texts:
        await asyncio.sleep(0.001)
    assert platform.texts == ["b0", "b1", "b2", "b3"]
    slow.set()
    assert await running == 8
    assert platform.texts[4:] == ["a0", "a1", "a2", "a3"]


async def test_a_temporary_failure_is_tried_again_with_growing_pauses_and_then_given_up(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    made = await make_outgoing(store, address, created_at=milliseconds(clock), conversation_id=4, sequence=1)
    delivery = delivery_of(store, keys, clock, Platform(does=raising(Temporary("busy", code="503"))))
    for pause in (10, 30):
        assert await delivery.once() == 1
        row = await row_of(store, made)
        assert (row["status"], row["error"]) == ("retry", "busy (503)")
        assert row["run_at"] == milliseconds(clock) + pause * 1000
        assert await delivery.once() == 0
        clock.at += timedelta(seconds=pause)
    assert await delivery.once() == 1
    row = await row_of(store, made)
    assert (row["status"], row["error"]) == ("dead", "busy (503); given up after 3 attempts")


async def test_the_providers_own_pause_is_obeyed(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    made = await make_outgoing(store, address, created_at=milliseconds(clock))
    await delivery_of(store, keys, clock, Platform(does=raising(Temporary("slow", retry_after=77)))).once()
    assert (await row_of(store, made))["run_at"] == milliseconds(clock) + 77_000


async def test_a_limit_of_the_whole_channel_rests_it_for_all_processes(
    store: Database, keys: Keys, clock: StandingClock
) -> None:
    limited = Capabilities(max_text=1000, per_second=100.0)
    error = Temporary("too many requests", retry_after=60, whole_channel=True)
    first = await make_address(store, keys, "sms", "+1")
    made = await make_outgoing(store, first, created_at=milliseconds(clock))
    await delivery_of(store, keys, clock, Platform(capabilities=limited, does=raising(error))).once()
    assert await status_of(store, made) == "retry"
    other = await make_outgoing(store, await make_address(store, keys, "sms", "+2"))
    platform = Platform(capabilities=limited)
    assert await delivery_of(store, keys, clock, platform).once() == 0
    assert await status_of(store, other) == "due"
    await store.execute("UPDATE facts SET value = '0'")
    assert await delivery_of(store, keys, clock, platform).once() == 1


async def test_a_recipient_that_moved_is_written_to_at_the_new_place(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    def moved(outbound: Outbound) -> object:
        if outbound.to.id == "+15550001":
            raise Temporary("moved", moved_to="+15559999")
        return None

    platform = Platform(does=moved)
    made = await make_outgoing(store, address, created_at=milliseconds(clock))
    delivery = delivery_of(store, keys, clock, platform)
    assert await delivery.once() == 2
    assert [outbound.to.id for outbound in platform.book] == ["+15559999"]
    assert await status_of(store, made) == "sent"


async def test_a_group_that_moved_onto_a_known_address_takes_its_messages_there(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    known = await make_address(store, keys, "sms", "+15559999")

    def moved(outbound: Outbound) -> object:
        if outbound.to.id == "+15550001":
            raise Temporary("moved", moved_to="+15559999")
        return None

    platform = Platform(does=moved)
    made = [await make_outgoing(store, address, created_at=milliseconds(clock), text=text) for text in "ab"]
    await delivery_of(store, keys, clock, platform).once()
    assert platform.texts == ["a", "b"]
    assert [(await row_of(store, each))["address_id"] for each in made] == [known, known]
    old = await store.fetch_one("SELECT status, reason FROM addresses WHERE id = $1", address)
    assert old == {"status": "closed", "reason": "moved"}


async def test_a_rejected_message_is_dead_and_its_dialog_hears_of_it(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    rung: list[str] = []
    made = await make_outgoing(store, address, conversation_id=4, sequence=2)
    later = await make_outgoing(store, address, text="later")
    platform = Platform(does=lambda o: None if o.text == "later" else raising(Rejected("filtered", code="30007"))(o))
    await delivery_of(store, keys, clock, platform, wake_jobs=lambda: rung.append("jobs")).once()
    row = await row_of(store, made)
    assert (row["status"], row["error"]) == ("dead", "filtered (30007)")
    assert await status_of(store, later) == "sent"
    job = await store.fetch_one("SELECT subject_id, sequence FROM jobs WHERE kind = 'failed_msg'")
    assert job == {"subject_id": made, "sequence": 2}
    assert rung == ["jobs"]


async def test_a_recipient_that_is_gone_closes_the_address_and_what_waits_for_it(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    made = [await make_outgoing(store, address) for _ in range(2)]
    platform = Platform(does=raising(RecipientGone("blocked by the user", code="403")))
    await delivery_of(store, keys, clock, platform).once()
    kept = await store.fetch_one("SELECT status, reason FROM addresses WHERE id = $1", address)
    assert kept == {"status": "closed", "reason": "blocked by the user (403)"}
    assert [(await row_of(store, each))["error"] for each in made] == [
        "blocked by the user (403)",
        "the address is closed",
    ]


async def test_a_person_who_told_the_provider_to_stop_is_stopped_and_gets_no_more(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    made = [await make_outgoing(store, address) for _ in range(2)]
    platform = Platform(does=raising(RecipientGone("the person opted out (STOP)", code="21610", stopped=True)))
    await delivery_of(store, keys, clock, platform).once()
    kept = await store.fetch_one("SELECT status, reason FROM addresses WHERE id = $1", address)
    assert kept == {"status": "stopped", "reason": "the person opted out (STOP) (21610)"}
    assert (await row_of(store, made[1]))["error"] == "the address is stopped"


async def test_a_window_that_the_platform_calls_used_up_is_used_up_for_the_planner_too(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    window = "SELECT status, window_at, window_left FROM addresses WHERE id = $1"
    now = int(clock.now().timestamp() * 1000)
    await store.execute("UPDATE addresses SET window_at = $1, window_left = 4 WHERE id = $2", now + 1000, address)
    platform = Platform(does=raising(Rejected("too many messages", code="45047", spent=True)))
    await make_outgoing(store, address)
    await delivery_of(store, keys, clock, platform).once()
    assert await store.fetch_one(window, address) == {"status": "open", "window_at": now + 1000, "window_left": 0}
    await store.execute("UPDATE addresses SET window_at = 0, window_left = -1 WHERE id = $1", address)
    await make_outgoing(store, address)
    await delivery_of(store, keys, clock, platform).once()
    assert await store.fetch_one(window, address) == {"status": "open", "window_at": now, "window_left": 0}


async def hang() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    "does",
    [raising(OutcomeUnknown("cut")), lambda outbound: hang(), raising(ValueError("a bug"))],  # type: ignore[arg-type]
    ids=["cut", "slow", "bug"],
)
async def test_a_send_in_doubt_is_unknown_and_never_repeated(
    store: Database, keys: Keys, clock: StandingClock, address: int, does: Callable[[Outbound], object]
) -> None:
    made = await make_outgoing(store, address)
    platform = Platform(does=does)
    delivery = delivery_of(store, keys, clock, platform)
    await delivery.once()
    assert await status_of(store, made) == "unknown"
    clock.at += timedelta(days=1)
    await expire_leases(store)
    assert await delivery.once() == 0


@pytest.mark.parametrize(
    ("answer", "stands"), [("SM9", "sent"), (None, "sent"), (OutcomeUnknown("who knows"), "unknown")]
)
async def test_a_send_in_doubt_is_looked_up_where_the_provider_allows(
    store: Database, keys: Keys, clock: StandingClock, address: int, answer: Any, stands: str
) -> None:
    def answers(outbound: Outbound) -> str | None:
        if isinstance(answer, Exception):
            raise answer
        return None if answer is None else str(answer)

    platform = AskablePlatform(does=raising(OutcomeUnknown("cut")), answers=answers)
    made = await make_outgoing(store, address)
    await delivery_of(store, keys, clock, platform).once()
    assert await status_of(store, made) == "sending"
    assert platform.asked == []
    platform.does = lambda outbound: None
    await expire_leases(store)
    await delivery_of(store, keys, clock, platform).once()
    assert await status_of(store, made) == stands
    assert platform.asked == [clock.at - timedelta(seconds=5)]
    assert len(platform.book) == (1 if answer is None else 0)


@pytest.mark.parametrize(("answer", "stands"), [("SM7", "sent"), (None, "unknown")])
async def test_a_reply_in_a_response_that_nobody_confirmed_is_looked_up_and_never_sent_again(
    store: Database, keys: Keys, clock: StandingClock, address: int, answer: str | None, stands: str
) -> None:
    platform = AskablePlatform(answers=lambda outbound: answer)
    made = await make_outgoing(
        store, address, status="inline", via="response", created_at=milliseconds(clock) - 20_000
    )
    delivery = delivery_of(store, keys, clock, platform)
    await delivery.once()
    assert await status_of(store, made) == stands
    await expire_leases(store)
    await delivery.once()
    assert platform.book == []


async def test_a_look_up_that_finds_another_message_of_ours_proves_nothing(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    await make_outgoing(store, address, status="sent", external_id="SM9")
    made = await make_outgoing(store, address, status="sending", lease_at=1)
    await delivery_of(store, keys, clock, AskablePlatform(answers=lambda outbound: "SM9")).once()
    assert await status_of(store, made) == "unknown"


async def test_a_look_up_without_an_answer_is_asked_again_later(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    def answers(outbound: Outbound) -> str | None:
        raise Temporary("down")

    platform = AskablePlatform(answers=answers)
    made = await make_outgoing(store, address, status="sending", lease_at=1)
    await delivery_of(store, keys, clock, platform).once()
    assert await status_of(store, made) == "sending"
    platform.answers = lambda outbound: "SM9"
    await expire_leases(store)
    await delivery_of(store, keys, clock, platform).once()
    assert await status_of(store, made) == "sent"


async def test_messages_of_a_channel_that_is_switched_off_wait_a_day_and_then_their_dialogs_hear_of_it(
    store: Database, keys: Keys, clock: StandingClock
) -> None:
    to = await make_address(store, keys, "email", "ann@example.org")
    due = milliseconds(clock)
    made = [await make_outgoing(store, to, channel="email", run_at=due, conversation_id=7, sequence=n) for n in (1, 2)]
    clock.at += timedelta(hours=23)
    await delivery_of(store, keys, clock, Platform()).once()
    assert [await status_of(store, each) for each in made] == ["due", "due"]
    clock.at += timedelta(hours=1)
    for _ in made:
        await delivery_of(store, keys, clock, Platform()).once()
    assert [await status_of(store, each) for each in made] == ["dead", "dead"]
    assert (await row_of(store, made[0]))["error"] == "email is switched off; given up after 24 h"
    told = await store.fetch("SELECT subject_id FROM jobs WHERE kind = 'failed_msg' ORDER BY subject_id")
    assert [job["subject_id"] for job in told] == made


async def test_an_inline_reply_that_was_lost_goes_the_other_way_where_that_is_safe(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    again = Platform(capabilities=Capabilities(max_text=1000, inline_resend=True, per_second=5000.0))
    made = await make_outgoing(
        store, address, status="inline", via="response", created_at=milliseconds(clock) - 20_000
    )
    await delivery_of(store, keys, clock, again).once()
    assert len(again.book) == 1
    row = await row_of(store, made)
    assert (row["status"], row["via"]) == ("sent", "api")


async def test_two_messages_of_an_address_keep_the_channels_distance(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    spaced = Capabilities(max_text=1000, per_second=5000.0, per_address_seconds=1.0)
    platform = Platform(capabilities=spaced)
    for text in "ab":
        await make_outgoing(store, address, text=text)
    delivery = delivery_of(store, keys, clock, platform)
    await delivery.once()
    assert platform.texts == ["a"]
    clock.at += timedelta(seconds=1)
    assert await delivery.once() == 1
    assert platform.texts == ["a", "b"]


async def test_a_row_that_cannot_be_read_is_dead_and_the_next_goes_on(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    platform = Platform()
    broken = await make_outgoing(store, address, body="not json")
    fine = await make_outgoing(store, address)
    await delivery_of(store, keys, clock, platform).once()
    assert [await status_of(store, broken), await status_of(store, fine)] == ["dead", "sent"]


async def test_two_loops_send_each_message_once(store: Database, keys: Keys, clock: StandingClock) -> None:
    platform = Platform()
    for number in range(30):
        to = await make_address(store, keys, "sms", f"+1555{number:04}")
        for text in ("one", "two"):
            await make_outgoing(store, to, text=text)
    loops = [delivery_of(store, keys, clock, platform) for _ in range(3)]
    await asyncio.gather(*(loop.once() for loop in loops))
    await loops[0].once()
    assert len(platform.book) == 60
    assert len({outbound.id for outbound in platform.book}) == 60


async def test_a_wake_up_is_enough_and_polling_would_be_too(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    platform = Platform()
    delivery = delivery_of(store, keys, clock, platform)
    running = asyncio.create_task(delivery.run())
    await asyncio.sleep(0.01)
    await make_outgoing(store, address, text="woken")
    delivery.wake()
    await until(lambda: platform.texts == ["woken"])
    await make_outgoing(store, address, text="polled")
    await until(lambda: platform.texts == ["woken", "polled"])
    await stopped(running)
    assert len(platform.book) == 2


async def test_what_is_under_way_when_the_loop_is_stopped_is_written_down(
    store: Database, keys: Keys, clock: StandingClock, address: int
) -> None:
    leave = asyncio.Event()
    entered = asyncio.Event()

    async def slowly() -> None:
        entered.set()
        await leave.wait()

    made = await make_outgoing(store, address)
    running = asyncio.create_task(
        delivery_of(store, keys, clock, Platform(does=lambda outbound: slowly()), pace=LONG).run()
    )
    await entered.wait()
    running.cancel()
    await asyncio.sleep(0.01)
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await status_of(store, made) == "sent"


async def test_a_store_that_goes_away_loses_no_outcome(
    store: Database, keys: Keys, clock: StandingClock, address: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    made = await make_outgoing(store, address)
    delivery = delivery_of(store, keys, clock, platform)
    settle = delivery._results.settle
    gone = iter([True, True])

    async def failing(*args: Any) -> int:
        if next(gone, False):
            raise store.gone[0]("the server closed the connection")
        return await settle(*args)

    monkeypatch.setattr(delivery._results, "settle", failing)
    running = asyncio.create_task(delivery.run())
    await until_async(lambda: status_of(store, made), "sent")
    await stopped(running)
    assert len(platform.book) == 1


class Draws:
    """Draws every message as it stands."""

    kinds = ("card",)

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        return outbound


async def test_a_mark_whose_confirmation_was_lost_leaves_no_message_in_doubt(
    store: Database, keys: Keys, clock: StandingClock, address: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    made = await make_outgoing(store, address, kind="card")
    delivery = Delivery(store, {"sms": platform}, keys, clock, pace=PACE, composer=Draws())
    mark = delivery._outbox.mark_sending
    lost = iter([True])

    async def marking(*args: Any) -> set[int]:
        marked = await mark(*args)
        if next(lost, False):
            raise store.gone[0]("the server closed the connection")
        return marked

    monkeypatch.setattr(delivery._outbox, "mark_sending", marking)
    assert await delivery.once() == 2
    assert await status_of(store, made) == "sent"
    assert len(platform.book) == 1


async def postgres(url: str) -> Database:
    return await Database.connect(url, serving=True)


async def test_a_claim_whose_confirmation_was_lost_leaves_no_message_in_doubt(
    postgres_url: str, keys: Keys, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, platform = await postgres(postgres_url), Platform()
    made = await make_outgoing(store, await make_address(store, keys, "sms", "+1"))
    delivery = delivery_of(store, keys, clock, platform)
    transaction = store.transaction
    lost = iter([True])

    @asynccontextmanager
    async def cut() -> AsyncIterator[Any]:
        async with transaction() as begun:
            yield begun
        if next(lost, False):
            raise store.gone[0]("the server closed the connection")

    monkeypatch.setattr(store, "transaction", cut)
    with pytest.raises(store.gone):
        await delivery.once()
    assert await status_of(store, made) == "sending"
    assert await delivery.once() == 1
    assert (await row_of(store, made))["attempts"] == 1
    assert await status_of(store, made) == "sent"
    await store.close()
    assert len(platform.book) == 1


async def test_what_another_worker_holds_meanwhile_is_not_put_back(
    postgres_url: str, keys: Keys, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await postgres(postgres_url)
    made = await make_outgoing(store, await make_address(store, keys, "sms", "+1"))
    mine = delivery_of(store, keys, clock, Platform())
    transaction = store.transaction

    @asynccontextmanager
    async def undone() -> AsyncIterator[Any]:
        async with transaction() as begun:
            yield begun
            raise store.gone[0]("the server closed the connection")

    monkeypatch.setattr(store, "transaction", undone)
    with pytest.raises(store.gone):
        await mine.once()
    monkeypatch.setattr(store, "transaction", transaction)
    (theirs,) = (await Outbox(store, lease_ms=60_000).claim([Room("sms", 9, "sms", 5000.0)], 1 << 50)).rows
    assert theirs.attempts == 1
    assert [one.id for one in mine._outbox._unconfirmed] == [made]
    await mine._outbox.put_back()
    assert await status_of(store, made) == "claimed"
    await store.close()


async def test_a_worker_that_is_stopped_while_it_claims_puts_back_what_it_got(
    store: Database, keys: Keys, clock: StandingClock, address: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    made = await make_outgoing(store, address)
    delivery = delivery_of(store, keys, clock, platform)
    claim, claimed, leave = delivery._outbox.claim, asyncio.Event(), asyncio.Event()

    async def slowly(*args: Any) -> Claim:
        found = await claim(*args)
        if found.rows:
            claimed.set()
            await leave.wait()
        return found

    monkeypatch.setattr(delivery._outbox, "claim", slowly)
    running = asyncio.create_task(delivery.run())
    await claimed.wait()
    running.cancel()
    await asyncio.sleep(0)
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert platform.book == []
    row = await row_of(store, made)
    assert (row["status"], row["attempts"]) == ("due", 1)


async def test_a_postgresql_that_cuts_connections_costs_no_message(
    postgres_url: str, keys: Keys, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    store, let = await postgres(postgres_url), asyncio.Semaphore(0)
    platform = Platform(does=lambda outbound: let.acquire())
    platform.capabilities = replace(platform.capabilities, under_way=4)
    for number in range(30):
        to = await make_address(store, keys, "sms", f"+1555{number:04}")
        for text in ("one", "two"):
            await make_outgoing(store, to, text=text)
    delivery = delivery_of(store, keys, clock, platform, pace=Pace(poll=0.02))
    other, holder = await asyncpg.connect(postgres_url), await asyncpg.connect(postgres_url)
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(60):
        for _ in range(6):
            # What the loop wants to write has to wait for this lock: it is always cut in the middle of it.
            async with holder.transaction():
                await holder.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
                for _ in range(4):
                    let.release()
                while not await other.fetchval(
                    """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'"""
                ):
                    await asyncio.sleep(0.005)
        for _ in range(60):
            let.release()
        while await other.fetchval("SELECT count(*) FROM outbox WHERE status NOT IN ('sent', 'unknown')"):
            await asyncio.sleep(0.01)
    await stopped(running)
    statuses = await other.fetch("SELECT status, count(*) AS n FROM outbox GROUP BY status")
    await other.close()
    await holder.close()
    await store.close()
    assert len(platform.book) == len({outbound.id for outbound in platform.book})
    assert {row["status"]: row["n"] for row in statuses} == {"sent": 60}
    assert caplog.text.count("cannot be reached") >= 6


async def test_the_log_holds_no_text_and_no_address(
    store: Database, keys: Keys, clock: StandingClock, address: int, caplog: pytest.LogCaptureFixture
) -> None:
    def bug(outbound: Outbound) -> object:
        raise ValueError(f"could not send {outbound.text} to {outbound.to.id}")

    await make_outgoing(store, address, text="very secret")
    with caplog.at_level(logging.DEBUG, logger="motline"):
        await delivery_of(store, keys, clock, Platform(does=bug)).once()
    assert "ValueError" in caplog.text
    assert "very secret" not in caplog.text
    assert "+15550001" not in caplog.text


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.002)


async def until_async(read: Callable[[], Any], value: str) -> None:
    async with asyncio.timeout(10):
        while await read() != value:
            await asyncio.sleep(0.01)


async def stopped(running: asyncio.Task[None]) -> None:
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
