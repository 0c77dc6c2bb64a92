"""Writing to WeChat: tokens, error codes inside a 200, templates, QR codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.http import HttpClient
from channels.errors import OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary
from channels.message import Address, Choice, Outbound
from channels.wechat import WeChatChannel
from channels.wechat_errors import until_midnight_in_beijing
from tests.fakes.errcodes import errcode
from tests.fakes.house import StandingClock, TokensInMemory
from tests.fakes.scripted import Answer, Cut, html_answer, json_answer
from tests.fakes.wechat_api import APP_ID, OPEN_ID, SECRET, WeChatApi

MESSAGE = Outbound("c" * 32, Address("wechat", OPEN_ID), "谢谢您 😀 “quoted” \\u4f60")
KEPT = f"wechat:{APP_ID}"


@dataclass
class Setting:
    """The fake, the adapter that writes to it, and the tokens that it was given."""

    fake: WeChatApi
    http: HttpClient
    tokens: TokensInMemory
    clock: StandingClock

    def channel(self, **settings: str) -> WeChatChannel:
        plain = {"app_id": APP_ID, "app_secret": SECRET, "token": "t", "api_url": self.fake.url} | settings
        return WeChatChannel(**plain, clock=self.clock, http=self.http, tokens=self.tokens, timeout=5.0)  # type: ignore[arg-type]

    async def error(self, outbound: Outbound = MESSAGE, **settings: str) -> SendError:
        with pytest.raises(SendError) as raised:
            await self.channel(**settings).send(outbound)
        return raised.value


@pytest.fixture
async def wechat() -> AsyncIterator[Setting]:
    http = HttpClient()
    try:
        async with WeChatApi() as fake:
            yield Setting(fake, http, TokensInMemory({KEPT: fake.token}), StandingClock())
            assert fake.failures == []
    finally:
        await http.aclose()


async def test_a_text_arrives_as_it_was_written(wechat: Setting) -> None:
    text = "谢谢您 😀 “quoted” <a href='https://a.example'>链接</a>"
    sent_as = await wechat.channel().send(replace(MESSAGE, text=text))
    (sent,) = wechat.fake.sent
    assert sent.payload == {"touser": OPEN_ID, "msgtype": "text", "text": {"content": text}}
    assert sent_as == MESSAGE.id


async def test_characters_that_wechat_refuses_do_not_lose_the_message(wechat: Setting) -> None:
    await wechat.channel().send(replace(MESSAGE, text="ok \ud83d\x07\n\tyes"))
    assert wechat.fake.sent[0].text == "ok ?\n\tyes"


async def test_an_address_that_cannot_be_written_is_rejected(wechat: Setting) -> None:
    error = await wechat.error(replace(MESSAGE, to=Address("wechat", "\ud83d")))
    assert isinstance(error, Rejected)


async def test_choices_that_are_left_go_as_a_menu_message(wechat: Setting) -> None:
    await wechat.channel().send(
        replace(MESSAGE, text="满意吗？", choices=(Choice("满意", "q:1"), Choice("不满意", "q:2")))
    )
    assert wechat.fake.sent[0].payload["msgmenu"] == {
        "head_content": "满意吗？",
        "list": [{"id": "q:1", "content": "满意"}, {"id": "q:2", "content": "不满意"}],
        "tail_content": "",
    }


async def test_a_token_is_fetched_once_by_many_senders_at_once(wechat: Setting) -> None:
    wechat.tokens.kept.clear()
    channel = wechat.channel()
    await asyncio.gather(*(channel.send(MESSAGE) for _ in range(8)))
    assert (wechat.fake.token_calls, len(wechat.fake.sent)) == (1, 8)
    assert 7000 < wechat.tokens.lifetimes[KEPT] < 7200


async def test_a_stale_token_is_refreshed_once_and_the_message_sent_once(wechat: Setting) -> None:
    wechat.fake.expire_token()
    channel = wechat.channel()
    await asyncio.gather(*(channel.send(MESSAGE) for _ in range(4)))
    assert (wechat.fake.token_calls, len(wechat.fake.sent)) == (1, 4)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_wechat_refuses_though_it_gives_no_other_is_forced_to_change(
    wechat: Setting, code: int
) -> None:
    wechat.fake.script(errcode(code))
    await wechat.channel().send(MESSAGE)
    assert wechat.tokens.kept[KEPT] == "token-2"
    assert len(wechat.fake.sent) == 1


async def test_a_token_that_never_works_is_temporary_for_the_whole_channel(wechat: Setting) -> None:
    class Stubborn(TokensInMemory):
        async def token(self, name: str, fetch: object, *, stale: str = "") -> str:
            return "token-of-yesterday"

    wechat.tokens = Stubborn()
    error = await wechat.error()
    assert isinstance(error, Temporary)
    assert error.whole_channel
    assert "token-of-yesterday" not in str(error)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"app_secret": "wrong"}, "wechat.app_secret"),
        ({"app_id": "wx-wrong"}, "wechat.app_id"),
        ({"app_secret": ""}, "wechat.app_secret"),
        ({"app_id": ""}, "wechat.app_id"),
    ],
)
async def test_a_wrong_or_missing_credential_keeps_the_message_and_names_the_setting(
    wechat: Setting, settings: dict[str, str], named: str
) -> None:
    wechat.tokens.kept.clear()
    error = await wechat.error(**settings)
    assert isinstance(error, Temporary)
    assert error.whole_channel
    assert named in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize("answer", [Cut(), html_answer(502), Answer(200, b"<html>"), Answer(404, b"")])
async def test_what_goes_wrong_before_the_message_leaves_is_temporary(wechat: Setting, answer: Answer | Cut) -> None:
    wechat.tokens.kept.clear()
    wechat.fake.script(answer)
    assert isinstance(await wechat.error(), Temporary)
    assert wechat.fake.sent == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-1, Temporary),
        (40003, RecipientGone),
        (40037, Rejected),
        (40164, Temporary),
        (43004, RecipientGone),
        (43101, Rejected),
        (45009, Temporary),
        (45011, Temporary),
        (45015, Rejected),
        (45047, Rejected),
        (48001, Rejected),
        (48002, RecipientGone),
        (50002, RecipientGone),
        (99999, Rejected),
    ],
)
async def test_an_errcode_says_what_to_do_next(wechat: Setting, code: int, expected: type[SendError]) -> None:
    wechat.fake.script(errcode(code, "provider's words"))
    error = await wechat.error()
    assert type(error) is expected
    assert error.code == str(code)


async def test_a_window_that_is_used_up_is_told_apart(wechat: Setting) -> None:
    wechat.fake.windows[OPEN_ID] = 1
    await wechat.channel().send(MESSAGE)
    error = await wechat.error()
    assert isinstance(error, Rejected)
    assert (error.code, error.spent) == ("45047", True)
    wechat.fake.script(errcode(43101, "refused"))
    other = await wechat.error()
    assert isinstance(other, Rejected)
    assert not other.spent


async def test_a_customer_who_left_is_gone(wechat: Setting) -> None:
    wechat.fake.followers.clear()
    assert isinstance(await wechat.error(), RecipientGone)


async def test_the_days_quota_begins_anew_at_midnight_in_beijing(wechat: Setting) -> None:
    wechat.clock.at = datetime(2025, 3, 1, 15, 0, tzinfo=UTC)
    wechat.fake.script(errcode(45009))
    error = await wechat.error()
    assert isinstance(error, Temporary)
    assert (error.retry_after, error.whole_channel) == (3600.0, True)


def test_at_midnight_itself_a_whole_day_is_left() -> None:
    assert until_midnight_in_beijing(datetime(2025, 3, 1, 16, 0, tzinfo=UTC)) == 86400


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (html_answer(502), OutcomeUnknown),
        (Answer(500, b""), OutcomeUnknown),
        (Answer(503, b""), OutcomeUnknown),
        (Answer(503, b"", {"Retry-After": "30"}), Temporary),
        (Answer(413, b""), Rejected),
        (html_answer(200), OutcomeUnknown),
        (json_answer(200, []), OutcomeUnknown),
        (json_answer(200, {"errcode": "no number"}), Temporary),
    ],
)
async def test_an_answer_that_is_not_wechats(wechat: Setting, answer: Answer, expected: type[SendError]) -> None:
    wechat.fake.script(answer)
    assert type(await wechat.error()) is expected


async def test_a_template_message_carries_its_fields_and_our_id_against_repetition(wechat: Setting) -> None:
    outbound = replace(
        MESSAGE, template="template:tpl-1", fields={"thing1": "订单"}, page_url="https://shop.example/o/1"
    )
    sent_as = await wechat.channel().send(outbound)
    assert wechat.fake.sent[0].payload == {
        "touser": OPEN_ID,
        "template_id": "tpl-1",
        "url": "https://shop.example/o/1",
        "data": {"thing1": {"value": "订单"}},
        "client_msg_id": MESSAGE.id,
    }
    assert sent_as.isdigit()


async def test_one_agreement_buys_one_subscribe_message(wechat: Setting) -> None:
    wechat.fake.consents[OPEN_ID, "tpl-1"] = 1
    outbound = replace(MESSAGE, template="subscribe:tpl-1", fields={"thing1": "订单"})
    await wechat.channel().send(outbound)
    error = await wechat.error(outbound)
    assert isinstance(error, Rejected)
    assert error.code == "43101"


@pytest.mark.parametrize("template", ["template:", "sms:tpl-1", "tpl-1", ":tpl-1"])
async def test_a_template_of_no_known_sort_is_rejected(wechat: Setting, template: str) -> None:
    assert isinstance(await wechat.error(replace(MESSAGE, template=template)), Rejected)
    assert wechat.fake.sent == []


async def test_a_scene_becomes_the_address_of_a_qr_code(wechat: Setting) -> None:
    assert await wechat.channel().scene_qr("link-42", timedelta(days=3)) == "http://weixin.qq.com/q/link-42"


@pytest.mark.parametrize(
    ("scene", "lifetime"), [("", timedelta(days=1)), ("x" * 65, timedelta(days=1)), ("a", timedelta(days=31))]
)
async def test_a_scene_that_wechat_would_refuse_is_refused_here(
    wechat: Setting, scene: str, lifetime: timedelta
) -> None:
    with pytest.raises(ValueError, match=r"scene|lifetime"):
        await wechat.channel().scene_qr(scene, lifetime)


async def test_start_shows_a_wrong_secret_at_once(wechat: Setting) -> None:
    wechat.tokens.kept.clear()
    with pytest.raises(Temporary, match=r"wechat\.app_secret"):
        await wechat.channel(app_secret="wrong").start()
    await wechat.channel().start()
    assert wechat.tokens.kept[KEPT] == wechat.fake.token


async def test_without_a_secret_an_account_still_starts_for_passive_replies(wechat: Setting) -> None:
    await wechat.channel(app_secret="").start()
    assert wechat.fake.token_calls == 0
