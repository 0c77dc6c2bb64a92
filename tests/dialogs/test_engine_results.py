"""Actions, validations, and what comes while nothing may be said."""

from __future__ import annotations

import pytest

from dialogs.effects import Escalate, Finish, Record, RunAction, Trouble, WaitUntil
from dialogs.engine import advance
from dialogs.events import (
    ActionFinished,
    DeliveryFailed,
    Event,
    OptedOut,
    Paused,
    Resumed,
    Started,
    TimedOut,
)
from dialogs.script import load_script
from dialogs.unhappy import Mood
from tests.dialogs.talk import BYE, HEAD, NPS, SAD, WHY, T, Talk


def test_a_validation_says_nothing_until_it_is_back() -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: contact_form}\n" + BYE)
    talk.reply("a@b.example", message="m1")
    assert talk.of(RunAction) == [RunAction("validate_contact_form", 0, 3, {}, "a@b.example", "mail", "a@b.example")]
    assert talk.state.status == "validating"
    assert talk.reply("hello?", message="m2") == ()
    talk(ActionFinished(T, 0, 3, {"mail": "A@B.example"}))
    (record,) = talk.of(Record)
    assert (record.value, record.raw, record.message) == ("A@B.example", "a@b.example", "m1")
    assert talk.said() == ["Bye"]


def test_a_refused_answer_is_asked_again_and_then_given_up() -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: true}\n" + BYE)
    talk.reply("x")
    talk(ActionFinished(T, 0, 3, {"mail": None}))
    assert talk.said() == ["Please reply in a few words."]
    talk.reply("y")
    talk(ActionFinished(T, 0, 4, {"mail": None}))
    assert [(one.value, one.raw, one.how) for one in talk.of(Record)] == [(None, "y", "none")]
    assert talk.said() == ["Bye"]


def test_a_failed_validation_keeps_the_answer_and_tells_staff() -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: true}\n" + BYE)
    talk.reply("x")
    talk(ActionFinished(T, 0, 3, error="no answer within 5 s"))
    assert [(one.value, one.how) for one in talk.of(Record)] == [("x", "unvalidated")]
    assert [(one.code, one.detail) for one in talk.of(Trouble)] == [("validation", "no answer within 5 s")]


@pytest.mark.parametrize("end", [OptedOut(T), TimedOut(T, "expiry", 1)])
def test_an_answer_under_validation_is_kept_when_the_dialog_ends(end: Event) -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: true}\n" + BYE)
    talk.reply("a@b.example")
    talk(end)
    assert [(one.value, one.how) for one in talk.of(Record)] == [("a@b.example", "unvalidated")]
    assert talk.state.status == "finished"


def test_a_held_message_fills_no_question_that_was_not_asked() -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: true}\n" + WHY)
    talk.reply("a@b.example")
    talk.reply("hurry up, this is rude", mood=SAD, verdict="unhappy")
    assert [one.reason for one in talk.of(Escalate)] == ["words"]
    talk(ActionFinished(T, 0, 3))
    assert talk.said() == ["Why?"]
    assert talk.of(Escalate) == []
    assert "why" not in talk.state.slots


def test_messages_held_are_bounded() -> None:
    talk = Talk("  - {action: action_slow}\n" + BYE)
    for number in range(50):
        talk.reply("x" * 50_000, message=f"m{number}")
    assert len(talk.state.held) == 20
    assert len(talk.state.to_json()) < 100_000


@pytest.mark.parametrize("event", [ActionFinished(T, 0, 99), ActionFinished(T, 5, 3), ActionFinished(T, 0, 0)])
def test_a_result_that_is_not_awaited_changes_nothing(event: ActionFinished) -> None:
    talk = Talk("  - {action: action_slow}\n" + BYE)
    assert talk(event) == ()
    assert talk.state.status == "acting"


def test_an_action_fills_slots_says_things_and_leads_on() -> None:
    talk = Talk("  - {action: action_offer, sets: [code, big, odd], leads_to: [why], next: bye}\n" + WHY + BYE)
    finished = ActionFinished(
        T,
        0,
        2,
        {"code": "X1", "big": list(range(50_000)), "odd": float("nan")},
        ({"text": "{{ brand }}"}, {"response": "utter_bye"}, {"text": ""}),
        "nowhere",
    )
    talk(finished)
    assert talk.state.slots == {"code": "X1"}
    assert talk.said() == ["{{ brand }}", "Bye", "Bye"]
    assert [one.code for one in talk.of(Trouble)] == ["slot", "slot", "followup"]


