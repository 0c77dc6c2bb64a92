"""Customers and moments from outside: the API and files alike, checked, then kept.

Rule: what is refused is refused whole, with the field, the value and the fix; what is taken is in one commit.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from bot.config_values import ConfigError, nearest_word
from bot.records import CustomerRecord
from dialogs.phrases import Phrase, PhraseError, Value, phrase
from dialogs.texts.recognition import recognized
from storage.customers import Customers, Entry, Said, Saved

#: The columns that a file of customers may have besides attributes.
COLUMNS: Final = ("external_id", "name", "language", "timezone", "email", "sms", "consents", "consent_source")
_MOST_COLUMNS: Final = 200
#: How .xlsx and .xls begin.
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHER_MARKS: Final = (";", "\t", "，", "；")
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: its customer, or all that is wrong with it."""

    number: int
    record: CustomerRecord | None
    said: tuple[Phrase, ...] = ()


class FileError(ConfigError):
    """A file that cannot be read as customers, said in any language."""

    def __init__(self, key: str, /, **fields: Value) -> None:
        self.said = phrase(key, **fields)
        super().__init__(str(self.said))


async def take_customer(customers: Customers, record: CustomerRecord, *, actor: str, now: int) -> Saved:
    """Create or update, with the address of the customer's own chat page. Raises Refused."""
    saved = await customers.save(entry_of(record), actor=actor, now=now)
    if saved.how == "created":
        await customers.attach(saved.id, "webchat", saved.public_id, now)
    return saved


def entry_of(record: CustomerRecord) -> Entry:
    """What the store keeps of a record; what the record does not name stays as it is."""
    given = record.model_fields_set
    addresses = record.addresses
    pairs = (("email", addresses.email), ("sms", addresses.sms))
    return Entry(
        record.external_id,
        record.name if "name" in given else None,
        record.language if "language" in given else None,
        record.timezone if "timezone" in given else None,
        record.attributes,
        [(channel, found) for channel, found in pairs if found],
        [
            Said(one.purpose, one.source, one.status, int(one.at.timestamp() * 1000) if one.at else 0)
            for one in record.consents
        ],
    )


def _problems(error: ValidationError, given: Mapping[str, str]) -> tuple[Phrase, ...]:
    """All that is wrong with a line, by its columns: `sms: '12' is no phone number; …`."""
    found = []
    for one in error.errors(include_url=False):
        column = _column(one, given)
        found.append(phrase("intake.field", field=column, problem=_wrong(one, column)))
    return tuple(dict.fromkeys(found))


def _column(found: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """The column that the mistake stands in; a record keeps some of them under names of its own."""
    cause = found.get("ctx", {}).get("error")
    match found["loc"]:
        case ("addresses" | "attributes", str() as column, *_):
            return column
        case ("consents", int(), "source"):
            return "consent_source"
        case ("attributes",) if isinstance(cause, PhraseError):
            named = dict(cause.phrase.fields).get("attribute")
            return str(named or next((name for name, value in given.items() if "\0" in value), "attributes"))
        case (column, *_):
            return str(column)
    return ""


def _wrong(found: Mapping[str, Any], field: str) -> Phrase | str:
    cause = found.get("ctx", {}).get("error")
    if isinstance(cause, PhraseError):
        return cause.phrase
    if found["type"] == "missing":
        return phrase("intake.missing_id" if field == "external_id" else "intake.missing")
    if found["type"] == "literal_error" and isinstance(found["input"], str):
        one, _, other = found["ctx"]["expected"].rpartition(" or ")
        known = phrase("intake.either", one=one, other=other) if one else other
        return phrase("intake.not_known", value=repr(found["input"][:40]), known=known)
    said = recognized(found["msg"], "pydantic")
    return phrase(said[0], **said[1]) if said is not None else str(found["msg"]).removeprefix("Value error, ")


def lines_of(raw: bytes, path: str) -> Iterator[Line]:
    """The customers of a CSV file, UTF-8 or GB18030. Raises FileError where its first line is no line of columns."""
    rows = csv.reader(io.StringIO(_decoded(raw, path), newline=""))
    columns = [column.strip() for column in next(_rows(rows, path), [])]
    _check_columns(columns, path)
    seen: dict[str, int] = {}
    for cells in _rows(rows, path):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield Line(rows.line_num, None, (phrase("intake.cells", cells=len(cells), columns=len(columns)),))
            continue
        line = _line(rows.line_num, dict(zip(columns, cells, strict=False)))
        yield _once(line, seen)


def _once(line: Line, seen: dict[str, int]) -> Line:
    """The line, unless an earlier one is of the same customer: which of them is right only its author knows."""
    if line.record is None:
        return line
    known = line.record.external_id
    first = seen.setdefault(known, line.number)
    return line if first == line.number else Line(line.number, None, (phrase("intake.again", id=known, line=first),))


def _rows(rows: Any, path: str) -> Iterator[list[str]]:
    """The rows; FileError where the file is none of CSV."""
    try:
        yield from rows
    except csv.Error as error:
        raise FileError("intake.file_not_csv", path=path, line=rows.line_num, said=str(error)) from None


def _decoded(raw: bytes, path: str) -> str:
    if raw.startswith(_WORKBOOKS):
        raise FileError("intake.file_workbook", path=path)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("intake.file_encoding", path=path)


def _check_columns(columns: Sequence[str], path: str) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise FileError("intake.columns_many", path=path, count=len(columns), most=_MOST_COLUMNS)
    if "external_id" not in columns:
        apart = next((mark for mark in _OTHER_MARKS if len(columns) == 1 and mark in columns[0]), None)
        if apart is not None:
            raise FileError("intake.columns_apart", path=path, mark=repr(apart))
        near = next((one for one in columns if nearest_word("external_id", [one])), "")
        hint = phrase("intake.hint_meant_by", word=near) if near else ""
        raise FileError("intake.column_id", path=path, hint=hint)
    for column in columns:
        if column not in COLUMNS and (near := nearest_word(column, COLUMNS)):
            hint = phrase("intake.hint_meant", word=near)
            raise FileError("intake.column_near", path=path, column=column, hint=hint)
    doubled = {column for column in columns if columns.count(column) > 1}
    if doubled:
        raise FileError("intake.column_twice", path=path, column=doubled.pop())


def _line(number: int, cells: Mapping[str, str]) -> Line:
    given = {name: value.strip() for name, value in cells.items() if value.strip()}
    shape: dict[str, Any] = {name: given[name] for name in COLUMNS[:4] if name in given}
    shape["addresses"] = {name: given[name] for name in ("email", "sms") if name in given}
    source = given.get("consent_source", "import")
    shape["consents"] = [
        {"purpose": purpose.strip(), "source": source}
        for purpose in re.split(r"[;|、，,]", given.get("consents", ""))
        if purpose.strip()
    ]
    shape["attributes"] = {name: _value(value) for name, value in given.items() if name not in COLUMNS}
    try:
        return Line(number, CustomerRecord.model_validate(shape))
    except ValidationError as error:
        return Line(number, None, _problems(error, given))


def _value(text: str) -> str | int | float:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
