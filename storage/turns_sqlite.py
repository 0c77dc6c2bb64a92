"""A batch of turns on SQLite: read and written on the one writer thread inside BEGIN IMMEDIATE … COMMIT.

Rule: plain SQL on this connection alone; no await, no ORM. Between reading and writing the event loop decides: two
threads that both want the interpreter would hold up each other. A batch of messages is decided before it has the lock,
while the one before it is being committed; under the lock it is read once more, and what is not the same is decided
anew. What a batch always needs is read in one statement that
gives one row of JSON, and written in one a table (`sqlite_rows.py` tells why).
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from storage import sqlite_rows
from storage.turn_batch import Batch, Decided, Rows, same_reply
from storage.turn_books import BOOK, JOINS, NO_PLACE, OWNER, PLACE, PUSHED_SQLITE, book_of, place_of, pushed_of
from storage.turn_rare import rare_statements
from storage.turn_rows import Arrival, Book, Booked, Decide, Item, OutgoingRow, Place, TurnConflict, Writes
from storage.turn_threads import SQLITE as THREADS
from storage.turn_threads import Threads

Key = tuple[str, str]

#: Places and books by (channel, lookup), books by customer, messages that came before, and the last id of each table.
_LOAD: Final = f"""SELECT
 (SELECT json_group_array(json_array({PLACE}, {BOOK}, a.lookup)) FROM json_each(?1) k
 CROSS JOIN addresses a ON a.channel = json_extract(k.value, '$[0]') AND a.lookup = json_extract(k.value, '$[1]')
 JOIN customers c ON c.id = a.customer_id {JOINS}),
 (SELECT json_group_array(json_array({NO_PLACE}, {BOOK})) FROM json_each(?2) k
 CROSS JOIN customers c ON c.id = k.value {JOINS}),
 (SELECT json_group_array(json_array(i.dedup, i.id, i.customer_id, i.conversation_id, i.address_id))
 FROM json_each(?3) k CROSS JOIN inbound i ON i.dedup = k.value),
 (SELECT json_group_object(name, seq) FROM sqlite_sequence)"""
_ADDRESS: Final = "SELECT id FROM addresses WHERE channel = ? AND lookup = ?"
_REPLY: Final = """SELECT public_id, address_id, channel, kind, text, body, sequence, id FROM outbox
 WHERE inbound_id = ? AND via = 'response' ORDER BY id LIMIT 1"""
_DONE: Final = "UPDATE jobs SET status = 'done' WHERE id = ? AND attempts = ? AND sequence = ? AND status = 'due'"
_SETTLE: Final = sqlite_rows.Rows(
    "UPDATE outbox SET status = 'sent', sent_at = column2, finished_at = column2",
    2,
    "WHERE outbox.id = column1 AND outbox.status IN ('inline', 'unknown')",
)
_TALK_SET: Final = sqlite_rows.Rows(
    "UPDATE conversations SET state = column1, revision = column2, status = column3, address_id = column4,"
    " closed_at = column5",
    7,
    "WHERE conversations.id = column6 AND conversations.revision = column7",
)
_TALK_NEW: Final = sqlite_rows.insert(
    "conversations",
    "id, public_id, customer_id, script_id, address_id, moment_id, status, state, revision, opened_at, closed_at",
)
_INBOUND: Final = sqlite_rows.insert(
    "inbound",
    "id, dedup, address_id, customer_id, conversation_id, revision, ticket_id, kind, text, event, mood, raw_sealed,"
    " external, status, reason, at, created_at",
)
_LOG: Final = sqlite_rows.insert("conversation_events", "conversation_id, revision, kind, body, at")
_ANSWER: Final = sqlite_rows.insert(
    "answers",
    "conversation_id, customer_id, script_id, slot, type, value, number, said, how, unhappy, contradiction, inbound_id,"
    " at",
    """ON CONFLICT (conversation_id, slot) DO UPDATE SET value = excluded.value, number = excluded.number,
 said = excluded.said, how = excluded.how, unhappy = excluded.unhappy, contradiction = excluded.contradiction,
 inbound_id = excluded.inbound_id, at = excluded.at, corrections = answers.corrections + 1""",
)
_TICKET: Final = sqlite_rows.insert(
    "tickets",
    "id, public_id, customer_id, conversation_id, team_id, severity, reason, text, body, address_id, opened_at",
)
_TICKET_LOG: Final = sqlite_rows.insert("ticket_events", "ticket_id, kind, text, at")
_OUTGOING: Final = sqlite_rows.insert(
    "outbox",
    "id, public_id, address_id, customer_id, conversation_id, ticket_id, inbound_id, channel, kind, sequence, text,"
    " body, status, via, run_at, created_at",
)
_VOID: Final = sqlite_rows.Rows(
    "UPDATE jobs SET status = 'cancelled'",
    2,
    "WHERE jobs.kind = column1 AND jobs.subject_id = column2 AND jobs.status = 'due'",
)
_JOB: Final = sqlite_rows.insert(
    "jobs",
    "kind, subject_id, sequence, body, run_at, created_at",
    """ON CONFLICT (kind, subject_id) WHERE status = 'due'
 DO UPDATE SET sequence = excluded.sequence, body = excluded.body, run_at = excluded.run_at, lease_at = 0,
 attempts = 0, error = ''""",
)
_SEEN: Final = sqlite_rows.Rows(
    "UPDATE addresses SET last_inbound_at = column1, window_at = coalesce(column2, window_at),"
    " window_left = coalesce(column3, window_left), greeted_at = column4",
    5,
    "WHERE addresses.id = column5",
)


class Changed(Exception):
    """What a batch was decided on is not what stands under the lock; nothing was written."""


class Begun:
    """A batch and its transaction: `load` and `write` run on a connection's thread, `decide` touches no store.

    Either `load`, `decide` and `write` inside one transaction; or, for what may be decided ahead, `look` and `decide`
    before it, and `confirm` inside it, which writes only if all that was looked at still stands.
    """

    def __init__(self, items: Sequence[Item], settled: Sequence[tuple[int, int]]) -> None:
        self._items, self._settled = items, settled
        self._books = Books()
        self._batch: Batch | None = None
        self._booked: list[Booked] = []

    def look(self, connection: sqlite3.Connection) -> bool:
        """Read what the items need, before the lock. False where some of it is only made under the lock.

        That is the customer of a stranger, the end of a job, the reply to a message that came before, the conversation
        that an old button or thread belongs to.
        """
        return all(item.arrival is not None for item in self._items) and self._books.look(connection, self._items)

    def confirm(self, connection: sqlite3.Connection) -> None:
        """Write what was decided on `look`. Raises Changed where something of it is not so any more."""
        _SETTLE.write(connection, self._settled)
        if not self._books.stands(connection):
            raise Changed
        self.write(connection)

    def load(self, connection: sqlite3.Connection) -> None:
        """Settle inline replies (row id, ms) whose response was written, and read what the items need."""
        _SETTLE.write(connection, self._settled)
        if self._items:
            self._books.load(connection, self._items)

    def decide(self, decide: Decide) -> list[Booked]:
        """Book the items in their order."""
        self._batch = batch = Batch(decide)
        self._booked = [_take(item, self._books, batch.take) for item in self._items]
        return self._booked

    def keep_failed(self, reason: str) -> Booked:
        """Book the one item as failed, without deciding it: what it decided could not be written."""
        self._batch = batch = Batch(_undecided)
        return _take(self._items[0], self._books, lambda i, b, p, n: batch.keep_failed(i, b, p, n, reason))

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what was decided. Raises what the store raises; then nothing of the batch may be committed."""
        if self._batch is not None and self._batch.decided:
            _write(connection, self._batch, self._books)
            same_reply(self._booked)
            self._books.number_duplicates(self._booked)


