"""WeChat's callbacks: what is refused, what is read, what is answered."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InvalidSignature, MalformedRequest, MissingSetting
from channels.message import Address, Choice, Inbound, Media, Outbound, Receipt, Request
from channels.wechat import WeChatChannel
from tests.channels.wechat_payloads import (
    ACCOUNT,
    AES_KEY,
    APP_ID,
    NONCE,
    OPEN_ID,
    STAMP,
    TOKEN,
    URL,
    encrypted,
    event_xml,
    message,
    plain,
    signature,
    tag,
    text_xml,
    unsealed,
)
from tests.fakes.house import ForbiddenHttp, StandingClock, TokensInMemory

CLOCK = StandingClock()


def channel(*, token: str = TOKEN, aes_key: str = AES_KEY, app_id: str = APP_ID, fresh_for: timedelta | None = None):
    return WeChatChannel(
        app_id=app_id,
        app_secret="s3cret",
        token=token,
        aes_key=aes_key,
        clock=CLOCK,
        http=ForbiddenHttp(),
        tokens=TokensInMemory(),
        fresh_for=fresh_for,
    )


def read(request: Request, **settings: str) -> tuple[Inbound | Receipt, ...]:
    wechat = channel(**settings)
    wechat.verify(request)
    return wechat.parse(request)


def one(xml: str) -> Inbound:
    (event,) = read(plain(xml))
    assert isinstance(event, Inbound)
    return event


def receipt(xml: str) -> Receipt:
    (event,) = read(plain(xml))
    assert isinstance(event, Receipt)
    return event


def reply(text: str = "Thank you!", *titles: str) -> Outbound:
    choices = tuple(Choice(title, title) for title in titles)
    return Outbound("a" * 32, Address("wechat", OPEN_ID), text, choices)


def without(request: Request, parameter: str) -> Request:
    kept = [pair for pair in request.url.partition("?")[2].split("&") if not pair.startswith(parameter + "=")]
    return dataclasses.replace(request, url=f"{URL}?{'&'.join(kept)}")


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", ["signature", "timestamp", "nonce"])
def test_a_post_without_a_part_of_its_signature_is_refused(parameter: str) -> None:
    with pytest.raises(InvalidSignature):
        channel().verify(without(plain(text_xml()), parameter))


def test_a_post_signed_with_another_token_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        channel().verify(plain(text_xml(), token="another"))


def test_a_get_with_a_wrong_signature_is_refused() -> None:
    request = Request("GET", f"{URL}?signature=0&timestamp={STAMP}&nonce={NONCE}&echostr=1", {}, b"")
    with pytest.raises(InvalidSignature):
        channel().verify(request)


def test_an_encrypted_post_whose_ciphertext_was_changed_is_refused() -> None:
    request = encrypted(text_xml())
    tampered = request.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA")
    with pytest.raises(InvalidSignature, match="msg_signature"):
        channel().verify(dataclasses.replace(request, body=tampered))


def test_an_encrypted_post_without_msg_signature_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        channel().verify(without(encrypted(text_xml()), "msg_signature"))


def test_an_encrypted_post_with_a_wrong_plain_signature_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        channel().verify(encrypted(text_xml(), signature="0" * 40))


def test_an_encrypted_post_without_ciphertext_is_refused_as_unsigned() -> None:
    with pytest.raises(InvalidSignature):
        channel().verify(dataclasses.replace(encrypted(text_xml()), body=b"<xml><a>1</a></xml>"))


@pytest.mark.parametrize("given_", ["é", "\ud800", "0" * 10_000])
def test_a_strange_signature_is_refused_and_does_not_raise_otherwise(given_: str) -> None:
    request = dataclasses.replace(plain(text_xml()), url=f"{URL}?signature={given_}&timestamp={STAMP}&nonce={NONCE}")
    with pytest.raises(InvalidSignature):
        channel().verify(request)


def test_a_query_of_a_thousand_parameters_is_refused() -> None:
    request = Request("POST", URL + "?" + "&".join(f"a{n}=1" for n in range(1000)), {}, b"")
    with pytest.raises(InvalidSignature):
        channel().verify(request)


def test_missing_settings_are_named() -> None:
    with pytest.raises(MissingSetting, match=r"wechat\.token"):
        channel(token="").verify(plain(text_xml()))
    with pytest.raises(MissingSetting, match=r"wechat\.aes_key"):
        channel(aes_key="").verify(encrypted(text_xml()))
    with pytest.raises(MissingSetting, match=r"wechat\.app_id"):
        channel(app_id="").verify(encrypted(text_xml()))


def test_a_key_of_the_wrong_length_is_named_without_showing_it() -> None:
    with pytest.raises(MissingSetting, match=r"wechat\.aes_key.*43.*5 characters") as caught:
        channel(aes_key="abcde").verify(encrypted(text_xml()))
    assert "abcde" not in str(caught.value)


def test_a_message_for_another_account_is_malformed() -> None:
    request = encrypted(text_xml(), receiver="wxanother")
    channel().verify(request)
    with pytest.raises(MalformedRequest, match=r"wechat\.app_id"):
        channel().parse(request)


def test_a_message_under_another_key_is_malformed() -> None:
    request = encrypted(text_xml())
    other = channel(aes_key=AES_KEY[::-1])
    other.verify(request)
    with pytest.raises(MalformedRequest, match=r"wechat\.aes_key"):
        other.parse(request)


def test_an_old_request_is_refused_only_where_freshness_is_asked_for() -> None:
    old = plain(text_xml(), stamp="1400000000")
    channel().verify(old)
    with pytest.raises(InvalidSignature, match="timestamp"):
        channel(fresh_for=timedelta(minutes=10)).verify(old)
    channel(fresh_for=timedelta(minutes=10)).verify(plain(text_xml()))


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><Content>&b;</Content></xml>"
)
EXTERNAL = (
    '<!DOCTYPE xml [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    "<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><Content>&secret;</Content></xml>"
)


@pytest.mark.parametrize(
    "xml",
    [
        BILLION_LAUGHS,
        EXTERNAL,
        '<!DOCTYPE xml SYSTEM "http://evil.example/x.dtd"><xml><MsgType>text</MsgType></xml>',
        "<xml><Content>&unknown;</Content></xml>",
        "",
        "not xml",
        '{"MsgType": "text"}',
        "<xml>",
        "<xml></xml>",
        "<xml/>",
        "<xml>text</xml>",
        "<html></html>",
        "<xml><MsgType>text</MsgType></xml>",
        "<xml><FromUserName>o</FromUserName></xml>",
        "<xml><MsgType><a>1</a></MsgType><FromUserName>o</FromUserName></xml>",
        "<xml><xml><MsgType>text</MsgType></xml></xml>",
        "<a>" * 50_000,
        "<xml>" + "<a>" * 4_000 + "</a>" * 4_000 + "</xml>",
        "<xml>" + "<a>" * 50_000 + "</a>" * 50_000 + "</xml>",
        "<xml><a " + " ".join(f"a{n}=''" for n in range(30_000)) + "/></xml>",
    ],
)
def test_what_is_not_wechats_xml_is_malformed_and_nothing_worse(xml: str) -> None:
    request = plain(xml)
    channel().verify(request)
    with pytest.raises(MalformedRequest):
        channel().parse(request)


def test_entities_inside_the_ciphertext_are_refused_too() -> None:
    with pytest.raises(MalformedRequest):
        read(encrypted(BILLION_LAUGHS))


@given(st.binary(max_size=300))
def test_any_body_is_read_or_malformed(body: bytes) -> None:
    request = dataclasses.replace(plain(""), body=body)
    try:
        events = channel().parse(request)
    except MalformedRequest:
        return
    assert events


NAMES = ["MsgType", "Event", "EventKey", "Content", "CreateTime", "MsgId", "ScanCodeInfo", "SubscribeMsgPopupEvent"]


@given(st.lists(st.tuples(st.sampled_from([*NAMES, "SubscribeMsgSentEvent", "List", "Format"]), st.integers(0, 8))))
def test_any_fields_are_read_without_raising(fields: list[tuple[str, int]]) -> None:
    values = [
        "",
        "event",
        "text",
        "subscribe",
        "subscribe_msg_sent_event",
        "9" * 400,
        "<List><a/></List>",
        "-1",
        "<b/>",
    ]
    body = "".join(f"<{name}>{values[value]}</{name}>" for name, value in fields)
    request = plain(f"<xml><FromUserName>o</FromUserName>{body}</xml>")
    try:
        events = channel().parse(request)
    except MalformedRequest:
        return
    assert events
    assert all(event.at.tzinfo is UTC for event in events)


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_text_is_read_whole() -> None:
    assert one(text_xml("很满意")) == Inbound(
        kind="text",
        channel="wechat",
        account=ACCOUNT,
        external_id="23456789012345678",
        sender=OPEN_ID,
        chat=OPEN_ID,
        at=datetime(2025, 3, 1, 12, 0, tzinfo=UTC),
        text="很满意",
        raw=text_xml("很满意"),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("退订", "stop"),
        ("Stop!", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("/help", "help"),
        ("/start", "start"),
        ("别停", "text"),
    ],
)
def test_the_words_decide_the_kind_and_stay_in_the_text(text: str, kind: str) -> None:
    event = one(text_xml(text))
    assert (event.kind, event.text) == (kind, text)


def test_a_tap_on_a_menu_message_is_a_choice() -> None:
    event = one(text_xml("不满意", more="<bizmsgmenuid>102</bizmsgmenuid>"))
    assert (event.kind, event.payload, event.text) == ("choice", "102", "不满意")


def test_an_empty_text_is_an_empty_text() -> None:
    assert (one(text_xml("")).kind, one(text_xml("")).text) == ("text", "")


def test_control_characters_in_a_text_do_not_lose_the_message() -> None:
    assert one(text_xml("gr\x08eat\x00")).text == "great"


def test_a_long_text_is_read_whole() -> None:
    assert one(text_xml("很长" * 30_000)).text == "很长" * 30_000


def test_a_body_that_is_not_utf8_is_read_as_far_as_it_goes() -> None:
    request = plain(text_xml("X"))
    (event,) = channel().parse(dataclasses.replace(request, body=request.body.replace(b"X", b"ok \xff")))
    assert event.kind == "text"
    assert isinstance(event, Inbound)
    assert event.text == "ok \ufffd"


def test_a_customer_who_writes_xml_writes_text() -> None:
    event = one(text_xml("<Encrypt>x</Encrypt><!DOCTYPE a>"))
    assert event.text == "<Encrypt>x</Encrypt><!DOCTYPE a>"


@pytest.mark.parametrize(
    ("body", "kind", "text", "media"),
    [
        (
            "<MsgType>image</MsgType><PicUrl>http://mmbiz.example/1</PicUrl><MediaId>m1</MediaId>",
            "media",
            "",
            Media("image", "m1", "http://mmbiz.example/1", "image/jpeg"),
        ),
        (
            "<MsgType>voice</MsgType><MediaId>m2</MediaId><Format>amr</Format><Recognition>八分</Recognition>",
            "media",
            "八分",
            Media("voice", "m2", "", "audio/amr"),
        ),
        (
            "<MsgType>voice</MsgType><MediaId>m2</MediaId><Format>speex</Format>",
            "media",
            "",
            Media("voice", "m2", "", "audio/speex"),
        ),
        (
            "<MsgType>voice</MsgType><MediaId>m2</MediaId><Format>amr</Format><Recognition>退订。</Recognition>",
            "stop",
            "退订。",
            Media("voice", "m2", "", "audio/amr"),
        ),
        (
            "<MsgType>video</MsgType><MediaId>m3</MediaId><ThumbMediaId>t3</ThumbMediaId>",
            "media",
            "",
            Media("video", "m3", "", "video/mp4"),
        ),
        (
            "<MsgType>shortvideo</MsgType><MediaId>m4</MediaId>",
            "media",
            "",
            Media("shortvideo", "m4", "", "video/mp4"),
        ),
        (
            "<MsgType>location</MsgType><Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y>"
            "<Scale>20</Scale><Label>广州市海珠区客村</Label>",
            "location",
            "广州市海珠区客村",
            Media("location", url="geo:23.134521,113.358803"),
        ),
        (
            "<MsgType>link</MsgType><Title>公众平台</Title><Description>d</Description><Url>https://a.example</Url>",
            "media",
            "公众平台",
            Media("link", "", "https://a.example"),
        ),
    ],
)
def test_messages_that_are_no_text(body: str, kind: str, text: str, media: Media) -> None:
    event = one(message(body + "<MsgId>77</MsgId>"))
    assert (event.kind, event.text, event.media, event.external_id) == (kind, text, (media,), "77")


@pytest.mark.parametrize(
    ("event", "body", "kind", "payload"),
    [
        ("subscribe", "<EventKey></EventKey>", "follow", ""),
        ("subscribe", "", "follow", ""),
        ("subscribe", "<EventKey>qrscene_order-123</EventKey><Ticket>TICKET</Ticket>", "follow", "order-123"),
        ("subscribe", "<EventKey>scanbarcode|1|69012345</EventKey>", "follow", ""),
        ("unsubscribe", "<EventKey></EventKey>", "unfollow", ""),
        ("SCAN", "<EventKey>order-123</EventKey><Ticket>TICKET</Ticket>", "scan", "order-123"),
        ("CLICK", "<EventKey>feedback</EventKey>", "menu", "feedback"),
        ("VIEW", "<EventKey>https://shop.example/</EventKey><MenuId>4</MenuId>", "menu", "https://shop.example/"),
        ("view_miniprogram", "<EventKey>pages/index</EventKey>", "menu", "pages/index"),
        ("pic_weixin", "<EventKey>6</EventKey><SendPicsInfo><Count>1</Count></SendPicsInfo>", "menu", "6"),
        ("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude>", "ignored", ""),
        ("user_get_card", "<CardId>c</CardId>", "ignored", ""),
        ("some_event_of_next_year", "<Strange><List><a>1</a></List></Strange>", "ignored", ""),
        ("", "", "ignored", ""),
        ("]]><a>1</a><![CDATA[", "", "ignored", ""),
    ],
)
def test_events(event: str, body: str, kind: str, payload: str) -> None:
    seen = one(event_xml(event, body))
    assert (seen.kind, seen.payload, seen.sender) == (kind, payload, OPEN_ID)
    assert seen.raw


def test_an_unknown_type_of_message_is_ignored_and_kept() -> None:
    event = one(message("<MsgType>hologram</MsgType><MsgId>5</MsgId>"))
    assert (event.kind, event.external_id) == ("ignored", "5")
    assert "hologram" in str(event.raw)


def test_a_scanned_code_of_a_menu_is_the_text() -> None:
    info = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>A-17</ScanResult></ScanCodeInfo>"
    event = one(event_xml("scancode_waitmsg", "<EventKey>table</EventKey>" + info))
    assert (event.kind, event.payload, event.text) == ("menu", "table", "A-17")


def test_a_place_chosen_from_a_menu_is_told_with_its_point() -> None:
    info = "<Location_X>23.1</Location_X><Location_Y>113.3</Location_Y><Scale>15</Scale><Label>客村艺苑路 106号</Label>"
    chosen = one(event_xml("location_select", f"<EventKey>6</EventKey><SendLocationInfo>{info}</SendLocationInfo>"))
    assert (chosen.kind, chosen.payload, chosen.text) == ("menu", "6", "客村艺苑路 106号")
    assert chosen.media == (Media("location", url="geo:23.1,113.3"),)
    for bare in ("", "<SendLocationInfo/>", "<SendLocationInfo>x</SendLocationInfo>"):
        unknown = one(event_xml("location_select", f"<EventKey>6</EventKey>{bare}"))
        assert (unknown.kind, unknown.text, unknown.media) == ("menu", "", ())


@pytest.mark.parametrize("created", ["1518774424", "1518774424438"])
def test_a_time_in_milliseconds_is_the_time_it_names(created: str) -> None:
    (event,) = read(plain(message("<MsgType>text</MsgType><MsgId>1</MsgId>", created=created)))
    assert event.at.replace(microsecond=0) == datetime(2018, 2, 16, 9, 47, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "key", "kind"),
    [("subscribe", "last_trade_no_4003422001201703062730298612", "follow"), ("user_pay_from_pay_cell", "", "ignored")],
)
def test_events_that_follow_a_payment_say_so_and_are_no_scene(event: str, key: str, kind: str) -> None:
    (seen,) = read(plain(event_xml(event, f"<EventKey>{key}</EventKey>")))
    assert isinstance(seen, Inbound)
    assert (seen.kind, seen.paid, seen.payload) == (kind, True, "")
    assert not one(event_xml("subscribe", "<EventKey>qrscene_1</EventKey>")).paid


@pytest.mark.parametrize(
    ("event", "body", "expected"),
    [
        ("CLICK", "<EventKey>menu_1</EventKey>", f"{OPEN_ID}:{STAMP}:CLICK:menu_1"),
        ("subscribe", "<EventKey>qrscene_7</EventKey>", f"{OPEN_ID}:{STAMP}:subscribe:qrscene_7"),
        ("unsubscribe", "", f"{OPEN_ID}:{STAMP}:unsubscribe:"),
    ],
)
def test_an_event_is_known_again_by_sender_time_event_and_key(event: str, body: str, expected: str) -> None:
    assert one(event_xml(event, body)).external_id == expected


def test_a_message_without_an_id_is_known_again_by_its_content() -> None:
    first, second = one(text_xml("a", msg_id="")), one(text_xml("b", msg_id=""))
    assert first.external_id == one(text_xml("a", msg_id="")).external_id
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("success", ("delivered", "", False)),
        ("failed:user block", ("failed", "failed:user block", True)),
        ("failed: system failed", ("failed", "failed: system failed", False)),
    ],
)
def test_a_template_message_reports_back(status: str, expected: tuple[str, str, bool]) -> None:
    seen = receipt(event_xml("TEMPLATESENDJOBFINISH", f"<MsgID>200163840</MsgID><Status>{status}</Status>"))
    assert (seen.status, seen.error_code, seen.permanent) == expected
    assert seen.message == "200163840"


def test_subscribe_messages_report_back_one_by_one() -> None:
    items = (
        "<List><TemplateId>T1</TemplateId><MsgID>1700827132819554304</MsgID><ErrorCode>0</ErrorCode>"
        "<ErrorStatus>success</ErrorStatus></List>"
        "<List><TemplateId>T2</TemplateId><MsgID>1700827132819554305</MsgID><ErrorCode>43101</ErrorCode>"
        "<ErrorStatus>user refuse</ErrorStatus></List>"
    )
    xml = event_xml("subscribe_msg_sent_event", f"<SubscribeMsgSentEvent>{items}</SubscribeMsgSentEvent>")
    first, second = read(plain(xml))
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (first.message, first.status, first.error_code) == ("1700827132819554304", "delivered", "")
    assert (second.status, second.error_code, second.reason) == ("failed", "43101", "user refuse")
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    ("event", "holder"),
    [
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
    ],
)
def test_agreements_to_subscribe_messages_are_told_by_template(event: str, holder: str) -> None:
    items = "".join(
        f"<List><TemplateId>{template}</TemplateId><SubscribeStatusString>{decision}</SubscribeStatusString></List>"
        for template, decision in [("T1", "accept"), ("T2", "reject")]
    )
    seen = read(plain(event_xml(event, f"<{holder}>{items}</{holder}>")))
    assert [(item.kind, item.payload) for item in seen if isinstance(item, Inbound)] == [
        ("ignored", "subscribe:T1:accept"),
        ("ignored", "subscribe:T2:reject"),
    ]
    assert len({item.external_id for item in seen}) == 2


@pytest.mark.parametrize(("status", "expected"), [("send success", "sent"), ("err(10001)", "failed")])
def test_a_mass_message_reports_back(status: str, expected: str) -> None:
    seen = receipt(event_xml("MASSSENDJOBFINISH", f"<MsgID>1000001625</MsgID><Status>{status}</Status>"))
    assert (seen.status, seen.message) == (expected, "1000001625")


@pytest.mark.parametrize("created", ["", "soon", "9" * 40, "-99999999999999"])
def test_a_push_without_a_usable_time_happened_now(created: str) -> None:
    (event,) = read(plain(message("<MsgType>text</MsgType><MsgId>1</MsgId>", created=created)))
    assert event.at == CLOCK.now()


def test_an_encrypted_message_is_read_as_a_plain_one() -> None:
    assert read(encrypted(text_xml("8"))) == read(plain(text_xml("8")))


def test_in_compatible_mode_the_ciphertext_counts_and_not_what_stands_beside_it() -> None:
    (event,) = read(encrypted(text_xml("8"), compatible=text_xml("1")))
    assert isinstance(event, Inbound)
    assert event.text == "8"


def test_in_compatible_mode_without_a_key_the_plain_fields_are_read() -> None:
    (event,) = read(encrypted(text_xml("8"), compatible=text_xml("8")), aes_key="")
    assert isinstance(event, Inbound)
    assert event.text == "8"


def test_a_plain_request_is_read_though_a_key_is_set() -> None:
    assert one(text_xml("8")).text == "8"


@pytest.mark.parametrize("name", ["MsgId", "MsgID"])
def test_a_message_is_known_by_its_id_however_that_is_spelled(name: str) -> None:
    push = message(f"<MsgType>voice</MsgType><MediaId>m</MediaId><Format>amr</Format><{name}>1234567890123456</{name}>")
    assert one(push).external_id == "1234567890123456"


def test_a_duplicate_has_the_same_key() -> None:
    first, second = read(plain(text_xml())), read(encrypted(text_xml()))
    assert [(e.account, e.kind, e.external_id) for e in first] == [(e.account, e.kind, e.external_id) for e in second]


def test_every_event_can_be_written_as_json() -> None:
    events = read(plain(text_xml())) + read(plain(event_xml("TEMPLATESENDJOBFINISH", "<Status>success</Status>")))
    assert all(json.dumps(dataclasses.asdict(event), default=datetime.isoformat) for event in events)


# --- what is answered ------------------------------------------------------------------------------------------------


def test_the_address_check_gets_its_echo() -> None:
    signed = signature(TOKEN, STAMP, NONCE)
    request = Request("GET", f"{URL}?signature={signed}&timestamp={STAMP}&nonce={NONCE}&echostr=5837482", {}, b"")
    wechat = channel()
    wechat.verify(request)
    assert wechat.parse(request) == ()
    response = wechat.respond(request, None)
    assert (response.status, response.body) == (200, b"5837482")
    assert response.content_type.startswith("text/plain")


def test_no_reply_is_success() -> None:
    assert channel().respond(plain(text_xml()), None).body == b"success"


def test_a_blank_reply_is_success() -> None:
    assert channel().respond(plain(text_xml()), reply("  ")).body == b"success"


def test_a_template_is_never_a_passive_reply() -> None:
    outbound = dataclasses.replace(reply(), template="template:x")
    assert channel().respond(plain(text_xml()), outbound).body == b"success"


def test_a_passive_reply_is_turned_round() -> None:
    response = channel().respond(plain(text_xml()), reply("谢谢您！"))
    fields = xmltodict.parse(response.body)["xml"]
    assert fields == {
        "ToUserName": OPEN_ID,
        "FromUserName": ACCOUNT,
        "CreateTime": str(int(CLOCK.now().timestamp())),
        "MsgType": "text",
        "Content": "谢谢您！",
    }
    assert "xml" in response.content_type


def test_an_encrypted_request_gets_an_encrypted_reply_that_is_new_each_time() -> None:
    request = encrypted(text_xml())
    bodies = [channel().respond(request, reply("谢谢您！")).body.decode() for _ in range(2)]
    for body in bodies:
        ciphertext = tag(body, "Encrypt")
        stamp, nonce = tag(body, "TimeStamp"), tag(body, "Nonce")
        assert tag(body, "MsgSignature") == signature(TOKEN, stamp, nonce, ciphertext)
        assert tag(unsealed(ciphertext), "Content") == "谢谢您！"
        assert tag(unsealed(ciphertext), "FromUserName") == ACCOUNT
    assert tag(bodies[0], "Nonce") != tag(bodies[1], "Nonce")
    assert tag(bodies[0], "Encrypt") != tag(bodies[1], "Encrypt")


@pytest.mark.parametrize("text", ["a]]>b", "]]>", "]]>]]>", "<a href='x'>y</a> & z", "a\x00b", "a\ud800b"])
def test_no_text_breaks_out_of_a_reply(text: str) -> None:
    body = channel().respond(plain(text_xml()), reply(text)).body
    fields = xmltodict.parse(body)["xml"]
    assert set(fields) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
    assert fields["Content"] == text.replace("\x00", "").replace("\ud800", "?")


def test_choices_of_a_reply_are_listed() -> None:
    body = channel().respond(plain(text_xml()), reply("Was it good?", "Yes", "No")).body.decode()
    assert "1. Yes\n2. No" in tag(body, "Content")


def test_no_secret_shows_in_a_repr_or_an_error() -> None:
    wechat = channel()
    shown = repr(wechat) + repr(vars(wechat))
    assert AES_KEY not in repr(wechat)
    with pytest.raises(InvalidSignature) as caught:
        wechat.verify(plain(text_xml(), token="another"))
    assert TOKEN not in str(caught.value)
    assert shown
