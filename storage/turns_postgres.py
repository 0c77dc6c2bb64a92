"""A batch of turns on PostgreSQL: a handful of set-based statements under the locks of its customers.

Rule: customers are locked first, in id order, and everything is read after the lock; an unknown address is admitted in
a transaction of its own before, so that a first message has a row to lock. No statement is sent per message.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import orjson

from storage.turn_batch import Batch, Rows, same_reply
from storage.turn_books import (
    AFTER,
    BOOK,
    CUSTOMER,
    JOINS,
    NO_PLACE,
    OWNER,
    PLACE,
    PUSHED_POSTGRES,
    book_of,
    place_of,
    pushed_of,
)
from storage.turn_rare import rare_statements
from storage.turn_rows import Arrival, Book, Booked, Decide, Item, OutgoingRow, Place, TurnConflict, Writes
from storage.turn_threads import POSTGRES as THREADS
from storage.turn_threads import Threads

Connection = Any
Key = tuple[str, str]

#: Where in a row of `_ARRIVALS` the earlier delivery and the ids begin.
_BEFORE: Final = AFTER + 2
_GIVEN: Final = _BEFORE + 12

#: Settles inline replies (row ids, ms) and locks the customers, in id order.
_LOCK: Final = """WITH settled AS (UPDATE outbox o SET status = 'sent', sent_at = k.at, finished_at = k.at
 FROM unnest($4::bigint[], $5::bigint[]) k (id, at) WHERE o.id = k.id AND o.status IN ('inline', 'unknown'))
 SELECT id FROM customers WHERE id = ANY (ARRAY(
 SELECT a.customer_id FROM unnest($1::text[], $2::text[]) k (channel, lookup)
 JOIN addresses a ON a.channel = k.channel AND a.lookup = k.lookup WHERE a.customer_id IS NOT NULL
 UNION SELECT unnest($3::bigint[]))) ORDER BY id FOR UPDATE"""
#: One row for each arrival: its place, its book, what an earlier delivery of it became and the reply that that got, and
#: an id for each table where most turns need one.
_ARRIVALS: Final = f"""SELECT {PLACE}, {BOOK}, a.lookup, k.dedup,
 i.id, i.customer_id, i.conversation_id, i.address_id,
 r.public_id, r.address_id, r.channel, r.kind, r.text, r.body, r.sequence, r.id,
 nextval('inbound_id_seq'), nextval('outbox_id_seq'), nextval('tickets_id_seq')
 FROM unnest($1::text[], $2::text[], $3::text[]) k (channel, lookup, dedup)
 JOIN addresses a ON a.channel = k.channel AND a.lookup = k.lookup JOIN customers c ON c.id = a.customer_id {JOINS}
 LEFT JOIN inbound i ON i.dedup = k.dedup
 LEFT JOIN LATERAL (SELECT * FROM outbox o WHERE o.inbound_id = i.id AND o.via = 'response'
 ORDER BY o.id LIMIT 1) r ON true"""
_CUSTOMERS: Final = f"SELECT {NO_PLACE}, {BOOK} FROM customers c {JOINS} WHERE c.id = ANY ($1::bigint[])"
_IDS: Final = "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2::int)"
_DONE: Final = """UPDATE jobs j SET status = 'done'
 FROM unnest($1::bigint[], $2::int[], $3::int[]) k (id, attempts, sequence)
 WHERE j.id = k.id AND j.attempts = k.attempts AND j.sequence = k.sequence AND j.status = 'due' RETURNING j.id"""


def _cells(types: str) -> list[str]:
    """SQL for the columns of `types` of a row `e`, a JSON array: one text a table costs less than one list a column."""
    wrapped = {"text": "e ->> {}", "bytea": "decode(e ->> {}, 'hex')"}
    return [wrapped.get(kind, f"(e ->> {{}})::{kind}").format(n) for n, kind in enumerate(types.split())]


def _insert(table: str, columns: str, types: str, tail: str = "") -> str:
    """INSERT … SELECT of rows in the order of `columns`, given as one JSON array."""
    cells = ", ".join(_cells(types))
    return f"INSERT INTO {table} ({columns}) SELECT {cells} FROM jsonb_array_elements($1::jsonb) e {tail}"


def _rows(columns: str, types: str) -> str:
    """The rows of a JSON array as a table `k` with these columns."""
    cells = ", ".join(f"{cell} AS {name}" for cell, name in zip(_cells(types), columns.split(), strict=True))
    return f"(SELECT {cells} FROM jsonb_array_elements($1::jsonb) e) k"


_TALK_SET: Final = f"""UPDATE conversations v SET state = k.state, revision = k.revision, status = k.status,
 address_id = k.address_id, closed_at = k.closed_at
 FROM {_rows("state revision status address_id closed_at id base", "text int text bigint bigint bigint int")}
 WHERE v.id = k.id AND v.revision = k.base RETURNING v.id"""
_TALK_NEW: Final = _insert(
    "conversations",
    "id, public_id, customer_id, script_id, address_id, moment_id, status, state, revision, opened_at, closed_at",
    "bigint text bigint bigint bigint bigint text text int bigint bigint",
)
_INBOUND: Final = _insert(
    "inbound",
    "id, dedup, address_id, customer_id, conversation_id, revision, ticket_id, kind, text, event, mood, raw_sealed,"
    " external, status, reason, at, created_at",
    "bigint text bigint bigint bigint int bigint text text text text bytea text text text bigint bigint",
)
_LOG: Final = _insert("conversation_events", "conversation_id, revision, kind, body, at", "bigint int text text bigint")
_ANSWER: Final = _insert(
    "answers",
    "conversation_id, customer_id, script_id, slot, type, value, number, said, how, unhappy, contradiction, inbound_id,"
    " at",
    "bigint bigint bigint text text text float8 text text float8 int bigint bigint",
    """ON CONFLICT (conversation_id, slot) DO UPDATE SET value = excluded.value, number = excluded.number,
 said = excluded.said, how = excluded.how, unhappy = excluded.unhappy, contradiction = excluded.contradiction,
 inbound_id = excluded.inbound_id, at = excluded.at, corrections = answers.corrections + 1""",
)
_OUTGOING: Final = _insert(
    "outbox",
    "id, public_id, address_id, customer_id, conversation_id, ticket_id, inbound_id, channel, kind, sequence, text,"
    " body, status, via, run_at, created_at",
    "bigint text bigint bigint bigint bigint bigint text text int text text text text bigint bigint",
)
_TICKET: Final = _insert(
    "tickets",
    "id, public_id, customer_id, conversation_id, team_id, severity, reason, text, body, address_id, opened_at",
    "bigint text bigint bigint bigint text text text text bigint bigint",
)
_TICKET_LOG: Final = _insert("ticket_events", "ticket_id, kind, text, at", "bigint text text bigint")
_VOID: Final = f"""UPDATE jobs j SET status = 'cancelled' FROM {_rows("kind subject_id", "text bigint")}
 WHERE j.kind = k.kind AND j.subject_id = k.subject_id AND j.status = 'due'"""
_JOB: Final = _insert(
    "jobs",
    "kind, subject_id, sequence, body, run_at, created_at",
    "text bigint int text bigint bigint",
    """ON CONFLICT (kind, subject_id) WHERE status = 'due'
 DO UPDATE SET sequence = excluded.sequence, body = excluded.body, run_at = excluded.run_at, lease_at = 0,
 attempts = 0, error = ''""",
)
_SEEN: Final = f"""UPDATE addresses a SET last_inbound_at = k.at, window_at = coalesce(k.window_at, a.window_at),
 window_left = coalesce(k.window_left, a.window_left), greeted_at = k.greeted_at
 FROM {_rows("at window_at window_left greeted_at id", "bigint bigint int bigint bigint")} WHERE a.id = k.id"""


def _together(*parts: str) -> str:
    """One statement of many that write, each with its own rows; the number of rows of the first comes out."""
    named = [f"w{n} AS ({part.replace('$1', f'${n + 1}')})" for n, part in enumerate(parts)]
    return f"WITH {', '.join(named)} SELECT count(*) FROM w0"


#: The tables of `_tables`, in its order. All parts see the store as it was before the statement.
_WRITE: Final = _together(
    _TALK_SET, _TALK_NEW, _TICKET, _TICKET_LOG, _INBOUND, _LOG, _ANSWER, _OUTGOING, _VOID, _JOB, _SEEN
)


async def run(
    c: Connection, items: Sequence[Item], decide: Decide, settled: Sequence[tuple[int, int]]
) -> list[Booked] | None:
    """Book the items inside the caller's transaction, as in `turns_sqlite.run`.

    None: an address was not known; the caller admits the strangers (`admit`) and comes again.
    """
    books = await _load(c, items, settled)
    if not items or books is None:
        return None if books is None else []
    batch = Batch(decide)
    booked = [_take(item, books, batch) for item in items]
    await _write(c, batch, books)
    same_reply(booked)
    return booked


async def run_failed(c: Connection, item: Item, reason: str) -> Booked | None:
    """Book one item as failed, without deciding it: what it decided could not be written."""
    books = await _load(c, [item], ())
    if books is None:
        return None
    batch = Batch(_undecided)
    book, place, inbound_id = books.of(item)
    booked = batch.keep_failed(item, book, place, inbound_id, reason)
    await _write(c, batch, books)
    return booked


def _undecided(item: Item, book: Book, place: Place | None) -> Writes:
    raise AssertionError("a failed item is not decided again")


async def admit(c: Connection, arrivals: Sequence[Arrival]) -> None:
    """Make customers and addresses for those who are not known yet; each in its own short transaction."""
    for arrival in arrivals:
        async with c.transaction():
            await c.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", arrival.channel + arrival.lookup)
            known = await c.fetchrow(
                "SELECT id, customer_id FROM addresses WHERE channel = $1 AND lookup = $2",
                arrival.channel,
                arrival.lookup,
            )
            if known is None or known["customer_id"] is None:
                await _admit_one(c, arrival, known["id"] if known else None)


async def _admit_one(c: Connection, arrival: Arrival, address_id: int | None) -> None:
    customer = await c.fetchval(
        """INSERT INTO customers (public_id, name, platform_language, status, created_at)
 VALUES ($1, $2, $3, 'anonymous', $4) RETURNING id""",
        secrets.token_hex(16),
        arrival.name[:200],
        arrival.language[:16],
        arrival.received_at,
    )
    if address_id is not None:
        await c.execute("UPDATE addresses SET customer_id = $1 WHERE id = $2", customer, address_id)
        return
    await c.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, customer_id, created_at)
 VALUES ($1, $2, $3, $4, $5, $6)""",
        secrets.token_hex(16),
        arrival.channel,
        arrival.lookup,
        arrival.seal(),
        customer,
        arrival.received_at,
    )


