"""How a joined row of address, customer, conversation and ticket becomes a `Place` and a `Book`, on both stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from storage.turn_rows import UNFINISHED, Book, Case, Place, Talk

_UNFINISHED: Final = ", ".join(f"'{status}'" for status in UNFINISHED)

# Columns 0–10 are the place, 11–19 the customer, 20–26 the open conversation, 28–35 the open ticket.
OWNER: Final = 6
CUSTOMER: Final = 11
AFTER: Final = 36
PLACE: Final = f"""a.id, a.channel, a.status, a.staff_id, a.team_id, a.last_inbound_at, a.customer_id,
 EXISTS (SELECT 1 FROM outbox o WHERE o.address_id = a.id AND o.status IN ({_UNFINISHED})),
 a.window_at, a.window_left, a.greeted_at"""
NO_PLACE: Final = ", ".join(["NULL"] * CUSTOMER)
BOOK: Final = """c.id, c.public_id, c.name, c.language, c.platform_language, c.timezone, c.attributes, c.tags, c.status,
 v.id, v.public_id, v.script_id, v.state, v.revision, v.status, v.address_id, NULL,
 t.id, t.public_id, t.status, t.severity, t.team_id, t.staff_id, t.engaged_at, t.conversation_id"""
JOINS: Final = """ LEFT JOIN conversations v ON v.customer_id = c.id AND v.status IN ('open', 'paused')
 LEFT JOIN tickets t ON t.customer_id = c.id AND t.status <> 'closed'"""


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
        case, code, stands, severity, team, staff, engaged, conversation = row[first + 17 : first + 25]
        book.case = Case(case, code, stands, severity, team, staff, engaged is not None, conversation)
    return book
