"""A merge is taken back: the two customers are again what they were, and each keeps what happened since.

Rule: one transaction under both customers' locks. What came since by an address goes with that address; what was
changed since in the profile that stayed is left as it is; a withdrawal that came since holds for both. Only the last
merge of a customer can be taken back, within thirty days, and never one whose customer was erased since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage import audit
from storage.customers import lock
from storage.database import Database
from storage.errors import Refused
from storage.merging import OPEN_TALK, OPEN_TICKET, OWNED, PROFILE, set_profile

UNDO_MS: Final = 30 * 86_400_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A merge that stands: `gone` was merged into `keep` (ids) at `at` (ms) by `actor`; `name` is that of `gone`."""

    id: int
    keep: int
    gone: int
    actor: str
    at: int
    name: str


async def last_of(database: Database, customer_id: int, now: int) -> Done | None:
    """The merge into this customer that can be taken back at `now` (ms), or None."""
    row = await database.fetch_one(
        """SELECT * FROM merges WHERE keep_id = $1 AND undone_at IS NULL AND before <> '{}' AND at > $2
 ORDER BY id DESC LIMIT 1""",
        customer_id,
        now - UNDO_MS,
    )
    if row is None or await _is_covered(database, row):
        return None
    gone = orjson.loads(row["before"])["gone"]
    return Done(row["id"], row["keep_id"], row["gone_id"], row["actor"], row["at"], _named(gone))


async def undo(database: Database, merge_id: int, *, actor: str, now: int) -> int:
    """Take a merge back; the id of the customer that is there again. Raises Refused."""
    found = await database.fetch_one("SELECT * FROM merges WHERE id = $1", merge_id)
    if found is None:
        raise Refused(f"there is no merge {merge_id}")
    keep, gone = found["keep_id"], found["gone_id"]
    async with database.transaction():
        await lock(database, [keep, gone])
        row = await database.fetch_one("SELECT * FROM merges WHERE id = $1", merge_id)
        assert row is not None
        await _check(database, row, now)
        before: Row = orjson.loads(row["before"])
        # First, as two rows may not have one external id.
        await _profiles(database, keep, gone, before)
        await _rows(database, keep, gone, before["rows"], row["at"])
        withdrawn = await _consents(database, keep, gone, before["consents"], row["at"])
        await _reopen(database, before, withdrawn, now)
        await database.execute("UPDATE merges SET undone_at = $1, before = '{}' WHERE id = $2", now, merge_id)
        await audit.note(database, actor, "customer.unmerged", f"customer:{keep}", now, {"back": gone})
    return int(gone)


async def _check(database: Database, row: Row, now: int) -> None:
    if row["undone_at"] is not None:
        raise Refused("this merge was taken back already")
    if row["before"] == "{}" or now - row["at"] > UNDO_MS:
        raise Refused("this merge cannot be taken back: it is older than 30 days, or the customer was erased since")
    if await _is_covered(database, row):
        raise Refused("one of the two was merged again since; take that merge back first")
    keep, gone = row["keep_id"], row["gone_id"]
    stand = await database.fetch("SELECT id, status, merged_into_id FROM customers WHERE id IN ($1, $2)", keep, gone)
    states = {one["id"]: (one["status"], one["merged_into_id"]) for one in stand}
    if states[gone] != ("merged", keep) or states[keep][0] not in ("known", "anonymous"):
        raise Refused("this merge cannot be taken back: one of the two is not there any more")


async def _is_covered(database: Database, row: Mapping[str, Any]) -> bool:
    """Whether a later merge, which still stands, has one of the two in it."""
    later = await database.fetch_one(
        """SELECT id FROM merges WHERE id > $1 AND undone_at IS NULL
 AND (keep_id IN ($2, $3) OR gone_id IN ($2, $3)) LIMIT 1""",
        row["id"],
        row["keep_id"],
        row["gone_id"],
    )
    return later is not None


async def _profiles(database: Database, keep: int, gone: int, before: Row) -> None:
    now = await database.fetch_one("SELECT * FROM customers WHERE id = $1", keep)
    assert now is not None
    merged, old = before["merged"], before["keep"]
    profile: Row = {column: old[column] if now[column] == merged[column] else now[column] for column in PROFILE}
    profile["attributes"] = _attributes(*(orjson.loads(one["attributes"]) for one in (now, merged, old)))
    profile["tags"] = _tags(*(set(orjson.loads(one["tags"])) for one in (now, merged, old)))
    await set_profile(database, keep, profile)
    await set_profile(database, gone, before["gone"])
    await database.execute("UPDATE customers SET merged_into_id = NULL WHERE id = $1", gone)
    for led in before["led"]:
        await database.execute("UPDATE customers SET merged_into_id = $1 WHERE id = $2", gone, led)


def _attributes(now: Row, merged: Row, old: Row) -> str:
    """Key by key: what is as the merge left it goes back, what was set since stays."""
    kept = {name: value for name, value in now.items() if name not in merged or merged[name] != value}
    return orjson.dumps({**{name: value for name, value in old.items() if name in now}, **kept}).decode()


def _tags(now: set[str], merged: set[str], old: set[str]) -> str:
    return orjson.dumps(sorted(now - (merged - old))).decode()


