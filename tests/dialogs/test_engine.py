"""What a dialog does with what can happen to it. The longer stories stand in the goldens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dialogs.effects import Effect, Escalate, Finish, Record, RunAction, Say, SetAttribute, Trouble, WaitUntil
from dialogs.engine import advance
from dialogs.events import (
    ActionFinished,
    DeliveryFailed,
    Event,
    OptedOut,
    Paused,
    Replied,
    Resumed,
    Started,
    TimedOut,
)
from dialogs.script import Script, load_script
from dialogs.state import State
from dialogs.unhappy import Mood

HEAD = (
    "dialog: visit\npurpose: service\nlanguages: [en, zh]\n"
    "session: {remind_after: [20h, 44h], expires_after: 3d}\nsteps:\n"
)
NPS = "  - {collect: nps, type: nps, ask: {en: 'How likely, {{ profile.name }}?', zh: 多大可能？}}\n"
WHY = "  - {collect: why, type: text, ask: {en: Why?, zh: 为什么？}}\n"
BYE = "  - {id: bye, say: {en: Bye, zh: 再见}}\n"
SAD = Mood(0.95, 0.9, "en", ("staff",), ("rude",), False)
T = 1_000_000.0


def script(steps: str) -> Script:
    return load_script(HEAD + steps, path="visit.yml")


class Talk:
    """One conversation; its state goes through JSON at every turn."""

    def __init__(self, steps: str, **started: Any) -> None:
        self.script = script(steps)
        given = {"seed": "s", "language": "en", "channel": "webchat", "brand": "Motline", **started}
        self.state, self.effects = advance(self.script, None, Started(T, **given))

    def __call__(self, event: Event) -> tuple[Effect, ...]:
        self.state, self.effects = advance(self.script, State.from_json(self.state.to_json()), event)
        return self.effects

    def reply(self, text: str, **given: Any) -> tuple[Effect, ...]:
        return self(Replied(T + 60, text, given.pop("channel", "webchat"), **given))

    def press(self, step: int, choice: int) -> tuple[Effect, ...]:
        return self.reply("", step=step, choice=choice)

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def said(self) -> list[str]:
        return [say.text for say in self.of(Say)]


def test_a_dialog_begins_with_its_question_and_its_timers() -> None:
    talk = Talk(NPS + WHY, profile={"name": "Ann"})
    say, reminder, expiry = talk.effects
    assert isinstance(say, Say)
    assert (say.text, say.step, say.sequence, say.kind) == ("How likely, Ann?", 0, 1, "question")
    assert [button.title for button in say.buttons] == [str(n) for n in range(11)]
    assert reminder == WaitUntil("reminder", T + 20 * 3600, 2, 20 * 3600)
    assert expiry == WaitUntil("expiry", T + 3 * 86400, 1, 3 * 86400)


def test_a_language_the_script_does_not_speak_gets_its_first() -> None:
    assert Talk(WHY, language="fr").said() == ["Why?"]
    assert Talk(WHY, language="zh").said() == ["为什么？"]
    assert Talk(WHY, language="zh-TW").said() == ["为什么？"]


def test_only_started_begins_a_dialog() -> None:
    with pytest.raises(ValueError, match="begins with Started, not with OptedOut"):
        advance(script(WHY), None, OptedOut(T))


def test_a_state_of_a_longer_script_is_refused() -> None:
    with pytest.raises(ValueError, match="waits at step 4, but 'visit' has 1 steps"):
        advance(script(WHY), State(open_step=4), OptedOut(T))


def test_whatever_a_profile_holds_becomes_plain() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    shared = {"since": date(2026, 1, 2), "tags": ["a"]}
    talk = Talk(WHY, profile=shared, moment={"n": 10**40, "name": "a\ud83d", "deep": {1: (Odd(), {2, 3})}})
    assert talk.state.profile == {"since": "2026-01-02", "tags": ["a"]}
    shared["tags"].append("b")  # type: ignore[attr-defined]
    assert talk.state.profile["tags"] == ["a"]
    assert talk.state.moment == {"n": None, "name": "a", "deep": {"1": ["odd", "{2, 3}"]}}
    assert State.from_json(talk.state.to_json()) == talk.state


def test_starting_twice_changes_nothing() -> None:
    talk = Talk(NPS)
    assert talk(Started(T, "s", "zh", "sms")) == ()
    assert talk.state.language == "en"


def test_the_state_that_came_in_is_never_changed() -> None:
    talk = Talk(NPS + WHY, profile={"name": "Ann"})
    before, written = talk.state, talk.state.to_json()
    advance(talk.script, before, Replied(T, "6, the rider was rude", "sms", "m1", mood=SAD, verdict="unhappy"))
    assert before.to_json() == written


def test_words_are_kept_as_they_were_written() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("  ９分!!  ", message="m1")
    (record,) = talk.of(Record)
    assert (record.slot, record.type, record.step, record.value, record.raw, record.message) == (
        "nps", "nps", 0, 9, "  ９分!!  ", "m1",
    )  # fmt: skip


def test_a_message_of_100_kb_is_kept_whole_and_the_state_stays_small() -> None:
    talk = Talk(WHY + BYE)
    talk.reply("很" * 100_000)
    assert len(talk.of(Record)[0].raw) == 100_000
    assert talk.state.status == "finished"
    assert len(talk.state.to_json()) < 30_000


@pytest.mark.parametrize("text", ["\ud83d", "a\x00b", "\ud800\udfff 好", "\u202e", "🏳️‍🌈" * 50])
def test_broken_characters_reach_no_store(text: str) -> None:
    talk = Talk(WHY + BYE)
    talk.reply(text)
    talk.reply("x")
    for record in talk.of(Record):
        record.raw.encode("utf-8")
        assert "\x00" not in record.raw
    assert talk.state.to_json()


def test_an_enormous_number_is_no_answer() -> None:
    talk = Talk("  - {collect: n, type: number, ask: {en: How many?, zh: 几个？}}\n" + BYE)
    talk.reply("9" * 5000)
    assert "n" not in talk.state.slots
    assert talk.state.to_json()


def test_a_second_empty_message_moves_on_with_what_was_written() -> None:
    talk = Talk(NPS + WHY)
    assert [say.kind for say in talk.reply("") if isinstance(say, Say)] == ["notice"]
    talk.reply("   ")
    assert talk.of(Record)[0].how == "none"
    assert talk.said() == ["Why?"]


def test_the_last_question_is_reminded_of_with_its_own_words_and_buttons() -> None:
    talk = Talk(NPS)
    talk(TimedOut(T + 72000, "reminder", 2))
    (say,) = talk.of(Say)
    assert say.kind == "reminder"
    assert say.text.endswith("How likely, ?")
    assert len(say.buttons) == 11
    assert talk.of(WaitUntil) == [WaitUntil("reminder", T + 72000 + 86400, 3, 86400)]


def test_a_reminder_that_rings_after_the_answer_says_nothing() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("9")
    assert talk(TimedOut(T + 72000, "reminder", 2)) == ()


def test_there_are_no_more_reminders_than_the_script_says() -> None:
    talk = Talk(NPS)
    talk(TimedOut(T, "reminder", 2))
    talk(TimedOut(T, "reminder", 3))
    assert talk.of(WaitUntil) == []
    assert talk(TimedOut(T, "reminder", 4)) == ()


def test_the_dialog_goes_on_where_the_customer_answers() -> None:
    talk = Talk("  - {collect: nps, type: nps, ask: {en: Long?, zh: 长？}}\n"
                "  - {say: {en: Long thanks, zh: 谢谢您}, say_on: {sms: {en: Thx, zh: 谢}}}\n")  # fmt: skip
    talk.reply("9", channel="sms")
    assert talk.said() == ["Thx"]
    assert talk.state.channel == "sms"


def test_the_promise_is_that_of_the_moment_of_the_reply() -> None:
    talk = Talk(NPS + '  - {say: {en: "Thanks. {{ desk.promise }}", zh: 谢谢}}\n', desk="By noon.")
    talk.reply("9", desk="By six.")
    assert talk.said() == ["Thanks. By six."]


def test_now_is_the_customers_own_time() -> None:
    night = "  - {say: {en: \"{{ 'night' if now.hour >= 22 else 'day' }} {{ now.weekday }}\", zh: 好}}\n"
    at = 1_767_225_600.0  # Thursday 2026-01-01 00:00 UTC
    loaded = script(night)
    for zone, said in (
        ("Asia/Shanghai", "day 4"),
        ("America/New_York", "day 3"),
        ("Atlantic/Azores", "night 3"),
        ("Nowhere/X", "day 4"),
    ):
        _, effects = advance(loaded, None, Started(at, "s", "en", "webchat", timezone=zone))
        assert isinstance(effects[0], Say)
        assert (zone, effects[0].text) == (zone, said)


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
    talk = Talk("  - {action: action_offer, sets: [code, big], next: bye}\n" + WHY + BYE)
    finished = ActionFinished(
        T,
        0,
        2,
        {"code": "X1", "big": list(range(50_000))},
        ({"text": "{{ brand }}"}, {"response": "utter_bye"}, {"text": ""}),
        "nowhere",
    )
    talk(finished)
    assert talk.state.slots == {"code": "X1"}
    assert talk.said() == ["{{ brand }}", "Bye", "Bye"]
    assert [one.code for one in talk.of(Trouble)] == ["slot", "followup"]


def test_a_failed_action_goes_where_on_error_says() -> None:
    talk = Talk("  - {action: action_offer, on_error: bye}\n" + WHY + BYE)
    talk(ActionFinished(T, 0, 2, error="boom"))
    assert talk.said() == ["Bye"]


def test_set_fills_the_profile_and_later_texts_see_it() -> None:
    talk = Talk(
        '  - {set: {profile.city: Oslo, n: 3}}\n  - {say: {en: "{{ profile.city }} {{ slots.n + 1 }}", zh: 好}}\n'
    )
    assert talk.of(SetAttribute) == [SetAttribute("city", "Oslo")]
    assert talk.said() == ["Oslo 4"]


def test_staff_hold_the_conversation_in_peace() -> None:
    talk = Talk(NPS + WHY)
    talk(Paused(T))
    assert talk.reply("rude!", mood=SAD, verdict="unhappy") == ()
    assert talk(TimedOut(T, "reminder", 2)) == ()
    assert len(talk.state.held) == 1
    talk(Resumed(T, "sms"))
    assert talk.said() == ["To come back to where we were:\nHow likely, ?"]
    assert (talk.state.channel, talk.state.status) == ("sms", "asking")


def test_a_dialog_expires_also_while_staff_hold_it() -> None:
    talk = Talk(NPS)
    talk(Paused(T))
    assert talk(TimedOut(T, "expiry", 1)) == (Finish("expired"),)
    assert talk(Resumed(T)) == ()


def test_an_older_message_that_failed_does_not_end_the_open_question() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("9")
    assert talk(DeliveryFailed(T, 1, final=True)) == ()
    assert talk(DeliveryFailed(T, 2, final=True)) == (Finish("undelivered"),)


def test_a_question_that_did_not_arrive_is_not_reminded_of() -> None:
    talk = Talk(NPS)
    assert talk(DeliveryFailed(T, 1, final=False)) == ()
    assert talk(TimedOut(T, "reminder", 2)) == ()


def test_a_script_that_goes_round_by_its_action_is_stopped() -> None:
    loop = "  - {id: a, set: {n: 1}, next: [{if: slots.n > 5, then: ask}, {else: b}]}\n  - {id: b, tag: x, next: a}\n"
    loaded = load_script(HEAD + loop + "  - {id: ask, collect: why, type: text, ask: {en: a, zh: b}}\n", path="v.yml")
    state, effects = advance(loaded, None, Started(T, "s", "en", "webchat"))
    assert effects[-1] == Finish("broken")
    assert [one.code for one in effects if isinstance(one, Trouble)] == ["loop"]
    assert state.status == "finished"


def test_an_arm_is_drawn_by_the_conversation_and_stays() -> None:
    arms = "  - {id: arm, random: {a: 70, b: 30}}\n"
    arms += "  - {id: a, say: {en: A, zh: 甲}, next: end}\n  - {id: b, say: {en: B, zh: 乙}}\n"
    drawn = [Talk(arms, seed=f"c{number}").said()[0] for number in range(300)]
    assert drawn == [Talk(arms, seed=f"c{number}").said()[0] for number in range(300)]
    assert 170 < drawn.count("A") < 250


def test_a_question_already_passed_can_be_asked_again_by_the_script() -> None:
    talk = Talk(
        "  - {collect: more, type: yes_no, ask: {en: More?, zh: 还要？}, next: [{if: slots.more, then: more}]}\n" + BYE
    )
    talk.reply("yes")
    assert talk.said() == ["More?"]
    talk.reply("no")
    assert [(one.value, one.corrects) for one in talk.of(Record)] == [(False, True)]
    assert talk.said() == ["Bye"]


def test_a_script_asks_only_those_it_is_meant_for() -> None:
    loaded = load_script("when: profile.orders > 1\n" + HEAD + BYE, path="v.yml")
    assert [loaded.applies({"orders": n}, {}) for n in (0, 1, 2, None, "3")] == [False, False, True, False, True]
    assert loaded.applies({}, {}) is False
    assert script(BYE).applies({}, {}) is True


def test_the_same_text_has_the_same_hash() -> None:
    assert script(BYE).source_hash == script(BYE).source_hash != script(NPS).source_hash