class Loaded:
    """What is known under the locks: books by customer, places by address, messages that came before, ids to give."""

    def __init__(self) -> None:
        self.places: dict[Key, tuple[Place, int]] = {}
        self.pushed: dict[int, tuple[Place, int]] = {}
        self.books: dict[int, Book] = {}
        self.known: dict[str, Sequence[Any]] = {}
        self.mine: set[int] = set()
        self.here: dict[str, Booked] = {}
        self.ids: dict[str, deque[int]] = {}

    def of(self, item: Item) -> tuple[Book, Place | None, int]:
        """Book, place and inbound id of an item; LookupError where its customer is not there."""
        if item.arrival is None:
            pushed, owner = self.pushed.get(item.address_id, (None, 0))
            return self.books[item.customer_id], pushed if owner == item.customer_id else None, 0
        place, customer = self.places[item.arrival.channel, item.arrival.lookup]
        return self.books[customer], place, self.ids["inbound"].popleft()

    def at(self, arrival: Arrival) -> tuple[Place, Book]:
        """Place and book of an arrival."""
        place, customer = self.places[arrival.channel, arrival.lookup]
        return place, self.books[customer]

    async def have_ids(self, c: Connection, table: str, count: int) -> deque[int]:
        """At least `count` ids of a table, rising."""
        ids = self.ids.setdefault(table, deque())
        if len(ids) < count:
            ids.extend(row[0] for row in await c.fetch(_IDS, table, count - len(ids)))
        return ids


