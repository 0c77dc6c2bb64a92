"""A mail's structure: its headers, its text, its HTML, what is attached, what it reports.

Rule: the parts are gathered in one walk and nothing is judged here. Nested messages are attachments and are not
read, so that a forwarded mail's words never become the sender's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import Final

from channels.email_charset import decode, decode_transfer
from channels.email_headers import Headers, clean, parameters
from channels.email_smime import signed_content
from channels.message import Media

_DEEPEST: Final = 12
_MOST_TEXT: Final = 400_000
_MOST_HEADERS: Final = 200_000
_SIGNATURES: Final = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_TEXTS: Final = ("text/plain", "text/html", "text/enriched", "text/richtext")
_OTHER_FACES: Final = ("text/x-amp-html", "text/watch-html", "text/x-moz-deleted")
_FIRST_BOUNDARY: Final = re.compile(rb"^--([^\s].{0,100}?)[ \t]*\r?$", re.MULTILINE)
# Before a ">" that the writer put there and the format told from a quote's. A noncharacter: no text holds it.
OWN: Final = "\ufdd1"
_INDENT: Final = re.compile(rb"^ (?=[A-Za-z-]{2,40}:)", re.MULTILINE)
_IS_HTML: Final = re.compile(r"\s*(?:<!doctype html|<html|<head|<body|<div|<p>|<meta)", re.IGNORECASE)


@dataclass(slots=True)
class Mail:
    """What one walk gathers. `plain` and `html` are the two faces of the body, in pieces.

    `images` are the content ids of pictures that stand inside the text; `originals` the headers (and a little text) of
    messages carried inside; `statuses` the fields of delivery or disposition reports, group by group.
    """

    headers: Headers
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attached: list[Media] = field(default_factory=list)
    images: dict[str, Media] = field(default_factory=dict)
    originals: list[Headers] = field(default_factory=list)
    statuses: list[Headers] = field(default_factory=list)
    report: str = ""
    calendar: str = ""


def read_headers(raw: bytes) -> Headers:
    """The headers alone, of a mail too big to read."""
    return Headers.of(BytesHeaderParser().parsebytes(raw[:_MOST_HEADERS]).raw_items())


def read_mail(raw: bytes) -> Mail:
    """Parse a mail. Raises nothing that its bytes cause, save RecursionError's kind from the parser itself."""
    message = BytesParser().parsebytes(raw)
    mail = Mail(Headers.of(message.raw_items()))
    _walk(message, mail, 0)
    return mail


def _with_found_boundary(part: Message) -> Message:
    """A multipart whose boundary is missing or wrong: the first line that looks like one is taken."""
    body = _body(part)
    found = _FIRST_BOUNDARY.search(body)
    if found is None or b'"' in found[1]:
        return BytesParser().parsebytes(b"Content-Type: text/plain\n\n" + body)
    return BytesParser().parsebytes(b'Content-Type: multipart/mixed; boundary="' + found[1] + b'"\n\n' + body)


def _content_type(part: Message) -> tuple[str, dict[str, str]]:
    value = _field(part, "content-type")
    kind = "".join(value.partition(";")[0].lower().split()[:1])
    if kind.count("/") != 1:
        kind = "text/plain" if kind in ("", "text") else part.get_content_type()
    return kind, parameters(value)


def _field(part: Message, name: str) -> str:
    return next((clean(str(value)).strip() for key, value in part.raw_items() if key.lower() == name), "")


def _body(part: Message, most: int | None = None) -> bytes:
    """A leaf's body, its transfer encoding undone by our own lenient hands; of `most` encoded bytes, or all."""
    encoding = _field(part, "content-transfer-encoding")
    del part["content-transfer-encoding"]
    payload = part.get_payload(decode=True)
    return decode_transfer(payload[:most], encoding) if isinstance(payload, bytes) else b""


def _walk(part: Message, mail: Mail, depth: int) -> None:
    kind, params = _content_type(part)
    match kind.partition("/"):
        case _ if depth > _DEEPEST:
            return
        case "message", _, ("delivery-status" | "global-delivery-status" | "disposition-notification"):
            _status(part, mail, kind)
        case "message", _, "feedback-report":
            _status(part, mail, kind)
        case ("message", _, _) | ("text", _, "rfc822-headers" | "rfc822-header" | "rfc822"):
            _original(part, mail, kind)
        case "multipart", _, "encrypted":
            mail.attached.append(Media("file", mime=kind))
        case "multipart", _, subtype if children := _messages(part):
            mail.report = mail.report or (params.get("report-type", "").lower() if subtype == "report" else "")
            # Of a signed message the second part is the signature; of the others every part counts.
            for child in children[:1] if subtype == "signed" else children:
                _walk(child, mail, depth + 1)
        case "multipart", _, _:
            _walk(_with_found_boundary(part), mail, depth + 1)
        case "application", _, ("pkcs7-mime" | "x-pkcs7-mime"):
            _smime(part, mail, depth)
        case _:
            _leaf(part, mail, kind, params)


