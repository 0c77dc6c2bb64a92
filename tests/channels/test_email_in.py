"""A mail's bytes: who, where, when, which question, and text in whatever charset and structure it comes."""

# ruff: noqa: E501 (mails as they come)

from __future__ import annotations

import random
from base64 import encodebytes
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email_charset import codec_of, decode, decode_words
from channels.email_in import BIGGEST, parse_mail
from channels.message import Inbound, Media
from tests.channels import email_cases_html, email_cases_machines, email_cases_plain, email_cases_rare
from tests.channels.email_mails import ASKED, OURS, RECEIVED_AT, both, events, head, html, multipart, only, part, plain

GOOD = "9分，物流很快，谢谢"
PICTURE = b'Content-Type: image/png; name="room.png"\r\nContent-Transfer-Encoding: base64\r\n'


def test_who_wrote_what_to_which_question() -> None:
    event = only(plain("9"))
    assert (event.sender, event.chat, event.name) == ("ann.lee@example.net", "ann.lee@example.net", "Ann Lee")
    assert (event.reply_to, event.token, event.account) == (ASKED, "Tok3n-aB_9", OURS)
    assert event.at == datetime(2026, 10, 6, 7, 4, 5, tzinfo=UTC)
    assert event.external_id.startswith("<CAF1x7a9@mail.example.net> ann.lee@example.net ")
    assert orjson.dumps(event.raw)


def test_a_reply_to_does_not_make_somebody_else_the_sender() -> None:
    assert only(plain("9", headers=head(extra="Reply-To: eve@evil.example"))).sender == "ann.lee@example.net"


@pytest.mark.parametrize(
    ("sender", "address", "name"),
    [
        ("ANN.Lee@Example.NET", "ann.lee@example.net", ""),
        ('"eve@evil.example" <ann@example.net>', "ann@example.net", ""),
        ('"Lee, Ann" <ann@example.net>', "ann@example.net", "Lee, Ann"),
        ("=?gb2312?B?1cXI/Q==?= <zhang@qq.com>", "zhang@qq.com", "张三"),
        ('"=?GB18030?B?1cXI/Q==?=" <zhang@qq.com>', "zhang@qq.com", "张三"),
        ("=?utf-8?Q?Ann_?=\r\n =?utf-8?Q?L=C3=A9e?= <ann@example.net>", "ann@example.net", "Ann Lée"),
        ("ann@example.net (Ann)", "ann@example.net", "Ann"),
        ("=?utf-8?B?5p2O5a6JIDxsaUBxcS5jb20+?=", "li@qq.com", "李安"),
        ("=?utf-8?B?5p2O5a6J?=<li@qq.com>", "li@qq.com", "李安"),
        ("李安 <李安@例子.中国>", "李安@例子.中国", "李安"),
    ],
)
def test_the_sender_is_read_from_any_form_of_the_field(sender: str, address: str, name: str) -> None:
    event = only(plain("9", headers=head(sender=sender)))
    assert (event.sender, event.name) == (address, name)


def test_a_character_torn_between_two_encoded_words_is_whole() -> None:
    first, second = (encodebytes(piece).decode().strip() for piece in ("张三".encode()[:4], "张三".encode()[4:]))
    assert decode_words(f"=?utf-8?B?{first}?= =?utf-8?B?{second}?=") == "张三"


def test_a_mail_without_a_date_or_with_a_wild_one_has_the_time_of_its_receipt() -> None:
    dated = head().replace("Tue, 06 Oct 2026 15:04:05 +0800", "{}")
    assert only(plain("9", headers=dated.format("gestern"))).at == RECEIVED_AT
    assert only(plain("9", headers=dated.format("Tue, 06 Oct 2099 15:04:05 +0800"))).at == RECEIVED_AT
    assert only(plain("9", headers=dated.format("Tue, 06 Oct 2026 07:04:05 -0000"))).at.hour == 7


def test_the_same_mail_over_another_way_has_the_same_id_and_another_body_another() -> None:
    first = plain("9")
    elsewhere = b"Received: from mx2.example.net by mx1\r\n" + first.replace(b"\r\n", b"\n")
    assert only(first).external_id == only(elsewhere).external_id
    assert only(first).external_id != only(plain("8")).external_id
    assert only(first).external_id != only(plain("9", headers=head(sender="bob@example.net"))).external_id


