"""How a joined row of address, customer, conversation and ticket becomes a `Place` and a `Book`, on both stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from storage.turn_rows import UNFINISHED, Book, Case, Place, Talk

_UNFINISHED: Final = ", ".join(f"'{status}'" for status in UNFINISHED)

# Columns 0–10 are the place, 11–19 the customer, 20–26 the open conversation, 28–36 the open ticket.
OWNER: Final = 6
CUSTOMER: Final = 11
AFTER: Final = 37
PLACE: Final = f"""a.id, a.channel, a.status, a.staff_id, a.team_id, a.last_inbound_at, a.customer_id,
 EXISTS (SELECT 1 FROM outbox o WHERE o.address_id = a.id AND o.status IN ({_UNFINISHED})),
 a.window_at, a.window_left, a.greeted_at"""
NO_PLACE: Final = ", ".join(["NULL"] * CUSTOMER)
BOOK: Final = """c.id, c.public_id, c.name, c.language, c.platform_language, c.timezone, c.attributes, c.tags, c.status,
 v.id, v.public_id, v.script_id, v.state, v.revision, v.status, v.address_id, NULL,
 t.id, t.public_id, t.status, t.severity, t.team_id, t.staff_id, t.engaged_at, t.conversation_id,
 t.body"""
JOINS: Final = """ LEFT JOIN conversations v ON v.customer_id = c.id AND v.status IN ('open', 'paused')
 LEFT JOIN tickets t ON t.customer_id = c.id AND t.status <> 'closed'"""

#: For pushes, given the addresses' ids in place of `{ids}`: each place with what its owner consents to, as JSON.
_PUSHED: Final = f"""SELECT {PLACE}, (SELECT {{all}}(k.purpose) FROM consents k
 WHERE k.customer_id = a.customer_id AND k.status = 'granted') FROM addresses a WHERE a.id {{ids}}"""
PUSHED_SQLITE: Final = _PUSHED.format(all="json_group_array", ids="IN (SELECT value FROM json_each(?))")
PUSHED_POSTGRES: Final = _PUSHED.format(all="json_agg", ids="= ANY ($1::bigint[])")


def pushed_of(
    rows: Iterable[Sequence[Any]], books: Mapping[int, Book], heard: Iterable[tuple[Place, int]]
) -> dict[int, tuple[Place, int]]:
    """The places of pushes by id, with whose they are; the owners' consents go into their books.

    `heard`: places of the batch that are known already, so that a push sees what a message before it did.
    """
    places = {place.id: (place, owner) for place, owner in heard}
    for row in rows:
        owner = row[OWNER]
        places.setdefault(row[0], (place_of(row), owner))
        if owner in books:
            books[owner].granted = frozenset(orjson.loads(row[CUSTOMER] or "[]"))
    return places


def place_of(row: Sequence[Any], first: int = 0) -> Place:
    """The address in a joined row, from column `first`."""
    return Place(
        id=row[first],
        channel=row[first + 1],
        status=row[first + 2],
        staff_id=row[first + 3],
        team_id=row[first + 4],
        last_inbound_at=row[first + 5],
        busy=bool(row[first + 7]),
        window_at=row[first + 8],
        window_left=row[first + 9],
        greeted_at=row[first + 10],
    )


def book_of(row: Sequence[Any], first: int = CUSTOMER) -> Book:
    """The customer, the open conversation and the open ticket in a joined row, from column `first`."""
    book = Book(*row[first : first + 9])
    if row[first + 9] is not None:
        identity, public, script, state, revision, status, address = row[first + 9 : first + 16]
        book.talk = Talk(identity, public, script, state, revision, status, address, base=revision)
    if row[first + 17] is not None:
        case, code, stands, severity, team, staff, engaged, conversation, body = row[first + 17 : first + 26]
        book.case = Case(case, code, stands, severity, team, staff, engaged is not None, conversation, body)
    return book
