"""Bounces as rarer servers and relays shape them: which mail of ours came back, for whom, and whether for good."""

# ruff: noqa: E501 (mails as they come)

from __future__ import annotations

import pytest

from channels.message import Media, Receipt
from tests.channels.email_cases_machines import GONE, daemon, group, report, returned, status
from tests.channels.email_mails import ASKED, events, html, multipart, only, part, plain

DAEMON = "MAILER-DAEMON@mx.example.org"
HEADERS = (
    f"From: Jade Hotel <reply+Tok3n-aB_9@jade.example>\r\nTo: <{GONE}>\r\nSubject: Stay\r\nMessage-ID: {ASKED}\r\n"
)


def told(words: str, subject: str = "Undelivered Mail Returned to Sender", sender: str = DAEMON) -> bytes:
    return plain(words, headers=daemon(sender, subject))


def enclosing(*parts: bytes) -> bytes:
    return report("It failed.", status(group("failed", "5.1.1", "550 no")), *parts)


@pytest.mark.parametrize(
    "enclosed",
    [
        pytest.param(f"Content-Type: message/rfc822\r\n\r\n\r\n\r\n{HEADERS}\r\nx\r\n", id="empty lines before it"),
        pytest.param(f"Content-Type: message/rfc822\r\n{HEADERS}\r\nx\r\n", id="no empty line before it"),
        pytest.param(f"Content-Type: text/rfc822\r\n\r\n\r\n {HEADERS}\r\n", id="zoho: text/rfc822, indented"),
        pytest.param(
            f"Content-Type: message/rfc822\r\n\r\nReceived: from x\r\nby y for z\r\n{HEADERS}\r\n", id="unfolded"
        ),
        pytest.param(
            f'Content-Type: text/plain; name="headers.txt"\r\nContent-Disposition: attachment\r\n\r\n{HEADERS}\r\n',
            id="attached as a text",
        ),
        pytest.param(
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + HEADERS.replace("@", "=40"),
            id="encoded",
        ),
        pytest.param(
            f"Content-Type: message/rfc822\r\n\r\nFrom: <>\r\nTo: x@relay.example\r\nMessage-ID: <r1@relay.example>\r\n\r\n> {HEADERS}",
            id="a bounce inside a bounce",
        ),
    ],
)
def test_our_mail_is_found_however_it_is_enclosed(enclosed: str) -> None:
    event = only(enclosing(enclosed.encode()))
    assert (event.kind, event.recipient, event.reply_to) == ("bounce", GONE, ASKED)


@pytest.mark.parametrize(
    ("words", "recipient"),
    [
        pytest.param(
            f"There was an error delivering your mail to <{GONE}>.\n\nmx.example.net did not like our RCPT TO:\n550 5.1.1 unknown\n\n"
            f"Message headers follow.\n\nReceived: from jade\nTo: <{GONE}>\nMessage-Id: <66a1.b2@jade.example>\n",
            GONE,
            id="dma",
        ),
        pytest.param(
            f"The following address(es) failed:\n\n  ann@host.example\n    (generated from {GONE})\n    550 5.1.1 no such user\n",
            GONE,
            id="exim, forwarded",
        ),
        pytest.param(
            f"<ann@host.example> (expanded from\n    <{GONE}>): host mx.host.example said: 550 5.1.1 no\n",
            GONE,
            id="postfix, forwarded",
        ),
        pytest.param(
            f"Delivery to the following recipient failed permanently:\n\n     {GONE}\n\n550 5.7.1 Blocked. If you are not a spammer, write to desk@blocklist.example\n",
            GONE,
            id="alone in its line",
        ),
        pytest.param(f"The message addressed to '{GONE}' failed: user unknown\n", GONE, id="in quotes"),
        pytest.param(f'The following address failed:\n\n"{GONE}":\nSMTP error: 5.1.1 unknown\n', GONE, id="gmx"),
        pytest.param("<o'brien@example.org>: user unknown\n", "o'brien@example.org", id="an apostrophe"),
        pytest.param(
            f"The mail below was not delivered.\nFor help, please contact <desk@isp.example>\n\n----\nMessage-ID: <a1@jade.example>\nTo: {GONE}\n",
            GONE,
            id="only the copy tells",
        ),
    ],
)
def test_whom_it_failed_for_is_read_from_the_words(words: str, recipient: str) -> None:
    raw = told(words).replace(b"Subject:", f"X-Original-To: <{recipient}>\r\nSubject:".encode(), 1)
    assert only(raw).recipient == recipient