def _status(part: Message, mail: Mail, kind: str) -> None:
    mail.report = mail.report or kind.partition("/")[2].removeprefix("global-")
    groups = _messages(part)
    found = [Headers.of(group.raw_items()) for group in groups]
    # The parser reads the groups before it undoes a transfer encoding, and of the internationalised kind (RFC 6533)
    # only the first: the others stand in its body.
    bodies = (group.get_payload(decode=True) for group in groups if not group.is_multipart())
    rest = b"\n".join(body for body in bodies if isinstance(body, bytes))
    if rest.strip():
        text = decode_transfer(rest, _field(part, "content-transfer-encoding"))
        found += [read_headers(block.strip() + b"\n\n") for block in re.split(rb"\r?\n[ \t]*\r?\n", text)]
    mail.statuses += [group for group in found if group.fields]


def _messages(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _original(part: Message, mail: Mail, kind: str) -> None:
    inner = _messages(part)
    found = Headers.of(inner[0].raw_items()) if inner else Headers(())
    if not found.has("from", "to", "subject", "message-id"):
        # Headers below too many empty lines, indented, or with no empty line between the part's own and them.
        own = Headers.of(part.raw_items())
        body = _body(inner[0] if inner else part).lstrip()
        found = own if own.has("from", "to") else read_headers(_INDENT.sub(b"", body))
    mail.originals.append(found)
    if kind == "message/rfc822":
        mail.attached.append(Media("message", mime=kind))


def _smime(part: Message, mail: Mail, depth: int) -> None:
    data = _body(part)
    inner = signed_content(data)
    if inner:
        _walk(BytesParser().parsebytes(inner), mail, depth + 1)
    else:
        mail.attached.append(Media("file", mime="application/pkcs7-mime"))


def _leaf(part: Message, mail: Mail, kind: str, params: dict[str, str]) -> None:
    disposition = _field(part, "content-disposition")
    said = parameters(disposition)
    name = said.get("filename") or params.get("name", "")
    attached = disposition.lower().startswith("attachment")
    if kind in _SIGNATURES or kind in _OTHER_FACES:
        return
    if kind == "text/calendar":
        mail.calendar = params.get("method", "").upper() or "PUBLISH"
        _attach(part, mail, kind, name, attached)
    elif kind in _TEXTS and not attached and not (name and (mail.plain or mail.html)):
        _text(part, mail, kind, params)
    else:
        if name.lower().endswith(".eml"):
            # Aliyun encloses a returned mail as any file.
            mail.originals.append(read_headers(_body(part, _MOST_HEADERS).lstrip()))
        _attach(part, mail, kind, name, attached)


def _text(part: Message, mail: Mail, kind: str, params: dict[str, str]) -> None:
    # No transfer encoding takes more than three bytes for one, and its line breaks.
    text = decode(_body(part, 4 * _MOST_TEXT)[:_MOST_TEXT], params.get("charset", ""))
    if kind != "text/plain" or _IS_HTML.match(text):
        mail.html.append(text)
    elif params.get("format", "").lower() == "flowed":
        mail.plain.append(unflow(text, delete_space=params.get("delsp", "").lower()))
    else:
        mail.plain.append(text)


def _attach(part: Message, mail: Mail, kind: str, name: str, attached: bool) -> None:
    main = kind.partition("/")[0]
    media = Media(main if main in ("image", "audio", "video") else "file", id=name[:200], mime=kind)
    cid = _field(part, "content-id").strip("<> ")
    if cid and main == "image" and not attached:
        mail.images[cid] = media
    else:
        mail.attached.append(media)


def unflow(text: str, *, delete_space: str = "") -> str:
    """Join the soft-broken lines of format=flowed (RFC 3676). `delete_space` is the DelSp parameter, "yes" or not.

    A line that was space-stuffed before its ">" is the writer's own and comes out with `OWN` before it.
    """
    lines: list[str] = []
    open_depth = -1
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(("> " if depth else OWN if content.lstrip(" ").startswith(">") else "") + content)
        open_depth = depth if flows else -1
        if flows and delete_space == "yes":
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
