"""The same actions in this process and on a real action server: what they may do, and all that they may do wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.actions import Actions, InProcess, Remote
from bot.http import HttpClient
from tests.actions.calls import PACKAGE, action_server, call, check

Given = tuple[str, Actions]


@pytest.fixture(scope="module")
def server() -> Iterator[list[str]]:
    """Started when first asked for."""
    with action_server() as url:
        yield [url]


@pytest.fixture(params=["in process", "on a server"])
async def given(request: pytest.FixtureRequest) -> AsyncIterator[Given]:
    if request.param == "in process":
        yield request.param, Actions(InProcess(PACKAGE), 20)
        return
    http = HttpClient()
    yield request.param, Actions(Remote(request.getfixturevalue("server")[0], http), 20)
    await http.aclose()


@pytest.fixture
def actions(given: Given) -> Actions:
    return given[1]


async def test_an_action_sees_slots_profile_and_key_and_gives_slots_and_words(actions: Actions) -> None:
    acted = await actions.run(call("action_offer"))
    assert acted.error == ""
    assert (acted.conversation_id, acted.step, acted.sequence) == (1, 2, 5)
    assert acted.slots == {"voucher": "talk.2.5", "seen": 9}
    assert [message["text"] for message in acted.messages] == ["A voucher for Ann"]


async def test_an_action_that_is_no_coroutine_runs_too(actions: Actions) -> None:
    acted = await actions.run(call("action_plain"))
    assert (acted.error, acted.slots) == ("", {"heard": "nine", "who": "c0ffee"})


async def test_an_action_that_returns_nothing_did_nothing(actions: Actions) -> None:
    acted = await actions.run(call("action_silent"))
    assert (acted.error, acted.slots, acted.messages, acted.followup) == ("", {}, (), "")


async def test_buttons_are_lines_responses_are_named_and_a_followup_leads_on(actions: Actions) -> None:
    acted = await actions.run(call("action_talkative"))
    assert acted.messages == (
        {"text": "What would you like?\n• Tea\n• 茶"},
        {"text": "", "response": "utter_thanks"},
        {"text": "https://example.invalid/cup.png"},
    )
    assert acted.followup == "thanks"


async def test_a_reset_empties_the_slots_and_what_is_not_carried_out_is_named_in_the_log(
    actions: Actions, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "motline.actions"):
        acted = await actions.run(call("action_reset", {"nps": 9, "why": "x"}))
    assert acted.slots == {"nps": None, "why": None, "kept": [1, {"two": "三"}]}
    assert [r.getMessage() for r in caplog.records] == [
        "action_reset: the event 'pause' is not carried out here and was passed over"
    ]


async def test_an_action_that_changes_what_it_is_given_changes_only_its_copy(actions: Actions) -> None:
    slots = {"deep": {"count": 1}}
    for _ in range(2):
        acted = await actions.run(call("action_mutating", slots))
        assert acted.slots == {"seen": [{"count": 1}, 1, 1]}
    assert slots == {"deep": {"count": 1}}


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("action_raising", ("raised KeyError at bad.py", "raised an exception (500)")),
        ("action_rejecting", ("refused to run: not on Sundays", "refused to run (400)")),
        ("action_unheard_of", ("has no action 'action_unheard_of'", "has no such action (404)")),
    ],
)
async def test_what_an_action_does_wrong_is_its_error_in_words_for_staff(
    given: Given, name: str, reasons: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    where, actions = given
    acted = await actions.run(call(name, text="13800138000"))
    assert reasons[where == "on a server"] in acted.error
    assert (acted.slots, acted.messages) == ({}, ())
    assert "13800138000" not in acted.error + caplog.text


async def test_an_action_that_awaits_for_ever_ends_at_the_time_limit(actions: Actions) -> None:
    runner = actions._runner
    await runner.ready()
    acted = await Actions(runner, 0.2).run(call("action_hanging"))
    assert acted.error == "action_hanging took longer than 0.2 s"
    # It held up nobody.
    assert (await actions.run(call("action_plain"))).error == ""


# Forms.


async def test_a_form_accepts_an_answer(actions: Actions) -> None:
    acted = await actions.run(check("order", "number", 4711))
    assert (acted.error, acted.slots, acted.messages) == ("", {"number": 4711}, ())


async def test_a_form_changes_an_answer(actions: Actions) -> None:
    assert (await actions.run(check("order", "number", 7))).slots == {"number": 7000}
    assert (await actions.run(check("order", "name", "ann lee"))).slots == {"name": "Ann Lee"}


async def test_a_form_refuses_an_answer_in_its_own_words(actions: Actions) -> None:
    acted = await actions.run(check("order", "number", 3))
    assert acted.slots == {"number": None}
    assert [message["text"] for message in acted.messages] == ["There is no such order."]


async def test_a_form_may_fill_other_slots_too(actions: Actions) -> None:
    acted = await actions.run(check("order", "number", 5000, slots={"nps": 9}))
    assert acted.slots == {"number": 5000, "store": "Pudong"}


async def test_a_form_sees_which_slot_is_asked_for(actions: Actions) -> None:
    assert (await actions.run(check("order", "number", 1111))).slots == {"number": "number"}


async def test_a_slot_without_a_method_stays_as_it_was_read(actions: Actions) -> None:
    acted = await actions.run(check("order", "colour", "red"))
    assert (acted.error, acted.slots) == ("", {"colour": "red"})


async def test_a_form_that_raises_is_an_error_and_not_an_answer(actions: Actions) -> None:
    acted = await actions.run(check("order", "number", 13))
    assert acted.error
    assert (acted.slots, "own words" in acted.error) == ({}, False)


async def test_a_form_that_says_itself_which_slots_it_wants_is_heeded(actions: Actions) -> None:
    wanted = await actions.run(check("choosy", "score", 2, text="the rider"))
    assert (wanted.error, wanted.slots) == ("", {"score": 20, "reason": "the rider"})
    # A slot that it does not want is not validated, and stays as it was read.
    assert (await actions.run(check("choosy", "score", 4))).slots == {"score": 4}
