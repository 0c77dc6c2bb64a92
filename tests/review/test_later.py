"""What comes later than it should: a merge while staff talk, a script that no longer loads, a lost reminder."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from bot.turn_carry import Undelivered
from storage.crypto import Keys
from storage.database import Database
from storage.merging import merge
from tests.review.parts import Street, street

ANGRY = "this is terrible, the worst service ever, I will sue you"


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    return await street(store, keys)


async def test_staff_go_on_hearing_a_customer_who_was_merged(home: Street, store: Database) -> None:
    for said in ("feedback", ANGRY):
        await home.write(said)
    await store.execute("UPDATE tickets SET engaged_at = 5, severity = 'urgent'")
    await store.execute("UPDATE conversations SET status = 'paused'")
    home.clock.at += timedelta(minutes=5)
    await home.write("bad", "77", "telegram")
    await home.write(ANGRY, "77", "telegram")
    keep, gone = [row["id"] for row in await home.rows("SELECT id FROM customers ORDER BY id")]
    await merge(store, keep, gone, actor="test", now=home.now())
    ticket = await home.one("SELECT severity, engaged_at FROM tickets WHERE status <> 'closed'")
    assert (ticket["severity"], ticket["engaged_at"]) == ("urgent", 5)
    await home.write("are you still there?")
    assert (await home.one("SELECT status FROM inbound WHERE text = 'are you still there?'"))["status"] == "desk"


async def test_a_dialog_whose_script_no_longer_loads_ends_at_its_time(home: Street, store: Database) -> None:
    await home.write("feedback")
    await store.execute("UPDATE scripts SET source = 'dialog: [', status = 'retired'")
    home.house.shelf.compiled.clear()
    await home.later(timedelta(days=4))
    assert (await home.one("SELECT status FROM conversations"))["status"] == "broken"
    assert await home.rows("SELECT id FROM jobs WHERE status = 'due'") == []


@pytest.mark.parametrize("kind", ["follow", "scan"])
async def test_following_again_is_no_answer(home: Street, kind: str) -> None:
    await home.write("feedback")
    await home.write("", kind=kind)
    await home.write("", kind=kind)
    state = orjson.loads((await home.one("SELECT state FROM conversations"))["state"])
    assert (state["open_step"], state.get("answers", [])) == (1, [])
    await home.write("9")
    assert (await home.texts())[-1] == "Will you come again?"


async def test_a_reminder_that_is_lost_does_not_close_a_question_that_arrived(home: Street) -> None:
    await home.write("feedback")
    await home.house.delivery.once()
    await home.later(timedelta(hours=21))
    talk = await home.one("SELECT id, customer_id FROM conversations")
    sequence = (await home.one("SELECT sequence FROM outbox WHERE kind = 'reminder'"))["sequence"]
    lost = Undelivered(talk["id"], sequence, True, "rejected")
    await home.house.conversations.nudge(talk["customer_id"], lost)
    assert (await home.one("SELECT status FROM conversations"))["status"] == "open"
    await home.write("9")
    assert (await home.texts())[-1] == "Will you come again?"


async def test_a_turn_that_fails_is_in_the_log_without_its_words(
    home: Street, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_args: object) -> object:
        raise ValueError("my secret")

    await home.write("feedback")
    monkeypatch.setattr("bot.talk.advance", breaks)
    await home.write("my secret")
    assert "ValueError" in caplog.text
    assert "my secret" not in caplog.text
