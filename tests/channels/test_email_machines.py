"""Bounces, answering machines and lists are told apart from people, and a bounce names its recipient."""

# ruff: noqa: E501 (mails as they come)

from __future__ import annotations

import pytest

from channels.message import Inbound, Receipt
from tests.channels.email_cases_machines import (
    BOUNCES,
    GONE,
    MACHINES,
    QMAIL,
    Bounce,
    Machine,
    daemon,
    group,
    report,
    returned,
    status,
)
from tests.channels.email_mails import ASKED, events, head, multipart, only, part, plain


@pytest.mark.parametrize("case", BOUNCES, ids=lambda case: case.name)
def test_a_bounce_names_its_recipient_and_whether_it_is_for_good(case: Bounce) -> None:
    event = only(case.raw)
    assert event.kind == "bounce"
    assert event.recipient == case.recipient
    assert (event.permanent, event.payload) == (case.permanent, case.status)


@pytest.mark.parametrize("case", MACHINES, ids=lambda case: case.name)
def test_machines_and_lists_are_no_people(case: Machine) -> None:
    assert only(case.raw).kind == case.kind


def test_a_bounce_tells_which_of_our_mails_came_back() -> None:
    event = only(report("x", status(group("failed", "5.1.1", "550 no")), returned()))
    assert event.reply_to == ASKED
    assert event.token == "Tok3n-aB_9"


def test_a_bounce_that_copies_our_headers_into_its_text_tells_too() -> None:
    copied = QMAIL.replace("To: someone", "Message-ID: <older.7f@jade.example>\nTo: someone")
    assert only(plain(copied, headers=daemon("MAILER-DAEMON@jade.example", "failure notice"))).reply_to == (
        "<older.7f@jade.example>"
    )


def test_a_bounce_for_two_recipients_gives_two_events_with_ids_of_their_own() -> None:
    both = status(group("failed", "5.1.1", "550 no"), group("delayed", "4.2.2", "452 full", "bob@example.net"))
    first, second = events(report("x", both, returned()))
    assert isinstance(first, Inbound)
    assert isinstance(second, Inbound)
    assert [first.recipient, second.recipient] == [GONE, "bob@example.net"]
    assert [first.permanent, second.permanent] == [True, False]
    assert first.external_id != second.external_id


def test_each_recipient_of_a_bounce_in_plain_text_is_judged_by_what_is_said_of_it() -> None:
    words = (
        "Hi. This is the qmail-send program at jade.example.\n\n<bob@example.net>:\n192.0.2.7 does not like recipient.\n"
        f"Remote host said: 552 5.2.2 mailbox full\n\n<{GONE}>:\nRemote host said: 550 5.1.1 user unknown\n\n"
        "--- Below this line is a copy of the message.\n"
    )
    found = events(plain(words, headers=daemon("MAILER-DAEMON@jade.example", "failure notice")))
    told = [(one.recipient, one.permanent, one.payload) for one in found if isinstance(one, Inbound)]
    assert told == [("bob@example.net", False, "5.2.2"), (GONE, True, "5.1.1")]


def test_of_a_report_on_very_many_a_hundred_are_read() -> None:
    everybody = ", ".join(f"a{n}@example.net" for n in range(20_000))
    extra = f"Return-Path: <>\nX-Failed-Recipients: {everybody}"
    assert len(events(plain("550 5.1.1 user unknown", headers=daemon("mailer-daemon@x.example", "x", extra)))) == 100
    groups = [group("failed", "5.1.1", "550 no", f"a{n}@example.net") for n in range(500)]
    assert len(events(report("x", status(*groups)))) == 100


@pytest.mark.parametrize(
    ("sender", "words", "permanent"),
    [
        ("System <postmaster@example.net>", f"did not reach {GONE}\n  The recipient name is not recognized", True),
        ("no-reply@example.net", f"Could not be delivered to: <{GONE}>\n As their mailbox is full.", False),
    ],
)
def test_a_program_that_encloses_our_mail_has_returned_it(sender: str, words: str, permanent: bool) -> None:
    raw = multipart(part(words), returned(), subtype="mixed", headers=daemon(sender, "Mail"))
    event = only(raw)
    assert (event.kind, event.recipient, event.permanent) == ("bounce", GONE, permanent)


