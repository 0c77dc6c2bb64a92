"""Batches of turns on both stores: one statement for many rows, and nobody is forgotten or told twice."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from bot.conversation import Reply
from channels.message import Inbound
from storage.crypto import Keys
from storage.database import Database
from tests.bot.test_turns import Setting


@pytest.fixture
async def setting(store: Database, keys: Keys) -> Setting:
    made = Setting(store, keys)
    await made.open()
    return made


async def test_what_the_platform_sent_lies_encrypted_beside_its_message_and_opens_again(
    setting: Setting, keys: Keys
) -> None:
    await asyncio.gather(
        *(setting.conversations.receive("webchat", [setting.message(text, text)]) for text in ("one", "two", "三"))
    )
    kept = await setting.rows("SELECT text, raw_sealed FROM inbound")
    assert {row["text"] for row in kept} == {"one", "two", "三"}
    assert all(orjson.loads(keys.open(bytes(row["raw_sealed"]))) == {"text": row["text"]} for row in kept)


async def test_a_message_that_comes_twice_in_one_batch_is_marked_as_sent_once_either_response_was_written(
    setting: Setting,
) -> None:
    await setting.send("feedback")
    twice = [setting.message("9", external_id="same") for _ in range(2)]
    first, second = await asyncio.gather(*(setting.conversations.receive("webchat", [one]) for one in twice))
    assert first is not None
    assert second is not None
    assert (first.outbound.id, first.row) == (second.outbound.id, second.row)
    setting.conversations.written(second)
    await setting.conversations.batcher.drain()
    outgoing = await setting.rows("SELECT id, status FROM outbox ORDER BY id")
    assert [row["status"] for row in outgoing] == ["sent", "sent"]
    assert outgoing[1]["id"] == second.row


async def test_a_redelivered_message_whose_first_response_was_lost_is_marked_as_sent(setting: Setting) -> None:
    await setting.send("feedback")
    await setting.conversations.receive("webchat", [setting.message("9", external_id="same")])
    assert [row["status"] for row in await setting.rows("SELECT status FROM outbox ORDER BY id")] == ["sent", "inline"]
    await setting.send("9", external_id="same")
    assert [row["status"] for row in await setting.rows("SELECT status FROM outbox ORDER BY id")] == ["sent", "sent"]


async def test_a_reply_that_nobody_could_confirm_is_sent_once_a_redelivery_has_carried_it(setting: Setting) -> None:
    await setting.send("feedback")
    await setting.conversations.receive("webchat", [setting.message("9", external_id="same")])
    await setting.store.execute("UPDATE outbox SET status = 'unknown' WHERE status = 'inline'")
    await setting.send("9", external_id="same")
    assert [row["status"] for row in await setting.rows("SELECT status FROM outbox ORDER BY id")] == ["sent", "sent"]


async def test_a_written_reply_is_marked_without_another_turn(setting: Setting) -> None:
    reply = await setting.conversations.receive("webchat", [setting.message("feedback")])
    assert reply is not None
    setting.conversations.written(reply)
    async with asyncio.timeout(5):
        while (await setting.rows("SELECT status FROM outbox"))[0]["status"] != "sent":
            await asyncio.sleep(0.01)
    assert (await setting.rows("SELECT via FROM outbox"))[0]["via"] == "response"


async def test_turns_that_follow_each_other_at_once_never_wait_for_a_lane_that_is_free(setting: Setting) -> None:
    async with asyncio.timeout(20):
        for n in range(20):
            await setting.conversations.receive("webchat", [setting.message(f"{n}")])
    assert (await setting.rows("SELECT count(*) AS n FROM inbound"))[0]["n"] == 20


async def test_a_waiting_turn_whose_caller_gave_up_is_committed_all_the_same(setting: Setting) -> None:
    waiting = asyncio.create_task(setting.conversations.receive("webchat", [setting.message("feedback")]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await setting.conversations.batcher.drain()
    assert [row["text"] for row in await setting.rows("SELECT text FROM inbound")] == ["feedback"]


async def out_of_time(setting: Setting, message: Inbound, monkeypatch: pytest.MonkeyPatch) -> Reply | None:
    """Receive a message; the time is over in the moment of its commit."""
    submit = setting.conversations.batcher.submit

    def cut(item: Any) -> Any:
        future = submit(item)
        future.add_done_callback(lambda _done: webhook.cancel())
        return future

    monkeypatch.setattr(setting.conversations.batcher, "submit", cut)
    webhook = asyncio.create_task(setting.conversations.receive("webchat", [message]))
    return await webhook


async def test_what_was_committed_as_the_time_ran_out_is_acknowledged_and_its_reply_is_sent_by_itself(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await out_of_time(setting, setting.message("feedback"), monkeypatch) is None
    rows = await setting.rows("SELECT status, via FROM outbox")
    assert rows == [{"status": "due", "via": "api"}]
    assert setting.others.woken == 1, "it does not wait until the store is looked through"


async def test_a_redelivery_that_runs_out_of_time_leaves_the_reply_to_the_first_delivery(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = setting.message("feedback", external_id="same")
    first = await setting.conversations.receive("webchat", [message])
    assert first is not None
    assert await out_of_time(setting, message, monkeypatch) is None
    setting.conversations.written(first)
    await setting.conversations.batcher.drain()
    assert await setting.rows("SELECT status, via FROM outbox") == [{"status": "sent", "via": "response"}]


async def test_what_is_not_committed_in_time_is_refused_and_taken_once_when_it_comes_again(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = asyncio.Event()
    book = setting.turns.book

    async def slow(*given: Any) -> Any:
        await free.wait()
        return await book(*given)

    monkeypatch.setattr(setting.turns, "book", slow)
    message = setting.message("feedback", external_id="same")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await setting.conversations.receive("webchat", [message])
    assert await setting.rows("SELECT id FROM inbound") == []
    free.set()
    again = await setting.conversations.receive("webchat", [message])
    assert again is not None
    assert again.outbound.text == "How likely are you to recommend us, 0-10?"
    assert len(await setting.rows("SELECT id FROM inbound")) == 1
