"""A reply's way through the house on both stores: one commit, deduplicated, folded, poison-proof."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from bot.conversation import Conversations, Redeemed
from bot.directory import Directory, read_directory
from bot.frame import Frame
from bot.script_shelf import ScriptShelf
from bot.turn_carry import Begin, Rang
from channels.message import Inbound, Kind, Receipt
from storage.crypto import Keys
from storage.database import Database
from storage.turn_rows import JobRef
from storage.turns import Turns
from tests.readers import by_rules

SCRIPT = """
dialog: visit
title: {en: Visit, zh: 到店}
moment: visit.done
purpose: service
languages: [en, zh]
keywords: [feedback]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - collect: nps
    type: nps
    ask: {en: "How likely are you to recommend us, 0-10?", zh: "您有多大可能推荐我们？0–10"}
    next:
      - {if: slots.nps <= 6, then: reason}
      - else: again
  - id: reason
    collect: reason
    type: text
    ask: {en: What went wrong?, zh: 哪里不好？}
  - escalate: {severity: normal}
  - say: {en: "Thank you. {{ desk.promise }}", zh: "谢谢。{{ desk.promise }}"}
    next: end
  - id: again
    collect: again
    type: yes_no
    ask: {en: Will you come again?, zh: 还会再来吗？}
  - say: {en: Thank you!, zh: 谢谢！}
