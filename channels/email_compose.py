"""One mail of ours, as bytes: multipart, readable without pictures, one question with a link for each choice.

Rule: what a customer or an admin wrote reaches a header only encoded and on one line, so that no text can add a header.
The library that builds mails costs 4 ms each; this fills prebuilt pieces.

Standards: RFC 5322, 2047 (subjects), 2369 and 8058 (one-click unsubscribe), 3834 (Auto-Submitted).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode, encodebytes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Final

from channels import email_template as page
from channels.errors import Rejected
from channels.message import Choice, Outbound

_BOUNDARY: Final = "=_motline"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,64}@[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,255}")
_URL: Final = re.compile(r"https?://[^\s<>\"'，。；）]+[^\s<>\"'，。；）.,;:!?)]")
_MESSAGE_ID: Final = re.compile(r"<[\x21-\x3b=\x3f-\x7e]{3,250}>")
_NOT_IN_URL: Final = re.compile(r"[^\x21-\x7e]|[<>\"\\^`{|}]")
_SHORT: Final = 3

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to leave. `sender` and `recipient` are the envelope's; `data` has CRLF line ends."""

    message_id: str
    sender: str
    recipient: str
    data: bytes


class Composer:
    """Writes mails from one sender. `reply_address` (local@domain) makes answers come to `local+<token>@domain`.

    `sign` returns the DKIM-Signature field of a whole mail, with its line end.
    """

    def __init__(self, *, sender: str, reply_address: str = "", sign: Sign | None = None) -> None:
        self.name, self.address = parseaddr(sender)
        self._reply_local, _, self._reply_domain = reply_address.rpartition("@")
        self._domain = self.address.rpartition("@")[2] or "localhost"
        self._from = f"{encoded(self.name)} <{self.address}>" if self.name else self.address
        self._sign = sign

    def message_id(self, outbound_id: str) -> str:
        """The Message-ID that carries our own id; `email_in.OURS` reads it back."""
        return f"<motline.{outbound_id}@{self._domain}>"

    def compose(self, outbound: Outbound, *, now: datetime) -> Mail:
        """Raises Rejected for an address that no mail can be sent to."""
        recipient = ascii_address(outbound.to.id)
        reply = self._reply_address(outbound.reply_token)
        head = self._head(outbound, recipient, reply, now)
        plain = _LONE_SURROGATE.sub("\ufffd", self._plain(outbound))
        rich = _LONE_SURROGATE.sub("\ufffd", self._html(outbound))
        body = f"{_part('plain', plain)}{_part('html', rich)}--{_BOUNDARY}--\r\n"
        data = f"{head}\r\n{body}".encode("ascii")
        if self._sign is not None:
            data = self._sign(data) + data
        return Mail(self.message_id(outbound.id), reply or self.address, recipient, data)

    def _reply_address(self, token: str) -> str:
        if not (token and self._reply_domain):
            return ""
        return ascii_address(f"{self._reply_local}+{token}@{self._reply_domain}")

    def _head(self, outbound: Outbound, recipient: str, reply: str, now: datetime) -> str:
        references = [found for found in outbound.references if _MESSAGE_ID.fullmatch(found)][-20:]
        answers = outbound.reply_to if _MESSAGE_ID.fullmatch(outbound.reply_to) else "".join(references[-1:])
        if answers and answers not in references:
            references.append(answers)
        unsubscribe = _by_page_or_mail(outbound.unsubscribe_url)
        fields = [
            ("From", self._from),
            ("To", recipient),
            ("Subject", encoded(outbound.subject or subject_of(outbound.text))),
            ("Date", format_datetime(now)),
            ("Message-ID", self.message_id(outbound.id)),
            ("Reply-To", reply),
            ("In-Reply-To", answers),
            ("References", "\r\n ".join(references)),
            ("List-Unsubscribe", f"<{unsubscribe}>" if unsubscribe else ""),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if unsubscribe.startswith("https://") else ""),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "OOF, AutoReply"),
            ("Content-Language", outbound.language if re.fullmatch(r"[A-Za-z-]{2,20}", outbound.language) else ""),
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"'),
        ]
        return "".join(f"{name}: {value}\r\n" for name, value in fields if value)

    def _plain(self, outbound: Outbound) -> str:
        say = page.words(outbound.language)
        lines = [outbound.text.strip()]
        if outbound.choices:
            lines += ["", *_plain_choices(outbound.choices)]
        if outbound.page_url and not any(choice.url for choice in outbound.choices):
            lines += ["", say.page_text.format(url=url(outbound.page_url))]
        hint = _hint(outbound, say)
        lines += ["", hint] if hint else []
        if outbound.unsubscribe_url:
            where = _by_page_or_mail(outbound.unsubscribe_url)
            lines += ["", "-- ", self._why(say), say.unsubscribe_text.format(url=where)]
        return "\n".join(lines) + "\n"

    def _html(self, outbound: Outbound) -> str:
        say = page.words(outbound.language)
        pieces = [
            page.HEAD.replace("{language}", escape(outbound.language)),
            escape(self.name or self.address),
            page.TEXT,
            *(page.PARAGRAPH.format(_linked(block)) for block in re.split(r"\n\s*\n", outbound.text.strip())),
            *_choices(outbound.choices),
        ]
        if outbound.page_url and not any(choice.url for choice in outbound.choices):
            pieces.append(page.PAGE.format(escape(url(outbound.page_url)), say.page))
        hint = _hint(outbound, say)
        pieces += [page.HINT, escape(hint)] if hint else []
        pieces.append(page.FOOT)
        if outbound.unsubscribe_url:
            pieces.append(escape(self._why(say)))
            where = escape(_by_page_or_mail(outbound.unsubscribe_url))
            pieces.append(page.UNSUBSCRIBE.format(where, say.unsubscribe))
        pieces.append(page.END)
        return "".join(pieces)

    def _why(self, say: page.Words) -> str:
        return say.why.format(sender=self.name or self.address)