def test_two_equal_answers_without_a_message_id_are_two() -> None:
    bare = head().replace("Message-ID: <CAF1x7a9@mail.example.net>\r\n", "")
    later = bare.replace("06 Oct", "07 Oct")
    assert only(plain("9", headers=bare)).external_id != only(plain("9", headers=later)).external_id


@pytest.mark.parametrize(
    ("fields", "answered"),
    [
        (f"In-Reply-To: {ASKED}", ASKED),
        (f"References: <a@x> {ASKED}", ASKED),
        (f"In-Reply-To: <other@x>\nReferences: {ASKED} <other@x>", ASKED),
        ("In-Reply-To: <b@x>\nReferences: <a@x> <b@x>", "<b@x>"),
        (f"In-Reply-To: Your message of Monday {ASKED}", ASKED),
        ("Subject: nothing", ""),
    ],
)
def test_the_question_is_known_by_in_reply_to_and_references(fields: str, answered: str) -> None:
    assert only(plain("9", headers=head(answers="", extra=fields))).reply_to == answered


@pytest.mark.parametrize("field", ["Delivered-To", "X-Original-To", "Cc", "Envelope-To"])
def test_the_token_is_found_in_any_recipient_field(field: str) -> None:
    other = head(extra=f"{field}: reply+Abc_-9@jade.example").replace("reply+Tok3n-aB_9@jade.example", "x@jade.example")
    assert only(plain("9", headers=other)).token == "Abc_-9"


def test_the_token_stands_behind_the_configured_reply_address() -> None:
    raw = plain("9", headers=head().replace("reply+Tok3n-aB_9@", "Hotel+Q1@"))
    (event,) = parse_mail(raw, account=OURS, received_at=RECEIVED_AT, reply_local="hotel")
    assert isinstance(event, Inbound)
    assert event.token == "Q1"


@pytest.mark.parametrize(
    ("charset", "said"),
    [
        ("gb18030", "gb2312"), ("gbk", "GBK"), ("gb2312", ""), ("gb18030", "none"), ("gb18030", "us-ascii"),
        ("gb18030", "iso-8859-1"), ("gb18030", "utf-8"), ("gb18030", "big5"), ("utf-8", "gb2312"), ("utf-8", "big5"),
        ("utf-8", "none"), ("utf-8", "us-ascii"), ("utf-8", "iso-8859-1"), ("utf-8", "x-unknown"), ("utf-8", "rot13"),
        ("utf-8", "unicode_escape"), ("utf-16", "utf-16"), ("utf-7", "utf-7"), ("hz", "hz-gb-2312"),
    ],
)  # fmt: skip
def test_a_charset_that_lies_is_seen_through(charset: str, said: str) -> None:
    assert only(plain(GOOD, charset=charset, said=said)).text == GOOD


@pytest.mark.parametrize("said", ["big5", "utf-8", "gb2312", "none", "x-x-big5"])
def test_big5_under_any_name(said: str) -> None:
    assert only(plain("服務很好，謝謝您", charset="big5", said=said)).text == "服務很好，謝謝您"


@pytest.mark.parametrize("said", ["utf-8", "iso-8859-1", "none"])
def test_latin_letters_are_not_taken_for_chinese(said: str) -> None:
    text = "Très bien, à bientôt. Grüße"
    assert only(plain(text, charset="cp1252", said=said)).text == text


def test_one_character_of_gb2312_is_not_taken_for_utf8() -> None:
    assert decode("一".encode("gb2312"), "gb2312") == "一"


def test_rare_characters_of_gb18030_are_read_under_the_name_of_gb2312() -> None:
    assert decode("镕𠮷".encode("gb18030"), "gb2312") == "镕𠮷"


@pytest.mark.parametrize("label", ["gb2312", "utf-8", "none"])
def test_an_emoji_of_gb18030_does_not_hide_that_it_is_chinese(label: str) -> None:
    assert decode("好😀9".encode("gb18030"), label) == "好😀9"


