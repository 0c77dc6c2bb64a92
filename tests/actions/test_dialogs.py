"""Actions in a dialog, through the store: nothing is said until the result, a result counts once, a dead worker's
action is run again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot.actions import Actions
from bot.config import Actions as ActionSettings
from bot.http import HttpClient
from bot.turn_carry import Acted
from storage.crypto import Keys
from storage.database import Database
from storage.jobs import Jobs
from storage.turn_rows import JobRef
from tests.actions.calls import PACKAGE, action_server
from tests.actions.pack import bad
from tests.bot.delivery_parts import Platform
from tests.crash.small_house import SmallHouse, open_desk, publish, sent_texts

SCRIPT = """
dialog: order
purpose: service
languages: [en]
keywords: [order]
steps:
  - collect: number
    type: number
    validate: true
    ask: Which order is it about?
  - collect: why
    type: text
    ask: What happened?
  - action: action_offer
    sets: [voucher, seen]
  - say: "Your voucher: {{ slots.voucher }}"
  - collect: drink
    type: text
    ask: What will you drink?
"""

LEADING = """
dialog: leading
purpose: service
languages: [en]
keywords: [leading]
steps:
  - action: {name}
    leads_to: [thanks]
    on_error: sorry
  - say: On we go
    next: end
  - id: sorry
    say: "That did not work."
    next: end
  - id: thanks
    say: Many thanks!
