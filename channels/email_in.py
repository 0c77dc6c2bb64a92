"""A mail's bytes into what somebody did: an answer, a stop, a bounce, an answering machine's note.

Rule: `parse_mail` is pure and raises nothing, whatever the bytes. Who wrote is the From field alone: a Reply-To would
let anyone send a customer's conversation elsewhere. Headers are claims; that a bounce or a reply concerns a mail of
ours is shown by `reply_to` and `token`, which the caller checks.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from channels import email_bounce, words
from channels.email_automatic import automatic_kind
from channels.email_headers import Headers, address_of, addresses_of, date_of, message_ids, name_of
from channels.email_html import BARE, Reading, read_html
from channels.email_mime import OWN, Mail, read_headers, read_mail
from channels.email_reply import Cut, cut_lines, cut_text
from channels.email_signature import without_own_address, without_sign_off
from channels.message import Inbound, Kind, Media, Receipt, ReceiptStatus

BIGGEST: Final = 25 * 1024 * 1024
# Each gap may begin a part or a group of a report, some 20 µs for the parser: a mail of nothing else is not read.
_GAPS: Final = (b"\n\n", b"\n\r\n", b"\r\r")
_MOST_GAPS: Final = 20_000
# Each header field costs the parser 2 µs: of a mail with a megabyte of them no more is read than the first.
_LONGEST_HEAD: Final = 1_000_000
_MOST_TEXT: Final = 100_000
_KEPT: Final = 20_000
# A word, or a character of a script without spaces.
_WORD: Final = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
_COMPARED: Final = 2_000
_RECIPIENTS: Final = (
    "x-original-to",
    "delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcpt-to",
    "x-forwarded-to",
    "to",
    "cc",
    "resent-to",
)
# What a mail program writes into the mail that its own "Unsubscribe" button sends.
_PRESSED: Final = re.compile(
    r"This (?:message|e-?mail) was (?:automatically )?(?:generated|sent) by [\w. ]{1,40}$", re.I
)
# What a calendar says of itself above the answer to an invitation.
_ACCEPTED: Final = re.compile(
    r".{0,80}(?:\bhas (?:tentatively )?(?:accepted|declined)\b|\bhas replied .?maybe|"
    r"(?:已|暂时)(?:接受|拒绝|谢绝|回复))",
    re.I,
)
_COMPLAINER: Final = "x-hmxmroriginalrecipient"
_TOKEN: Final = re.compile(r"^([^@\s+]+)\+([^@\s]{1,200})@")
# Message ids of our own making: see email_compose.
OURS: Final = re.compile(r"<motline\.([0-9a-f]{32})@[^<>\s]+>")
_BURIED: Final = re.compile(rb"motline\.([0-9a-f]{32})(?:@|=40)([A-Za-z0-9.-]{1,253})")


def parse_mail(
    raw: bytes, *, account: str, received_at: datetime, reply_local: str = "reply"
) -> tuple[Inbound | Receipt, ...]:
    """What a mail is. `account` is the mailbox it came to, `received_at` (aware) stands in for a missing or wild Date.

    `reply_local` is what stands before the + in our reply addresses. A bounce for several recipients gives an event for
    each; everything else gives exactly one.
    """
    # What a file may have before its first header.
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\n" not in raw:
        # Lines that end as on the oldest Macs.
        raw = raw.replace(b"\r", b"\n")
    try:
        events = _parse(raw, _Arrival(account, received_at, reply_local.lower()))
    except Exception as error:
        # Python's mail parser has bugs that hostile bytes reach; a mail must not stop the mailbox.
        empty = Inbound("ignored", "email", account, _digest(raw), "", "", received_at)
        return (replace(empty, raw={"unreadable": type(error).__name__, "head": raw[:2_000].decode("latin-1")}),)
    return events


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Where and when a mail came in."""

    account: str
    received_at: datetime
    reply_local: str


