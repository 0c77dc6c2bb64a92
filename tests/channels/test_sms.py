"""SMS: what a form becomes, and TwiML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import (
    InvalidSignature,
    MalformedRequest,
)
from channels.message import Address, Inbound, Outbound, Receipt, Request
from tests.channels.contract import NOW
from tests.channels.test_sms_contract import OURS, PUBLIC, THEIRS, message, posted, sms
from tests.fakes.twilio_api import ACCOUNT, AUTH_TOKEN

TO = Outbound(id="ab" * 16, to=Address("sms", THEIRS), text="How was it? <1-5> & why")
STATUS = f"{PUBLIC}/webhooks/sms/status?id={TO.id}"


def came(body: str = "", **fields: str) -> Inbound:
    (inbound,) = sms().parse(posted(message(body, **fields)))
    assert isinstance(inbound, Inbound)
    return inbound


def reported(status: str, **fields: str) -> Receipt:
    form = {
        "SmsSid": "SM77", "SmsStatus": status, "MessageStatus": status, "To": THEIRS, "MessageSid": "SM77",
        "AccountSid": ACCOUNT, "From": OURS, "ApiVersion": "2010-04-01",
    } | fields  # fmt: skip
    request = posted(form, STATUS)
    channel = sms()
    channel.verify(request)
    (receipt,) = channel.parse(request)
    assert isinstance(receipt, Receipt)
    return receipt


def test_a_message_is_read_with_its_number_account_and_sid() -> None:
    inbound = came("很满意 9")
    assert (inbound.kind, inbound.text, inbound.sender, inbound.chat) == ("text", "很满意 9", THEIRS, THEIRS)
    assert (inbound.account, inbound.external_id, inbound.at) == (ACCOUNT, f"SM{1:032x}", NOW)
    assert inbound.raw["To"] == OURS  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Body": "Stopall"}, "stop"),
        ({"Body": "start"}, "start"),
        ({"Body": "Help"}, "help"),
        ({"Body": "T"}, "text"),
        ({"Body": "arrêter", "OptOutType": "STOP"}, "stop"),
        ({"Body": "resume", "OptOutType": "START"}, "start"),
        ({"Body": "?", "OptOutType": "HELP"}, "help"),
        ({"Body": "", "NumMedia": "0"}, "text"),
        ({"Body": "yes", "ButtonPayload": "c9:0:1", "ButtonText": "Yes"}, "choice"),
        ({"Body": "", "Latitude": "31.2", "Longitude": "121.4"}, "location"),
        ({"Body": "Good", "ListId": "c9:0:3", "ListTitle": "Good", "MessageType": "interactive"}, "choice"),
        ({"Body": "STOP", "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/ME1"}, "stop"),
        ({"Body": "help", "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/ME1"}, "help"),
        ({"Body": "look", "NumMedia": "", "MediaUrl0": "https://api.twilio.com/ME1"}, "media"),
        ({"Body": "", "NumMedia": "2"}, "media"),
        ({"Body": "", "ButtonText": "Stop"}, "stop"),
    ],
)
def test_a_form_has_its_kind(fields: dict[str, str], kind: str) -> None:
    inbound = came(**({"body": fields["Body"]} | {k: v for k, v in fields.items() if k != "Body"}))
    assert inbound.kind == kind


def test_chinese_gateways_have_their_own_stop_words() -> None:
    (td,) = sms(words="china").parse(posted(message("TD")))
    assert (td.kind, came("TD").kind) == ("stop", "text")


def test_a_pressed_button_carries_its_payload() -> None:
    inbound = came("Yes", ButtonPayload="c9:0:1", ButtonText="Yes", From="whatsapp:+8613912345678")
    assert (inbound.payload, inbound.text, inbound.sender) == ("c9:0:1", "Yes", "whatsapp:+8613912345678")


def test_a_chosen_line_of_a_list_carries_its_payload() -> None:
    inbound = came("", ListId="c9:0:3", ListTitle="Very good", ListDescription="10", OriginalRepliedMessageSid="MM7")
    assert (inbound.payload, inbound.text, inbound.reply_to) == ("c9:0:3", "Very good", "MM7")


def test_a_button_without_a_payload_is_what_it_says() -> None:
    inbound = came("", ButtonText="Very good")
    assert (inbound.kind, inbound.text, inbound.payload) == ("text", "Very good", "")


def test_a_stop_keeps_the_picture_that_came_with_it_and_pictures_count_by_their_addresses() -> None:
    urls = {f"MediaUrl{n}": f"https://api.twilio.com/ME{n}" for n in range(2)}
    assert [medium.id for medium in came("STOP", NumMedia="2", **urls).media] == ["ME0", "ME1"]
    assert [medium.id for medium in came("look", NumMedia="", **urls).media] == ["ME0", "ME1"]
    assert came("look", NumMedia="").media == ()


def test_a_failure_on_whatsapp_tells_what_whatsapp_said() -> None:
    receipt = reported("undelivered", ErrorCode="63016", ChannelStatusMessage="outside the allowed window")
    assert (receipt.error_code, receipt.reason) == ("63016", "outside the allowed window")


def test_a_place_keeps_its_point_and_its_name() -> None:
    inbound = came("", Latitude="31.2304", Longitude="121.4737", Label="The Bund", Address="Zhongshan East 1st Rd")
    assert (inbound.kind, inbound.text, inbound.media[0].url) == ("location", "The Bund", "geo:31.2304,121.4737")


def test_a_button_without_its_words_is_read_from_the_body() -> None:
    assert came("Yes", ButtonPayload="c9:0:1").text == "Yes"


def test_an_error_code_of_nought_is_no_error() -> None:
    receipt = reported("delivered", ErrorCode="0")
    assert (receipt.status, receipt.error_code) == ("delivered", "")


def test_pictures_keep_their_address_and_caption() -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME5"
    inbound = came("look", NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")
    (picture,) = inbound.media
    assert (inbound.kind, inbound.text) == ("media", "look")
    assert (picture.type, picture.id, picture.url, picture.mime) == ("image", "ME5", url, "image/jpeg")


def test_a_stop_with_twilios_own_handling_is_left_to_twilio() -> None:
    stop, chinese = came("STOP"), came("退订")
    assert (stop.kind, chinese.kind) == ("stop", "stop")
    assert sms().platform_answers(stop)
    assert not sms().platform_answers(chinese)
    assert sms().platform_answers(came("basta", OptOutType="STOP"))
    assert not sms(opt_out="motline").platform_answers(stop)
    assert not sms().platform_answers(came("9"))


@pytest.mark.parametrize(
    ("twilio", "ours"),
    [
        *(("queued", "sent"), ("sending", "sent"), ("sent", "sent"), ("delivered", "delivered"), ("read", "read")),
        *(("undelivered", "failed"), ("failed", "failed"), ("canceled", "failed"), ("a_new_one", "sent")),
    ],
)
def test_a_status_callback_is_a_receipt_under_our_own_id(twilio: str, ours: str) -> None:
    receipt = reported(twilio)
    assert (receipt.status, receipt.message, receipt.reference) == (ours, "SM77", TO.id)
    assert receipt.error_code == ""


@pytest.mark.parametrize(
    ("code", "permanent", "retry_after"),
    [
        *(("21610", True, None), ("30006", True, None), ("30005", True, None), ("30003", False, 900.0)),
        *(("30001", False, 60.0), ("30007", False, None), ("30008", False, None), ("99999", False, None)),
    ],
)
def test_a_failures_code_says_whether_the_number_or_the_moment_was_wrong(
    code: str, permanent: bool, retry_after: float | None
) -> None:
    receipt = reported("undelivered", ErrorCode=code)
    assert (receipt.error_code, receipt.permanent, receipt.retry_after) == (code, permanent, retry_after)
    assert receipt.stopped is (code == "21610")
    assert bool(receipt.reason) is (code != "99999")


def test_a_call_is_ignored_and_a_form_that_is_not_twilios_is_malformed() -> None:
    (call,) = sms().parse(posted({"CallSid": "CA1", "AccountSid": ACCOUNT, "From": THEIRS, "CallStatus": "ringing"}))
    assert call.kind == "ignored"
    (bare,) = sms(account_sid="").parse(posted({"CallSid": "CA1", "From": THEIRS, "Digits": "1234"}))
    assert bare.kind == "ignored"
    with pytest.raises(MalformedRequest, match="MessageSid"):
        sms(account_sid="").parse(posted({"a": "b"}))
    with pytest.raises(MalformedRequest, match="300"):
        sms().parse(replace(posted({}), body=b"&".join(b"a%d=1" % n for n in range(301))))


def test_a_message_without_a_sid_is_a_message() -> None:
    form = {"Body": "9", "From": THEIRS, "NumMedia": "0"}
    for channel in (sms(), sms(account_sid="")):
        (inbound,) = channel.parse(posted(form))
        assert isinstance(inbound, Inbound)
        assert (inbound.kind, inbound.text, inbound.sender, inbound.external_id) == ("text", "9", THEIRS, "")
    (call,) = sms().parse(posted(form | {"CallSid": "CA1"}))
    assert call.kind == "ignored"


def test_the_signature_is_checked_over_the_configured_address_behind_a_proxy() -> None:
    behind = replace(posted(message("9")), url="http://10.0.0.5:8080/webhooks/sms")
    sms().verify(behind)
    sms(public_url=PUBLIC + "/").verify(behind)
    with pytest.raises(InvalidSignature):
        sms(public_url="").verify(behind)


def test_a_public_address_with_a_path_is_not_doubled() -> None:
    url = "https://example.com/bot/webhooks/sms?x=1"
    channel = sms(public_url="https://example.com/bot")
    channel.verify(posted(message("9"), url))
    channel.verify(replace(posted(message("9"), url), url="http://10.0.0.5/webhooks/sms?x=1"))
    assert channel.name == "sms"


def test_an_address_signed_with_its_port_is_accepted() -> None:
    sms().verify(replace(posted(message("9"), f"{PUBLIC}:443/webhooks/sms"), url=f"{PUBLIC}/webhooks/sms"))
    with pytest.raises(InvalidSignature):
        sms().verify(replace(posted(message("9"), f"{PUBLIC}:8443/webhooks/sms"), url=f"{PUBLIC}/webhooks/sms"))


def test_a_field_of_several_values_is_signed_with_all_of_them() -> None:
    request = posted({"MessageSid": "SM1", "AccountSid": ACCOUNT, "Tag": "a"})
    with pytest.raises(InvalidSignature):
        sms().verify(replace(request, body=request.body + b"&Tag=b"))
    sms().verify(replace(request, body=request.body + b"&Tag=a"))


def test_a_get_webhook_is_signed_over_its_query_alone() -> None:
    url = f"{PUBLIC}/webhooks/sms?{urlencode(message('9'))}"
    signed = posted({}, url)
    request = replace(signed, method="GET", body=b"")
    channel = sms()
    channel.verify(request)
    assert channel.parse(request)[0].kind == "text"
    with pytest.raises(InvalidSignature):
        channel.verify(replace(request, url=url.replace("Body=9", "Body=1")))


def test_nothing_to_say_is_an_empty_response() -> None:
    response = sms().respond(posted(message("STOP")), None)
    assert response.content_type.startswith("text/xml")
    assert list(ElementTree.fromstring(response.body)) == []


def test_a_reply_is_twiml_with_a_status_callback_under_our_own_id() -> None:
    response = sms().respond(posted(message("9")), TO)
    (said,) = ElementTree.fromstring(response.body)
    assert (said.tag, said.text, said.attrib) == ("Message", TO.text, {"statusCallback": STATUS})


def test_without_a_public_address_a_reply_has_no_callback() -> None:
    (said,) = ElementTree.fromstring(sms(public_url="").respond(posted(message("9")), TO).body)
    assert said.attrib == {}


@given(st.text(max_size=50))
def test_any_text_is_well_formed_twiml(text: str) -> None:
    (said,) = ElementTree.fromstring(sms().respond(posted(message("9")), replace(TO, text=text)).body)
    kept = [char for char in said.text or "" if not char.isspace()]
    assert kept == [char for char in text if not char.isspace() and char in kept]


FIELDS = st.sampled_from(
    [
        *("MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "SmsStatus"),
        *("MessageStatus", "ErrorCode", "OptOutType", "AccountSid", "ButtonPayload", "Latitude", "Longitude"),
    ]
)
VALUES = st.text(max_size=20) | st.sampled_from(
    ["received", "delivered", "failed", "30003", "+8613912345678", "1", "99"]
)


@given(st.dictionaries(FIELDS, VALUES))
def test_whatever_form_comes_one_event_comes_out(form: dict[str, str]) -> None:
    request = Request("POST", f"{PUBLIC}/webhooks/sms", {}, urlencode(form).encode())
    (event,) = sms().parse(request)
    assert event.at is NOW
    assert event.channel == "sms"


def test_a_secret_is_in_no_repr() -> None:
    assert AUTH_TOKEN not in repr(sms())


def test_a_signature_by_a_shared_key_is_refused_by_its_name() -> None:
    request = posted(message("nine"), token="the shared key")
    headers = {**request.headers, "x-twilio-webhooks-signature-settings": "key=k,algorithm=HMAC_SHA256"}
    with pytest.raises(InvalidSignature, match="shared key"):
        sms().verify(replace(request, headers=headers))
    # Who names one and signs by the Auth Token all the same is believed.
    genuine = posted(message("nine"))
    sms().verify(replace(genuine, headers={**headers, **genuine.headers}))
