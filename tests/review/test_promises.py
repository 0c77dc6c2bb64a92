"""Consents, moments, scripts and tickets: what was promised holds also where two rules meet."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from bot.actions import Actions
from bot.turn_carry import Acted, Begin
from dialogs.engine import advance
from dialogs.event_json import from_dict
from dialogs.script import load_script
from dialogs.state import State
from storage import consents, teams
from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import DeskHouse
from tests.bot.edge_parts import SCRIPT
from tests.review.parts import Street, street

ACTED = """
dialog: visit
purpose: service
languages: [en]
keywords: [feedback]
session: {expires_after: 3d}
steps:
  - collect: one
    type: text
    ask: One?
    on_timeout: bye
    next: end
  - id: bye
    action: action_gone
"""
CHINESE = """
dialog: visit
purpose: service
languages: [zh]
keywords: [feedback]
steps:
  - collect: one
    type: text
    ask: 怎么了？
"""
CHOOSES = """
dialog: visit
purpose: service
languages: [en, zh]
keywords: [feedback]
steps:
  - collect: tongue
    type: choice
    options:
      en: {en: English, zh: English}
      zh: {en: 中文, zh: 中文}
    ask: {en: Which language?, zh: 用哪种语言？}
  - set: {profile.language: "{{ slots.tongue }}"}
  - collect: one
    type: text
    ask: {en: What happened?, zh: 怎么了？}
