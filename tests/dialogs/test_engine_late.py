"""What answers another question than the open one goes where it belongs, in its own time or late."""

from __future__ import annotations

from dialogs.effects import Escalate, Finish, Record, Say
from dialogs.events import DeliveryFailed, OptedOut, Replied, TimedOut
from tests.dialogs.talk import BYE, NPS, WHY, T, Talk

AGAIN = "  - {collect: again, type: csat, ask: {en: Again?, zh: 再来？}}\n"


def replied(text: str, channel: str = "webchat", **more: int) -> Replied:
    return Replied(T + 60, text, channel, **more)


def asked(talk: Talk) -> int:
    """The number of the question that was just asked."""
    return next(one.sequence for one in talk.of(Say) if one.kind == "question")


def records(talk: Talk) -> list[tuple[str, object]]:
    return [(one.slot, one.value) for one in talk.of(Record)]


def test_a_reply_to_an_earlier_question_corrects_it_and_leaves_todays_open() -> None:
    talk = Talk(NPS + AGAIN)
    first = asked(talk)
    talk.reply("9")
    talk(replied("4", answers=first))
    assert records(talk) == [("nps", 4)]
    assert talk.said() == ["Thank you, changed to: 4"]
    assert talk.state.open_step == 1


def test_a_reply_to_a_reminder_of_an_earlier_question_answers_that_question() -> None:
    talk = Talk(NPS + AGAIN)
    talk(TimedOut(T, "reminder", talk.state.reminder))
    reminder = talk.of(Say)[0].sequence
    talk.reply("9")
    talk(replied("3", answers=reminder))
    assert records(talk) == [("nps", 3)]


def test_a_reply_to_the_open_question_answers_it() -> None:
    talk = Talk(NPS + AGAIN)
    talk.reply("9")
    talk(replied("4", answers=asked(talk)))
    assert records(talk) == [("again", 4)]


def test_words_that_do_not_answer_the_old_question_do_not_fill_todays_either() -> None:
    talk = Talk(NPS + WHY)
    first = asked(talk)
    talk.reply("9")
    talk(replied("could somebody call me about this", answers=first))
    assert records(talk) == []
    assert talk.said() == ["Thank you, noted."]
    assert talk.state.open_step == 1


def test_words_added_to_words_stand_under_them() -> None:
    talk = Talk(WHY + AGAIN)
    first = asked(talk)
    talk.reply("It was cold.")
    talk(replied("And it was late.", answers=first))
    assert records(talk) == [("why", "It was cold.\nAnd it was late.")]
    assert talk.said() == ["Thank you, noted."]


def test_a_late_answer_is_kept_and_asks_nothing_more() -> None:
    talk = Talk(NPS + WHY + BYE)
    first = asked(talk)
    talk(TimedOut(T, "expiry", talk.state.expiry))
    talk(replied("9", answers=first))
    assert records(talk) == [("nps", 9)]
    assert talk.said() == ["Thank you, noted."]
    assert (talk.state.status, talk.state.outcome) == ("finished", "expired")
    assert talk.of(Finish) == []


def test_a_late_press_is_kept_and_the_next_one_corrects_it() -> None:
    talk = Talk(NPS + BYE)
    talk(TimedOut(T, "expiry", talk.state.expiry))
    talk.press(0, 9)
    assert records(talk) == [("nps", 9)]
    talk.press(0, 7)
    assert [(one.value, one.corrects) for one in talk.of(Record)] == [(7, True)]


def test_a_late_low_score_reaches_staff_and_the_customer_is_told() -> None:
    talk = Talk(NPS + WHY + "  - {escalate: {severity: high}}\n")
    talk(TimedOut(T, "expiry", talk.state.expiry))
    talk.press(0, 2)
    assert [(one.reason, one.value) for one in talk.of(Escalate)] == [("score", 2)]
    assert talk.said() == ["I am sorry about that. I have passed it on to a colleague."]


def test_an_answer_to_a_question_that_was_given_up_as_undelivered_is_kept() -> None:
    talk = Talk(NPS + BYE)
    first = asked(talk)
    talk(DeliveryFailed(T, first, True))
    assert talk.state.outcome == "undelivered"
    talk(replied("8", answers=first))
    assert records(talk) == [("nps", 8)]


def test_after_a_stop_no_late_answer_is_kept() -> None:
    talk = Talk(NPS)
    first = asked(talk)
    talk(OptedOut(T))
    assert talk(replied("9", answers=first)) == ()
    assert talk.press(0, 9) == ()


def test_a_bare_score_where_another_question_stood_last_answers_that_one() -> None:
    talk = Talk(NPS + AGAIN)
    first = asked(talk)
    talk(replied("9", "telegram"))
    talk(replied("4", "sms", last_here=first))
    assert records(talk) == [("nps", 4)]
    assert talk.state.open_step == 1
    assert talk.state.channel == "telegram", "the open question stands there"


def test_words_beside_a_score_are_for_the_open_question() -> None:
    talk = Talk(NPS + WHY)
    first = asked(talk)
    talk(replied("9", "telegram"))
    talk(replied("2 of the dishes were cold", "sms", last_here=first))
    assert records(talk) == [("why", "2 of the dishes were cold")]


def test_what_the_question_asked_last_here_does_not_take_is_for_the_open_one() -> None:
    talk = Talk(AGAIN + "  - {collect: nps, type: nps, ask: {en: Recommend?, zh: 推荐？}}\n")
    first = asked(talk)
    talk(replied("5", "telegram"))
    talk(replied("9", "sms", last_here=first))
    assert records(talk) == [("nps", 9)]
    assert talk.state.channel == "sms"


def test_words_last_asked_for_here_do_not_catch_what_is_for_the_open_question() -> None:
    talk = Talk(WHY + AGAIN)
    first = asked(talk)
    talk(replied("It was cold.", "telegram"))
    talk(replied("4", "sms", last_here=first))
    assert records(talk) == [("again", 4)]


def test_a_question_that_was_answered_by_the_rest_of_another_was_never_asked() -> None:
    talk = Talk(NPS + "  - {collect: why, type: text, takes_rest_of: nps, ask: {en: Why?, zh: 为什么？}}\n" + AGAIN)
    first = asked(talk)
    talk.reply("6, the rider was rude")
    talk(replied("8", answers=first))
    assert records(talk) == [("nps", 8)]


def test_a_conversation_kept_before_messages_were_numbered_hears_the_open_question() -> None:
    talk = Talk(NPS + AGAIN)
    first = asked(talk)
    talk.reply("9")
    talk.state.answers = [entry[:2] for entry in talk.state.answers]
    talk(replied("4", answers=first))
    assert records(talk) == [("again", 4)]
