"""The words that are no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.words import CHAT, SMS_CHINA, SMS_TWILIO, TWILIO_ANSWERS, Words, kind_of

TABLES = (CHAT, SMS_TWILIO, SMS_CHINA, TWILIO_ANSWERS)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!!!",
        "\uff33\uff34\uff2f\uff30",
        "stop。",
        "“STOP”",
        "退订",
        "退订\uff01",
        "/stop",
        "UNSUBSCRIBE",
    ],
)
def test_a_stop_word_alone_is_a_stop_in_any_dress(text: str) -> None:
    assert kind_of(text, words=CHAT) == "stop"


@pytest.mark.parametrize("text", ["don't stop", "stop it", "stop?no", "T", "TD", "END", "HELP", "不要退订", "", "10"])
def test_a_word_among_others_or_of_another_platform_stays_text_in_a_chat(text: str) -> None:
    assert kind_of(text, words=CHAT) == "text"


@pytest.mark.parametrize(
    "text", ["STOP", "STOPALL", "UNSUBSCRIBE", "END", "Quit", "CANCEL", "REVOKE", "OPTOUT", "arrêt", "Arret", "退订"]
)
def test_twilio_stops_are_stops(text: str) -> None:
    assert kind_of(text, words=SMS_TWILIO) == "stop"


@pytest.mark.parametrize(
    ("text", "kind"), [("Start", "start"), ("unstop", "start"), ("YES", "text"), ("help", "help"), ("INFO.", "help")]
)
def test_twilio_start_and_help_but_yes_is_an_answer(text: str, kind: str) -> None:
    assert kind_of(text, words=SMS_TWILIO) == kind


@pytest.mark.parametrize("words", [CHAT, SMS_TWILIO, SMS_CHINA])
@pytest.mark.parametrize("text", ["START", "start.", "恢复接收", "“恢复接收”", "恢復接收", "重新订阅。"])
def test_the_words_that_a_stop_is_confirmed_with_take_it_back_everywhere(text: str, words: Words) -> None:
    assert kind_of(text, words=words) == "start"


@pytest.mark.parametrize("text", ["恢复", "网络恢复了", "start again", "开始"])
def test_an_answer_that_begins_like_a_start_word_stays_text(text: str) -> None:
    assert kind_of(text, words=CHAT) == "text"


def test_single_letters_stop_only_where_the_gateway_lists_them() -> None:
    assert [kind_of(text, words=SMS_CHINA) for text in ("T", "t", "R", "TD", "td。", "拒收")] == ["stop"] * 6
    assert [kind_of(text, words=SMS_TWILIO) for text in ("T", "R", "TD", "拒收")] == ["text"] * 4


def test_a_long_text_is_text() -> None:
    assert kind_of("stop" + " " * 100_000, words=CHAT) == "text"


@given(st.text(max_size=60), st.sampled_from(TABLES))
def test_anything_has_a_kind(text: str, words: Words) -> None:
    assert kind_of(text, words=words) in {"text", "stop", "start", "help"}


@given(st.sampled_from(TABLES), st.data())
def test_every_word_of_a_table_is_recognised_with_what_people_put_around_it(words: Words, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted(words.stop)))
    dressed = data.draw(st.sampled_from(["{}", " {}", "{}.", "{}!", "“{}”", "{}。 ", "({})"])).format(word.upper())
    assert kind_of(dressed, words=words) == "stop"
