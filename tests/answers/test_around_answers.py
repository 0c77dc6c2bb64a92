"""What is no answer (stop, skip, refusals), buttons, and what no text may do."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.answers import Option, Question, Reading, is_help, is_start, is_stop, question, read_answer, stop_words
from dialogs.answers_fold import fold, origin

OPTIONS = (Option("a", ("Apples", "苹果")), Option("b", ("Bananas", "香蕉")), Option("c", ("Cherries", "樱桃")))
EVERY_KIND = (
    question("nps"),
    question("csat", optional=True),
    question("ces"),
    question("rating", minimum=1, maximum=3, options=(Option("1", ("low", "低")), Option("3", ("high", "高")))),
    question("yes_no"),
    question("choice", options=OPTIONS),
    question("multi_choice", options=OPTIONS, optional=True),
    question("number", minimum=0),
    question("text", optional=True),
)
ALPHABET = "0123456789 九十百万分满意不很是没有第个,.，。!?-+/:%()\n⭐★☆👍👎7️⃣🔟½١٩ａ９ abcdefghijklmnopqrstuvwxyz'"
WORDS = (
    "not very satisfied good 9 10 out of / 分 十分 满分 no yes wait sorry but 但是 because ⭐ 👍 "
    "apples 香蕉 和 and all except 7️⃣ 不 太 满意 minutes ten , . ! \n 3.5 100 订单"
)
PIECES = st.sampled_from(WORDS.split(" "))
LISTS = st.lists(PIECES, max_size=9)
TEXTS = st.one_of(st.text(max_size=80), st.text(ALPHABET, max_size=40), LISTS.map(" ".join), LISTS.map("".join))


@pytest.mark.parametrize(
    "reply",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!",
        "ＳＴＯＰ",
        "ＳＴＯＰ。",
        "unsubscribe",
        "退订",
        "退訂",
        "退订。",
        "/stop",
        "/stop@motline_bot",
        "“stop”",
        "stop\n",
    ],
)
@pytest.mark.parametrize("channel", ["webchat", "telegram", "email", "wechat", "sms"])
def test_a_stop_word_alone_stops_on_every_channel(reply: str, channel: str) -> None:
    assert is_stop(reply, channel)


@pytest.mark.parametrize(
    "reply", ["STOPALL", "End", "quit", "CANCEL", "revoke", "optout", "TD", "td。", "拒收", "ARRÊT", "arret"]
)
def test_a_carriers_stop_word_stops_on_sms_alone(reply: str) -> None:
    assert (is_stop(reply, "sms"), is_stop(reply, "webchat")) == (True, False)


@pytest.mark.parametrize(
    "reply",
    [
        "stop it",
        "please stop",
        "don't stop",
        "bus stop",
        "T",
        "R",
        "",
        "stopp",
        "st op",
        "我要退订会员",
        "stop " * 40,
        "9",
    ],
)
def test_a_stop_word_among_others_is_an_ordinary_reply(reply: str) -> None:
    assert not is_stop(reply, "sms")


def test_help_and_start_are_heard_like_stop() -> None:
    assert is_help("HELP", "sms")
    assert is_help("info", "sms")
    assert not is_help("info", "telegram")
    assert is_help("/help", "telegram")
    assert is_help("帮助", "wechat")
    assert is_start("START", "sms")
    assert is_start("unstop!", "sms")
    assert is_start("/start", "telegram")
    assert not is_start("yes", "sms")


def test_the_words_of_a_channel_can_be_listed_for_the_prover() -> None:
    assert {"stop", "退订"} <= stop_words("webchat") < stop_words("sms")


OPTIONAL = question("text", optional=True)
REQUIRED = question("text")


@pytest.mark.parametrize(
    "reply",
    [
        "skip",
        "Skip!",
        "SKIP",
        "跳过",
        "跳過",
        "不想说",
        "pass",
        "no comment",
        "没有",
        "無",
        "无",
        "no",
        "nothing",
        "n/a",
        "N/A",
        "-",
        "none",
        "没有了",
        "没意见",
        "下一题",
        "skip please",
        "prefer not to say",
    ],
)
def test_an_optional_question_can_be_passed_over(reply: str) -> None:
    assert read_answer(OPTIONAL, reply) == Reading(None, "skipped")
    assert read_answer(question("nps", optional=True), reply).how == "skipped"


@pytest.mark.parametrize(
    "reply",
    [
        "别问了",
        "別問了",
        "leave me alone",
        "Leave me alone!!",
        "no thanks",
        "No, thanks.",
        "stop asking",
        "别烦我",
        "请勿打扰",
        "please leave me alone",
        "别再问了！",
    ],
)
@pytest.mark.parametrize("asked", [OPTIONAL, REQUIRED, question("nps"), question("choice", options=OPTIONS)])
def test_a_customer_who_refuses_is_not_asked_again(asked: Question, reply: str) -> None:
    assert read_answer(asked, reply) == Reading(None, "declined")


@pytest.mark.parametrize("reply", ["没有", "no", "nothing", "it was late", "9", "  spaced  ", "不错", "busy rider"])
def test_a_text_that_must_be_given_is_whatever_was_written(reply: str) -> None:
    assert read_answer(REQUIRED, reply) == Reading(reply.strip(), "exact")


def test_a_long_text_is_kept_whole_and_a_blank_one_is_none() -> None:
    essay = "很慢。" * 30_000
    assert read_answer(REQUIRED, essay).value == essay
    assert [read_answer(REQUIRED, blank).how for blank in ("", " \n\t ", "\u3000")] == ["none"] * 3


@pytest.mark.parametrize(
    ("asked", "payload", "value"),
    [
        (question("nps"), "9", 9),
        (question("csat"), "5", 5),
        (question("yes_no"), "yes", True),
        (question("yes_no"), "no", False),
        (question("yes_no"), "true", True),
        (question("choice", options=OPTIONS), "b", "b"),
        (question("multi_choice", options=OPTIONS), "c,a", ("a", "c")),
        (question("multi_choice", options=OPTIONS), "b", ("b",)),
    ],
)
def test_a_pressed_button_is_its_value_whatever_its_title(asked: Question, payload: str, value: object) -> None:
    assert read_answer(asked, "Some title, 3", payload) == Reading(value, "exact")  # type: ignore[arg-type]


def test_a_payload_of_another_question_leaves_the_text_to_be_read() -> None:
    assert read_answer(question("nps"), "9", "nonsense").value == 9
    assert read_answer(question("choice", options=OPTIONS), "Bananas", "").value == "b"


def test_a_skip_button_skips() -> None:
    assert read_answer(question("text", optional=True), "Skip", "skip").how == "skipped"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"type": "nsp"}, "nsp"),
        ({"type": "rating"}, "both ends"),
        ({"type": "choice"}, "needs options"),
        ({"type": "number", "minimum": 5, "maximum": 1}, "not below"),
        ({"type": "choice", "options": (Option("a", ()), Option("a", ()))}, "stands twice"),
        ({"type": "csat", "options": (Option("nine", ("x",)),)}, "nine"),
        ({"type": "csat", "options": (Option("9", ("x",)),)}, "'9'"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_the_fix(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        question(**arguments)  # type: ignore[arg-type]


def _holds(asked: Question, text: str) -> bool:
    reading = read_answer(asked, text)
    if (reading.value is not None) != (reading.how in {"exact", "read"}):
        return False
    if isinstance(reading.value, float | int) and not isinstance(reading.value, bool):
        return asked.allows(reading.value) and ("\x01" not in reading.rest or "\x01" in text)
    return reading.value is not None or reading.rest == ""


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_no_text_raises_or_leaves_the_range(text: str) -> None:
    assert all(_holds(asked, text) for asked in EVERY_KIND)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, max_size=40)))
def test_folding_twice_changes_nothing_and_every_place_is_found_again(text: str) -> None:
    folded = fold(text)
    places = [origin(text, place) for place in range(len(folded) + 1)]
    assert fold(folded) == folded
    assert places == sorted(places)
    assert places[-1] == len(text) or fold(text[places[-1] :]) == ""


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EVERY_KIND), TEXTS)
def test_a_value_that_was_read_reads_back_as_itself(asked: Question, text: str) -> None:
    value = read_answer(asked, text).value
    if value is None or value == ():
        return
    said = ",".join(value) if isinstance(value, tuple) else {True: "yes", False: "no"}.get(value, str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        said = str(value)
    assert read_answer(asked, said, said if asked.options else None).value == value


SEED = random.Random(7)
LONG_TEXTS = {
    "digits": "1" * 100_000,
    "digits and spaces": "9 " * 50_000,
    "numerals": "十" * 33_000,
    "mixed numerals": "一百二十万" * 7_000,
    "letters": "a" * 100_000,
    "emoji": "⭐" * 30_000,
    "keycaps": "7️⃣" * 15_000,
    "negations": "不" * 33_000,
    "degrees": "very " * 20_000,
    "fillers": "i'd say a " * 10_000,
    "number words": "nine " * 20_000,
    "commas": "1," * 50_000,
    "combining": "a" + "".join(SEED.choice("\u0300\u0316\u0301\u0317") for _ in range(50_000)),
    "noise": "".join(SEED.choice(ALPHABET) for _ in range(100_000)),
    "vanishing": "9" + "\u200d" * 90_000,
    "spaces": "9" + " " * 90_000 + "x",
    "courtesies": "thanks " * 14_000,
    "at signs": "a." * 50_000 + "@",
    "ands": "1 and " * 16_000,
}


@pytest.mark.parametrize("kind", list(LONG_TEXTS))
def test_the_longest_text_is_read_without_holding_anyone_up(kind: str) -> None:
    """An exponential pattern would not come back at all."""
    readings = [read_answer(asked, LONG_TEXTS[kind]) for asked in EVERY_KIND]
    assert all(isinstance(reading, Reading) for reading in readings)
