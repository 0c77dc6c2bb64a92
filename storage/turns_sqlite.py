"""A batch of turns on SQLite: one function, run on the one writer thread inside BEGIN IMMEDIATE … COMMIT.

Rule: plain SQL on this connection alone; no await, no ORM. Statements are prepared by sqlite3's own cache.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

from storage.turn_batch import Batch, Decided, Rows
from storage.turn_books import BOOK, JOINS, NO_PLACE, OWNER, PLACE, book_of, place_of
from storage.turn_rare import rare_statements
from storage.turn_rows import Arrival, Book, Booked, Decide, Item, OutgoingRow, Place, TurnConflict, Writes

_ARRIVAL: Final = f"""SELECT {PLACE}, {BOOK} FROM addresses a LEFT JOIN customers c ON c.id = a.customer_id {JOINS}
 WHERE a.channel = ? AND a.lookup = ?"""
_CUSTOMER: Final = f"SELECT {NO_PLACE}, {BOOK} FROM customers c {JOINS} WHERE c.id = ?"
_SETTLE: Final = """UPDATE outbox SET status = 'sent', sent_at = ?, finished_at = ?
 WHERE public_id = ? AND status = 'inline'"""
_KNOWN: Final = "SELECT id, customer_id, conversation_id, address_id FROM inbound WHERE dedup = ?"
_REPLY: Final = """SELECT public_id, address_id, channel, kind, text, body, sequence FROM outbox
 WHERE inbound_id = ? AND via = 'response' ORDER BY id LIMIT 1"""
_DONE: Final = "UPDATE jobs SET status = 'done' WHERE id = ? AND attempts = ? AND sequence = ? AND status = 'due'"
_INBOUND: Final = f"""INSERT INTO inbound (id, dedup, address_id, customer_id, conversation_id, revision, ticket_id,
 kind, text, event, mood, raw_sealed, external, status, reason, at, created_at) VALUES ({", ".join("?" * 17)})"""
_TALK_NEW: Final = f"""INSERT INTO conversations (id, public_id, customer_id, script_id, address_id, moment_id, status,
 state, revision, opened_at, closed_at) VALUES ({", ".join("?" * 11)})"""
_TALK_SET: Final = """UPDATE conversations SET state = ?, revision = ?, status = ?, address_id = ?, closed_at = ?
 WHERE id = ? AND revision = ?"""
_LOG: Final = "INSERT INTO conversation_events (conversation_id, revision, kind, body, at) VALUES (?, ?, ?, ?, ?)"
_ANSWER: Final = f"""INSERT INTO answers (conversation_id, customer_id, script_id, slot, type, value, number, said, how,
 unhappy, contradiction, inbound_id, at) VALUES ({", ".join("?" * 13)})
 ON CONFLICT (conversation_id, slot) DO UPDATE SET value = excluded.value, number = excluded.number,
 said = excluded.said, how = excluded.how, unhappy = excluded.unhappy, contradiction = excluded.contradiction,
 inbound_id = excluded.inbound_id, at = excluded.at, corrections = answers.corrections + 1"""
_OUTGOING: Final = f"""INSERT INTO outbox (public_id, address_id, customer_id, conversation_id, ticket_id, inbound_id,
 channel, kind, sequence, text, body, status, via, run_at, created_at) VALUES ({", ".join("?" * 15)})"""
_JOB: Final = """INSERT INTO jobs (kind, subject_id, sequence, body, run_at, created_at) VALUES (?, ?, ?, ?, ?, ?)
 ON CONFLICT (kind, subject_id) WHERE status = 'due'
 DO UPDATE SET sequence = excluded.sequence, body = excluded.body, run_at = excluded.run_at, lease_at = 0,
 attempts = 0, error = ''"""
_VOID: Final = "UPDATE jobs SET status = 'cancelled' WHERE kind = ? AND subject_id = ? AND status = 'due'"
_SEEN: Final = """UPDATE addresses SET last_inbound_at = ?, window_at = coalesce(?, window_at),
 window_left = coalesce(?, window_left), greeted_at = ? WHERE id = ?"""


def run(
    connection: sqlite3.Connection, items: Sequence[Item], decide: Decide, settled: Sequence[tuple[str, int]]
) -> list[Booked]:
    """Book the items in their order; `settled` are inline replies (public id, ms) whose response was written.

    Raises what the store raises; then nothing of the batch was written.
    """
    if settled:
        connection.executemany(_SETTLE, [(at, at, public_id) for public_id, at in settled])
    if not items:
        return []
    books = _Books(connection)
    batch = Batch(decide)
    booked = [_take(item, books, batch.take) for item in items]
    _write(connection, batch, books)
    return booked


def run_failed(connection: sqlite3.Connection, item: Item, reason: str) -> Booked:
    """Book one item as failed, without deciding it: what it decided could not be written."""
    books = _Books(connection)
    batch = Batch(_undecided)
    booked = _take(item, books, lambda i, b, p, n: batch.keep_failed(i, b, p, n, reason))
    _write(connection, batch, books)
    return booked


def _undecided(item: Item, book: Book, place: Place | None) -> Writes:
    raise AssertionError("a failed item is not decided again")


class _Books:
    """What is known under the lock, read once for each customer and address of a batch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._c = connection
        self._places: dict[tuple[str, str], tuple[Place, int]] = {}
        self._books: dict[int, Book] = {}
        self._known: dict[str, Booked] = {}
        self._sequences: dict[str, int] = {}

    def next_id(self, table: str) -> int:
        """The next id of a table; safe because this connection holds the write lock."""
        last = self._sequences.get(table)
        if last is None:
            row = self._c.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
            last = row[0] if row else 0
        self._sequences[table] = last + 1
        return last + 1

    def of_arrival(self, arrival: Arrival) -> tuple[Book, Place]:
        """The customer and the address of an arrival; both are made on first contact."""
        key = (arrival.channel, arrival.lookup)
        found = self._places.get(key)
        if found is None:
            row = self._c.execute(_ARRIVAL, key).fetchone()
            if row is None or row[OWNER] is None:
                _admit(self._c, arrival, row[0] if row else None)
                row = self._c.execute(_ARRIVAL, key).fetchone()
            found = place_of(row), row[OWNER]
            self._places[key] = found
            self._books.setdefault(row[OWNER], book_of(row))
        return self._books[found[1]], found[0]

    def of_customer(self, customer_id: int) -> Book:
        """The book of a customer; LookupError where there is none."""
        book = self._books.get(customer_id)
        if book is None:
            row = self._c.execute(_CUSTOMER, (customer_id,)).fetchone()
            if row is None:
                raise LookupError(f"no customer {customer_id}")
            book = self._books[customer_id] = book_of(row)
        return book

    def known(self, item: Item) -> Booked | None:
        """What an earlier delivery of the same message became, with the reply that it got."""
        dedup = item.arrival.dedup if item.arrival else None
        if dedup is None:
            return None
        if dedup in self._known:
            first = self._known[dedup]
            return Booked(item, "duplicate", first.inbound_id, first.customer_id, reply=first.reply)
        row = self._c.execute(_KNOWN, (dedup,)).fetchone()
        if row is None:
            return None
        reply = self._c.execute(_REPLY, (row[0],)).fetchone()
        stored = OutgoingRow(*reply) if reply else None
        return Booked(item, "duplicate", row[0], row[1] or 0, row[2] or 0, row[3], reply=stored)

    def remember(self, item: Item, booked: Booked) -> None:
        """Remember an item of this batch, for a second delivery in the same batch."""
        if item.arrival is not None and item.arrival.dedup is not None:
            self._known[item.arrival.dedup] = booked

    def job_is_mine(self, item: Item) -> bool:
        """Finish the job that asked for this turn; false where it is not this worker's any more."""
        job = item.job
        return job is None or self._c.execute(_DONE, (job.id, job.attempts, job.sequence)).rowcount == 1