"""


class FixedClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Quiet:
    """Nobody else is in the house."""

    woken = 0

    async def receipts(self, receipts: Sequence[Receipt]) -> None:
        raise AssertionError("no receipts here")

    async def staff(self, inbound: Inbound, lookup: str) -> bool:
        return False

    def platform_answers(self, inbound: Inbound) -> bool:
        return False

    def pressed(self, inbound: Inbound) -> None:
        """Nothing."""

    async def paid(self, inbound: Inbound, lookup: str) -> None:
        pass

    async def redeem(self, token: str, inbound: Inbound, lookup: str) -> Redeemed | None:
        return None

    def wake_delivery(self) -> None:
        self.woken += 1

    def wake_timers(self) -> None:
        pass


class Setting:
    """A small house on a store."""

    def __init__(self, store: Database, keys: Keys) -> None:
        self.store, self.clock = store, FixedClock()
        self.turns, self.shelf = Turns(store), ScriptShelf(store)
        self.directory = Directory()
        self.others = Quiet()
        reader = by_rules()
        self.conversations = Conversations(
            self.turns,
            keys=keys,
            clock=self.clock,
            shelf=self.shelf,
            frame=self.frame,
            reader=lambda: reader,
            threshold=0.8,
            watch=lambda language: 0.3,
            others=self.others,
        )
        self.count = 0

    def frame(self) -> Frame:
        hour = timedelta(hours=1)
        sla = {"normal": 4 * hour, "high": hour, "urgent": hour / 4}
        return Frame(self.shelf.compiled, self.directory, "Brook", "en", "UTC", sla)

    async def open(self) -> None:
        await self.store.execute(
            """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ('visit', 1, 'published', $1, 'visit.yml', 'x', 'visit.done', 'service', 0)""",
            SCRIPT,
        )
        await self.shelf.refresh()

    def message(self, text: str, sender: str = "v1", **more: Any) -> Inbound:
        self.count += 1
        kind: Kind = more.pop("kind", "text")
        external = more.pop("external_id", f"m{self.count}")
        return Inbound(
            kind, "webchat", "webchat", external, sender, sender, self.clock.now(), text, raw={"text": text}, **more
        )

    async def send(self, text: str, sender: str = "v1", **more: Any) -> str | None:
        reply = await self.conversations.receive("webchat", [self.message(text, sender, **more)])
        if reply is None:
            return None
        self.conversations.written(reply)
        await self.conversations.batcher.drain()
        return reply.outbound.text

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return await self.store.fetch(sql, *args)


@pytest.fixture
async def setting(store: Database, keys: Keys) -> Setting:
    made = Setting(store, keys)
    await made.open()
    return made


async def test_a_dialog_runs_from_the_keyword_to_the_thanks_in_the_webhooks_own_responses(setting: Setting) -> None:
    assert await setting.send("feedback") == "How likely are you to recommend us, 0-10?"
    assert await setting.send("9") == "Will you come again?"
    assert await setting.send("yes") == "Thank you!"
    talk = (await setting.rows("SELECT * FROM conversations"))[0]
    assert (talk["status"], talk["revision"]) == ("finished", 2)
    answers = await setting.rows("SELECT slot, value, number FROM answers ORDER BY id")
    assert answers == [
        {"slot": "nps", "value": "9", "number": 9.0},
        {"slot": "again", "value": "true", "number": 1.0},
    ]
    inbound = await setting.rows("SELECT text, revision, status FROM inbound ORDER BY id")
    assert [(row["text"], row["revision"]) for row in inbound] == [("feedback", None), ("9", 1), ("yes", 2)]
    outgoing = await setting.rows("SELECT status, via FROM outbox")
    assert {(row["status"], row["via"]) for row in outgoing} == {("sent", "response")}
    assert await setting.rows("SELECT id FROM jobs WHERE status = 'due'") == []


async def test_a_redelivered_message_gets_the_same_reply_and_makes_no_second_turn(setting: Setting) -> None:
    await setting.send("feedback")
    first = await setting.send("9", external_id="same")
    again = await setting.send("9", external_id="same")
    assert first == again == "Will you come again?"
    assert len(await setting.rows("SELECT id FROM inbound WHERE text = '9'")) == 1
    assert (await setting.rows("SELECT revision FROM conversations"))[0]["revision"] == 1


async def test_messages_of_one_customer_are_folded_in_order_in_one_batch(setting: Setting) -> None:
    await setting.send("feedback")
    replies = await asyncio.gather(
        *(setting.conversations.receive("webchat", [setting.message(text)]) for text in ("3", "cold food", "and slow"))
    )
    talk = (await setting.rows("SELECT status, revision FROM conversations"))[0]
    assert (talk["status"], talk["revision"]) == ("finished", 2)
    reason = await setting.rows("SELECT said FROM answers WHERE slot = 'reason'")
    assert reason == [{"said": "cold food"}]
    # Only the first may travel inside a response: the others would overtake it.
    assert [reply is not None for reply in replies] == [True, False, False]


async def test_many_customers_at_once_each_get_their_own_dialog(setting: Setting) -> None:
    people = [f"v{n}" for n in range(100)]
    await asyncio.gather(*(setting.conversations.receive("webchat", [setting.message("feedback", p)]) for p in people))
    await asyncio.gather(*(setting.conversations.receive("webchat", [setting.message("10", p)]) for p in people))
    talks = await setting.rows("SELECT revision, status FROM conversations")
    assert len(talks) == 100
    assert {(talk["revision"], talk["status"]) for talk in talks} == {(1, "open")}
    assert (await setting.rows("SELECT count(*) AS n FROM answers"))[0]["n"] == 100
    assert (await setting.rows("SELECT count(*) AS n FROM customers WHERE status = 'anonymous'"))[0]["n"] == 100


async def test_a_poisoned_message_fails_alone_and_is_kept_with_its_reason(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setting.send("feedback", "good")
    await setting.send("feedback", "bad")
    from bot import talk

    real = talk.advance_as_promised

    def poisoned(script: Any, state: Any, event: Any, promise: Any) -> Any:
        if getattr(event, "text", "") == "5" and state.profile.get("poison") is None and state.seed == bad:
            raise RuntimeError("boom")
        return real(script, state, event, promise)

    rows = await setting.rows("SELECT v.public_id FROM conversations v ORDER BY v.id")
    bad = rows[1]["public_id"]
    monkeypatch.setattr(talk, "advance_as_promised", poisoned)
    both = await asyncio.gather(
        setting.conversations.receive("webchat", [setting.message("5", "good")]),
        setting.conversations.receive("webchat", [setting.message("5", "bad")]),
    )
    assert both[0] is not None
    assert both[1] is None
    kept = await setting.rows("SELECT status, reason FROM inbound WHERE text = '5' ORDER BY status")
    assert [row["status"] for row in kept] == ["failed", "read"]
    assert "RuntimeError: boom" in kept[0]["reason"]


async def test_what_the_store_itself_refuses_fails_alone_too(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    await setting.send("feedback", "good")
    await setting.send("feedback", "bad")
    from bot import talk

    real = talk.carry_out

    def refused(effects: Any, writes: Any, book: Any, desk: Any) -> Any:
        carried = real(effects, writes, book, desk)
        if book.public_id == bad:
            writes.profile = {"shoe_size": "44"}
        return carried

    found = await setting.rows(
        "SELECT c.public_id FROM customers c JOIN conversations v ON v.customer_id = c.id ORDER BY v.id"
    )
    bad = found[1]["public_id"]
    monkeypatch.setattr(talk, "carry_out", refused)
    both = await asyncio.gather(
        setting.conversations.receive("webchat", [setting.message("9", "good")]),
        setting.conversations.receive("webchat", [setting.message("9", "bad")]),
    )
    assert both[0] is not None
    assert both[1] is None
    kept = await setting.rows("SELECT status, reason FROM inbound WHERE text = '9' ORDER BY status")
    assert [row["status"] for row in kept] == ["failed", "read"]
    assert "shoe_size" in kept[0]["reason"]
    # The bad one's conversation stands where it stood.
    states = await setting.rows("SELECT revision FROM conversations ORDER BY id")
    assert [row["revision"] for row in states] == [1, 0]


async def test_stop_ends_the_dialog_withdraws_its_purpose_and_is_no_answer(setting: Setting) -> None:
    await setting.send("feedback")
    said = await setting.send("STOP", kind="stop")
    assert said is not None
    assert "no more" in said
    assert (await setting.rows("SELECT status FROM conversations"))[0]["status"] == "stopped"
    consents = await setting.rows("SELECT purpose, status FROM consents")
    assert consents == [{"purpose": "service", "status": "withdrawn"}]
    assert await setting.rows("SELECT id FROM answers") == []
    assert await setting.rows("SELECT id FROM jobs WHERE status = 'due'") == []


async def test_an_unhappy_score_opens_one_ticket_and_posts_it_to_the_teams_address_in_the_same_commit(
    setting: Setting, keys: Keys
) -> None:
    await setting.store.execute("INSERT INTO teams (name, language, created_at) VALUES ('desk', 'en', 0)")
    await setting.store.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, team_id, created_at)
 SELECT 'a', 'telegram', $1, $2, id, 0 FROM teams""",
        keys.lookup("telegram", "-100"),
        keys.seal(b"-100"),
    )
    setting.directory = await read_directory(setting.store, "desk")
    await setting.send("feedback")
    await setting.send("2")
    await setting.send("the rider was rude")
    tickets = await setting.rows("SELECT status, text FROM tickets")
    assert len(tickets) == 1
    assert tickets[0]["text"] == "the rider was rude"
    cards = await setting.rows("SELECT kind, channel, text, body, ticket_id FROM outbox WHERE channel = 'telegram'")
    assert [card["kind"] for card in cards] == ["card"]
    assert "the rider was rude" in cards[0]["text"]
    assert len(orjson.loads(cards[0]["body"])["choices"]) == 4
    assert cards[0]["ticket_id"] is not None