def _parse(raw: bytes, arrival: _Arrival) -> tuple[Inbound | Receipt, ...]:
    if _is_too_much(raw):
        headers = read_headers(raw)
        kind: Kind = automatic_kind(headers, opening="") or "media"
        note = Media("file", mime="message/rfc822")
        kept = {"headers": _kept(headers), "too_big": len(raw)}
        return (replace(_blank(headers, raw, arrival), kind=kind, media=(note,), raw=kept),)
    mail = read_mail(raw)
    blank = _blank(mail.headers, raw, arrival)
    whole = _whole_text(mail)
    blank = replace(blank, raw={"headers": _kept(mail.headers), "text": whole[:_KEPT]})
    return _reports(mail, whole, blank, arrival.reply_local, raw) or (_written(mail, blank),)


def _is_too_much(raw: bytes) -> bool:
    if len(raw) > BIGGEST or sum(raw.count(gap) for gap in _GAPS) > _MOST_GAPS:
        return True
    return len(raw) > _LONGEST_HEAD and not any(0 <= raw.find(gap) <= _LONGEST_HEAD for gap in _GAPS)


def _blank(headers: Headers, raw: bytes, arrival: _Arrival) -> Inbound:
    """Everything that is the same for all kinds."""
    sender = address_of(headers.first("from")) or address_of(headers.first("sender", "return-path"))
    return Inbound(
        kind="ignored",
        channel="email",
        account=arrival.account,
        external_id=external_id(headers, raw),
        sender=sender,
        chat=sender,
        at=date_of(headers, received_at=arrival.received_at),
        name=name_of(headers.first("from")),
        reply_to=answered(headers),
        token=token_of(headers, arrival.reply_local),
    )


def external_id(headers: Headers, raw: bytes) -> str:
    """Message-ID + From + a hash of the body; without a Message-ID the Date takes its place."""
    message_id = "".join(message_ids(headers.first("message-id"))[:1]) or headers.first("date")
    return f"{message_id} {address_of(headers.first('from'))} {_digest(_body_of(raw))}"[:500]


def _body_of(raw: bytes) -> bytes:
    normal = raw.replace(b"\r\n", b"\n")
    return normal.partition(b"\n\n")[2].strip()


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def answered(headers: Headers) -> str:
    """The message that this one answers: one of ours if any is named, then In-Reply-To, then the last of References."""
    named = [found for value in headers.all("in-reply-to") for found in message_ids(value)]
    named += [found for value in headers.all("references") for found in reversed(message_ids(value))]
    return next((found for found in named if OURS.fullmatch(found)), named[0] if named else "")


def token_of(headers: Headers, reply_local: str = "reply") -> str:
    """The token of the `reply+<token>@` address that it was sent to, in the case that it came in."""
    for address in addresses_of(headers.all(*_RECIPIENTS)):
        found = _TOKEN.match(address)
        if found and found[1].lower() in ("reply", reply_local):
            return found[2]
    return ""


def _kept(headers: Headers) -> list[list[str]]:
    """The headers for the record, small: whatever they hold, at most 100 fields of 1,000 characters."""
    return [[name, value[:1_000].encode("utf-8", "replace").decode()] for name, value in headers.fields[:100]]


def _whole_text(mail: Mail) -> str:
    plain = "\n".join(mail.plain)
    if plain.strip():
        return plain.replace(OWN, "").encode("utf-8", "replace").decode()
    return "\n".join(read_html("\n".join(mail.html)).lines).replace(BARE, "> ") if mail.html else ""