def _undecided(item: Item, book: Book, place: Place | None) -> Writes:
    raise AssertionError("a failed item is not decided again")


class Books:
    """What is known under the lock, read once for each customer and address of a batch."""

    def __init__(self) -> None:
        self.places: dict[Key, tuple[Place, int]] = {}
        self.books: dict[int, Book] = {}
        self.pushed: dict[int, tuple[Place, int]] = {}
        #: What an item became before this batch: a message that came again, a job that is another worker's.
        self.settled: dict[int, Booked] = {}
        self.here: dict[str, Booked] = {}
        self._sequences: dict[str, int] = {}
        self._given: list[str] = []
        self._seen: tuple[str, ...] = ()

    def look(self, c: sqlite3.Connection, items: Sequence[Item]) -> bool:
        """Read it outside the lock; whether all of it is known and nothing came before."""
        arrivals = [item.arrival for item in items if item.arrival is not None]
        keys = list({(one.channel, one.lookup) for one in arrivals})
        known = self._read(c, keys, [], [one.dedup for one in arrivals if one.dedup is not None])
        return not known and len(self.places) == len(keys) and not self._threads(items).asks

    def stands(self, c: sqlite3.Connection) -> bool:
        """Whether what was read is what stands now; the ids are those that are next now."""
        row = tuple(c.execute(_LOAD, self._given).fetchone())
        self._sequences = orjson.loads(row[-1])
        return row[:-1] == self._seen

    def load(self, c: sqlite3.Connection, items: Sequence[Item]) -> None:
        """Read it; customers and addresses are made on first contact."""
        arrivals = [item.arrival for item in items if item.arrival is not None]
        named = [item.customer_id for item in items if item.arrival is None]
        keys = list({(one.channel, one.lookup) for one in arrivals})
        known = self._read(c, keys, named, [one.dedup for one in arrivals if one.dedup is not None])
        pushed = [item.address_id for item in items if item.address_id]
        if pushed:
            rows = c.execute(PUSHED_SQLITE, (orjson.dumps(pushed).decode(),))
            self.pushed = pushed_of(rows, self.books, self.places.values())
        for item in items:
            if item.arrival is None:
                job = item.job
                if job is not None and c.execute(_DONE, (job.id, job.attempts, job.sequence)).rowcount != 1:
                    self.settled[id(item)] = Booked(item, "stale", customer_id=item.customer_id)
            elif item.arrival.dedup in known:
                self.settled[id(item)] = _came_again(c, item, known[item.arrival.dedup])
            elif (item.arrival.channel, item.arrival.lookup) not in self.places:
                _admit(c, item.arrival)
                self._read(c, [(item.arrival.channel, item.arrival.lookup)], [], [])
        threads = self._threads(items)
        if threads.asks:
            threads.take(c.execute(THREADS, (orjson.dumps(threads.asks).decode(),)).fetchall())

    def _threads(self, items: Sequence[Item]) -> Threads:
        """What is to be looked up of what messages answer: nothing, for most batches."""
        named = (
            (item, *self.places[item.arrival.channel, item.arrival.lookup])
            for item in items
            if item.arrival is not None and item.arrival.about is not None and id(item) not in self.settled
        )
        return Threads((item, place, self.books[customer_id]) for item, place, customer_id in named)

    def _read(
        self, c: sqlite3.Connection, keys: Sequence[Key], named: Sequence[int], dedups: Sequence[str]
    ) -> dict[str | None, Sequence[Any]]:
        self._given = [orjson.dumps(one).decode() for one in (keys, named, dedups)]
        row = tuple(c.execute(_LOAD, self._given).fetchone())
        self._seen = row[:-1]
        places, books, known, self._sequences = map(orjson.loads, row)
        for row in places:
            self.places[row[1], row[-1]] = place_of(row), row[OWNER]
            self.books.setdefault(row[OWNER], book_of(row))
        for row in books:
            book = book_of(row)
            self.books.setdefault(book.customer_id, book)
        return {row[0]: row for row in known}

    def number_duplicates(self, booked: Sequence[Booked]) -> None:
        """Tell the second delivery of a message of this batch the id that both have."""
        for one in booked:
            arrival = one.item.arrival
            if not one.inbound_id and arrival is not None and arrival.dedup in self.here:
                one.inbound_id = self.here[arrival.dedup].inbound_id

    def next_id(self, table: str) -> int:
        """The next id of a table; safe because the connection holds the write lock."""
        self._sequences[table] = last = self._sequences.get(table, 0) + 1
        return last


