"""Motline's own LMTP and SMTP server, spoken to line by line."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from channels.email_imap import quoted
from channels.email_lmtp import MailServer, with_envelope
from channels.message import Inbound, Receipt
from tests.channels.email_mails import events, only, plain


async def talk(port: int, *lines: str) -> list[str]:
    """Say these lines one after the other; everything that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers: list[str] = []
    for line in ("", *lines, "QUIT"):
        if line:
            writer.write(f"{line}\r\n".encode())
        while True:
            answer = (await asyncio.wait_for(reader.readline(), 5)).decode().strip()
            answers.append(answer)
            if answer[3:4] != "-":
                break
    rest = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return [*answers, *rest.decode().split()]


async def listening(protocol: Literal["lmtp", "smtp"], received: list[Inbound | Receipt]) -> tuple[MailServer, int]:
    async def receive(event: Inbound | Receipt) -> None:
        received.append(event)

    server = MailServer(events, receive)
    _, port = await server.listen("127.0.0.1", 0, protocol=protocol)
    return server, port


MAIL = plain("9").decode() + "\r\n."


async def test_lmtp_answers_for_every_recipient_and_the_mail_is_taken_once() -> None:
    received: list[Inbound | Receipt] = []
    server, port = await listening("lmtp", received)
    said = await talk(
        port, "LHLO mx", "MAIL FROM:<ann@example.net>", "RCPT TO:<reply+A1@jade.example>", "RCPT TO:<x@jade.example>",
        "DATA", MAIL, "NOOP",
    )  # fmt: skip
    await server.aclose()
    assert said.count("250 2.0.0 Taken") == 2
    assert len(received) == 1


async def test_smtp_answers_once() -> None:
    received: list[Inbound | Receipt] = []
    server, port = await listening("smtp", received)
    said = await talk(port, "EHLO mx", "MAIL FROM:<>", "RCPT TO:<reply+A1@jade.example>", "DATA", MAIL)
    await server.aclose()
    assert said.count("250 2.0.0 Taken") == 1
    assert received[0].kind == "auto_reply"


def test_the_envelope_tells_the_token_and_a_null_return_path() -> None:
    raw = plain("9").replace(b"reply+Tok3n-aB_9@jade.example", b"undisclosed@jade.example")
    event = only(with_envelope(raw, "ann@example.net", ["reply+Env_1@jade.example"]))
    assert (event.kind, event.token) == ("text", "Env_1")
    assert only(with_envelope(raw, None, [])).kind == "auto_reply"


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("Answers & more", '"Answers &- more"'),
        ("其他文件夹/反馈", '"&UXZO1mWHTvZZOQ-/&U82ZiA-"'),
        ('a"b', '"a\\"b"'),
    ],
)
def test_a_folders_name_is_written_in_modified_utf7(folder: str, written: str) -> None:
    assert quoted(folder) == written