def test_a_failed_action_goes_where_on_error_says() -> None:
    talk = Talk("  - {action: action_offer, on_error: bye}\n" + WHY + BYE)
    talk(ActionFinished(T, 0, 2, error="boom"))
    assert talk.said() == ["Bye"]


def test_staff_hold_the_conversation_in_peace() -> None:
    talk = Talk(NPS + WHY)
    talk(Paused(T))
    assert talk.reply("rude!", mood=SAD, verdict="unhappy") == ()
    assert talk(TimedOut(T, "reminder", 2)) == ()
    assert len(talk.state.held) == 1
    talk(Resumed(T, "sms"))
    assert talk.said() == ["To come back to where we were:\nHow likely, ?"]
    assert (talk.state.channel, talk.state.status) == ("sms", "asking")


def test_what_was_said_to_staff_is_no_answer_when_they_hand_back() -> None:
    talk = Talk(NPS + WHY)
    talk(Paused(T))
    talk.reply("9")
    talk(Resumed(T))
    assert talk.of(Record) == []
    assert talk.state.held == []


def test_nobody_left_to_reach_ends_the_dialog_also_while_staff_hold_it() -> None:
    talk = Talk(NPS)
    talk(Paused(T))
    assert talk(DeliveryFailed(T, 1, final=True)) == (Finish("undelivered"),)


def test_a_corrected_answer_that_would_be_validated_is_marked_unvalidated() -> None:
    talk = Talk("  - {collect: again, type: yes_no, ask: {en: Again?, zh: 再来？}, validate: true}\n" + WHY)
    talk.press(0, 0)
    talk(ActionFinished(T, 0, talk.state.action))
    talk.press(0, 1)
    assert [(one.value, one.how) for one in talk.of(Record)] == [(False, "unvalidated")]


def test_a_phrase_for_staff_that_was_held_reaches_them_once() -> None:
    talk = Talk("  - {collect: mail, type: text, ask: {en: Mail?, zh: 邮箱？}, validate: true}\n" + WHY)
    talk.reply("x")
    talk.reply("refund!", mood=Mood(0.9, 0.9, "en", (), ("refund",), True), verdict="unhappy")
    assert len(talk.of(Escalate)) == 1
    talk(ActionFinished(T, 0, 3, {"mail": None}))
    assert talk.of(Escalate) == []
    assert talk.of(RunAction)[0].value == "refund!"


def test_a_goodbye_at_the_end_of_its_time_asks_and_waits_for_nothing() -> None:
    steps = NPS.replace("nps, ask", "nps, on_timeout: late, ask") + "  - {say: {en: x, zh: y}, next: end}\n"
    steps += "  - {id: late, collect: why, type: text, ask: {en: Why?, zh: 为何？}}\n"
    steps += "  - {wait: 2h}\n  - {action: action_note}\n"
    talk = Talk(steps + BYE)
    talk(TimedOut(T, "expiry", 1))
    assert talk.said() == ["Bye"]
    assert [one.action for one in talk.of(RunAction)] == ["action_note"]
    assert talk.of(WaitUntil) == []
    assert talk.effects[-1] == Finish("expired")


def test_a_dialog_expires_also_while_staff_hold_it() -> None:
    talk = Talk(NPS)
    talk(Paused(T))
    assert talk(TimedOut(T, "expiry", 1)) == (Finish("expired"),)
    assert talk(Resumed(T)) == ()


def test_a_script_that_goes_round_by_its_action_is_stopped() -> None:
    loop = "  - {id: a, set: {n: 1}, next: [{if: slots.n > 5, then: ask}, {else: b}]}\n  - {id: b, tag: x, next: a}\n"
    loaded = load_script(HEAD + loop + "  - {id: ask, collect: why, type: text, ask: {en: a, zh: b}}\n", path="v.yml")
    state, effects = advance(loaded, None, Started(T, "s", "en", "webchat"))
    assert effects[-1] == Finish("broken")
    assert [one.code for one in effects if isinstance(one, Trouble)] == ["loop"]
    assert state.status == "finished"