async def _rows(database: Database, keep: int, gone: int, rows: Mapping[str, Sequence[int]], at: int) -> None:
    """Give back what was the other's, and what came since at its addresses."""
    for table in OWNED:
        await database.execute(
            f"""UPDATE {table} SET customer_id = $1 FROM {database.table("$2", id="bigint")}
 WHERE {table}.id = k.id AND {table}.customer_id = $3""",
            gone,
            orjson.dumps([{"id": one} for one in rows.get(table, ())]).decode(),
            keep,
        )
    theirs = "address_id IN (SELECT id FROM addresses WHERE customer_id = $1)"
    hers = "SELECT id FROM conversations WHERE customer_id = $1"
    for sql in (
        f"UPDATE conversations SET customer_id = $1 WHERE customer_id = $2 AND opened_at > $3 AND {theirs}",
        f"UPDATE inbound SET customer_id = $1 WHERE customer_id = $2 AND created_at > $3 AND {theirs}",
        f"UPDATE outbox SET customer_id = $1 WHERE customer_id = $2 AND created_at > $3 AND {theirs}",
        f"UPDATE answers SET customer_id = $1 WHERE customer_id = $2 AND at > $3 AND conversation_id IN ({hers})",
        f"UPDATE tickets SET customer_id = $1 WHERE customer_id = $2 AND opened_at > $3 AND ({theirs}"
        f" OR conversation_id IN ({hers}))",
    ):
        await database.execute(sql, gone, keep, at)
    for customer_id in (keep, gone):
        await _at_home(database, customer_id)


async def _at_home(database: Database, customer_id: int) -> None:
    """An open dialog that had gone over to an address of the other's goes on at one of the customer's own."""
    await database.execute(
        f"""UPDATE conversations SET address_id = coalesce((SELECT a.id FROM addresses a WHERE a.customer_id = $1
 ORDER BY a.last_inbound_at DESC, a.id LIMIT 1), address_id) WHERE customer_id = $1 AND {OPEN_TALK}
 AND address_id NOT IN (SELECT id FROM addresses WHERE customer_id = $1)""",
        customer_id,
    )


async def _consents(database: Database, keep: int, gone: int, before: Row, at: int) -> set[str]:
    """The words of before, but for what was said since: that stays with who stayed, and a withdrawal holds for both.

    The purposes that were withdrawn since.
    """
    since = await database.fetch(
        "SELECT purpose, status, source, at FROM consents WHERE customer_id = $1 AND at > $2", keep, at
    )
    said = {word["purpose"]: word for word in since}
    withdrawn = {purpose: word for purpose, word in said.items() if word["status"] == "withdrawn"}
    for customer_id, old, over in ((keep, before["keep"], said), (gone, before["gone"], withdrawn)):
        words = {**{word["purpose"]: word for word in old}, **over}
        await database.execute("DELETE FROM consents WHERE customer_id = $1", customer_id)
        await database.execute_many(
            "INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, $2, $3, $4, $5)",
            [(customer_id, w["purpose"], w["status"], w["source"], w["at"]) for w in words.values()],
        )
    return set(withdrawn)


async def _reopen(database: Database, before: Row, withdrawn: Collection[str], now: int) -> None:
    """Go on with the dialog and the ticket that the merge had ended, where nothing newer stands in their place.

    A dialog whose purpose was withdrawn since stays ended: a stop is not taken back.
    """
    ended, closed = before["ended"], before["closed"]
    if ended and await _may_go_on(database, ended["id"], withdrawn):
        await _go_on(database, ended, now)
    if closed and await _is_free(database, "tickets", OPEN_TICKET, closed["id"]):
        await database.execute(
            "UPDATE tickets SET status = $1, outcome = '', closed_at = NULL WHERE id = $2 AND outcome = 'merged'",
            closed["status"],
            closed["id"],
        )
        await _put_back(database, closed["jobs"], now)
        (severity, engaged), (was, had) = closed["after"], closed["before"]
        await database.execute(
            """UPDATE tickets SET severity = $1, engaged_at = $2 WHERE id = $3 AND severity = $4
 AND coalesce(engaged_at, 0) = $5""",
            was,
            had,
            closed["stands"],
            severity,
            engaged or 0,
        )


async def _go_on(database: Database, ended: Row, now: int) -> None:
    await database.execute(
        "UPDATE conversations SET status = $1, closed_at = NULL WHERE id = $2", ended["status"], ended["id"]
    )
    await database.execute(
        f"""UPDATE outbox SET status = 'due', finished_at = NULL FROM {database.table("$1", id="bigint")}
 WHERE outbox.id = k.id AND outbox.status = 'cancelled'""",
        orjson.dumps([{"id": one} for one in ended["outbox"]]).decode(),
    )
    await _put_back(database, ended["jobs"], now)


async def _put_back(database: Database, jobs: Sequence[Row], now: int) -> None:
    await database.execute_many(
        "INSERT INTO jobs (kind, subject_id, sequence, body, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        [(one["kind"], one["subject_id"], one["sequence"], one["body"], one["run_at"], now) for one in jobs],
    )


async def _may_go_on(database: Database, conversation_id: int, withdrawn: Collection[str]) -> bool:
    row = await database.fetch_one(
        "SELECT s.purpose FROM conversations v JOIN scripts s ON s.id = v.script_id WHERE v.id = $1", conversation_id
    )
    allowed = row is not None and row["purpose"] not in withdrawn
    return allowed and await _is_free(database, "conversations", OPEN_TALK, conversation_id)


async def _is_free(database: Database, table: str, open_: str, row_id: int) -> bool:
    """Whether the row's customer has no other that is open."""
    other = await database.fetch_one(
        f"""SELECT o.id FROM {table} o JOIN {table} r ON r.customer_id = o.customer_id
 WHERE r.id = $1 AND o.id <> r.id AND o.{open_} LIMIT 1""",
        row_id,
    )
    return other is None


def _named(profile: Mapping[str, Any]) -> str:
    return str(profile["name"] or profile["external_id"] or "")
