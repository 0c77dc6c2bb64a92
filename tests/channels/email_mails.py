"""Mails as real programs write them, built for tests: a case is the bytes and what has to come of them."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime
from quopri import encodestring

from channels.email_in import parse_mail
from channels.message import Inbound, Kind, Receipt

OURS = "feedback@jade.example"
ASKED = "<motline.0123456789abcdef0123456789abcdef@jade.example>"
RECEIVED_AT = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
SHOP = "Jade Hotel"
QUESTION = "How likely are you to recommend Jade Hotel? Reply 0-10."
QUESTION_ZH = "您有多大可能向朋友推荐翠湖酒店？请回复 0-10。"
QUESTION_HTML = f"<table><tr><td><p>{QUESTION}</p><a href='https://jade.example/a/10'>10</a></td></tr></table>"
QUESTION_HTML_ZH = f"<div><p>{QUESTION_ZH}</p><a href='https://jade.example/a/10'>10</a></div>"


@dataclass(frozen=True, slots=True)
class Case:
    """What a client sent, and the reply that a person wrote with it."""

    name: str
    raw: bytes
    text: str
    kind: Kind = "text"


def only(raw: bytes) -> Inbound:
    """The one event of a mail."""
    (event,) = parse_mail(raw, account=OURS, received_at=RECEIVED_AT)
    assert isinstance(event, Inbound)
    return event


def events(raw: bytes) -> tuple[Inbound | Receipt, ...]:
    return parse_mail(raw, account=OURS, received_at=RECEIVED_AT)


def head(
    *,
    sender: str = "Ann Lee <ann.lee@example.net>",
    subject: str = "Re: How was your stay?",
    answers: str = ASKED,
    extra: str = "",
) -> str:
    """The headers of an ordinary reply, without those of the body."""
    lines = [
        f"From: {sender}",
        f"To: {SHOP} <reply+Tok3n-aB_9@jade.example>",
        f"Subject: {subject}",
        "Date: Tue, 06 Oct 2026 15:04:05 +0800",
        "Message-ID: <CAF1x7a9@mail.example.net>",
        *([f"In-Reply-To: {answers}", f"References: <first@jade.example> {answers}"] if answers else []),
        "MIME-Version: 1.0",
    ]
    return "".join(f"{line}\r\n" for line in lines) + (extra.strip().replace("\n", "\r\n") + "\r\n" if extra else "")


def part(
    text: str, subtype: str = "plain", *, charset: str = "utf-8", encoding: str = "base64", said: str = ""
) -> bytes:
    """One body part with its headers. `said` is the charset it claims when that is not the one it has."""
    data = text.replace("\n", "\r\n").encode(charset)
    match encoding:
        case "base64":
            body = encodebytes(data).replace(b"\n", b"\r\n")
        case "quoted-printable":
            body = encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        case _:
            body = data
    label = said or charset
    kind = f"Content-Type: text/{subtype}" + (f'; charset="{label}"' if label != "none" else "")
    return f"{kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def plain(text: str, *, headers: str = "", charset: str = "utf-8", encoding: str = "base64", said: str = "") -> bytes:
    """A mail of plain text alone."""
    return (headers or head()).encode() + part(text, charset=charset, encoding=encoding, said=said)


def html(
    text: str, *, headers: str = "", charset: str = "utf-8", encoding: str = "quoted-printable", said: str = ""
) -> bytes:
    """A mail of HTML alone."""
    return (headers or head()).encode() + part(text, "html", charset=charset, encoding=encoding, said=said)


def multipart(*parts: bytes, subtype: str = "alternative", headers: str = "", parameters: str = "") -> bytes:
    """A mail of several parts."""
    top = f'{headers or head()}Content-Type: multipart/{subtype}; boundary="b1_x"{parameters}\r\n\r\n'.encode()
    return top + b"".join(b"--b1_x\r\n" + one + b"\r\n" for one in parts) + b"--b1_x--\r\n"


def both(text: str, markup: str, *, headers: str = "") -> bytes:
    """Plain text and HTML beside each other."""
    return multipart(part(text), part(markup, "html"), headers=headers)