def _reports(mail: Mail, whole: str, blank: Inbound, local: str, raw: bytes) -> tuple[Inbound | Receipt, ...]:
    """The events of a report about our mail; empty for any other mail, which is most of them."""
    # Outlook.com's complaints carry no report part.
    complainer = next((who for one in (mail.headers, *mail.originals) if (who := one.first(_COMPLAINER))), "")
    if mail.report == "disposition-notification":
        found = email_bounce.refused(mail, whole)
    elif mail.report == "feedback-report" or complainer:
        found = []
    elif not (found := email_bounce.failures(mail, text=whole, ours=blank.account)):
        return ()
    blank = _about_ours(mail, whole, blank, local, raw)
    if found:
        blank = replace(blank, reply_to=blank.reply_to or email_bounce.copied_id(whole))
        return tuple(_report(failure, blank, at) for at, failure in enumerate(found))
    if mail.report == "disposition-notification":
        return (_read_receipt(mail, blank),)
    who = email_bounce.complained(mail) if mail.report == "feedback-report" else address_of(complainer)
    # Many providers black out who it was; our own mail inside tells.
    ours = OURS.fullmatch(blank.reply_to) is not None or blank.token != ""
    kind: Kind = "stop" if (who or ours) and email_bounce.is_complaint(mail) else "ignored"
    return (replace(blank, kind=kind, sender=who or blank.sender, chat=who or blank.chat, payload="complaint"),)


def _about_ours(mail: Mail, whole: str, blank: Inbound, local: str, raw: bytes) -> Inbound:
    """With the mail of ours that came back: by its enclosed headers, or by an id of our making anywhere in the mail."""
    enclosed = email_bounce.original(mail)
    about = "".join(message_ids(enclosed.first("message-id"))[:1])
    if not OURS.fullmatch(about):
        about = next((found[0] for found in [OURS.search(whole)] if found), "") or _buried_id(raw) or about
    ours = Headers(tuple(("to", value) for value in enclosed.all("reply-to", "return-path")))
    return replace(blank, reply_to=about or blank.reply_to, token=blank.token or token_of(ours, local))


def _buried_id(raw: bytes) -> str:
    """An id of our making in a part that nobody reads: a text attached, a bounce inside a bounce, broken headers."""
    found = _BURIED.search(raw)
    return f"<motline.{found[1].decode()}@{found[2].decode()}>" if found else ""


def _report(failure: email_bounce.Failure, blank: Inbound, at: int) -> Inbound | Receipt:
    key = f"{blank.external_id} {at}" if at else blank.external_id
    if failure.outcome in ("delivered", "relayed"):
        status: ReceiptStatus = "delivered" if failure.outcome == "delivered" else "sent"
        return _receipt(replace(blank, external_id=key), status, failure.status)
    return replace(
        blank,
        kind="bounce",
        external_id=key,
        recipient=failure.recipient,
        permanent=failure.permanent,
        payload=failure.status,
        text=failure.reason,
    )


def _read_receipt(mail: Mail, blank: Inbound) -> Inbound | Receipt:
    fields = next((group for group in mail.statuses if group.has("disposition")), Headers(()))
    about = "".join(message_ids(fields.first("original-message-id"))[:1]) or blank.reply_to
    disposition = fields.first("disposition").rpartition(";")[2].strip().lower().split("/")[0]
    match disposition:
        case "displayed":
            return _receipt(replace(blank, reply_to=about), "read", "")
        case "deleted" | "dispatched" | "processed":
            return _receipt(replace(blank, reply_to=about), "delivered", "")
        case _:
            return blank


def _receipt(blank: Inbound, status: ReceiptStatus, code: str) -> Receipt:
    ours = OURS.fullmatch(blank.reply_to)
    return Receipt(
        channel="email",
        account=blank.account,
        external_id=blank.external_id,
        message=blank.reply_to,
        status=status,
        at=blank.at,
        reference=ours[1] if ours else "",
        error_code="" if code.startswith("2") else code,
        raw=blank.raw,
    )


def _written(mail: Mail, blank: Inbound) -> Inbound:
    """A mail that somebody, or some machine, wrote."""
    text, pictures = _reply(mail)
    text = without_own_address(text, blank.sender)
    text = text.encode("utf-8", "replace")[:_MOST_TEXT].decode("utf-8", "ignore")
    media = tuple(mail.attached) + pictures
    kind = _kind(mail, blank, text, media)
    if kind == "stop" and words.kind_of(text, words=words.EMAIL) != "stop":
        alone = without_sign_off(text)
        text = alone if words.kind_of(alone, words=words.EMAIL) == "stop" else mail.headers.text("subject")
    return replace(blank, kind=kind, text=text, media=media)


