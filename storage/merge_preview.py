"""What a merge would do, before it is done: who stays, what comes over, what wins, what ends.

Rule: reads only, and by the same functions as the merge itself, so that what is shown is what will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage import addresses
from storage.addresses import AddressRow
from storage.database import Database
from storage.merging import OPEN_TALK, OPEN_TICKET, both, merged_profile, standing_twice

_COLUMNS: Final = ("name", "language", "timezone")
_COUNTED: Final = ("conversations", "answers", "moments", "tickets")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the profile in both, and what comes out; `attribute`: a name of the business's own."""

    name: str
    stays: str
    goes: str
    merged: str
    attribute: bool = False

    @property
    def differs(self) -> bool:
        """Whether the other one's value is given up; tags and external ids are united."""
        return bool(self.goes) and self.goes != self.merged and self.name not in ("tags", "external_id")


@dataclass(frozen=True, slots=True)
class Word:
    """A consent in both ("granted", "withdrawn", "" for none), and what comes out: the later word."""

    purpose: str
    stays: str
    goes: str
    merged: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A merge before it is done. `moves`: how many of what come over. `ends` and `closes` say what stops.

    An open dialog `goes_on` (with the customer `goes_on_of`); of two, the other `ends`; both are names of scripts.
    An open ticket `stands` (of `stands_of`); of two, the other one `closes`; both are numbers.
    """

    keep: int
    gone: int
    fields: tuple[Field, ...]
    words: tuple[Word, ...]
    kept_addresses: tuple[AddressRow, ...]
    addresses: tuple[AddressRow, ...]
    moves: Mapping[str, int]
    ends: str = ""
    goes_on: str = ""
    goes_on_of: int = 0
    closes: int = 0
    stands: int = 0
    stands_of: int = 0


async def preview(database: Database, keep: int, gone: int) -> Preview:
    """Raises Refused as the merge would."""
    stays, goes = await both(database, keep, gone)
    moves = {table: await _count(database, table, gone) for table in _COUNTED}
    moves["messages"] = await _count(database, "inbound", gone) + await _count(database, "outbox", gone)
    talks = await standing_twice(database, "conversations", OPEN_TALK, keep, gone)
    tickets = await standing_twice(database, "tickets", OPEN_TICKET, keep, gone)
    return Preview(
        keep,
        gone,
        tuple(_fields(stays, goes)),
        tuple(await _words(database, keep, gone)),
        tuple(await addresses.of_customer(database, keep)),
        tuple(await addresses.of_customer(database, gone)),
        moves,
        await _script(database, talks[1]["script_id"]) if len(talks) > 1 else "",
        await _script(database, talks[0]["script_id"]) if talks else "",
        int(talks[0]["customer_id"]) if talks else 0,
        int(tickets[1]["id"]) if len(tickets) > 1 else 0,
        int(tickets[0]["id"]) if tickets else 0,
        int(tickets[0]["customer_id"]) if tickets else 0,
    )


def _fields(stays: Mapping[str, Any], goes: Mapping[str, Any]) -> list[Field]:
    merged = merged_profile(stays, goes)
    # Other programs may go on naming the one who stays by either id.
    ids = [one["external_id"] for one in (stays, goes) if one["external_id"]]
    found = [Field("external_id", stays["external_id"] or "", goes["external_id"] or "", ", ".join(ids))]
    found += [Field(name, stays[name] or "", goes[name] or "", merged[name] or "") for name in _COLUMNS]
    mine, theirs, tags = (", ".join(orjson.loads(one["tags"])) for one in (stays, goes, merged))
    found.append(Field("tags", mine, theirs, tags))
    kept, given, attributes = (orjson.loads(one["attributes"]) for one in (stays, goes, merged))
    for name, value in sorted(attributes.items()):
        found.append(Field(name, str(kept.get(name, "")), str(given.get(name, "")), str(value), attribute=True))
    return [one for one in found if one.stays or one.goes]


async def _words(database: Database, keep: int, gone: int) -> list[Word]:
    rows = await database.fetch(
        "SELECT customer_id, purpose, status, at FROM consents WHERE customer_id IN ($1, $2) ORDER BY purpose",
        keep,
        gone,
    )
    by: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["purpose"], {})[row["customer_id"]] = row
    found = []
    for purpose, said in by.items():
        # As `consents.say` has it: an older word than the one that stands changes nothing.
        later = max(said.values(), key=lambda word: (word["at"], word["customer_id"] == gone))
        stays, goes = (str(said[one]["status"]) if one in said else "" for one in (keep, gone))
        found.append(Word(purpose, stays, goes, str(later["status"])))
    return found


async def _count(database: Database, table: str, customer_id: int) -> int:
    row = await database.fetch_one(f"SELECT count(*) AS n FROM {table} WHERE customer_id = $1", customer_id)
    return int(row["n"]) if row else 0


async def _script(database: Database, script_id: int) -> str:
    row = await database.fetch_one("SELECT name FROM scripts WHERE id = $1", script_id)
    return str(row["name"]) if row else ""
