"""What staff promise a customer: that of the ticket there is, by its team's hours and by how severe it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from bot.actions import Actions
from bot.directory import TeamEntry, promise
from bot.turn_carry import Acted
from dialogs.engine import advance
from dialogs.event_json import from_dict
from dialogs.script import load_script
from dialogs.state import State
from storage import teams
from storage.crypto import Keys
from storage.database import Database
from tests.review.parts import Street, street

HEAD = """
dialog: visit
purpose: service
languages: [en, zh]
keywords: [feedback]
steps:
  - collect: nps
    type: nps
    ask: {en: "0-10?", zh: "0–10？"}
"""
URGENT = """
  - escalate: {severity: "{{ 'urgent' if slots.nps <= 3 else 'normal' }}", team: "{{ moment.store or 'north' }}"}
"""
SAID = """
  - say: {en: "Thanks. {{ desk.promise }}", zh: "谢谢。{{ desk.promise }}"}
"""
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00", "18:00"))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # A Monday.
HOUR = timedelta(hours=1)


async def opened(store: Database, keys: Keys, steps: str) -> Street:
    """A house with two teams: "desk", the usual one, is always there; "north" begins at three."""
    for name, hours in (("desk", {}), ("north", {"mon": ("15:00", "18:00")})):
        await teams.add(store, name, actor="test", now=0, language="en", timezone="UTC", hours=hours)
    home = await street(store, keys, script=HEAD + steps)
    home.clock.at = NOON
    return home


async def test_the_promise_is_that_of_the_ticket_that_the_turn_itself_opens(store: Database, keys: Keys) -> None:
    home = await opened(store, keys, URGENT.replace("north", "desk") + SAID)
    await home.write("feedback")
    assert await home.write("2") == "Thanks. A colleague will write to you within 15 minutes."
    await home.write("feedback", "v2")
    assert await home.write("6", "v2") == "Thanks. A colleague will write to you by 16:00 today."


async def test_the_promise_is_that_of_the_team_that_gets_the_ticket(store: Database, keys: Keys) -> None:
    home = await opened(store, keys, URGENT + SAID)
    await home.write("feedback")
    said = "Thanks. Nobody is at the desk right now. A colleague will write to you by 15:15 today."
    assert await home.write("2") == said
    ticket = await home.one(
        """SELECT t.name, j.run_at FROM tickets k JOIN teams t ON t.id = k.team_id
 JOIN jobs j ON j.subject_id = k.id AND j.kind = 'sla'"""
    )
    assert ticket == {"name": "north", "run_at": int((NOON + 3.25 * HOUR).timestamp() * 1000)}


async def test_a_promise_made_later_is_still_that_of_the_ticket(store: Database, keys: Keys) -> None:
    more = '  - {collect: more, type: text, ask: {en: "More?", zh: "还有？"}}\n'
    home = await opened(store, keys, URGENT + more + SAID)
    await home.write("feedback")
    await home.write("2")
    home.clock.at += timedelta(hours=5)
    assert await home.write("no") == "Thanks. A colleague will write to you within 15 minutes."


async def test_words_that_no_step_asked_for_go_to_the_team_of_the_dialog(store: Database, keys: Keys) -> None:
    home = await opened(store, keys, "    next: end\n" + URGENT)
    await home.write("feedback")
    await home.write("9, but I want my money back, refund now")
    ticket = await home.one("SELECT t.name, k.reason FROM tickets k JOIN teams t ON t.id = k.team_id")
    assert ticket == {"name": "north", "reason": "always"}


async def test_a_promise_after_an_action_is_that_of_the_ticket_too(
    store: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(_self: Actions, call: Any) -> Acted:
        return Acted(call.conversation_id, call.step, call.sequence)

    monkeypatch.setattr(Actions, "run", run)
    home = await opened(store, keys, "  - action: action_x\n" + URGENT.replace("north", "desk") + SAID)
    await home.write("feedback")
    await home.write("1")
    await home.later(timedelta(0))
    assert (await home.texts())[-1] == "Thanks. A colleague will write to you within 15 minutes."


async def test_the_log_replays_to_the_promise_that_was_told(store: Database, keys: Keys) -> None:
    home = await opened(store, keys, URGENT.replace("north", "desk") + SAID)
    await home.write("feedback")
    await home.write("2")
    talk = await home.one("SELECT id, state FROM conversations")
    script, state = load_script(HEAD + URGENT.replace("north", "desk") + SAID, path="x"), None
    started = await home.one("SELECT body FROM conversation_events")
    replied = await home.one("SELECT event FROM inbound WHERE event IS NOT NULL")
    for kind, body in (("Started", started["body"]), ("Replied", replied["event"])):
        state, _ = advance(script, state, from_dict({"event": kind, **orjson.loads(body)}))
    assert state == State.from_json(talk["state"].encode())
    assert state.desk == "A colleague will write to you within 15 minutes."


@pytest.mark.parametrize(
    ("at", "within", "told"),
    [
        (NOON, HOUR / 2, "A colleague will write to you within 30 minutes."),
        (NOON, 4 * HOUR, "A colleague will write to you by 16:00 today."),
        # The desk closes before: the rest of the time is tomorrow's.
        (NOON + 5.5 * HOUR, HOUR, "A colleague will write to you by 09:30 tomorrow."),
        (NOON + 8 * HOUR, HOUR, "Nobody is at the desk right now. A colleague will write to you by 10:00 tomorrow."),
        (NOON - 4 * HOUR, HOUR, "Nobody is at the desk right now. A colleague will write to you by 10:00 today."),
        # Friday evening.
        (NOON + 104 * HOUR, HOUR, "Nobody is at the desk right now. A colleague will write to you by 10:00 on Monday."),
        (NOON, 80 * HOUR, "A colleague will write to you by 11:00 on 2026-03-13."),
    ],
)
def test_no_time_passes_while_nobody_is_at_the_desk(at: datetime, within: timedelta, told: str) -> None:
    assert promise(TeamEntry(1, "desk", "en", "UTC", WEEK), "en", at, within) == told


def test_a_promise_is_told_by_the_customers_clock_and_in_their_words() -> None:
    team = TeamEntry(1, "desk", "en", "UTC", WEEK)
    told = promise(team, "zh", NOON + 8 * HOUR, HOUR, "Asia/Shanghai")
    assert told == "现在是非服务时间，我们的同事会在今天 18:00 前联系您。"
    assert promise(None, "zh", NOON, HOUR) == "我们已经转告相关同事。"