async def _load(c: Connection, items: Sequence[Item], settled: Sequence[tuple[int, int]]) -> Loaded | None:
    arrivals = [item.arrival for item in items if item.arrival is not None]
    named = [item.customer_id for item in items if item.arrival is None]
    channels, lookups = [one.channel for one in arrivals], [one.lookup for one in arrivals]
    await c.fetch(_LOCK, channels, lookups, named, [row[0] for row in settled], [row[1] for row in settled])
    loaded = Loaded()
    if arrivals:
        rows = await c.fetch(_ARRIVALS, channels, lookups, [one.dedup for one in arrivals])
        if len(rows) < len(arrivals):
            return None
        _read(rows, loaded)
    if named:
        for row in await c.fetch(_CUSTOMERS, named):
            loaded.books.setdefault(row[CUSTOMER], book_of(row))
    pushed = [item.address_id for item in items if item.address_id]
    if pushed:
        loaded.pushed = pushed_of(await c.fetch(PUSHED_POSTGRES, pushed), loaded.books, loaded.places.values())
    jobs = [item.job for item in items if item.job is not None]
    if jobs:
        rows = await c.fetch(_DONE, [j.id for j in jobs], [j.attempts for j in jobs], [j.sequence for j in jobs])
        loaded.mine = {row[0] for row in rows}
    about = [item for item in items if item.arrival is not None and item.arrival.about is not None]
    if about:
        await _follow(c, about, loaded)
    return loaded


