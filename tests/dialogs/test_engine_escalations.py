"""Who is brought to staff and when, answers that change, and customers who want to be left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogs.effects import Escalate, Finish, Record, Say, Trouble, WaitUntil
from dialogs.events import ActionFinished, OptedOut, TimedOut
from dialogs.unhappy import Mood
from tests.dialogs.talk import BYE, NPS, SAD, WHY, T, Talk


def test_the_last_question_is_reminded_of_with_its_own_words_and_buttons() -> None:
    talk = Talk(NPS)
    talk(TimedOut(T + 72000, "reminder", 2))
    (say,) = talk.of(Say)
    assert say.kind == "reminder"
    assert say.text.endswith("How likely, ?")
    assert len(say.buttons) == 11
    assert talk.of(WaitUntil) == [WaitUntil("reminder", T + 72000 + 86400, 3, 86400)]


def test_unhappy_words_escalate_at_any_step_and_once() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("The rider was rude", mood=SAD, verdict="unhappy")
    (escalate,) = talk.of(Escalate)
    assert escalate == Escalate("words", why=("rude",), topics=("staff",), text="The rider was rude", unhappy=0.95)
    assert talk.said()[0].startswith("I am sorry about that.")


@pytest.mark.parametrize(("verdict", "marked"), [("unhappy", True), ("watch", False), ("fine", False)])
def test_a_good_score_with_unhappy_words_is_marked_by_the_business_own_verdict(verdict: Any, marked: bool) -> None:
    talk = Talk(NPS + WHY)
    talk.reply("9")
    talk.reply("the rider was rude", mood=Mood(0.7, 0.6, "en", (), ("rude",), False), verdict=verdict)
    assert [one.contradiction for one in talk.of(Record)] == [marked]
    assert [one.contradiction for one in talk.of(Escalate)] == ([True] if marked else [])


def test_a_watched_text_does_not_escalate() -> None:
    talk = Talk(WHY)
    talk.reply("It was all right, mostly", mood=SAD, verdict="watch")
    assert talk.of(Escalate) == []


def test_a_phrase_that_always_escalates_does_so_whatever_the_verdict() -> None:
    talk = Talk(WHY)
    talk.reply("I want a refund", mood=Mood(0.1, 0.1, "en", (), ("refund",), True), verdict="fine")
    assert [(one.reason, one.severity) for one in talk.of(Escalate)] == [("always", "high")]


@pytest.mark.parametrize(
    ("question", "low", "fine"),
    [
        ("nps", "6", "7"),
        ("csat", "2", "3"),
        ("ces", "3", "4"),
        ("rating, min: 1, max: 5", "2", "3"),
        ("rating, min: 1, max: 10", "4", "5"),
        ("rating, min: 0, max: 3", "0", "1"),
    ],
)
def test_a_low_score_escalates_by_itself(question: str, low: str, fine: str) -> None:
    steps = f"  - {{collect: score, type: {question}, ask: {{en: How?, zh: 如何？}}}}\n" + WHY
    talk = Talk(steps)
    talk.reply(low)
    assert [(one.reason, one.slot, one.value) for one in talk.of(Escalate)] == [("score", "score", int(low))]
    talk = Talk(steps)
    talk.reply(fine)
    assert talk.of(Escalate) == []


def test_scores_are_the_scripts_business_where_it_escalates() -> None:
    talk = Talk(NPS + WHY + "  - {escalate: {severity: high, team: north}}\n")
    talk.reply("1")
    assert talk.of(Escalate) == []
    talk.reply("too slow")
    assert [(one.reason, one.severity, one.team, one.value, one.text) for one in talk.of(Escalate)] == [
        ("script", "high", "north", 1, "too slow")
    ]


def test_unhappy_words_and_the_scripts_own_escalation_are_one() -> None:
    talk = Talk(NPS + WHY + "  - {escalate: {severity: urgent, team: north}}\n")
    talk.reply("1")
    talk.reply("rude", mood=SAD, verdict="unhappy")
    assert [(one.reason, one.severity, one.team, one.why) for one in talk.of(Escalate)] == [
        ("words", "urgent", "north", ("rude",))
    ]


def test_a_severity_that_does_not_exist_is_normal_and_reported() -> None:
    talk = Talk('  - {escalate: {severity: "{{ moment.how }}"}}\n' + BYE, moment={"how": "very"})
    assert [one.severity for one in talk.of(Escalate)] == ["normal"]
    assert [one.code for one in talk.of(Trouble)] == ["severity"]


def test_an_old_button_does_not_fill_todays_question() -> None:
    talk = Talk(NPS + "  - {collect: again, type: csat, ask: {en: Again?, zh: 再来？}}\n")
    talk.press(0, 9)
    talk.press(0, 4)
    (record,) = talk.of(Record)
    assert (record.slot, record.value, record.corrects) == ("nps", 4, True)
    assert talk.state.open_step == 1
    assert "again" not in talk.state.slots
    assert talk.said() == ["Thank you, changed to: 4"]


def test_the_same_button_twice_is_one_answer() -> None:
    talk = Talk(NPS + WHY)
    talk.press(0, 9)
    assert talk.press(0, 9) == ()


@pytest.mark.parametrize(("step", "choice"), [(0, 11), (0, -1), (1, 0), (7, 0), (-1, 0), (-2, 5)])
def test_a_forged_button_is_answered_and_records_nothing(step: int, choice: int) -> None:
    talk = Talk(NPS + WHY + BYE)
    talk.press(0, 9)
    talk.press(step, choice)
    assert talk.of(Record) == []
    assert len(talk.said()) == 1


def test_a_correction_to_a_low_score_reaches_staff() -> None:
    talk = Talk(NPS + WHY + "  - {escalate: {severity: high}}\n")
    talk.press(0, 9)
    talk.press(0, 2)
    assert [(one.reason, one.value) for one in talk.of(Escalate)] == [("score", 2)]


def test_an_answer_can_still_be_corrected_after_the_end() -> None:
    talk = Talk(NPS + BYE)
    talk.press(0, 9)
    assert talk.state.status == "finished"
    talk.press(0, 8)
    assert [(one.value, one.corrects) for one in talk.of(Record)] == [(8, True)]
    assert talk.state.status == "finished"


def test_nothing_is_said_after_stop() -> None:
    talk = Talk(NPS)
    assert talk(OptedOut(T)) == (Finish("stopped"),)
    assert talk.press(0, 3) == ()
    assert talk.reply("but why") == ()
    assert talk(OptedOut(T)) == ()


def test_who_declines_is_asked_nothing_more_but_staff_still_hear_of_the_score() -> None:
    talk = Talk(
        NPS + WHY + "  - {escalate: {severity: high}}\n  - {collect: b, type: nps, ask: {en: B?, zh: 乙？}}\n" + BYE
    )
    talk.reply("2")
    talk.reply("leave me alone")
    assert talk.said() == [LEFT_ALONE]
    assert [one.value for one in talk.of(Escalate)] == [2]
    assert talk.effects[-1] == Finish("finished")


LEFT_ALONE = "Of course, no more questions. If you want no more messages from us at all, reply STOP."
ASKS_ON = (
    "  - {collect: why, type: text, optional: true, ask: {en: Why?, zh: 为什么？}}\n"
    "  - {collect: b, type: nps, ask: {en: B?, zh: 乙？}}\n"
)


@pytest.mark.parametrize("optional", ["true", "false"])
def test_who_wants_to_be_left_alone_is_asked_nothing_more_and_no_colleague_is_sent_after_them(optional: str) -> None:
    talk = Talk(ASKS_ON.replace("true", optional) + BYE)
    talk.reply("别再发消息给我", mood=SAD, verdict="unhappy")
    assert talk.said() == [LEFT_ALONE]
    assert talk.of(Escalate) == []
    assert [(one.value, one.raw, one.how) for one in talk.of(Record)] == [(None, "别再发消息给我", "declined")]
    assert talk.effects[-1] == Finish("finished")


@pytest.mark.parametrize(
    ("said", "mood"),
    [
        ("don't text me again", replace(SAD, always=True)),
        ("shut up", SAD),
        ("don't text me again, the food was cold", SAD),
    ],
)
def test_what_says_more_than_the_wish_still_reaches_staff(said: str, mood: Mood) -> None:
    talk = Talk(WHY + BYE)
    talk.reply(said, mood=mood, verdict="unhappy")
    assert [one.text for one in talk.of(Escalate)] == [said]


@pytest.mark.parametrize("said", ["8 别再给我发短信了", "8, stop texting me", "8 leave me alone", "8分，别再发了"])
def test_a_score_beside_the_wish_is_kept_and_nothing_more_is_asked(said: str) -> None:
    talk = Talk(NPS + ASKS_ON + BYE)
    talk.reply(said, mood=SAD, verdict="unhappy")
    assert [(one.value, one.raw) for one in talk.of(Record)] == [(8, said)]
    assert talk.of(Escalate) == []
    assert talk.said() == [LEFT_ALONE]
    assert talk.effects[-1] == Finish("finished")


@pytest.mark.parametrize(("found", "kept"), [({}, 6), ({"nps": None}, None)])
def test_nor_where_the_score_is_validated_first(found: dict[str, Any], kept: int | None) -> None:
    talk = Talk(NPS.replace("type: nps", "type: nps, validate: check_it") + ASKS_ON + BYE)
    talk.reply("6 别再发了", mood=SAD, verdict="unhappy")
    assert (talk.said(), talk.of(Escalate)) == ([LEFT_ALONE], [])
    talk(ActionFinished(T + 61, 0, talk.state.action, found))
    assert [one.value for one in talk.of(Record)] == [kept]
    assert (talk.said(), talk.effects[-1]) == ([], Finish("finished"))


@pytest.mark.parametrize("said", ["没什么，别再给我发短信了", "It was fine. Please stop texting me!"])
def test_words_beside_the_wish_are_kept_and_nothing_more_is_asked(said: str) -> None:
    talk = Talk(ASKS_ON + BYE)
    talk.reply(said)
    assert [one.value for one in talk.of(Record)] == [said]
    assert talk.said() == [LEFT_ALONE]
    assert talk.effects[-1] == Finish("finished")


def test_who_wants_to_be_left_alone_while_nothing_is_asked_is_asked_nothing_later() -> None:
    talk = Talk("  - {wait: 1h}\n" + NPS + BYE)
    talk.reply("please stop texting me", mood=SAD, verdict="unhappy")
    assert talk.said() == [LEFT_ALONE]
    assert talk.of(Escalate) == []
    assert talk.reply("leave me alone") == ()
    talk(TimedOut(T + 3600, "wait", talk.state.wait))
    assert talk.effects == (Finish("finished"),)