def _came_again(c: sqlite3.Connection, item: Item, row: Sequence[Any]) -> Booked:
    """What an earlier delivery of the same message became, with the reply that it got."""
    booked = Booked(item, "duplicate", row[1], row[2] or 0, row[3] or 0, row[4])
    reply = c.execute(_REPLY, (row[1],)).fetchone()
    if reply:
        booked.reply, booked.reply_id = OutgoingRow(*reply[:7]), reply[7]
    return booked


Take = Callable[[Item, Book, Place | None, int], Booked]


def _take(item: Item, known: Books, take: Take) -> Booked:
    settled = known.settled.get(id(item))
    if settled is not None:
        return settled
    arrival = item.arrival
    if arrival is None:
        if item.customer_id not in known.books:
            raise LookupError(f"no customer {item.customer_id}")
        place, owner = known.pushed.get(item.address_id, (None, 0))
        return take(item, known.books[item.customer_id], place if owner == item.customer_id else None, 0)
    if arrival.dedup is not None and arrival.dedup in known.here:
        first = known.here[arrival.dedup]
        return Booked(item, "duplicate", first.inbound_id, first.customer_id, reply=first.reply)
    place, customer_id = known.places[arrival.channel, arrival.lookup]
    booked = take(item, known.books[customer_id], place, 0)
    if arrival.dedup is not None:
        known.here[arrival.dedup] = booked
    return booked


