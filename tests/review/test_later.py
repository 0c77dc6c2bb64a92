"""What comes later than it should: a merge while staff talk, a script that no longer loads, a lost reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import orjson
import pytest

from bot.config import Business, Config
from bot.config_values import Hours
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
    monkeypatch.setattr("bot.talk.advance_as_promised", breaks)
    await home.write("my secret")
    assert "ValueError" in caplog.text
    assert "my secret" not in caplog.text


async def test_a_reminder_due_at_night_waits_for_the_customers_morning(store: Database, keys: Keys) -> None:
    business = Business(quiet_hours=Hours(time(21), time(9)), timezone="UTC")
    home = await street(store, keys, replace(Config(), business=business))
    await home.write("feedback")
    await home.house.delivery.once()
    await store.execute("UPDATE customers SET timezone = 'Asia/Shanghai'")
    await home.later(timedelta(hours=26))  # 14:00 in London, 22:00 in Shanghai.
    assert await home.rows("SELECT id FROM outbox WHERE kind = 'reminder'") == []
    due = (await home.one("SELECT run_at FROM jobs WHERE kind = 'reminder' AND status = 'due'"))["run_at"]
    assert due - home.now() == 11 * 3600 * 1000
    await home.later(timedelta(hours=11))
    assert len(await home.rows("SELECT id FROM outbox WHERE kind = 'reminder'")) == 1


@pytest.mark.parametrize(
    ("stated", "told", "english"), [("zh", "en", False), ("", "zh-CN", False), ("", "", True), ("en", "zh", True)]
)
async def test_what_the_customer_stated_goes_before_what_the_platform_tells(
    home: Street, store: Database, stated: str, told: str, english: bool
) -> None:
    customer = await home.known()
    await home.link("v1", "webchat", customer)
    await store.execute("UPDATE customers SET language = $1, platform_language = $2", stated, told)
    answer = await home.write("hi there")
    assert answer is not None
    assert answer.isascii() is english
