"""A mail's header fields, read leniently: addresses, message ids, parameters, dates.

Rule: nothing raises, whatever a field holds. Values are what the sender claims; whom to believe is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from channels.email_charset import decode, decode_words

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
# Bounded, and begun only where a word begins: a header of a megabyte is still read in one pass.
_ANGLE: Final = re.compile(r"<\s{0,9}([^<>@\s]{1,320}@[^<>@\s]{1,255})\s{0,9}>")
_BARE: Final = re.compile(r"(?<![^\s<>()\[\],;:\"])[^\s<>()\[\],;:\"@]{1,320}@[^\s<>()\[\],;:\"@]{1,255}")
_NAME_BEHIND: Final = re.compile(
    r"\s{0,9}[^\s<>()\",;:@]{1,320}@[^\s<>()\",;:@]{1,255}\s{1,9}\(([^()]{1,200})\)\s{0,9}$"
)
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,998}>")
_PARAMETER: Final = re.compile(r';\s*([\w.!#$&+^`|~-]+\*?\d*\*?)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_COMMENT: Final = re.compile(r"\([^)]*\)")
_LONGEST_DATE: Final = 200
_LONGEST_PARAMETERS: Final = 10_000
_CONTINUED: Final = re.compile(r"^(.+?)\*(\d+)?\*?$")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields in their order, names lower-case, values unfolded but not decoded."""

    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, items: Iterable[tuple[str, str]]) -> Headers:
        """From the parser's raw pairs."""
        return cls(tuple((clean(name).strip().lower(), unfold(clean(str(value)))) for name, value in items))

    def first(self, *names: str) -> str:
        """The first value of the first of these names that is there, else ""."""
        for name in names:
            for known, value in self.fields:
                if known == name and value:
                    return value
        return ""

    def all(self, *names: str) -> list[str]:
        """Every value of these names, in the mail's order."""
        return [value for known, value in self.fields if known in names]

    def has(self, *names: str) -> bool:
        return any(known in names for known, _ in self.fields)

    def text(self, name: str) -> str:
        """A value with its encoded words decoded."""
        return " ".join(decode_words(self.first(name)).split())


def clean(value: str) -> str:
    """Without the surrogates in which the parser leaves raw bytes above ASCII: they are decoded as text."""
    return value if value.isascii() else decode(value.encode("utf-8", "surrogateescape"))


def unfold(value: str) -> str:
    """One line of it, as RFC 5322 folds: a line break before white space is no more than that white space."""
    return re.sub(r"\r?\n[ \t]*", " ", value).strip() if "\n" in value or "\r" in value else value.strip()


def address_of(value: str) -> str:
    """The first mailbox of a field, lower-case: angle brackets win, an address inside a quoted name does not count."""
    bare = _QUOTED.sub("", value)
    if "@" not in bare:
        # Some mailers encode the address along with the name.
        bare = value = decode_words(value)
    found = _ANGLE.search(bare) or _BARE.search(bare) or _ANGLE.search(value) or _BARE.search(value)
    return (found[1] if found and found.re is _ANGLE else found[0]).strip("'").lower() if found else ""


def addresses_of(values: Iterable[str]) -> list[str]:
    """Every address in these fields, as written: tokens in them keep their case."""
    return [found for value in values for found in _BARE.findall(value)]


def name_of(value: str) -> str:
    """The display name of a field's first mailbox, decoded, without quotes; the oldest form has it in a comment."""
    value = value if "@" in value else decode_words(value)
    comment = _NAME_BEHIND.match(value)
    head = _ANGLE.split(value, maxsplit=1)[0] if _ANGLE.search(value) else comment[1] if comment else ""
    name = " ".join(decode_words(head).split()).strip("\"' ").replace('\\"', '"')
    return "" if "@" in name else name[:200]


def message_ids(value: str) -> list[str]:
    """Every message id, with its angle brackets, in order; some mailers put words around them."""
    found = _MESSAGE_ID.findall(value.replace(" ", "") if value.startswith("<") and value.count("<") == 1 else value)
    bare = value.strip().strip("<>")
    return found or ([f"<{bare}>"] if "@" in bare and " " not in bare else [])


def date_of(headers: Headers, *, received_at: datetime) -> datetime:
    """When it was written, in UTC: `Date`, else the newest `Received`, else `received_at`; never over a day ahead."""
    stamps = [headers.first("date"), *(value.rpartition(";")[2] for value in headers.all("received")[:1])]
    for stamp in stamps:
        parsed = _date(stamp)
        if parsed is not None and parsed <= received_at + timedelta(days=1):
            return parsed
    return received_at


def _date(stamp: str) -> datetime | None:
    try:
        # Cut first: a megabyte of opening brackets would be searched from each of them to the end.
        parsed = parsedate_to_datetime(_COMMENT.sub("", stamp[:_LONGEST_DATE]).strip())
        # A zone of -0000 says that the time is UTC and the place unknown (RFC 5322, 3.3).
        utc = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return utc if utc.year >= 1990 else None


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or a Content-Disposition, RFC 2231's pieces joined and decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, raw in _PARAMETER.findall(";" + value[:_LONGEST_PARAMETERS].partition(";")[2]):
        text = raw.strip()
        text = text[1:-1].replace('\\"', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
        continued = _CONTINUED.match(name)
        if continued:
            piece = (int(continued[2] or 0), name.endswith("*"), text)
            pieces.setdefault(continued[1].lower(), []).append(piece)
        else:
            plain.setdefault(name.lower(), decode_words(text))
    return plain | {name: _joined(found) for name, found in pieces.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    for number, encoded, text in sorted(pieces):
        value = text
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, value = text.split("'", 2)
        raw = value.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    return decode(data, charset)
