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

from bot.config_values import ConfigError, nearest
from bot.records import CustomerRecord
from storage.customers import Customers, Entry, Said, Saved

_PLAIN: Final = ("external_id", "name", "language", "timezone", "email", "sms", "consents", "consent_source")
_MOST_COLUMNS: Final = 200
#: How .xlsx and .xls begin.
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHER_MARKS: Final = (";", "\t", "，", "；")
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: its customer, or what is wrong with it."""

    number: int
    record: CustomerRecord | None
    problem: str = ""


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


def problem_of(error: ValidationError) -> str:
    """The first thing that is wrong, with its field: `addresses.sms: '12' is no phone number; …`."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "literal_error" and isinstance(first["input"], str):
        message = f"{first['input'][:40]!r} is not known; write {message.removeprefix('Input should be ')}"
    if first["type"] == "missing":
        message = "is missing; every customer needs it" if field == "external_id" else "is missing"
    return f"{field}: {message}"


def lines_of(raw: bytes, path: str) -> Iterator[Line]:
    """The customers of a CSV file, UTF-8 or GB18030. Raises ConfigError where its first line is no line of columns."""
    rows = csv.reader(io.StringIO(_decoded(raw, path), newline=""))
    columns = [column.strip() for column in next(_rows(rows, path), [])]
    _check_columns(columns, path)
    for cells in _rows(rows, path):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            problem = f"{len(cells)} cells for {len(columns)} columns; put cells that hold commas in quotes"
            yield Line(rows.line_num, None, problem)
            continue
        yield _line(rows.line_num, dict(zip(columns, cells, strict=False)))


def _rows(rows: Any, path: str) -> Iterator[list[str]]:
    """The rows; ConfigError where the file is none of CSV."""
    try:
        yield from rows
    except csv.Error as error:
        raise ConfigError(
            f"{path}:{rows.line_num}: cannot be read as CSV ({error}); look for a quote that is not closed there"
        ) from None


def _decoded(raw: bytes, path: str) -> str:
    if raw.startswith(_WORKBOOKS):
        raise ConfigError(f"{path}: is an Excel workbook; save it in Excel as 'CSV UTF-8' and take that file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(f"{path}: is neither UTF-8 nor GB18030; save it as UTF-8")


def _check_columns(columns: Sequence[str], path: str) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise ConfigError(f"{path}:1: {len(columns)} columns; a customer has at most {_MOST_COLUMNS}")
    if "external_id" not in columns:
        apart = next((mark for mark in _OTHER_MARKS if len(columns) == 1 and mark in columns[0]), None)
        if apart is not None:
            raise ConfigError(f"{path}:1: {apart!r} stands between the columns; save the file with commas between them")
        hint = next((f"; did you mean it by '{one}'?" for one in columns if nearest("external_id", [one])), "")
        raise ConfigError(f"{path}:1: there is no column 'external_id', by which customers are found again{hint}")
    for column in columns:
        if column not in _PLAIN and (hint := nearest(column, _PLAIN)):
            raise ConfigError(f"{path}:1: column '{column}'{hint} Other names become attributes of the customer")
    doubled = {column for column in columns if columns.count(column) > 1}
    if doubled:
        raise ConfigError(f"{path}:1: column '{doubled.pop()}' stands there twice; keep one")


def _line(number: int, cells: Mapping[str, str]) -> Line:
    given = {name: value.strip() for name, value in cells.items() if value.strip()}
    shape: dict[str, Any] = {name: given[name] for name in _PLAIN[:4] if name in given}
    shape["addresses"] = {name: given[name] for name in ("email", "sms") if name in given}
    source = given.get("consent_source", "import")
    shape["consents"] = [
        {"purpose": purpose.strip(), "source": source}
        for purpose in re.split(r"[;|、，,]", given.get("consents", ""))
        if purpose.strip()
    ]
    shape["attributes"] = {name: _value(value) for name, value in given.items() if name not in _PLAIN}
    try:
        return Line(number, CustomerRecord.model_validate(shape))
    except ValidationError as error:
        return Line(number, None, problem_of(error))


def _value(text: str) -> str | int | float:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