def test_an_encoded_list_of_failed_recipients_is_read() -> None:
    extra = "X-Failed-Recipients: =?UTF-8?B?5p2O5a6JQGV4YW1wbGUub3Jn?="
    raw = plain("It failed.\n\nMessage-ID: <a1@jade.example>\n", headers=daemon(DAEMON, "failure notice", extra))
    assert only(raw).recipient == "李安@example.org"


@pytest.mark.parametrize(
    ("said", "permanent", "code"),
    [
        ("host mx.example.net said: 550\n    Mailbox\n    is full", False, "5.0.0"),
        ("host mx.example.net said: 550\n    invalid mailbox", True, "5.0.0"),
        ("This is a permanent error.\nNot enough storage space in user's mailbox to accept message.", False, ""),
        ("the user's mailfolder is full.\nThis is a permanent error.", False, ""),
        ("550 User has too many messages on the server.", False, "5.0.0"),
        ("552 Account does not have enough space", False, "5.0.0"),
        ("This is a permanent error.\n    retry timeout exceeded", False, ""),
        ("I've given up: this message has been in the queue too long.", False, ""),
        (
            "Host or domain name not found. Name service error for\n    name=example.net type=A: Host not found",
            True,
            "",
        ),
        ("Name service error for name=example.net type=MX: Host not found, try again", False, ""),
        ("No mx record found for domain=example.net", True, ""),
        ("Domain example.net does not accept mail (nullMX)", True, ""),
        ("Error, ERROR_CODE :421, ERROR_CODE :, Host not reachable.", False, "4.0.0"),
        ("RELEASED Frob 2.0.12: no such user", True, ""),
        ("This user doesn't have a mail.example account (ann.lee)", True, ""),
        ("failed permanently", True, ""),
        ("failed permanently. TEMP_FAILURE: the server did not accept our requests to connect", False, ""),
    ],
)
def test_words_are_judged_across_their_lines(said: str, permanent: bool, code: str) -> None:
    event = only(told(f"<{GONE}>: {said}\n"))
    assert (event.recipient, event.permanent, event.payload) == (GONE, permanent, code)


def test_a_mail_that_is_tried_again_is_not_gone_whatever_its_code() -> None:
    words = f"** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {GONE}. Gmail will retry for 47 more hours.\n\nThe response was:\n550 5.7.1 likely suspicious\n"
    assert not only(told(words, "Delivery Status Notification (Delay)")).permanent


def test_a_bounce_is_for_good_even_where_it_names_nobody() -> None:
    event = only(
        multipart(
            part("Delivery failed: 550 5.1.1 no such user"), subtype="mixed", headers=daemon(DAEMON, "failure notice")
        )
    )
    assert (event.recipient, event.permanent) == ("", True)


@pytest.mark.parametrize(
    ("words", "fields", "permanent", "code"),
    [
        ("", "Status: 5.0.0 (recipient reached disk quota)", False, "5.0.0"),
        (
            f"An error occurred:\n\nbob@example.net: 550 5.1.1 unknown\n{GONE}: 552 5.2.2 full\n",
            "Status: 5.0.0",
            False,
            "5.2.2",
        ),
        ("", "Status: 5.1.1\nDiagnostic-Code: smtp; 552 5.2.2 Over quota", False, "5.1.1"),
        ("", "Status: 5.7.0\nDiagnostic-Code: smtp; The mailbox has exceeded its disk space limit.", False, "5.7.0"),
    ],
)
def test_a_report_is_read_with_what_its_words_and_comments_add(
    words: str, fields: str, permanent: bool, code: str
) -> None:
    event = only(report(words or "It failed.", status(f"Final-Recipient: rfc822; {GONE}\nAction: failed\n{fields}")))
    assert (event.permanent, event.payload) == (permanent, code)