async def test_a_first_message_with_no_dialog_is_thanked_for_once(setting: Setting) -> None:
    said = await setting.send("hello there")
    assert said is not None
    assert "Brook" in said
    assert await setting.send("anyone?") is None
    assert [row["status"] for row in await setting.rows("SELECT status FROM inbound")] == ["noted", "noted"]


async def test_a_start_by_us_waits_in_the_outbox_and_a_second_one_is_refused(setting: Setting) -> None:
    await setting.send("hello")
    customer = (await setting.rows("SELECT id FROM customers"))[0]["id"]
    address = (await setting.rows("SELECT id FROM addresses"))[0]["id"]
    script = setting.shelf.published.names["visit"]
    await setting.store.execute(
        "INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, 'service', 'granted', 'form', 0)",
        customer,
    )
    begin = Begin(script, address, "webchat")
    assert (await setting.conversations.nudge(customer, begin)).outgoing
    assert not (await setting.conversations.nudge(customer, begin)).outgoing
    due = await setting.rows("SELECT text, status, via FROM outbox WHERE kind = 'question'")
    assert due == [{"text": "How likely are you to recommend us, 0-10?", "status": "due", "via": "api"}]
    # A reply that would overtake the waiting question may not travel inside the response.
    assert await setting.send("9") is None


