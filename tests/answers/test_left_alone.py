"""Wishes to be left alone: never an answer to an open question; what may be an answer stays one."""

import pytest

from dialogs.answers import Option, Reading, question, read_answer
from dialogs.answers_refusal import wants_alone, wants_peace

TEXT = question("text")
DECLINED = Reading(None, "declined")
CALLS = question("choice", options=(Option("yes", ("Yes please", "需要")), Option("no", ("No thank you", "不需要"))))

WISHES = [
    "停止发送",
    "别再发消息给我",
    "拒收短信",
    "不想收到你们的消息",
    "以后别发了",
    "请不要再发消息",
    "不要再给我发短信了",
    "停止推送",
    "取消发送",
    "关闭提醒",
    "拉黑",
    "再发我就拉黑你们",
    "不需要回访",
    "麻烦以后不要再给我发短信了，谢谢！",
    "你们能不能别再发了？",
    "我不想再收到这些推送了",
    "請不要再發訊息給我",
    "别 再 发 了",
    "不用给我发消息了",
    "别再提醒我了",
    "不要再联系我",
    "don't text me again",
    "Don’t email me anymore",
    "stop please",
    "Please, stop!",
    "STOP STOP STOP",
    "Stop sending me messages",
    "Could you please stop sending me text messages any more, thank you",
    "Do not contact me ever again.",
    "please don't send me any more messages",
    "I don't want to hear from you",
    "leave us alone",
    "I'll block you",
]
ANSWERS = [
    "No more emails",
    "Stop sending these",
    "stop it",
    "Oh stop 😊",
    "Remove me",
    "Don't email me",
    "stop texting me about the weather",
    "The app should stop texting me",
    "Привет leave me alone",
    "取消订阅",
    "怎么退订",
    "拒收",
    "TD",
    "不要发短信",
    "不用再发了",
    "不用联系了",
    "别烦了",
    "取消订单",
    "拒收包裹",
    "不要再发错货了",
    "你们别再发过期的了",
    "不想收到破损的包裹",
    "消息提醒",
]


@pytest.mark.parametrize("reply", WISHES)
def test_a_plain_wish_to_be_left_alone_is_no_answer_to_an_open_question(reply: str) -> None:
    assert read_answer(TEXT, reply) == DECLINED
    assert read_answer(question("text", optional=True), reply) == DECLINED
    assert read_answer(question("nps"), reply) == DECLINED
    assert wants_alone(reply)
    assert wants_peace(reply)


@pytest.mark.parametrize("reply", ANSWERS)
def test_what_may_be_an_answer_stays_one(reply: str) -> None:
    assert read_answer(TEXT, reply) == Reading(reply, "exact")
    assert not wants_alone(reply)


def test_no_need_of_a_call_is_a_no_where_that_was_asked() -> None:
    assert read_answer(question("yes_no"), "不需要回访").value is False
    assert read_answer(CALLS, "不需要").value == "no"
    assert read_answer(CALLS, "不需要回访").how == "unsure"
    assert read_answer(question("yes_no"), "Please, stop!") == DECLINED, "'please' is no yes here"


@pytest.mark.parametrize(
    "piece", ["stop ", "please ", "ever again ", "don't text me ", "请", "你们", "再发我", "吗", "别再"]
)
def test_a_wish_that_never_ends_is_only_a_long_text(piece: str) -> None:
    """An exponential pattern would not come back at all."""
    wants_alone((piece * 80)[:80])
    assert not wants_alone(piece * 20_000)
    assert read_answer(TEXT, piece * 20_000).how == "exact"