@pytest.mark.parametrize("label", ["zip", "bz2", "rot13", "punycode", "idna", "unicode_escape", "undefined", "\x00"])
def test_no_mail_may_choose_a_codec_that_is_no_charset(label: str) -> None:
    assert codec_of(label) == ""


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_each_transfer_encoding_is_undone(encoding: str) -> None:
    assert only(plain(GOOD, encoding=encoding)).text == GOOD


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Transfer-Encoding: base64\r\n\r\nOeWIhu+8jOeJqea1geW+iOW/q++8jOiwouiwog\r\n",
        b"Content-Transfer-Encoding: BASE64 \r\n\r\nOeWIhu+8jOeJqea1!!geW+iOW/q++8jOiwouiwog==\r\n_____\r\nlist footer\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\nOeWIhu+8jA==\r\n54mp5rWB5b6I5b+r77yM6LCi6LCi\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n9=E5=88=86=EF=BC=8C=E7=89=A9=\r\n=E6=B5=81=E5=BE=88=E5=BF=AB=EF=BC=8C=E8=B0=A2=E8=B0=A2=\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n9=E5=88=86=EF=BC=8C=E7=89=A9= \r\n=E6=B5=81=E5=BE=88=E5=BF=AB=EF=BC=8C=\t\r\n=E8=B0=A2=E8=B0=A2\r\n",
        b"\r\n9=E5=88=86=EF=BC=8C=E7=89=A9=E6=B5=81=E5=BE=88=E5=BF=AB=EF=BC=8C=E8=B0=A2=E8=B0=A2\r\n",
    ],
)
def test_broken_transfer_encodings_give_what_they_hold(body: bytes) -> None:
    assert only(head().encode() + b"Content-Type: text/plain; charset=utf-8\r\n" + body).text == GOOD


@pytest.mark.parametrize("before", [b"\r\n", b"\n\n", b"\xef\xbb\xbf"])
def test_what_stands_before_the_first_header_is_passed_over(before: bytes) -> None:
    mail = plain(GOOD)
    event = only(before + mail)
    assert (event.sender, event.text, event.external_id) == ("ann.lee@example.net", GOOD, only(mail).external_id)


def test_flowed_text_is_joined_and_its_quote_left_out() -> None:
    body = b"The room was \r\nbright and \r\nquiet.\r\n\r\nOn 5 Oct 2026 10:00, Jade wrote:\r\n> How \r\n> was it? 0-10\r\n-- \r\nAnn\r\n"
    kind = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
    assert only(head().encode() + kind + body).text == "The room was bright and quiet."


def test_a_flowed_line_that_was_stuffed_before_its_mark_is_the_writers() -> None:
    body = b"8\r\n > 5 is what I \r\nsaid before.\r\n From now on more.\r\n> 0-10?\r\n> > older\r\n"
    kind = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
    event = only(head().encode() + kind + body)
    assert event.text == "8\n> 5 is what I said before.\nFrom now on more."
    assert event.raw["text"].startswith("8\n> 5 is what")
    assert only(plain("8\n > 0-10?\n")).text == "8"


def test_flowed_chinese_with_delsp_gets_no_spaces() -> None:
    body = "房间很 \r\n安静\r\n".encode()
    kind = b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n"
    assert only(head().encode() + kind + body).text == "房间很安静"


@pytest.mark.parametrize(
    "text",
    ["STOP", "unsubscribe", "退订", "ＳＴＯＰ", "退订。", "Stop!\n\nSent from my iPhone", "退订\n\n发自我的iPhone"],
)
def test_a_stop_alone_above_the_quote_is_a_stop_and_keeps_its_text(text: str) -> None:
    event = only(plain(f"{text}\n\nOn Mon, 5 Oct 2026 at 10:00, Jade <{OURS}> wrote:\n> 0-10?\n"))
    assert (event.kind, event.text) == ("stop", text.split("\n")[0])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Unsubscribe\n\nBest regards,\nAnn Lee\nLee & Sons", "stop"),
        ("STOP\nThanks", "stop"),
        ("退订\n\n谢谢！\n王芳", "stop"),
        ("stop\n\nThanks for nothing, the room was cold", "text"),
        ("STOP\n\nBest,\nAnn\nI would rather be called by phone about the broken heating of room five, please", "text"),
        ("Thanks\nAnn", "text"),
        ("The room was cold\n\nBest,\nAnn", "text"),
    ],
)
def test_a_stop_that_is_signed_as_a_letter_is_a_stop(text: str, kind: str) -> None:
    event = only(plain(f"{text}\n"))
    assert (event.kind, event.text) == (kind, text if kind == "text" else text.split("\n")[0])


