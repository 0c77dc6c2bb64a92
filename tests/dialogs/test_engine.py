"""What a dialog does with what a customer sends. The longer stories stand in the goldens."""

from __future__ import annotations

from datetime import date

import pytest

from dialogs.effects import Finish, Record, Say, SetAttribute, WaitUntil
from dialogs.engine import advance
from dialogs.events import (
    DeliveryFailed,
    OptedOut,
    Replied,
    Started,
    TimedOut,
)
from dialogs.script import load_script
from dialogs.state import State
from tests.dialogs.talk import BYE, HEAD, NPS, SAD, WHY, T, Talk, script


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


def test_set_fills_the_profile_and_later_texts_see_it() -> None:
    talk = Talk(
        '  - {set: {profile.city: Oslo, n: 3}}\n  - {say: {en: "{{ profile.city }} {{ slots.n + 1 }}", zh: 好}}\n'
    )
    assert talk.of(SetAttribute) == [SetAttribute("city", "Oslo")]
    assert talk.said() == ["Oslo 4"]


def test_passing_over_an_optional_question_is_no_refusal_of_the_next() -> None:
    talk = Talk("  - {collect: a, type: text, optional: true, ask: {en: A?, zh: 甲？}}\n" + NPS)
    talk.reply("no thanks")
    assert talk.of(Record)[0].value is None
    assert talk.said() == ["How likely, ?"]


def test_words_while_the_dialog_waits_are_thanked_for_once() -> None:
    talk = Talk("  - {wait: 2h}\n" + BYE)
    talk.reply("hello")
    assert talk.said() == ["Thank you, noted."]
    assert talk.reply("hello?") == ()
    talk(TimedOut(T, "wait", 2))
    assert talk.said() == ["Bye"]


def test_a_photo_is_excused_once_for_each_question() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("", media="photo")
    talk.reply("9")
    talk.reply("", media="photo")
    assert talk.said()[0].startswith("Thank you for the picture.")
    assert talk.of(Record) == []


def test_an_older_message_that_failed_does_not_end_the_open_question() -> None:
    talk = Talk(NPS + WHY)
    talk.reply("9")
    assert talk(DeliveryFailed(T, 1, final=True)) == ()
    assert talk(DeliveryFailed(T, 2, final=True)) == (Finish("undelivered"),)


def test_a_question_that_did_not_arrive_is_not_reminded_of() -> None:
    talk = Talk(NPS)
    assert talk(DeliveryFailed(T, 1, final=False)) == ()
    assert talk(TimedOut(T, "reminder", 2)) == ()


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
