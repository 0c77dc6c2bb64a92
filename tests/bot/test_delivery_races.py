"""The outgoing loop where two workers, a stop and a slow store meet: nothing is sent twice, nothing forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.delivery import Delivery
from bot.delivery_crew import Limits
from bot.delivery_outcomes import Pace
from channels.errors import OutcomeUnknown
from channels.message import Outbound
from storage.crypto import Keys
from storage.database import Database
from storage.outbox_rows import Claim, ClaimedRow
from tests.bot.delivery_parts import Platform, delivery_of
from tests.fakes.house import StandingClock
from tests.storage.books import make_address, make_customer, make_outgoing, status_of

WAITS = Pace(timeout=20)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


async def until(store: Database, outgoing: int, status: str) -> None:
    async with asyncio.timeout(10):
        while await status_of(store, outgoing) != status:
            await asyncio.sleep(0.01)


async def interrupted() -> None:
    """A call that makes an error of its own of being cancelled."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OutcomeUnknown("interrupted") from None


async def test_what_makes_another_error_of_its_limit_costs_the_next_send_nothing() -> None:
    limits = Limits(0.03)

    async def worker() -> None:
        with pytest.raises(OutcomeUnknown):
            await limits.keep(interrupted())
        with pytest.raises(TimeoutError):
            await limits.keep(asyncio.Event().wait())

    await asyncio.create_task(worker())


async def test_a_worker_outlives_a_call_that_hides_its_cancelling(
    store: Database, keys: Keys, clock: StandingClock
) -> None:
    never = asyncio.Event()
    platform = Platform(does=lambda outbound: interrupted() if outbound.text == "a" else never.wait())
    delivery = delivery_of(store, keys, clock, platform)
    running = asyncio.create_task(delivery.run())
    for number, text in enumerate("ab"):
        made = await make_outgoing(store, await make_address(store, keys, "sms", f"+1555000{number}"), text=text)
        delivery.wake()
        await until(store, made, "unknown")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [one.text for one in platform.book] == [], "neither was answered"


async def test_putting_back_twice_never_takes_back_what_another_worker_is_sending(
    store: Database, keys: Keys, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = delivery_of(store, keys, clock, Platform())
    made = await make_outgoing(store, await make_address(store, keys, "sms", "+15550001"))

    async def cut(rows: Sequence[ClaimedRow]) -> None:
        if rows:
            raise store.gone[0]("cut")

    settle, first = mine._results.settle, iter([True])

    async def unconfirmed(outcomes: Any, now: int) -> int:
        written = await settle(outcomes, now)
        if outcomes and next(first, False):
            raise store.gone[0]("the connection was cut after the commit")
        return written

    monkeypatch.setattr(mine._threads, "read", cut)
    monkeypatch.setattr(mine._results, "settle", unconfirmed)
    for _ in range(2):
        with pytest.raises(store.gone):
            await mine._round()
    held = asyncio.Event()
    other = asyncio.create_task(
        delivery_of(store, keys, clock, Platform(does=lambda outbound: held.wait()), pace=WAITS).run()
    )
    await until(store, made, "sending")
    await mine._write_down()
    assert await status_of(store, made) == "sending"
    held.set()
    await until(store, made, "sent")
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_a_claim_that_fails_while_the_loop_stops_loses_nothing_that_was_sent(
    store: Database, keys: Keys, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    let, begun, fail = asyncio.Event(), asyncio.Event(), asyncio.Event()
    mine = delivery_of(store, keys, clock, Platform(does=lambda outbound: let.wait()), pace=WAITS)
    made = await make_outgoing(store, await make_address(store, keys, "sms", "+15550001"))
    running = asyncio.create_task(mine.run())
    await until(store, made, "sending")

    async def claim(*_: Any) -> Any:
        begun.set()
        await fail.wait()
        raise ValueError("a row that cannot be read")

    monkeypatch.setattr(mine._outbox, "claim", claim)
    mine.wake()
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    let.set()
    fail.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await status_of(store, made) == "sent"


async def test_mails_keep_their_threads_while_many_others_leave(
    store: Database, keys: Keys, clock: StandingClock
) -> None:
    sms, email = Platform(does=lambda outbound: asyncio.sleep(0.005)), Platform(name="email")
    await store.execute(
        """INSERT INTO scripts (id, name, version, source, path, source_hash, created_at)
 VALUES (1, 'visit', 1, '', '', '', 1)"""
    )
    customer = await make_customer(store)
    for number in range(3):
        there = await make_address(store, keys, "email", f"c{number}@example.org")
        (talk,) = await store.fetch(
            """INSERT INTO conversations (public_id, customer_id, script_id, address_id, state, status, opened_at)
 VALUES ($1, $2, 1, $3, '', 'finished', 5) RETURNING id""",
            f"v{number}",
            customer,
            there,
        )
        mail = {"channel": "email", "customer_id": customer, "conversation_id": talk["id"]}
        await make_outgoing(store, there, status="sent", external_id=f"<first{number}@x.example>", **mail)
        await make_outgoing(store, there, text=f"mail {number}", **mail)
    for number in range(150):
        await make_outgoing(store, await make_address(store, keys, "sms", f"+1555{number:07d}"))
    await delivery_of(store, keys, clock, sms, email).once()
    assert sorted((one.text, bool(one.reply_to)) for one in email.book) == [(f"mail {n}", True) for n in range(3)]


async def test_what_lands_while_nothing_more_was_found_frees_the_next_of_its_address(
    store: Database, keys: Keys, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_nothing = asyncio.Event()

    class Withdraws:
        """Takes back what it was to draw, once nothing else was found to send."""

        kinds = ("card",)

        async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
            await found_nothing.wait()
            await store.execute("UPDATE outbox SET status = 'cancelled' WHERE id = $1", row.id)
            return None

    platform = Platform()
    delivery = Delivery(store, {"sms": platform}, keys, clock, pace=WAITS, composer=Withdraws())
    claim, crew = delivery._outbox.claim, delivery._crew

    async def seen(*given: Any) -> Claim:
        result = await claim(*given)
        if platform.book and not result.rows:
            found_nothing.set()
            while crew.busy:
                await asyncio.sleep(0.001)
        return result

    monkeypatch.setattr(delivery._outbox, "claim", seen)
    one = await make_address(store, keys, "sms", "+1")
    two = await make_address(store, keys, "sms", "+2")
    await make_outgoing(store, one, kind="card", text="withdrawn")
    await make_outgoing(store, one, text="next")
    await make_outgoing(store, two, text="another")
    assert await delivery.once() == 3
    assert platform.texts == ["another", "next"]
