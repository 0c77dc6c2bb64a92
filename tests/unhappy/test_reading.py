"""What a reading is: its fields, its language, its words, and what always escalates."""

from __future__ import annotations

import json

import pytest

from dialogs.unhappy import Mood, Reader, contradiction, shift, shipped_reader
from dialogs.unhappy_weights import ZERO, Weights, stepped
from dialogs.unhappy_words import shipped_words


@pytest.fixture(scope="module")
def reader() -> Reader:
    return shipped_reader()


def test_a_mood_survives_json(reader: Reader) -> None:
    mood = reader.read("菜很好吃，但是送来都凉了，我要退款😡")
    assert Mood.from_dict(json.loads(json.dumps(mood.to_dict()))) == mood
    assert mood.always
    assert "delivery" in mood.topics or "quality" in mood.topics


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("服务很好", "zh"),
        ("服務很差，我要投訴", "zh"),
        ("the food was cold", "en"),
        ("nobody came to help", "en"),
        ("WiFi 太慢", "zh"),
        ("La comida estaba fría y el camarero muy grosero", "und"),
        ("Das Essen war sehr gut, danke", "und"),
        ("サービスが最悪でした", "und"),
        ("배송이 너무 느려요", "und"),
        ("Обслуживание ужасное", "und"),
        ("7", "und"),
        ("", "und"),
        ("👍", "und"),
    ],
)
def test_the_language_is_told_by_script_and_commonest_words(reader: Reader, text: str, language: str) -> None:
    assert reader.read(text).language == language


@pytest.mark.parametrize(
    "text",
    ["サービスが最悪でした", "Обслуживание ужасное", "El servicio fue pésimo y muy lento", "Das Essen war schrecklich"],
)
def test_a_plain_complaint_in_another_language_is_noticed_by_the_lexicon(reader: Reader, text: str) -> None:
    mood = reader.read(text)
    assert mood.language == "und"
    assert mood.unhappy >= 0.5
    assert mood.why


@pytest.mark.parametrize(
    "text", ["La comida estaba muy rica, gracias", "Ottimo servizio, grazie", "맛있어요 감사합니다"]
)
def test_plain_praise_in_another_language_is_not_unhappy(reader: Reader, text: str) -> None:
    assert reader.read(text).unhappy < 0.3


@pytest.mark.parametrize("text", ["5", "10", " 9 ", "3/5", "", "   ", "...", "2025-01-02", "１０"])
def test_a_bare_number_or_nothing_says_nothing(reader: Reader, text: str) -> None:
    mood = reader.read(text)
    assert mood.unhappy < 0.2
    assert mood.topics == ()
    assert not mood.always


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("我要退款", "退款"),
        ("吃完就食物中毒了", "食物中毒"),
        ("再不处理我就打12315", "12315"),
        ("转人工", "转人工"),
        ("找你们经理", "找你们经理"),
        ("我要投訴", "投诉"),
        ("I want a refund", "refund"),
        ("my lawyer will be in touch", "lawyer"),
        ("let me speak to a person", "speak to a person"),
        ("I got food poisoning from your salad", "food poisoning"),
        ("Can I talk to a human please?", "talk to a human"),
    ],
)
def test_refund_safety_legal_and_a_person_always_escalate(reader: Reader, text: str, phrase: str) -> None:
    mood = reader.read(text)
    assert mood.always
    assert phrase in mood.why


@pytest.mark.parametrize(
    "text",
    [
        "不用退款了谢谢",
        "没有过敏，孩子很喜欢",
        "离医院很近，交通方便",
        "不会投诉的，挺满意",
        "退款很快，赞一个",
        "no need for a refund, all good",
        "I don't want a refund, just saying thanks",
        "what is your refund policy",
        "great hospitality",
        "no complaints",
        "well worth my money",
    ],
)
def test_a_denied_or_harmless_mention_does_not_escalate(reader: Reader, text: str) -> None:
    assert not reader.read(text).always