def _hint(outbound: Outbound, say: page.Words) -> str:
    """How to answer; nothing under a message that asks nothing."""
    if any(choice.url for choice in outbound.choices):
        return say.press
    return say.reply if outbound.choices or outbound.page_url else ""


def _is_scale(choices: tuple[Choice, ...]) -> bool:
    """Whether these are a row of figures, which a list would make long."""
    return len(choices) > _SHORT and all(len(choice.title) <= _SHORT for choice in choices)


def _plain_choices(choices: tuple[Choice, ...]) -> list[str]:
    if _is_scale(choices) and not any(choice.url for choice in choices):
        return ["  ".join(_CONTROL.sub(" ", choice.title) for choice in choices)]
    return [_plain_choice(choice) for choice in choices]


def _plain_choice(choice: Choice) -> str:
    title = _CONTROL.sub(" ", choice.title)
    return f"{title}  {url(choice.url)}" if choice.url else f"· {title}"


def _choices(choices: tuple[Choice, ...]) -> list[str]:
    """A row of keys for short answers (0 to 10), else a list; without links the titles alone."""
    if not choices:
        return []
    if not all(choice.url for choice in choices):
        if _is_scale(choices):
            return [page.PLAIN_LIST, page.PLAIN_CHOICE.format("&ensp;".join(escape(one.title) for one in choices))]
        return [page.PLAIN_LIST, *(page.PLAIN_CHOICE.format(escape(choice.title)) for choice in choices)]
    filled = [(escape(url(choice.url)), escape(choice.title)) for choice in choices]
    if all(len(choice.title) <= _SHORT for choice in choices):
        return [page.ROW, *(page.KEY.format(*one) for one in filled)]
    return [page.LIST, *(page.CHOICE.format(*one) for one in filled), page.LIST_END]


def _linked(block: str) -> str:
    """A paragraph's HTML, its web addresses pressable."""
    pieces, at = [], 0
    for found in _URL.finditer(block):
        pieces += [escape(block[at : found.start()]), page.LINK.format(escape(found[0]))]
        at = found.end()
    return "".join([*pieces, escape(block[at:])]).replace("\n", "<br>")


def _part(subtype: str, text: str) -> str:
    """One alternative: quoted-printable where most of it is ASCII, base64 otherwise; no line is over 76 characters."""
    # A CRLF in it makes b2a_qp write CRLFs of its own, so there is always one.
    data = (text.replace("\r\n", "\n").rstrip("\n") + "\n").replace("\n", "\r\n").encode()
    if len(data) * 10 <= len(text) * 12:
        encoding, body = "quoted-printable", binascii.b2a_qp(data).decode("ascii")
    else:
        encoding, body = "base64", encodebytes(data).decode("ascii").replace("\n", "\r\n")
    ending = "" if body.endswith("\r\n") else "\r\n"
    return (
        f"--{_BOUNDARY}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}{ending}"
    )


def encoded(text: str) -> str:
    """A header's text on one line: as it is in ASCII (quoted by nobody, so without specials), else encoded words."""
    clean = _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip()[:400]
    if clean.isascii() and len(clean) <= 66 and "=?" not in clean and not set(clean) & set('",;:<>@()[]\\'):
        return clean
    words, piece, size = [], "", 0
    for letter in clean:
        wide = len(letter.encode())
        if size + wide > 45:
            words.append(piece)
            piece, size = "", 0
        piece, size = piece + letter, size + wide
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word.encode()).decode()}?=" for word in [*words, piece])


def subject_of(text: str) -> str:
    """The subject of a mail that has none of its own: the first line of its text, at most 70 characters."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "Motline")
    return first if len(first) <= 70 else first[:69] + "…"


def url(address: str) -> str:
    """A web address without anything that could leave its place: ASCII alone, no space, control or angle bracket."""
    if not address.startswith(("https://", "http://")):
        return ""
    return _NOT_IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in _utf8(found[0])), address)


def _by_page_or_mail(address: str) -> str:
    """Where to unsubscribe: a page, or a mail to us where we have no public address."""
    if not address.startswith("mailto:"):
        return url(address)
    return _NOT_IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in _utf8(found[0])), address)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def ascii_address(address: str) -> str:
    """An address as SMTP takes it, an international domain in its ASCII form. Raises Rejected."""
    if not _ADDRESS.fullmatch(address):
        raise Rejected("this is no e-mail address", code="5.1.3")
    local, _, domain = address.rpartition("@")
    try:
        known = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise Rejected("this is no e-mail address", code="5.1.3") from None
    if not local.isascii():
        raise Rejected("an address with letters beyond ASCII before the @ cannot be written to", code="5.6.7")
    return f"{local}@{known}"
