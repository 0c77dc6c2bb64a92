"""WeCom: callbacks of the application, messages to colleagues and to groups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest

from bot.http import HttpClient
from channels.channel import Http
from channels.errors import InvalidSignature, MalformedRequest, MissingSetting, RecipientGone, Rejected, Temporary
from channels.message import Address, Choice, Inbound, Outbound, Request
from channels.wecom import WeComChannel
from tests.channels.wechat_payloads import (
    AES_KEY,
    NONCE,
    OPEN_ID,
    STAMP,
    TOKEN,
    URL,
    encrypted,
    event_xml,
    message,
    plain,
    sealed,
    signature,
    tag,
    text_xml,
    unsealed,
)
from tests.fakes.errcodes import errcode
from tests.fakes.house import ForbiddenHttp, StandingClock, TokensInMemory
from tests.fakes.scripted import json_answer
from tests.fakes.wecom_api import AGENT_ID, COLLEAGUE, CORP_ID, ROBOT_KEY, SECRET, WeComApi

TO_COLLEAGUE = Outbound("d" * 32, Address("wecom", COLLEAGUE), "有一位客户不满意")
TO_GROUP = replace(TO_COLLEAGUE, to=Address("wecom", f"robot:{ROBOT_KEY}"))
KEPT = f"wecom:{CORP_ID}:{AGENT_ID}"


def wecom(*, http: Http | None = None, tokens: TokensInMemory | None = None, **settings: str) -> WeComChannel:
    configured = {
        "corp_id": CORP_ID,
        "agent_id": str(AGENT_ID),
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
    } | settings
    return WeComChannel(
        **configured,  # type: ignore[arg-type]
        clock=StandingClock(),
        http=http or ForbiddenHttp(),
        tokens=tokens or TokensInMemory(),
    )


def callback(xml: str) -> Request:
    return encrypted(xml, receiver=CORP_ID)


def one(xml: str) -> Inbound:
    channel = wecom()
    request = callback(xml)
    channel.verify(request)
    (event,) = channel.parse(request)
    assert isinstance(event, Inbound)
    return event


def address_check(echo: str, *, signed: str | None = None) -> Request:
    ciphertext = sealed(echo, receiver=CORP_ID)
    given = signature(TOKEN, STAMP, NONCE, ciphertext) if signed is None else signed
    query = f"msg_signature={given}&timestamp={STAMP}&nonce={NONCE}&echostr={quote(ciphertext, safe='')}"
    return Request("GET", f"{URL}?{query}", {}, b"")


# --- callbacks -------------------------------------------------------------------------------------------------------


def test_the_address_check_gets_its_decrypted_echo() -> None:
    channel, request = wecom(), address_check("1616140317555161061")
    channel.verify(request)
    assert channel.parse(request) == ()
    assert channel.respond(request, None).body == b"1616140317555161061"


def test_an_address_check_with_a_wrong_signature_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        wecom().verify(address_check("1", signed="0" * 40))


def test_an_address_check_under_another_key_is_refused() -> None:
    with pytest.raises(InvalidSignature, match=r"wecom\.aes_key"):
        wecom(aes_key=AES_KEY[::-1]).verify(address_check("1"))


def test_an_unencrypted_callback_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        wecom().verify(plain(text_xml()))


@pytest.mark.parametrize("setting", ["token", "aes_key", "corp_id"])
def test_a_missing_setting_is_named(setting: str) -> None:
    with pytest.raises(MissingSetting, match=rf"wecom\.{setting}"):
        wecom(**{setting: ""}).verify(callback(text_xml()))


def test_a_callback_for_another_corporation_is_malformed() -> None:
    with pytest.raises(MalformedRequest, match=r"wecom\.corp_id"):
        wecom().parse(encrypted(text_xml(), receiver="ww-another"))


def test_a_colleagues_text_is_read() -> None:
    event = one(text_xml("我来处理", msg_id="77", more=f"<AgentID>{AGENT_ID}</AgentID>"))
    assert (event.kind, event.channel, event.text, event.external_id) == ("text", "wecom", "我来处理", "77")
    assert event.sender == event.chat == OPEN_ID


@pytest.mark.parametrize(
    ("event", "body", "kind", "payload"),
    [
        ("subscribe", "<EventKey></EventKey><AgentID>1</AgentID>", "follow", ""),
        ("unsubscribe", "<AgentID>1</AgentID>", "unfollow", ""),
        ("enter_agent", "<EventKey></EventKey><AgentID>1</AgentID>", "ignored", ""),
        ("click", "<EventKey>open-tickets</EventKey>", "menu", "open-tickets"),
        ("view", "<EventKey>https://bot.example/console</EventKey>", "menu", "https://bot.example/console"),
        ("LOCATION", "<Latitude>23.1</Latitude>", "ignored", ""),
        ("change_contact", "<ChangeType>update_user</ChangeType>", "ignored", ""),
    ],
)
def test_events(event: str, body: str, kind: str, payload: str) -> None:
    seen = one(event_xml(event, body))
    assert (seen.kind, seen.payload) == (kind, payload)


@pytest.mark.parametrize("event", ["template_card_event", "taskcard_click"])
def test_a_press_on_a_card_is_a_choice_that_names_its_card(event: str) -> None:
    body = "<EventKey>ticket:12:claim</EventKey><TaskId>t-12</TaskId><ResponseCode>rc-1</ResponseCode>"
    seen = one(event_xml(event, body))
    assert (seen.kind, seen.payload, seen.pressed, seen.callback) == ("choice", "ticket:12:claim", "t-12", "rc-1")


def test_a_picture_is_media() -> None:
    event = one(message("<MsgType>image</MsgType><PicUrl>http://p.example/1</PicUrl><MediaId>m</MediaId>"))
    assert (event.kind, event.media[0].url) == ("media", "http://p.example/1")


def test_no_reply_is_an_empty_body() -> None:
    assert wecom().respond(callback(text_xml()), None).body == b""


def test_a_passive_reply_is_encrypted() -> None:
    body = wecom().respond(callback(text_xml()), replace(TO_COLLEAGUE, text="好的")).body.decode()
    ciphertext = tag(body, "Encrypt")
    assert tag(body, "MsgSignature") == signature(TOKEN, tag(body, "TimeStamp"), tag(body, "Nonce"), ciphertext)
    assert tag(unsealed(ciphertext, receiver=CORP_ID), "Content") == "好的"


# --- sending ---------------------------------------------------------------------------------------------------------


@dataclass
class Setting:
    """The fake, and what an adapter is given to write to it."""

    fake: WeComApi
    http: HttpClient
    tokens: TokensInMemory

    def channel(self, **settings: str) -> WeComChannel:
        return wecom(http=self.http, tokens=self.tokens, api_url=self.fake.url, **settings)


@pytest.fixture
async def office() -> AsyncIterator[Setting]:
    http = HttpClient()
    try:
        async with WeComApi() as fake:
            yield Setting(fake, http, TokensInMemory())
            assert fake.failures == []
    finally:
        await http.aclose()


async def test_a_colleague_is_written_to_by_the_application(office: Setting) -> None:
    assert await office.channel().send(TO_COLLEAGUE) == "msg-1"
    assert office.fake.sent[0].payload == {
        "touser": COLLEAGUE,
        "msgtype": "text",
        "agentid": AGENT_ID,
        "text": {"content": "有一位客户不满意"},
    }


async def test_a_group_is_written_to_by_its_robot_without_any_setting(office: Setting) -> None:
    channel = office.channel(corp_id="", agent_id="", secret="", token="", aes_key="")
    assert await channel.send(TO_GROUP) == TO_GROUP.id
    assert office.fake.sent[0].payload == {"msgtype": "text", "text": {"content": "有一位客户不满意"}}
    assert office.fake.token_calls == 0


async def test_choices_are_listed(office: Setting) -> None:
    await office.channel().send(
        replace(TO_COLLEAGUE, choices=(Choice("认领", "a"), Choice("关闭", "b")), language="zh")
    )
    assert office.fake.sent[0].text == "有一位客户不满意\n1. 认领\n2. 关闭\n请回复数字。"


async def test_a_stale_token_is_refreshed_once_for_all(office: Setting) -> None:
    office.tokens.kept[KEPT] = "token-of-yesterday"
    channel = office.channel()
    await asyncio.gather(*(channel.send(TO_COLLEAGUE) for _ in range(3)))
    assert (office.fake.token_calls, len(office.fake.sent)) == (1, 3)


async def test_a_robot_that_was_removed_closes_its_address_and_its_key_is_not_told(office: Setting) -> None:
    with pytest.raises(RecipientGone) as raised:
        await office.channel().send(replace(TO_GROUP, to=Address("wecom", "robot:0ther-key")))
    assert "0ther-key" not in str(raised.value)


async def test_a_colleague_who_left_is_gone(office: Setting) -> None:
    office.fake.colleagues.clear()
    with pytest.raises(RecipientGone):
        await office.channel().send(TO_COLLEAGUE)


async def test_a_colleague_named_invalid_beside_success_is_gone(office: Setting) -> None:
    office.fake.script(json_answer(200, {"errcode": 0, "errmsg": "ok", "invaliduser": COLLEAGUE, "msgid": "m"}))
    office.tokens.kept[KEPT] = office.fake.token
    with pytest.raises(RecipientGone):
        await office.channel().send(TO_COLLEAGUE)


@pytest.mark.parametrize("to", ["", "@all", "a|b"])
async def test_nobody_is_written_to_by_mistake(office: Setting, to: str) -> None:
    with pytest.raises(Rejected):
        await office.channel().send(replace(TO_COLLEAGUE, to=Address("wecom", to)))
    assert office.fake.sent == []


async def test_a_robot_that_speaks_too_often_waits_a_minute(office: Setting) -> None:
    office.fake.script(errcode(45009, "api freq out of limit"))
    with pytest.raises(Temporary) as raised:
        await office.channel().send(TO_GROUP)
    assert (raised.value.retry_after, raised.value.whole_channel) == (60.0, False)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"secret": "wrong"}, "wecom.secret"),
        ({"corp_id": "ww-wrong"}, "wecom.corp_id"),
        ({"agent_id": "7"}, "wecom.agent_id"),
        ({"agent_id": "seven"}, "wecom.agent_id"),
        ({"agent_id": ""}, "wecom.agent_id"),
        ({"secret": ""}, "wecom.secret"),
        ({"corp_id": ""}, "wecom.corp_id"),
    ],
)
async def test_a_wrong_or_missing_setting_is_named_and_the_message_kept(
    office: Setting, settings: dict[str, str], named: str
) -> None:
    with pytest.raises(Temporary) as raised:
        await office.channel(**settings).send(TO_COLLEAGUE)
    assert named in str(raised.value)
    assert raised.value.whole_channel
    assert SECRET not in str(raised.value)


async def test_start_shows_a_wrong_secret_at_once(office: Setting) -> None:
    with pytest.raises(Temporary, match=r"wecom\.secret"):
        await office.channel(secret="wrong").start()
    await office.channel().start()
    assert office.tokens.kept[KEPT] == office.fake.token