def _admit(c: sqlite3.Connection, arrival: Arrival) -> None:
    address = c.execute(_ADDRESS, (arrival.channel, arrival.lookup)).fetchone()
    customer = c.execute(
        """INSERT INTO customers (public_id, name, platform_language, status, created_at)
 VALUES (?, ?, ?, 'anonymous', ?)""",
        (secrets.token_hex(16), arrival.name[:200], arrival.language[:16], arrival.received_at),
    ).lastrowid
    if address is not None:
        c.execute("UPDATE addresses SET customer_id = ? WHERE id = ?", (customer, address[0]))
        return
    c.execute(
        "INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (secrets.token_hex(16), arrival.channel, arrival.lookup, arrival.seal(), customer, arrival.received_at),
    )


def _write(c: sqlite3.Connection, batch: Batch, books: Books) -> None:
    for decided in batch.decided:
        if decided.item.arrival is not None:
            decided.number(books.next_id("inbound"))
    for talk in batch.fresh_talks():
        talk.id = books.next_id("conversations")
    for case in batch.fresh_cases():
        case.id = books.next_id("tickets")
    rows = batch.rows(lambda: books.next_id("outbox"))
    if _TALK_SET.write(c, rows.talks_set) != len(rows.talks_set):
        raise TurnConflict("a conversation was written by somebody without its customer's lock")
    for statement, table in _tables(rows):
        statement.write(c, table)
    for decided in rows.rare:
        _write_rare(c, decided)


def _tables(rows: Rows) -> tuple[tuple[sqlite_rows.Rows, Sequence[sqlite_rows.Row]], ...]:
    return (
        (_TALK_NEW, rows.talks_new),
        (_TICKET, rows.tickets),
        (_TICKET_LOG, rows.ticket_log),
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