def test_an_address_that_was_only_asked_about_has_not_failed() -> None:
    (event,) = events(
        report("The report that you asked for.", status(group("deliverable", "2.1.5", "250 2.1.5 Ok")), returned())
    )
    assert isinstance(event, Receipt)
    assert (event.status, event.message) == ("sent", ASKED)


@pytest.mark.parametrize(
    ("reason", "permanent"), [("Quota exceeded (mailbox for user is full)", False), ("I take no surveys", True)]
)
def test_a_mail_that_dovecot_rejects_by_a_read_receipt_has_come_back(reason: str, permanent: bool) -> None:
    fields = (
        f"Content-Type: message/disposition-notification\r\n\r\nReporting-UA: mx.example.net; Dovecot\r\nFinal-Recipient: rfc822; {GONE}\r\n"
        f"Original-Message-ID: {ASKED}\r\nDisposition: automatic-action/MDN-sent-automatically; deleted\r\n"
    ).encode()
    words = f"Your message to <{GONE}> was automatically rejected:\n{reason}\n"
    event = only(report(words, fields, returned(), subject="Rejected: Stay", kind="disposition-notification"))
    assert (event.kind, event.recipient, event.permanent, event.reply_to) == ("bounce", GONE, permanent, ASKED)


def test_a_complaint_that_names_nobody_is_told_by_our_mail_inside() -> None:
    fields = b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nRedacted-Address: redacted\r\n"
    ours = returned().replace(f"To: Ann <{GONE}>\r\n".encode(), b"To: [redacted]\r\n")
    event = only(report("An abuse report.", fields, ours, kind="feedback-report", sender="fbl@mail.example"))
    assert (event.kind, event.payload, event.reply_to) == ("stop", "complaint", ASKED)
    other = ours.replace(ASKED.encode(), b"<a1@other.example>").replace(b"reply+Tok3n-aB_9@", b"someone@")
    raw = report("An abuse report.", fields, other, kind="feedback-report", sender="fbl@mail.example")
    assert only(raw.replace(b"reply+Tok3n-aB_9@", b"fbl@")).kind == "ignored"


@pytest.mark.parametrize(
    ("sender", "subject", "words"),
    [
        (
            "Mail Delivery System <bounced@relay.example>",
            "Undelivered Mail Returned to Sender",
            f"<{GONE}>: unknown user",
        ),
        ("imss@example.net", "Mail could not be delivered", f"Unable to deliver message to <{GONE}>"),
        (
            "AntiVirus_Gateway@example.net",
            "Delivery failure notification",
            f"could not be delivered to the following recipients:\n\n{GONE}",
        ),
        ("Mail System <>", "Mail Error", f"Your mail cannot be delivered to the following address:\n\n{GONE}"),
        ("<>", "failure notice", f"送信に失敗しました。\n{GONE}\n\n550 {GONE}... No such user"),
    ],
)
def test_more_servers_are_known_by_their_name_and_words(sender: str, subject: str, words: str) -> None:
    event = only(plain(words, headers=daemon(sender, subject, extra="")))
    assert (event.kind, event.recipient) == ("bounce", GONE)


def test_a_mail_with_the_oldest_line_ends_is_read() -> None:
    words = f"Delivery has failed to these recipients:\n\n{GONE}\nThe address was not found, it might be mis=\nspelled.\n\n550 5.1.10 not found\n"
    raw = html(words, headers=daemon(DAEMON, "Undeliverable"), encoding="7bit").replace(b"text/html", b"text/plain")
    raw = raw.replace(b"7bit", b"quoted-printable").replace(b"\r\n", b"\r")
    event = only(raw)
    assert (event.recipient, event.permanent, event.payload) == (GONE, True, "5.1.10")


@pytest.mark.parametrize(
    "words", ["fail" * 7_500, "exceed" * 5_000, "\n" * 30_000, "not to " * 4_000, "(expanded from " * 2_000]
)
def test_a_daemon_that_says_one_word_for_ever_is_read_to_an_end(words: str) -> None:
    assert only(told(words)).kind == "bounce"