Take = Callable[[Item, Book, Place | None, int], Booked]


def _take(item: Item, books: _Books, take: Take) -> Booked:
    if not books.job_is_mine(item):
        return Booked(item, "stale", customer_id=item.customer_id)
    if item.arrival is None:
        return take(item, books.of_customer(item.customer_id), None, 0)
    known = books.known(item)
    if known is not None:
        return known
    book, place = books.of_arrival(item.arrival)
    booked = take(item, book, place, books.next_id("inbound"))
    books.remember(item, booked)
    return booked


def _admit(c: sqlite3.Connection, arrival: Arrival, address_id: int | None) -> None:
    cursor = c.execute(
        """INSERT INTO customers (public_id, name, platform_language, status, created_at)
 VALUES (?, ?, ?, 'anonymous', ?)""",
        (secrets.token_hex(16), arrival.name[:200], arrival.language[:16], arrival.received_at),
    )
    customer = cursor.lastrowid
    if address_id is not None:
        c.execute("UPDATE addresses SET customer_id = ? WHERE id = ?", (customer, address_id))
        return
    c.execute(
        "INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (secrets.token_hex(16), arrival.channel, arrival.lookup, arrival.sealed, customer, arrival.received_at),
    )


def _write(c: sqlite3.Connection, batch: Batch, books: _Books) -> None:
    for talk in batch.fresh_talks():
        talk.id = books.next_id("conversations")
    for case in batch.fresh_cases():
        case.id = books.next_id("tickets")
    rows = batch.rows()
    if rows.talks_set and c.executemany(_TALK_SET, rows.talks_set).rowcount != len(rows.talks_set):
        raise TurnConflict("a conversation was written by somebody without its customer's lock")
    for statement, table in _tables(rows):
        if table:
            c.executemany(statement, table)
    for decided in rows.rare:
        _write_rare(c, decided)


def _tables(rows: Rows) -> tuple[tuple[str, list[tuple[Any, ...]]], ...]:
    return (
        (_TALK_NEW, rows.talks_new),
        (_INBOUND, rows.inbound),
        (_LOG, rows.log),
        (_ANSWER, list(rows.answers.values())),
        (_OUTGOING, rows.outgoing),
        (_VOID, rows.void_jobs),
        (_JOB, list(rows.jobs.values())),
        (_SEEN, list(rows.seen.values())),
    )


def _write_rare(c: sqlite3.Connection, decided: Decided) -> None:
    for statement, values in rare_statements(decided):
        c.execute(statement.replace("$", "?"), values)