"""


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    return await street(store, keys)


async def test_a_stop_of_somebody_who_never_agreed_is_kept_for_every_purpose(home: Street, store: Database) -> None:
    await home.write("STOP", kind="stop")
    customer = (await home.one("SELECT id FROM customers"))["id"]
    before = home.now() - 1000
    await consents.say(store, customer, "marketing", "granted", source="an old list", actor="import", at=before)
    assert not await consents.allowed(store, customer, "marketing")


async def test_a_start_gives_back_only_what_was_agreed_to_before_the_stop(home: Street, store: Database) -> None:
    customer = await home.known("Li", "service", "marketing")
    await home.link("v1", "webchat", customer)
    at = home.now()
    await consents.say(store, customer, "marketing", "withdrawn", source="the shop's form", actor="form", at=at)
    await home.write("STOP", kind="stop")
    await home.write("START", kind="start")
    allowed = [p for p in consents.PURPOSES if await consents.allowed(store, customer, p)]
    assert allowed == ["service"]


async def test_a_keyword_after_a_stop_is_answered_but_undoes_no_stop(home: Street, store: Database) -> None:
    customer = await home.known("Li", "service")
    await home.link("v1", "webchat", customer)
    await home.write("STOP", kind="stop")
    assert await home.write("feedback")
    assert not await consents.allowed(store, customer, "service")


async def test_a_script_that_cannot_be_read_fails_its_own_customer_alone(home: Street, store: Database) -> None:
    await home.write("feedback", "v1")
    await store.execute("UPDATE scripts SET source = 'dialog: [', status = 'retired'")
    home.house.shelf.compiled.clear()
    await home.hear(home.event("9", "v1"))
    assert await home.write("hello", "v2")
    rows = await home.rows("SELECT status, reason FROM inbound WHERE text = '9'")
    assert [row["status"] for row in rows] == ["failed"]
    assert "script 1" in rows[0]["reason"]


async def test_a_moment_whose_dialog_fails_to_start_says_so(
    home: Street, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await home.known("Li", "service")
    await home.link("li@example.com", "email", customer)
    rows = await home.rows(
        """INSERT INTO moments (public_id, name, customer_id, at, data, outcome, created_at)
 VALUES ('m', 'visit.done', $1, 0, '{}', 'pending', 0) RETURNING id""",
        customer,
    )

    def breaks(*_args: Any) -> Any:
        raise ValueError("no dialog")

    monkeypatch.setattr("bot.talk.advance_as_promised", breaks)
    await home.house.jobs.put("moment", home.now(), now=home.now(), subject_id=rows[0]["id"])
    await home.later(timedelta(0))
    row = await home.one("SELECT outcome, reason FROM moments")
    assert row["outcome"] == "not_sent"
    assert "ValueError" in row["reason"]


async def test_the_action_of_a_goodbye_runs_though_the_dialog_has_ended(
    store: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await street(store, keys, script=ACTED)
    ran: list[str] = []

    async def run(_self: Actions, call: Any) -> Any:
        ran.append(call.action)
        return Acted(call.conversation_id, call.step, call.sequence)

    monkeypatch.setattr(Actions, "run", run)
    await home.write("feedback")
    await home.later(timedelta(days=4))
    assert ran == ["action_gone"]
    assert await home.rows("SELECT id FROM jobs WHERE status = 'due'") == []


async def test_all_actions_of_a_goodbye_run_in_their_order_and_staff_hear_of_one_that_fails(
    store: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await street(store, keys, script=ACTED.replace("action_gone", "action_gone\n  - action: action_also"))
    team = await teams.add(store, "desk", actor="test", now=0, language="en", timezone="UTC")
    await teams.set_group(store, keys, team.id, "telegram", "-100", 0)
    await home.house.refresh()
    ran: list[tuple[str, str]] = []

    async def run(_self: Actions, call: Any) -> Any:
        ran.append((call.action, call.key.partition(".")[2]))
        error = f"{call.action} is down" if call.action == "action_gone" else ""
        return Acted(call.conversation_id, call.step, call.sequence, error=error)

    monkeypatch.setattr(Actions, "run", run)
    await home.write("feedback")
    await home.later(timedelta(days=4))
    assert ran == [("action_gone", "1.2"), ("action_also", "2.3")]
    assert await home.rows("SELECT id FROM jobs WHERE status = 'due'") == []
    told = await home.rows("SELECT text FROM outbox WHERE kind = 'desk' AND channel = 'telegram'")
    trouble = "The dialog visit ran into trouble at the step bye: action: action_gone is down"
    assert [row["text"] for row in told] == [trouble]


async def test_sentences_of_the_house_are_in_the_language_of_the_dialog(store: Database, keys: Keys) -> None:
    home = await street(store, keys, script=CHINESE)
    assert await home.write("feedback") == "怎么了？"
    said = await home.write("退订", kind="stop")
    assert said is not None
    assert "退订" in said or "消息" in said


async def test_a_dialog_goes_on_in_the_language_that_the_customer_chose(store: Database, keys: Keys) -> None:
    home = await street(store, keys, script=CHOOSES)
    await home.write("feedback")
    assert await home.write("中文") == "怎么了？"


async def test_the_log_of_a_conversation_replays_to_its_state(home: Street) -> None:
    for said in ("feedback", "what?", "9", "yes"):
        await home.write(said)
    talk = await home.one("SELECT id, state, revision FROM conversations")
    log = await home.rows(
        """SELECT revision, kind, body FROM conversation_events WHERE conversation_id = $1
 UNION ALL SELECT revision, 'Replied', event FROM inbound WHERE conversation_id = $1 AND event IS NOT NULL
 ORDER BY revision""",
        talk["id"],
    )
    script, state = load_script(SCRIPT, path="x"), None
    for row in log:
        state, _ = advance(script, state, from_dict({"event": row["kind"], **orjson.loads(row["body"])}))
    assert state == State.from_json(talk["state"].encode())
    assert [row["revision"] for row in log] == list(range(talk["revision"] + 1))


async def test_a_ticket_that_becomes_urgent_is_due_sooner(store: Database, keys: Keys) -> None:
    desk = DeskHouse(store, keys)
    await desk.open()
    await desk.unhappy()
    before = (await desk.rows("SELECT run_at FROM jobs WHERE kind = 'sla' AND status = 'due'"))[0]["run_at"]
    await desk.customer("this is terrible, the worst service ever, I will sue you")
    ticket = await desk.ticket()
    assert ticket.severity == "high"
    after = (await desk.rows("SELECT run_at FROM jobs WHERE kind = 'sla' AND status = 'due'"))[0]["run_at"]
    assert before - after == 3 * 3600 * 1000


async def pushed(home: Street, customer: int, address: int) -> Any:
    """Begin a dialog that was planned a moment ago."""
    return await home.house.conversations.nudge(customer, Begin(1, address, "webchat"))


async def test_a_stop_between_the_plan_and_the_start_of_a_push_counts(home: Street) -> None:
    customer = await home.known("Li", "service")
    address = await home.link("v1", "webchat", customer)
    await home.write("STOP", kind="stop")
    booked = await pushed(home, customer, address)
    assert (booked.outgoing, booked.writes.result) == (False, "no consent for service messages")
    assert await home.rows("SELECT id FROM conversations") == []


async def test_a_stop_in_the_very_batch_of_a_push_counts_and_one_after_it_ends_it(home: Street) -> None:
    customer = await home.known("Li", "service")
    address = await home.link("v1", "webchat", customer)
    await asyncio.gather(home.hear(home.event("STOP", kind="stop")), pushed(home, customer, address))
    assert await home.rows("SELECT id FROM conversations") == []
    await home.write("START", kind="start")
    await asyncio.gather(pushed(home, customer, address), home.hear(home.event("STOP", kind="stop")))
    assert (await home.one("SELECT status FROM conversations"))["status"] == "stopped"
    waiting = await home.rows("SELECT id FROM outbox WHERE status IN ('due', 'claimed') AND kind = 'question'")
    assert waiting == []


async def test_a_push_to_an_address_that_was_closed_since_it_was_planned_is_not_begun(
    home: Street, store: Database
) -> None:
    customer = await home.known("Li", "service")
    address = await home.link("v1", "webchat", customer)
    other = await home.link("v2", "webchat", await home.known("Wang", "service"))
    await home.hear(home.event("", kind="blocked"))
    booked = await pushed(home, customer, address)
    assert (booked.outgoing, booked.writes.result) == (False, "the webchat address is closed")
    # Nor to one that is another customer's by now.
    assert (await pushed(home, customer, other)).writes.result == "the webchat address is gone"


async def test_who_has_stopped_us_at_the_provider_is_heard_by_staff_and_not_answered(
    home: Street, store: Database
) -> None:
    await home.write("hello", "+4915112345678", "sms")
    await store.execute("UPDATE addresses SET status = 'stopped'")
    assert await home.write("this is terrible, the worst service ever", "+4915112345678", "sms") is None
    assert (await home.one("SELECT status FROM tickets"))["status"] == "open"
    assert len(await home.texts()) == 1