def test_an_answering_machine_that_a_daemon_passes_on_is_no_bounce() -> None:
    words = "您的来信已收到。收件人回来后会处理，订单 550 1 找不到请致电。\n\n------------------ 来自 ann.lee@example.net 的自动回复"
    assert only(told(words, "（自动回复）Re：您的入住体验", "MAILER-DAEMON@ses.example")).kind == "auto_reply"
    assert (
        only(told("I am away. 550 5.1.1", "Automatic reply: Delivery report?", "MAILER-DAEMON@ses.example")).kind
        == "auto_reply"
    )


@pytest.mark.parametrize(
    ("reason", "permanent", "code"),
    [
        ("对方服务器连接超时。\nCan not connect to recipient's server because of unstable network.", False, ""),
        ("收件人邮箱空间已满。\nThe recipient's mailbox is full.", False, ""),
        ("收件人地址不存在。\nUser not found. (550 5.1.1 user unknown)", True, "5.1.1"),
    ],
)
def test_a_bounce_in_two_languages_is_read(reason: str, permanent: bool, code: str) -> None:
    words = (
        "抱歉，您的邮件被退回来了/\nSorry, your mail is returned\n时间/Time : \t2026-10-05 09:33:59\n主题/Subject : \t入住体验\n"
        f"收件人/To : \t{GONE}\n退信原因/\nBounce reason : \t\n{reason}\n\n如有问题，请联系 help@mail.example/\nIf you have any problems\n"
    )
    event = only(told(words, "系统退信/The email is returned", "postmaster@corp.example"))
    assert (event.recipient, event.permanent, event.payload) == (GONE, permanent, code)


def test_a_report_without_a_diagnostic_gives_the_daemons_words_as_the_reason() -> None:
    words = f"   ----- The following addresses had permanent fatal errors -----\n<{GONE}>\n\n   ----- Transcript -----\n550 5.1.2 Host unknown\n"
    event = only(report(words, status(f"Final-Recipient: rfc822; {GONE}\nAction: failed\nStatus: 5.1.2")))
    assert "Host unknown" in event.text


def test_a_mail_that_aliyun_encloses_as_a_file_is_found() -> None:
    words = f"很抱歉您发送的邮件被退回，以下是该邮件的相关信息：\n\n\t发件人 : jade\n\t原文 : 邮件原文包含在附件中。\n\n无法发送到 {GONE}\n\t系统应答:\n\t退信原因:收件方邮箱可用容量不足。\n"
    inside = f"Received: from jade\r\n{HEADERS}Reply-To: reply+Tok3n-aB_9@jade.example\r\n\r\n{'x' * 9_000}"
    kept = part(inside.replace("\r\n", "\n")).replace(
        b'text/plain; charset="utf-8"',
        b'application/octet-stream\r\nContent-Disposition: attachment; filename="=?UTF-8?B?5L2T6aqMLmVtbA==?="',
    )
    headers = daemon("<postmaster@mail.example>", "来自postmaster@mail.example的退信").replace(
        "reply+Tok3n-aB_9", "feedback"
    )
    event = only(multipart(part(words), kept, subtype="mixed", headers=headers))
    assert (event.kind, event.recipient, event.permanent) == ("bounce", GONE, False)
    assert (event.reply_to, event.token) == (ASKED, "Tok3n-aB_9")


def test_a_mail_that_a_person_attaches_as_a_file_stays_theirs() -> None:
    kept = part(HEADERS + "\r\nx").replace(
        b'text/plain; charset="utf-8"',
        b'application/octet-stream\r\nContent-Disposition: attachment; filename="old.eml"',
    )
    event = only(multipart(part("See what I got, 3 of 10"), kept, subtype="mixed"))
    assert (event.kind, event.text, event.media) == (
        "text",
        "See what I got, 3 of 10",
        (Media("file", id="old.eml", mime="application/octet-stream"),),
    )


def test_a_report_torn_by_an_empty_line_is_read_by_its_diagnostic() -> None:
    torn = f"Final-Recipient: rfc822; {GONE}\nDiagnostic-Code: smtp; 552 Mailbox disk quota exceeded\n\nLast-Attempt-Date: Tue, 6 Oct 2026 15:04:05 +0800"
    event = only(report("The delivery failed permanently.", status(torn), returned()))
    assert (event.kind, event.recipient, event.permanent, event.payload) == ("bounce", GONE, False, "5.0.0")