def test_stop_in_a_quote_or_a_sentence_is_no_stop() -> None:
    assert only(plain("please do not stop the music\n\n> STOP to opt out\n")).kind == "text"


def test_an_unsubscribe_as_the_subject_of_an_empty_mail_is_a_stop() -> None:
    assert only(plain("", headers=head(subject="unsubscribe", answers=""))).kind == "stop"


def test_a_mail_programs_unsubscribe_button_is_a_stop_though_it_writes_a_word_of_its_own() -> None:
    words = "This message was automatically generated by Gmail."
    assert only(plain(words, headers=head(subject="unsubscribe", answers=""))).kind == "stop"
    assert only(plain(words, headers=head())).kind == "text"


def test_apples_unsubscribe_button_is_a_stop() -> None:
    fields = "Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true"
    event = only(plain("Apple Mail sent this email to unsubscribe", headers=head(subject="unsubscribe", extra=fields)))
    assert event.kind == "stop"


def test_pictures_alone_are_media_and_beside_words_they_come_along() -> None:
    picture = (
        PICTURE + b"Content-Disposition: attachment; filename*=utf-8''%E6%88%BF%E9%97%B4.png\r\n\r\niVBORw0KGgo=\r\n"
    )
    alone = only(multipart(part("\n"), picture, subtype="mixed"))
    assert (alone.kind, alone.media) == ("media", (Media("image", id="房间.png", mime="image/png"),))
    assert only(multipart(part("dirty"), picture, subtype="mixed")).kind == "text"


def test_a_pasted_picture_counts_and_one_of_the_quote_does_not() -> None:
    picture = PICTURE + b"Content-ID: <p1@x>\r\nContent-Disposition: inline\r\n\r\niVBORw0KGgo=\r\n"
    pasted = '<div><img src="cid:p1@x"></div>'
    quoted = f'<div></div><blockquote type="cite">{pasted}</blockquote>'
    assert only(multipart(part(pasted, "html"), picture, subtype="related")).kind == "media"
    inside = only(multipart(part(quoted, "html"), picture, subtype="related"))
    assert (inside.kind, inside.text, inside.media) == ("text", "", ())


def test_a_signed_mail_is_read_without_its_signature() -> None:
    signature = b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    event = only(multipart(part("9"), signature, subtype="signed", parameters="; protocol=x; micalg=sha-256"))
    assert (event.kind, event.text, event.media) == ("text", "9", ())


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x82]) + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