async def _follow(c: Connection, items: Sequence[Item], loaded: Loaded) -> None:
    """Find what messages answer, where they say so and it is not the open conversation for certain."""
    threads = Threads((item, *loaded.at(item.arrival)) for item in items if item.arrival is not None)
    if threads.asks:
        threads.take(await c.fetch(THREADS, _json(threads.asks)))


def _read(rows: Sequence[Any], loaded: Loaded) -> None:
    for row in rows:
        key = row[1], row[AFTER]
        if key not in loaded.places:
            loaded.places[key] = place_of(row), row[OWNER]
        if row[OWNER] not in loaded.books:
            loaded.books[row[OWNER]] = book_of(row)
        if row[_BEFORE] is not None:
            loaded.known[row[_BEFORE - 1]] = row[_BEFORE:]
    for column, table in enumerate(("inbound", "outbox", "tickets"), _GIVEN):
        loaded.ids[table] = deque(sorted(row[column] for row in rows))


def _take(item: Item, books: Loaded, batch: Batch) -> Booked:
    if item.job is not None and item.job.id not in books.mine:
        return Booked(item, "stale", customer_id=item.customer_id)
    dedup = item.arrival.dedup if item.arrival else None
    if dedup is not None and dedup in books.here:
        first = books.here[dedup]
        return Booked(item, "duplicate", first.inbound_id, first.customer_id, reply=first.reply)
    if dedup is not None and dedup in books.known:
        row = books.known[dedup]
        stored = OutgoingRow(*row[4:11]) if row[4] is not None else None
        return Booked(item, "duplicate", row[0], row[1] or 0, row[2] or 0, row[3], stored, row[11] or 0)
    book, place, inbound_id = books.of(item)
    booked = batch.take(item, book, place, inbound_id)
    if dedup is not None:
        books.here[dedup] = booked
    return booked


async def _write(c: Connection, batch: Batch, books: Loaded) -> None:
    for table, fresh in (("conversations", list(batch.fresh_talks())), ("tickets", list(batch.fresh_cases()))):
        ids = await books.have_ids(c, table, len(fresh))
        for thing in fresh:
            thing.id = ids.popleft()
    ids = await books.have_ids(c, "outbox", sum(len(one.writes.outgoing) for one in batch.decided))
    rows = batch.rows(ids.popleft)
    if any((kind, subject or 0) in rows.jobs for kind, subject in rows.void_jobs):
        # No row may be written twice by one statement.
        await c.execute(_VOID, _json(rows.void_jobs))
        rows.void_jobs.clear()
    if await c.fetchval(_WRITE, *map(_json, _tables(rows))) != len(rows.talks_set):
        raise TurnConflict("a conversation was written by somebody without its customer's lock")
    for decided in rows.rare:
        for statement, values in rare_statements(decided):
            await c.execute(statement, *values)


def _json(rows: Sequence[Sequence[Any]]) -> str:
    return orjson.dumps(rows, default=bytes.hex).decode()


def _tables(rows: Rows) -> tuple[Sequence[Sequence[Any]], ...]:
    """The rows of each part of `_WRITE`."""
    return (
        rows.talks_set,
        rows.talks_new,
        rows.tickets,
        rows.ticket_log,
        rows.inbound,
        rows.log,
        list(rows.answers.values()),
        rows.outgoing,
        rows.void_jobs,
        list(rows.jobs.values()),
        list(rows.seen.values()),
    )
