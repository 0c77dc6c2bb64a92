"""Which message of ours an arrival answers, and the conversation that this one belongs to.

Rule: most batches ask nothing here. Only what belongs to the customer who writes is found, so that a forged name says
nothing about anybody else; and of several names the surest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from storage.turn_rows import About, Book, Item, Place, Talk, Thread

_COLUMNS: Final = "n, customer_id, address_id, channel, way, value"
#: A message of ours may have reached the customer.
_LEFT: Final = "('inline', 'sent', 'delivered', 'read', 'unknown')"
#: The asks as a table `k`, by dialect.
_SQLITE: Final = "(SELECT {} FROM json_each(?1)) k".format(
    ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(_COLUMNS.split(", ")))
)
_POSTGRES: Final = "(SELECT {} FROM jsonb_array_elements($1::jsonb) e) k".format(
    ", ".join(
        f"({'e ->> ' + str(n)}){cast} AS {name}"
        for n, (name, cast) in enumerate(
            zip(_COLUMNS.split(", "), ("::int", "::bigint", "::bigint", "", "", ""), strict=True)
        )
    )
)


def _statement(asks: str) -> str:
    """The look-up over a table of asks: one row for each that found something."""
    return f"""WITH found AS (SELECT k.n, k.customer_id, k.way, k.value, CASE k.way
 WHEN 'public' THEN (SELECT o.id FROM outbox o WHERE o.public_id = k.value AND o.customer_id = k.customer_id)
 WHEN 'external' THEN (SELECT max(o.id) FROM outbox o WHERE o.channel = k.channel AND o.external_id = k.value
 AND o.address_id = k.address_id AND o.customer_id = k.customer_id)
 WHEN 'quoted' THEN (SELECT max(o.id) FROM outbox o WHERE o.customer_id = k.customer_id
 AND o.address_id = k.address_id AND o.via = 'response' AND rtrim(o.text) = k.value)
 WHEN 'last' THEN (SELECT max(o.id) FROM outbox o WHERE o.customer_id = k.customer_id
 AND o.address_id = k.address_id AND o.kind IN ('question', 'reminder') AND o.status IN {_LEFT})
 END AS outgoing FROM {asks})
 SELECT f.n, f.way, o.kind, o.sequence, o.created_at, v.id, v.public_id, v.script_id, v.state, v.revision, v.status,
 v.address_id, v.closed_at FROM found f LEFT JOIN outbox o ON o.id = f.outgoing
 LEFT JOIN conversations v ON v.customer_id = f.customer_id AND v.state <> ''
 AND (v.id = o.conversation_id OR (f.way = 'conversation' AND v.public_id = f.value))
 WHERE o.id IS NOT NULL OR v.id IS NOT NULL"""


SQLITE: Final = _statement(_SQLITE)
POSTGRES: Final = _statement(_POSTGRES)


class Threads:
    """The look-up of one batch: `asks` are its rows, `take` puts what was found into the books."""

    def __init__(self, known: Iterable[tuple[Item, Place, Book]]) -> None:
        self.asks: list[tuple[Any, ...]] = []
        self._whose: list[tuple[Place, Book, About]] = []
        for item, place, book in known:
            about = item.arrival.about if item.arrival is not None else None
            if about is not None and not _is_of_the_open_one(about, place, book):
                self._ask(about, place, book)

    def _ask(self, about: About, place: Place, book: Book) -> None:
        ways = [("conversation", about.conversation)] if about.conversation else []
        ways += [("public", one) for one in about.public_ids]
        ways += [(way, value) for way, value in (("external", about.external), ("quoted", about.quoted)) if value]
        for way, value in ways or [("last", "")]:
            self.asks.append((len(self.asks), book.customer_id, place.id, place.channel, way, value))
            self._whose.append((place, book, about))

    def take(self, rows: Iterable[Sequence[Any]]) -> None:
        """Rows of the look-up, in any order."""
        for row in sorted(rows, key=lambda one: int(one[0]), reverse=True):
            place, book, about = self._whose[row[0]]
            talk = self._talk(book, row[5:])
            # Later rows are surer, and take the place of the others.
            book.threads[place.id, about] = Thread(
                talk.id if talk else 0, row[2] or "", row[3] or 0, row[4] or 0, row[1]
            )

    def _talk(self, book: Book, columns: Sequence[Any]) -> Talk | None:
        identity, public_id, script_id, state, revision, status, address_id, closed_at = columns
        if identity is None:
            return None
        if book.talk is not None and book.talk.id == identity:
            return book.talk
        talk = Talk(identity, public_id, script_id, state, revision, status, address_id, base=revision)
        talk.closed_at = closed_at or 0
        return book.earlier.setdefault(identity, talk)


def _is_of_the_open_one(about: About, place: Place, book: Book) -> bool:
    """Whether the open conversation is meant for certain, so that nothing need be looked up."""
    talk = book.talk
    if about.conversation:
        return talk is not None and talk.public_id == about.conversation
    if not about.last:
        return False
    # A stranger was asked nothing.
    stranger = book.status == "anonymous" and not place.last_inbound_at
    return talk.address_id == place.id if talk is not None else stranger