async def test_a_turn_of_a_job_that_is_not_mine_any_more_is_stale(setting: Setting) -> None:
    await setting.send("feedback")
    customer = (await setting.rows("SELECT id FROM customers"))[0]["id"]
    job = (await setting.rows("SELECT id, attempts, sequence FROM jobs WHERE kind = 'expiry'"))[0]
    late = JobRef(job["id"], job["attempts"] + 1, job["sequence"])
    booked = await setting.conversations.nudge(customer, Begin(1, 1, "webchat"), late)
    assert booked.status == "stale"
    assert (await setting.rows("SELECT status FROM jobs WHERE kind = 'expiry'"))[0]["status"] == "due"


async def test_a_job_whose_turn_raises_is_kept_as_failed_with_its_reason(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setting.send("feedback")
    talk = (await setting.rows("SELECT id, customer_id FROM conversations"))[0]
    job = (await setting.rows("SELECT id, attempts, sequence FROM jobs WHERE kind = 'expiry'"))[0]
    from bot import talk as module

    def broken(*_given: Any) -> Any:
        raise RuntimeError("boom")

    monkeypatch.setattr(module, "advance_as_promised", broken)
    carry = Rang(talk["id"], "expiry", job["sequence"])
    ref = JobRef(job["id"], job["attempts"], job["sequence"])
    assert (await setting.conversations.nudge(talk["customer_id"], carry, ref)).status == "failed"
    kept = (await setting.rows("SELECT status, error FROM jobs WHERE kind = 'expiry'"))[0]
    assert (kept["status"], kept["error"]) == ("failed", "RuntimeError: boom")


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 300_000, "🙂" * 40_000])
async def test_text_that_no_database_holds_is_kept_as_far_as_it_can_be(setting: Setting, text: str) -> None:
    await setting.send("feedback")
    await setting.send(text)
    kept = await setting.rows("SELECT text, status FROM inbound ORDER BY id")
    assert len(kept) == 2
    assert kept[1]["status"] != "failed"
    assert len(kept[1]["text"].encode()) <= 100 * 1024


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("你好，菜有点凉", "zh"),
        ("退货", "zh"),
        ("The soup was cold today", "en"),
        ("SF 1234 5678 JOIN", ""),
        ("Ich habe eine Frage zu my order", ""),
        ("Hola quiero una cita", ""),
        ("ok", ""),
        ("5", ""),
        ("こんにちは", ""),
        ("😡", ""),
    ],
)
async def test_a_strangers_first_words_tell_their_language_where_no_platform_does(
    setting: Setting, said: str, language: str
) -> None:
    await setting.send(said)
    await setting.send("now something quite different, 然后说中文")
    kept = await setting.rows("SELECT platform_language FROM customers")
    assert [row["platform_language"] for row in kept] == [language]


async def test_what_the_platform_tells_goes_before_the_words(setting: Setting) -> None:
    await setting.send("The soup was cold today", language="zh-CN")
    assert (await setting.rows("SELECT platform_language FROM customers"))[0]["platform_language"] == "zh-CN"