@pytest.mark.parametrize("pieces", [1, 3])
def test_an_opaquely_signed_mail_is_unpacked(pieces: int) -> None:
    inner = part(GOOD)
    cut = [inner[at * len(inner) // pieces : (at + 1) * len(inner) // pieces] for at in range(pieces)]
    octets = _der(4, inner) if pieces == 1 else b"\x24\x80" + b"".join(_der(4, one) for one in cut) + b"\0\0"
    data, signed = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
    content = _der(0x30, data, b"\xa0\x80" + octets + b"\0\0" if pieces > 1 else _der(0xA0, octets))
    cms = _der(0x30, signed, _der(0xA0, _der(0x30, b"\x02\x01\x01", _der(0x31), content)))
    packed = encodebytes(cms)
    kind = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert only(head().encode() + kind + packed).text == GOOD


def test_an_encrypted_mail_is_media_that_nobody_here_can_read() -> None:
    kind = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    assert only(head().encode() + kind).kind == "media"


def test_what_outlook_hides_in_winmail_dat_is_media_beside_the_text() -> None:
    tnef = (
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAA\r\n"
    )
    event = only(multipart(part("6"), tnef, subtype="mixed"))
    assert (event.kind, event.text, event.media[0].id) == ("text", "6", "winmail.dat")


def test_a_forwarded_mail_as_attachment_is_not_the_writers_words() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: z\r\n\r\n10 out of 10\r\n"
    event = only(multipart(part("look at this"), inner, subtype="mixed"))
    assert event.text == "look at this"


def test_text_around_an_attachment_is_one_text() -> None:
    picture = PICTURE + b"Content-Disposition: inline; filename=a.png\r\n\r\niVBORw0KGgo=\r\n"
    assert only(multipart(part("before"), picture, part("after"), subtype="mixed")).text.split() == ["before", "after"]


def test_pgp_armour_is_taken_off() -> None:
    armoured = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n9\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
    assert only(plain(armoured)).text == "9"


def test_a_multipart_with_a_wrong_boundary_is_read() -> None:
    assert only(both("9", "<p>9</p>").replace(b'boundary="b1_x"', b'boundary="other"')).text == "9"


def test_a_part_whose_boundary_fell_out_of_its_header_is_read() -> None:
    torn = b'Content-Type: multipart/alternative;\r\nboundary="in"\r\n\r\n--in\r\n' + part("9") + b"\r\n--in--"
    assert only(multipart(torn, subtype="mixed")).text == "9"


def test_an_html_mail_that_says_it_is_plain_text_is_read_as_html() -> None:
    assert only(plain("<html><body><div>9</div><blockquote type=cite>0-10</blockquote></body></html>")).text == "9"


def test_a_gateways_banner_is_not_the_writers() -> None:
    banner = "[EXTERNAL] CAUTION: This email originated from outside of the organisation.\n\n"
    assert only(plain(f"{banner}7, slow check-in\n")).text == "7, slow check-in"


def test_a_mail_over_25_mib_is_known_by_its_headers_alone() -> None:
    event = only(plain("9") + b"\r\n" + b"x" * BIGGEST)
    assert (event.kind, event.sender, event.text) == ("media", "ann.lee@example.net", "")
    assert isinstance(event.raw, dict)
    assert event.raw["too_big"] > BIGGEST


def test_a_mail_of_headers_alone_is_known_by_the_first_of_them() -> None:
    event = only(head().encode() + b"X: y\r\n" * 200_000 + b"\r\n9\r\n")
    assert (event.kind, event.sender) == ("media", "ann.lee@example.net")


def test_a_text_is_kept_to_100_kb() -> None:
    assert len(only(plain("很" * 90_000)).text.encode()) <= 100_000


def test_a_mail_from_nobody_is_ignored() -> None:
    assert only(b"Subject: x\r\n\r\n9\r\n").kind == "ignored"


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(raw: bytes) -> None:
    assert [event.kind for event in events(raw)]


CORPUS = [case.raw for case in (*email_cases_plain.CASES, *email_cases_html.CASES, *email_cases_rare.CASES)]
CORPUS += [case.raw for case in (*email_cases_machines.BOUNCES, *email_cases_machines.MACHINES)]


@pytest.mark.parametrize("seed", range(4))
def test_real_mails_with_damaged_bytes_are_still_read(seed: int) -> None:
    chance = random.Random(seed)
    for raw in CORPUS:
        damaged = bytearray(raw)
        for _ in range(6):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randrange(20)] = chance.randbytes(chance.randrange(6))
        (first, *_) = events(bytes(damaged))
        # Nothing reached the last resort, and everything can be stored.
        assert not (isinstance(first.raw, dict) and "unreadable" in first.raw)
        assert orjson.dumps(asdict(first))


@pytest.mark.parametrize(
    "raw",
    [
        head().encode() + b"To: " + b"a" * 300_000 + b"\r\n\r\n9",
        plain(" " * 200_000 + "x\n" + "- " * 100_000),
        plain("From: a@b\n" * 20_000),
        html("<div>" * 30_000 + "<!--" * 30_000),
        html("<a " * 100_000),
        head().encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 5_000_000,
        head().encode() + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"= " * 2_000_000,
    ],
    ids=["address", "spaces", "headers", "elements", "tags", "base64", "quoted"],
)
def test_hostile_lengths_are_read_to_an_end(raw: bytes) -> None:
    assert only(raw).at <= RECEIVED_AT + timedelta(days=1)
