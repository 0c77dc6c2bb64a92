"""A mail of ours: readable anywhere, threaded, unsubscribable, and no text of anybody's can change its headers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email import signer
from channels.email_compose import Composer, Mail
from channels.email_in import OURS, parse_mail
from channels.errors import Rejected
from channels.message import Address, Choice, Inbound, Outbound

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
ID = "0123456789abcdef" * 2
SCALE = tuple(Choice(str(n), f"nps:{n}", url=f"https://jade.example/a/T0k?v={n}&l=en") for n in range(11))
LIST = (
    Choice("Very good", "c:1", url="https://jade.example/a/1"),
    Choice("Bad <b>", "c:2", url="https://jade.example/a/2"),
)
ASK = Outbound(
    id=ID, to=Address("email", "ann.lee@example.net"), text="Hello Ann,\n\nhow likely are you to recommend us?",
    choices=SCALE, subject="How was your stay?", reply_token="Tok3n_-x", unsubscribe_url="https://jade.example/u/9",
    references=("<motline.aa@jade.example>", "<CAF1@mail.example.net>"), reply_to="<CAF1@mail.example.net>",
)  # fmt: skip
COMPOSER = Composer(sender="Jade Hotel <feedback@jade.example>", reply_address="reply@jade.example")


def read(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def face(mail: Mail, kind: str) -> str:
    body = read(mail).get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def compose(**changes: object) -> Mail:
    return COMPOSER.compose(replace(ASK, **changes), now=NOW)  # type: ignore[arg-type]


def test_it_says_who_sends_to_whom_about_what_and_when() -> None:
    mail = compose()
    message = read(mail)
    assert message["From"] == "Jade Hotel <feedback@jade.example>"
    assert (message["To"], message["Subject"]) == ("ann.lee@example.net", "How was your stay?")
    assert message["Date"].datetime == NOW
    assert (mail.recipient, mail.message_id) == ("ann.lee@example.net", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"


def test_its_message_id_carries_our_own_id() -> None:
    found = OURS.fullmatch(compose().message_id)
    assert found is not None
    assert found[1] == ID


def test_answers_and_bounces_come_back_with_the_token() -> None:
    mail = compose()
    assert read(mail)["Reply-To"] == mail.sender == "reply+Tok3n_-x@jade.example"


def test_without_a_reply_address_answers_come_to_the_sender() -> None:
    mail = Composer(sender="feedback@jade.example").compose(ASK, now=NOW)
    assert "Reply-To" not in read(mail)
    assert mail.sender == "feedback@jade.example"


def test_a_thread_goes_on() -> None:
    message = read(compose())
    assert message["In-Reply-To"] == "<CAF1@mail.example.net>"
    assert message["References"].split() == ["<motline.aa@jade.example>", "<CAF1@mail.example.net>"]


def test_one_press_in_the_mail_program_unsubscribes() -> None:
    message = read(compose())
    assert message["List-Unsubscribe"] == "<https://jade.example/u/9>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in read(compose(unsubscribe_url=""))


def test_every_choice_is_a_link_in_both_faces() -> None:
    mail = compose()
    plain, rich = face(mail, "plain"), face(mail, "html")
    assert [line for line in plain.split("\n") if line.startswith("10  ")] == [
        "10  https://jade.example/a/T0k?v=10&l=en"
    ]
    assert re.findall(r'href="(https://jade.example/a/[^"]*)"[^>]*>(\d+)</a>', rich) == [
        (f"https://jade.example/a/T0k?v={n}&amp;l=en", str(n)) for n in range(11)
    ]


def test_it_needs_no_picture_no_script_and_nothing_from_outside() -> None:
    rich = face(compose(choices=LIST), "html")
    assert not re.search(r"<img|<script|<link|url\(|@import|src=", rich)
    assert "Bad &lt;b&gt;" in rich


def test_choices_without_links_are_answered_by_reply() -> None:
    mail = compose(choices=(Choice("Yes", "y"), Choice("No", "n")))
    assert "· Yes\n· No\n\nTo answer, simply reply to this email." in face(mail, "plain")
    assert "<div>Yes</div>" in face(mail, "html")


def test_a_mere_thanks_asks_for_nothing() -> None:
    mail = compose(choices=(), text="Thank you!", unsubscribe_url="")
    assert face(mail, "plain").strip() == "Thank you!"
    assert "reply to this email" not in face(mail, "html")


def test_the_page_is_offered_where_no_choice_is_a_link() -> None:
    mail = compose(choices=(), page_url="https://jade.example/p/1")
    assert "Answer on the web: https://jade.example/p/1" in face(mail, "plain")
    assert 'href="https://jade.example/p/1"' in face(mail, "html")


def test_chinese_is_written_in_chinese() -> None:
    chinese = Composer(sender="翠湖酒店 <feedback@jade.example>")
    mail = chinese.compose(replace(ASK, language="zh-CN", text="您满意吗？", subject="您的入住体验如何？" * 8), now=NOW)
    assert read(mail)["Subject"] == "您的入住体验如何？" * 8
    assert read(mail)["From"] == "翠湖酒店 <feedback@jade.example>"
    plain = face(mail, "plain")
    assert "点选上面的一个答案，或直接回复本邮件。" in plain
    assert "退订：https://jade.example/u/9" in plain
    assert '<html lang="zh-CN">' in face(mail, "html")


def test_an_address_in_a_text_can_be_pressed_and_its_full_stop_is_not_part_of_it() -> None:
    rich = face(compose(text="See https://jade.example/x?a=1&b=<2>. Thanks"), "html")
    assert 'href="https://jade.example/x?a=1&amp;b="' in rich
    assert "<2>" not in rich


def test_an_international_domain_is_written_in_ascii() -> None:
    assert compose(to=Address("email", "ann@bücher.example")).recipient == "ann@xn--bcher-kva.example"


TEXTS = st.text(max_size=120) | st.sampled_from(
    ["x\r\nBcc: eve@evil.example", "=?utf-8?q?a?=", "\u2028Bcc: e@x", "\ud800", "a" * 300]
)


@given(subject=TEXTS, text=TEXTS, title=TEXTS, url=TEXTS, token=TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_text_adds_a_header_or_breaks_a_line(subject: str, text: str, title: str, url: str, token: str) -> None:
    outbound = replace(
        ASK, subject=subject, text=text, choices=(Choice(title, "p", url="https://jade.example/" + url),),
        reply_token=token, unsubscribe_url="https://jade.example/" + url, references=(f"<{subject}@x>", subject),
    )  # fmt: skip
    try:
        mail = COMPOSER.compose(outbound, now=NOW)
    except Rejected:
        assert not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", token)
        return
    names = message_from_bytes(mail.data).keys()
    assert len(names) == len(set(names))
    assert "Bcc" not in names
    assert max(len(line) for line in mail.data.split(b"\r\n")) <= 998
    assert b"\n" not in mail.data.replace(b"\r\n", b"")


def test_what_comes_back_is_recognised_as_its_answer() -> None:
    mail = compose()
    quoted = "\n".join(f"> {line}" for line in face(mail, "plain").split("\n"))
    reply = (
        f"From: Ann <ann.lee@example.net>\nTo: {mail.sender}\nMessage-ID: <r1@example.net>\n"
        f"In-Reply-To: {mail.message_id}\n"
        f"\n9\n\nOn Mon, 5 Oct 2026 at 10:00, Jade Hotel <feedback@jade.example> wrote:\n{quoted}\n"
    )
    (event,) = parse_mail(reply.encode(), account="feedback@jade.example", received_at=NOW)
    assert isinstance(event, Inbound)
    assert (event.text, event.reply_to, event.token) == ("9", mail.message_id, "Tok3n_-x")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_configured_key_signs_with_the_unsubscribe_header_under_the_signature(key: rsa.RSAPrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    composer = Composer(sender="feedback@jade.example", sign=signer("jade.example", "m1", pem))
    data = composer.compose(ASK, now=NOW).data

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name.rstrip(b".") == b"m1._domainkey.jade.example"
        return record

    assert dkim.verify(data, dnsfunc=dns)
    assert not dkim.verify(data.replace(b"/u/9>", b"/u/8>"), dnsfunc=dns)
