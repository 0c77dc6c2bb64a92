"""Mails that are written to be slow to read: anybody may send one to a mailbox whose address they know.

What is counted is the processor's work, with a hundredfold margin: a search that starts anew from each character would
take minutes for the same bytes.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from channels.email_in import parse_mail

SIZE = 400_000
ENOUGH = 3.0


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        (b"Date: ", b"("),
        (b"Received: by x; ", b"("),
        (b"From: ", b"<"),
        (b"From: ", b'"'),
        (b"To: ", b"a@b.c, "),
        (b"Subject: ", b"=?utf-8?q?"),
        (b"References: ", b"<a@b>"),
        (b"Content-Type: text/plain", b"; a*0=1"),
        (b"Content-Type: text/plain", b'; a="'),
        (b"Content-Disposition: attachment", b"; a*1*=x"),
        (b"Content-Type: multipart/mixed; boundary=", b"a"),
        (b"Content-Type: text/html\r\n\r\n", b"<div>"),
        (b"Content-Type: text/html\r\n\r\n", b"<!--"),
        (b"Content-Type: text/html\r\n\r\n", b"&#"),
        (b"Content-Type: text/plain\r\n\r\n", b"wrote:\n"),
        (b"Content-Type: text/plain\r\n\r\n", b"> \n"),
        (b"Content-Type: message/delivery-status\r\n\r\n", b"\n"),
        (b"Content-Type: multipart/mixed; boundary=a\r\n\r\n", b"--a\n\n"),
    ],
)
def test_no_mail_takes_longer_to_read_than_its_bytes_deserve(head: bytes, unit: bytes) -> None:
    raw = b"From: li@example.com\r\n" + head + unit * (SIZE // len(unit)) + b"\r\n\r\nhello"
    begun = time.process_time()
    events = parse_mail(raw, account="us@example.com", received_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert time.process_time() - begun < ENOUGH
    assert len(events) >= 1