def _kind(mail: Mail, blank: Inbound, text: str, media: tuple[Media, ...]) -> Kind:
    # Apple Mail's own "Unsubscribe" button, sent as an automatic mail with words of Apple's.
    if mail.headers.first("x-apple-unsubscribe").lower() == "true":
        return "stop"
    machine = automatic_kind(mail.headers, opening=text[:200])
    if machine:
        return machine
    if _is_not_a_message(mail, blank, text):
        return "ignored"
    if text and not _PRESSED.match(text):
        # Who signs their mail as they always do says stop all the same.
        return words.kind_of(without_sign_off(text), words=words.EMAIL)
    # As mail programs write for a mailto: with a subject.
    if words.kind_of(mail.headers.text("subject"), words=words.EMAIL) == "stop":
        return "stop"
    return "media" if media and not text else "text"


def _is_not_a_message(mail: Mail, blank: Inbound, text: str) -> bool:
    """No sender, our own mail come round, or the accepting of a meeting."""
    own = any(OURS.fullmatch(found) for found in message_ids(mail.headers.first("message-id")))
    meeting = mail.calendar in ("REPLY", "COUNTER", "CANCEL") and (not text or _ACCEPTED.match(text) is not None)
    return not blank.sender or own or meeting


def _reply(mail: Mail) -> tuple[str, tuple[Media, ...]]:
    """The reply alone, and the pictures that stand in it.

    The plain text is read first; where it does not say surely where the old mail begins, the marks of the HTML decide.
    Below a single line there is no signature that only the HTML could tell.
    """
    plain = cut_text("\n".join(mail.plain))
    images = tuple(mail.images.values())
    if not mail.html or (plain.sure and plain.text and not images and "\n" not in plain.text):
        return plain.text, images
    reading = read_html("\n".join(mail.html))
    shown = cut_lines(reading.lines)
    pictures = tuple(mail.images[cid] for cid in dict.fromkeys(reading.images) if cid in mail.images)
    return (shown if _html_is_better(mail, plain, shown, reading) else plain).text, pictures


def _html_is_better(mail: Mail, plain: Cut, shown: Cut, reading: Reading) -> bool:
    if not "".join(mail.plain).strip():
        return True
    if plain.sure and plain.text:
        # A signature that only the HTML marks stands below the same words.
        return reading.signed and bool(shown.text) and _are_first_lines(shown.text, plain.text)
    if reading.marked or shown.sure:
        return True
    return bool(shown.text) and (not _say_the_same(plain.text, shown.text) or _is_beginning(mail, plain, shown))


def _is_beginning(mail: Mail, plain: Cut, shown: Cut) -> bool:
    """Whether the plain text stops early. What a relay hung below the HTML, a piece of its own, is no end of it."""
    begun = re.sub(r"\s*(?:\.{3}|…|\[\.{3}\]|\[…\])$", "", plain.text)
    return len(mail.plain) == len(mail.html) == 1 and _packed(shown.text).startswith(_packed(begun))


def _are_first_lines(start: str, text: str) -> bool:
    """Whether a text begins with another, white space aside, and goes on in a new line."""
    rest = _packed(start)
    for line in text.split("\n"):
        if not rest:
            return True
        packed = _packed(line)
        if not rest.startswith(packed):
            return False
        rest = rest[len(packed) :]
    return not rest


def _packed(text: str) -> str:
    return "".join(text.split())


def _say_the_same(plain: str, shown: str) -> bool:
    """Whether most words of the plain text stand in the HTML's; where not, it is "your program cannot show HTML"."""
    said, seen = (set(_WORD.findall(text[:_COMPARED].lower())) for text in (plain, shown))
    return len(said & seen) * 2 >= len(said)