def test_a_bounce_whose_report_is_encoded_is_read() -> None:
    packed = part("Reporting-MTA: dns; x\n\n" + group("failed", "5.1.1", "550 no"))
    encoded = packed.replace(b'text/plain; charset="utf-8"', b"message/delivery-status")
    assert only(report("x", encoded, returned())).recipient == GONE


def test_a_reported_delivery_is_a_receipt() -> None:
    (event,) = events(report("Delivered", status(group("delivered", "2.1.5", "250 ok")), returned()))
    assert isinstance(event, Receipt)
    assert (event.status, event.message, event.reference) == ("delivered", ASKED, ASKED[9:41])


@pytest.mark.parametrize(("disposition", "status_"), [("displayed", "read"), ("deleted", "delivered")])
def test_a_read_receipt_is_a_receipt(disposition: str, status_: str) -> None:
    fields = (
        "Content-Type: message/disposition-notification\r\n\r\nReporting-UA: mail.example; Outlook\r\nFinal-Recipient: "
        f"rfc822;{GONE}\r\nOriginal-Message-ID: {ASKED}\r\nDisposition: manual-action/MDN-sent-manually; {disposition}\r\n"
    ).encode()
    raw = report("Your message was displayed.", fields, kind="disposition-notification", sender=f"Ann <{GONE}>")
    (event,) = events(raw)
    assert isinstance(event, Receipt)
    assert (event.status, event.message) == (status_, ASKED)


def test_a_complaint_stops_for_the_one_who_complained() -> None:
    fields = b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
    event = only(report("spam", fields, returned(), kind="feedback-report", sender="feedback@mail.example"))
    assert (event.kind, event.sender, event.payload) == ("stop", GONE, "complaint")


def test_a_complaint_that_only_encloses_our_mail_stops_too() -> None:
    marked = returned().replace(b"\r\n\r\nFrom:", f"\r\n\r\nX-HmXmrOriginalRecipient: {GONE}\r\nFrom:".encode(), 1)
    event = only(multipart(part(""), marked, subtype="mixed", headers=daemon("staff@mail.example", "complaint", "")))
    assert (event.kind, event.sender, event.payload) == ("stop", GONE, "complaint")


def test_a_report_on_our_signature_stops_nobody() -> None:
    fields = b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\nVersion: 1\r\n"
    event = only(report("dmarc", fields, returned(), kind="feedback-report", sender="dmarc@mail.example"))
    assert event.kind == "ignored"


def test_a_person_named_like_a_machine_is_a_person() -> None:
    raw = plain("9", headers=head(sender="Postmaster Flat <ann@postmaster-flats.example>"))
    assert only(raw).kind == "text"


def test_words_of_a_person_alone_never_make_a_bounce() -> None:
    words = f"550 5.1.1 <{GONE}>: user unknown. Undelivered mail returned to sender."
    assert only(plain(words, headers=head(subject="Undelivered Mail Returned to Sender"))).kind == "text"


def test_our_own_mail_come_round_is_ignored() -> None:
    assert only(plain("x", headers=head().replace("<CAF1x7a9@mail.example.net>", ASKED))).kind == "ignored"


def test_the_accepting_of_a_meeting_is_ignored() -> None:
    calendar = b"Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert only(multipart(part(""), calendar)).kind == "ignored"
    assert only(multipart(part("Ann Lee has accepted this invitation."), calendar)).kind == "ignored"
    assert only(multipart(part("I cannot come, the last stay was bad"), calendar)).kind == "text"


def test_a_daemon_that_reports_nothing_is_an_answering_machine() -> None:
    assert only(plain("Weekly digest", headers=daemon("mailer-daemon@example.net", "Spam digest"))).kind == "auto_reply"


def test_a_bounce_never_names_the_address_it_was_sent_to() -> None:
    words = "The following message to <reply+Tok3n-aB_9@jade.example> could not be delivered: user unknown (ann@x.example)"
    assert only(plain(words, headers=daemon("mailer-daemon@example.net", "Undeliverable"))).recipient == "ann@x.example"


def test_a_bounce_that_names_both_ends_is_of_the_one_it_was_sent_to() -> None:
    words = "Your message from <survey@jade.example> to <ann@x.example> could not be delivered.\n550 5.1.1 unknown user"
    event = only(plain(words, headers=daemon("mailer-daemon@example.net", "Undeliverable")))
    assert (event.recipient, event.permanent) == ("ann@x.example", True)