"""


@pytest.fixture
async def house(store: Database, keys: Keys) -> SmallHouse:
    return await make_house(store, keys, ActionSettings(package=PACKAGE))


async def make_house(
    store: Database, keys: Keys, actions: ActionSettings, http: HttpClient | None = None
) -> SmallHouse:
    await open_desk(store, keys)
    await publish(store, SCRIPT, "order")
    platforms = {"webchat": Platform("webchat"), "telegram": Platform("telegram")}
    house = SmallHouse(store, keys, platforms, actions, *([http] if http else []))
    await house.open()
    return house


def said(house: SmallHouse) -> list[str]:
    return [outbound.text for outbound in sent_texts(house, "webchat")]


def told_staff(house: SmallHouse) -> list[str]:
    return [outbound.text for outbound in sent_texts(house, "telegram")]


async def answers(house: SmallHouse) -> dict[str, tuple[str | None, str, str]]:
    rows = await house.rows("SELECT slot, value, said, how FROM answers ORDER BY id")
    return {row["slot"]: (row["value"], row["said"], row["how"]) for row in rows}


async def talk_status(house: SmallHouse) -> str:
    return str((await house.rows("SELECT status FROM conversations ORDER BY id DESC LIMIT 1"))[0]["status"])


async def test_while_an_answer_is_validated_nothing_is_said_and_what_comes_is_kept(house: SmallHouse) -> None:
    assert await house.say("order") == "Which order is it about?"
    assert await house.say("7") is None
    assert await house.say("hello?") is None
    assert await house.rows("SELECT id FROM outbox WHERE status <> 'sent'") == []
    assert await answers(house) == {}
    await house.settle()
    assert said(house) == ["What happened?"]
    assert await answers(house) == {"number": ("7000", "7", "read")}
    kept = await house.rows("SELECT text, status FROM inbound ORDER BY id")
    assert [(row["text"], row["status"]) for row in kept] == [("order", "noted"), ("7", "read"), ("hello?", "read")]


async def test_what_came_during_a_refused_validation_is_read_as_the_next_try(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("3")
    await house.say("4711")
    await house.settle()
    assert said(house) == ["There is no such order.", "What happened?"]
    assert (await answers(house))["number"][:2] == ("4711", "4711")


async def test_a_validation_that_raises_keeps_the_answer_as_it_was_read_and_warns_staff(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("13")
    await house.settle()
    assert said(house) == ["What happened?"]
    assert await answers(house) == {"number": ("13", "13", "unvalidated")}
    assert len(told_staff(house)) == 1
    assert "LookupError" in told_staff(house)[0]
    assert "own words" not in told_staff(house)[0]


async def test_an_action_fills_slots_says_its_words_and_leads_on(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("4711")
    await house.settle()
    assert await house.say("a blue bag") is None
    # The action runs after the commit; what is written meanwhile waits for it.
    assert await house.say("with a lid") is None
    await house.settle()
    talk = (await house.rows("SELECT public_id FROM conversations"))[0]["public_id"]
    assert said(house)[1:3] == ["A voucher for Ann", f"Your voucher: {talk}.2.{await sequence(house)}"]
    assert said(house)[3:] == ["What will you drink?"]
    assert await house.say("tea") is None
    await house.settle()
    assert await talk_status(house) == "finished"
    assert told_staff(house) == []


async def sequence(house: SmallHouse) -> int:
    rows = await house.rows("SELECT sequence FROM jobs WHERE kind = 'action' ORDER BY id DESC LIMIT 1")
    return int(rows[0]["sequence"])


@pytest.mark.parametrize(
    ("name", "words", "warned"),
    [
        (
            "action_talkative",
            [
                "What would you like?\n• Tea\n• 茶",
                "Many thanks!",  # The script's own words for utter_thanks …
                "https://example.invalid/cup.png",
                "Many thanks!",  # … and the step that the followup leads to.
            ],
            "",
        ),
        ("action_silent", ["On we go"], ""),
        ("action_raising", ["That did not work."], "KeyError at bad.py"),
        ("action_unheard_of", ["That did not work."], "has no action 'action_unheard_of'"),
    ],
)
async def test_a_step_goes_where_its_action_leads_or_where_it_goes_on_error(
    house: SmallHouse, name: str, words: list[str], warned: str
) -> None:
    await publish(house.store, LEADING.replace("{name}", name), "leading")
    await house.open()
    assert await house.say("leading") is None
    await house.settle()
    assert said(house) == words
    assert await talk_status(house) == "finished"
    assert len(told_staff(house)) == (1 if warned else 0)
    assert warned in "".join(told_staff(house))


async def test_an_action_past_its_time_limit_goes_where_it_goes_on_error(store: Database, keys: Keys) -> None:
    house = await make_house(store, keys, ActionSettings(package=PACKAGE))
    house.house.timers._actions = Actions(house.house.timers._actions._runner, 0.1)
    await publish(store, LEADING.replace("{name}", "action_blocking"), "leading")
    await house.open()
    bad.GATE.clear()
    try:
        await house.say("leading")
        await house.settle()
    finally:
        bad.GATE.set()
    assert said(house) == ["That did not work."]
    assert "action_blocking took longer than 0.1 s" in told_staff(house)[0]


async def test_a_second_result_changes_nothing(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("4711")
    number = await sequence(house)
    await house.settle()
    talk = (await house.rows("SELECT id, customer_id, revision, state FROM conversations"))[0]
    late = Acted(talk["id"], 0, number, {"number": 99}, ({"text": "again"},))
    await house.house.conversations.nudge(talk["customer_id"], late)
    await house.settle()
    after = (await house.rows("SELECT revision, state FROM conversations"))[0]
    assert after["state"] == talk["state"]
    assert said(house) == ["What happened?"]
    assert await answers(house) == {"number": ("4711", "4711", "read")}


async def test_the_action_of_a_worker_that_died_is_run_again_with_the_same_key(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("4711")
    await house.settle()
    await house.say("a blue bag")
    dead = await Jobs(house.store).claim(house.house.timers._now(), 1, ("action",))
    await house.settle()
    assert said(house) == ["What happened?"]
    await house.store.execute("UPDATE jobs SET lease_at = 1 WHERE kind = 'action'")
    await house.settle()
    talk = (await house.rows("SELECT id, public_id, customer_id FROM conversations"))[0]
    assert said(house)[2] == f"Your voucher: {talk['public_id']}.2.{dead[0].sequence}"
    # The first worker was only slow: what it says now comes too late.
    late = Acted(talk["id"], 2, dead[0].sequence, {"voucher": "twice"})
    job = JobRef(dead[0].id, dead[0].attempts, dead[0].sequence)
    assert (await house.house.conversations.nudge(talk["customer_id"], late, job)).status == "stale"
    assert len(said(house)) == 4


async def test_an_action_that_is_slow_holds_up_no_other_customers(house: SmallHouse) -> None:
    await publish(house.store, LEADING.replace("{name}", "action_blocking"), "leading")
    await house.open()
    bad.GATE.clear()
    working = asyncio.create_task(house.house.timers.run())
    try:
        await house.say("leading", "slow")
        while not await house.rows("SELECT id FROM jobs WHERE kind = 'action' AND attempts = 1"):
            await asyncio.sleep(0.01)
        await house.say("order", "quick")
        await house.say("4711", "quick")
        async with asyncio.timeout(20):
            while not await house.rows("SELECT id FROM outbox WHERE text = 'What happened?'"):
                await asyncio.sleep(0.01)
        assert await house.rows("SELECT id FROM outbox WHERE text = 'On we go'") == []
        bad.GATE.set()
        async with asyncio.timeout(20):
            while not await house.rows("SELECT id FROM outbox WHERE text = 'On we go'"):
                await asyncio.sleep(0.01)
    finally:
        bad.GATE.set()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_an_action_that_kills_its_workers_again_and_again_is_an_error_and_not_the_dialogs_end(
    house: SmallHouse,
) -> None:
    await house.say("order")
    await house.say("4711")
    for _ in range(5):
        assert len(await Jobs(house.store).claim(house.house.timers._now(), 1, ("action",))) == 1
        await house.store.execute("UPDATE jobs SET lease_at = 1 WHERE kind = 'action'")
    await house.settle()
    assert said(house) == ["What happened?"]
    assert await answers(house) == {"number": ("4711", "4711", "unvalidated")}
    assert "was begun 5 times, and each time the process died" in told_staff(house)[0]


async def test_an_action_of_a_dialog_that_was_stopped_is_not_run(house: SmallHouse) -> None:
    await house.say("order")
    await house.say("4711")
    await house.say("STOP", kind="stop")
    await house.settle()
    assert await talk_status(house) == "stopped"
    assert {row["status"] for row in await house.rows("SELECT status FROM jobs WHERE kind = 'action'")} == {"cancelled"}
    assert await answers(house) == {"number": ("4711", "4711", "unvalidated")}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with action_server() as url:
        yield url


async def test_a_dialog_goes_the_same_way_with_an_action_server(store: Database, keys: Keys, server: str) -> None:
    http = HttpClient()
    house = await make_house(store, keys, ActionSettings(url=server), http)
    for text in ("order", "3", "7", "a blue bag"):
        await house.say(text)
        await house.settle()
    await http.aclose()
    talk = (await house.rows("SELECT public_id FROM conversations"))[0]["public_id"]
    assert said(house) == [
        "There is no such order.",
        "What happened?",
        "A voucher for Ann",
        f"Your voucher: {talk}.2.{await sequence(house)}",
        "What will you drink?",
    ]


async def test_an_action_server_that_is_down_keeps_the_answer_and_warns_staff(store: Database, keys: Keys) -> None:
    http = HttpClient()
    house = await make_house(store, keys, ActionSettings(url="http://127.0.0.1:9/webhook"), http)
    await house.say("order")
    await house.say("4711")
    await house.settle()
    await http.aclose()
    assert said(house) == ["What happened?"]
    assert await answers(house) == {"number": ("4711", "4711", "unvalidated")}
    assert "nothing answers at actions.url" in told_staff(house)[0]