def test_why_names_the_words_that_decided_and_marks_praise(reader: Reader) -> None:
    mood = reader.read("味道不错，就是送得太慢，客服也没人理")
    assert "太慢" in mood.why
    assert "没人理" in mood.why
    assert "+不错" in mood.why
    assert mood.why.index("没人理") < mood.why.index("+不错")


def test_an_unhappy_text_without_a_listed_word_still_says_why(reader: Reader) -> None:
    mood = reader.read("my bags are still in Denver and I am in Boston")
    assert mood.unhappy >= 0.5
    assert mood.why


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("味道很好，但是送餐太慢", "delivery"),
        ("房间很大，可惜前台态度太差", "service"),
        ("包装漏了，里面全洒了", "packaging"),
        ("great food but the waiter was rude", "service"),
        ("lovely staff but the bathroom was dirty", "hygiene"),
    ],
)
def test_the_topic_of_the_complaint_stands_before_that_of_the_praise(reader: Reader, text: str, first: str) -> None:
    assert first in reader.read(text).topics[:2]


def test_alert_is_the_probability_moved_to_the_business_own_rate() -> None:
    low, high = shipped_reader(base_rate=0.05), shipped_reader(base_rate=0.5)
    text = "the room was a bit cold and breakfast late"
    assert low.read(text).unhappy == high.read(text).unhappy
    assert low.read(text).alert < high.read(text).alert


def test_moving_a_probability_there_and_back_changes_nothing() -> None:
    moved = shift(shift(0.7, 0.44, 0.15), 0.15, 0.44)
    assert moved == pytest.approx(0.7)
    assert shift(0.44, 0.44, 0.15) == pytest.approx(0.15)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 15.0])
def test_a_base_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="base_rate"):
        Reader(Weights({}), shipped_words(), base_rate=rate)


def test_the_watch_threshold_is_below_the_ticket_threshold(reader: Reader) -> None:
    for language in ("zh", "en", "und"):
        assert 0.05 < reader.watch_threshold(language) < 0.5


def test_without_weights_the_rules_alone_read() -> None:
    rules = Reader(Weights({}), shipped_words())
    assert rules.read("太慢了，等了两个小时，态度还差").unhappy > 0.8
    assert rules.read("非常满意，下次还会来").unhappy < 0.2


@pytest.mark.parametrize(
    ("score", "text", "expected"),
    [
        (1.0, "太差了，再也不来了", "happy score, unhappy words"),
        (0.9, "I want my money back", "happy score, unhappy words"),
        (0.0, "非常满意，谢谢", "low score, happy words"),
        (0.25, "everything was excellent", "low score, happy words"),
        (1.0, "非常满意", None),
        (0.0, "太差了", None),
        (0.0, "没有意见", None),
        (0.5, "太差了", None),
        (None, "太差了", None),
    ],
)
def test_score_and_words_that_contradict_each_other_are_marked(
    reader: Reader, score: float | None, text: str, expected: str | None
) -> None:
    assert contradiction(score, reader.read(text)) == expected


def test_of_a_long_text_the_beginning_and_the_end_are_read(reader: Reader) -> None:
    filler = "今天天气晴。" * 2000
    assert reader.read("服务太差了，投诉！" + filler).always
    assert reader.read(filler + "服务太差了，投诉！").always
    assert not reader.read(filler + "投诉" + filler).always


def test_an_angry_sign_counts_more_than_words_that_only_look_calm(reader: Reader) -> None:
    assert reader.read("5th transfer").unhappy < 0.5
    assert reader.read("5th transfer 🙄👎").unhappy >= 0.8


def test_weights_are_kept_in_steps_of_one_scale_and_only_the_largest_are_cut() -> None:
    weights = {f"w{at}": (at - 500) / 100 for at in range(1000)}
    steps, scale = stepped(weights)
    assert all(1 <= step <= 255 for step in steps.values())
    wrong = [name for name, step in steps.items() if abs((step - ZERO) * scale - weights[name]) > scale]
    assert len(wrong) <= 10
    assert stepped({}) == ({}, 1.0)
