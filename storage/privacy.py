"""A customer's own data: all of it handed over, or all of it gone.

Rule: both know every table that holds something of a customer; a test compares them with the models. Erasing keeps rows
and numbers, so that counts stay right, and leaves nothing by which the person could be found or recognised.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from storage import audit
from storage.crypto import Keys, Unreadable, new_public_id
from storage.customers import lock
from storage.database import Database

_HERS: Final = "SELECT id FROM conversations WHERE customer_id = $1"
#: Rows that this customer was before a merge, and that lead here.
_HER_ROWS: Final = "SELECT id FROM customers WHERE id = $1 OR merged_into_id = $1"
_HER_TICKETS: Final = "SELECT id FROM tickets WHERE customer_id = $1"
_JSON: Final = ("attributes", "tags", "data", "body", "topics", "mood", "state", "value", "before")
#: Section of the export → the rows of it, for customer $1.
_EXPORT: Final = {
    "addresses": "SELECT public_id, channel, sealed, status, reason, last_inbound_at, created_at FROM addresses"
    " WHERE customer_id = $1",
    "consents": "SELECT purpose, status, source, at FROM consents WHERE customer_id = $1",
    "moments": "SELECT public_id, name, at, data, outcome, reason FROM moments WHERE customer_id = $1",
    "conversations": "SELECT c.public_id, s.name AS script, s.version, c.status, c.state, c.opened_at, c.closed_at"
    " FROM conversations c JOIN scripts s ON s.id = c.script_id WHERE c.customer_id = $1",
    "events": "SELECT conversation_id, revision, kind, body, at FROM conversation_events"
    f" WHERE conversation_id IN ({_HERS})",
    "messages_in": "SELECT i.kind, i.text, i.mood, i.raw_sealed, i.status, i.at, a.channel FROM inbound i"
    " JOIN addresses a ON a.id = i.address_id WHERE i.customer_id = $1",
    "messages_out": f"SELECT channel, kind, text, body, status, created_at, sent_at FROM outbox WHERE customer_id = $1"
    f" OR ticket_id IN ({_HER_TICKETS})",
    "answers": "SELECT slot, type, value, said, how, unhappy, at FROM answers WHERE customer_id = $1",
    "tickets": "SELECT public_id, status, severity, reason, text, body, outcome, opened_at, closed_at FROM tickets"
    " WHERE customer_id = $1",
    "ticket_events": f"SELECT ticket_id, kind, text, at FROM ticket_events WHERE ticket_id IN ({_HER_TICKETS})",
    "corrections": "SELECT text, language, unhappy, topics, at FROM corrections"
    " WHERE inbound_id IN (SELECT id FROM inbound WHERE customer_id = $1)",
    "merges": f"SELECT before, at, undone_at FROM merges WHERE keep_id IN ({_HER_ROWS}) OR gone_id IN ({_HER_ROWS})",
    "links": "SELECT channel, script, expires_at, used_at, created_at FROM deep_links WHERE customer_id = $1",
}
#: What erasing does to each table, for customer $1, in this order.
_ERASE: Final = (
    f"""UPDATE jobs SET status = 'cancelled', body = '{{}}' WHERE status = 'due' AND ((kind = 'moment'
 AND subject_id IN (SELECT id FROM moments WHERE customer_id = $1)) OR (kind IN ('reminder', 'expiry', 'wait', 'action')
 AND subject_id IN ({_HERS})) OR (kind IN ('sla', 'recovery') AND subject_id IN ({_HER_TICKETS})))""",
    f"UPDATE jobs SET body = '{{}}', error = '' WHERE kind = 'action' AND subject_id IN ({_HERS})",
    f"""UPDATE outbox SET status = 'cancelled' WHERE status IN ('due', 'retry') AND (customer_id = $1
 OR ticket_id IN ({_HER_TICKETS}))""",
    f"UPDATE outbox SET text = '', body = '{{}}', error = '' WHERE customer_id = $1 OR ticket_id IN ({_HER_TICKETS})",
    "DELETE FROM corrections WHERE inbound_id IN (SELECT id FROM inbound WHERE customer_id = $1)",
    # What staff wrote about her lies beside her ticket.
    f"""UPDATE inbound SET text = '', event = NULL, mood = NULL, raw_sealed = NULL, external = '', reason = ''
 WHERE customer_id = $1 OR (customer_id IS NULL AND ticket_id IN ({_HER_TICKETS}))""",
    f"UPDATE conversation_events SET body = '{{}}' WHERE conversation_id IN ({_HERS})",
    "UPDATE answers SET value = NULL, said = '' WHERE customer_id = $1",
    """UPDATE conversations SET state = '', revision = revision + 1,
 status = CASE WHEN status IN ('open', 'paused') THEN 'stopped' ELSE status END WHERE customer_id = $1""",
    f"UPDATE ticket_events SET text = '' WHERE ticket_id IN ({_HER_TICKETS})",
    """UPDATE tickets SET text = '', body = '{}', outcome = CASE WHEN status = 'closed' THEN outcome ELSE 'erased' END,
 status = 'closed' WHERE customer_id = $1""",
    "UPDATE consents SET status = 'withdrawn', source = '' WHERE customer_id = $1",
    "DELETE FROM deep_links WHERE customer_id = $1",
    f"UPDATE merges SET before = '{{}}' WHERE keep_id IN ({_HER_ROWS}) OR gone_id IN ({_HER_ROWS})",
    "UPDATE customers SET external_id = NULL WHERE merged_into_id = $1",
    """UPDATE customers SET external_id = NULL, name = '', language = '', platform_language = '', timezone = '',
 attributes = '{}', tags = '[]', status = 'erased' WHERE id = $1""",
)


async def export(database: Database, keys: Keys, customer_id: int, *, actor: str, now: int) -> dict[str, Any]:
    """Everything that is kept of a customer, JSON-able, addresses and raw payloads in clear. Raises LookupError."""
    async with database.transaction():
        await lock(database, [customer_id])
        customer = await database.fetch_one("SELECT * FROM customers WHERE id = $1", customer_id)
        if customer is None:
            raise LookupError(f"no customer {customer_id}")
        found = {name: await database.fetch(sql, customer_id) for name, sql in _EXPORT.items()}
        await audit.note(database, actor, "customer.exported", f"customer:{customer_id}", now)
    shown = {"customer": _readable(customer, keys)}
    return shown | {name: [_readable(row, keys) for row in rows] for name, rows in found.items()}


async def erase(database: Database, customer_id: int, *, actor: str, now: int) -> None:
    """Leave nothing of a customer but numbers. Raises LookupError; a second time changes nothing."""
    async with database.transaction():
        await lock(database, [customer_id])
        if await database.fetch_one("SELECT id FROM customers WHERE id = $1", customer_id) is None:
            raise LookupError(f"no customer {customer_id}")
        for sql in _ERASE:
            await database.execute(sql, customer_id)
        for table in ("conversations", "tickets"):
            await database.execute(
                f"UPDATE {table} SET closed_at = $2 WHERE customer_id = $1 AND closed_at IS NULL", customer_id, now
            )
        await _forget_moments(database, customer_id)
        await _forget_addresses(database, customer_id)
        await audit.note(database, actor, "customer.erased", f"customer:{customer_id}", now)


async def _forget_moments(database: Database, customer_id: int) -> None:
    """A moment's id is another program's, often an order's number: it goes too."""
    rows = await database.fetch("SELECT id FROM moments WHERE customer_id = $1", customer_id)
    await database.execute_many(
        """UPDATE moments SET public_id = $1, data = '{}', reason = '',
 outcome = CASE WHEN outcome IN ('pending', 'waiting') THEN 'not_sent' ELSE outcome END WHERE id = $2""",
        [(f"erased-{row['id']}", row["id"]) for row in rows],
    )


async def _forget_addresses(database: Database, customer_id: int) -> None:
    """An address that is a colleague's or a team's too stays theirs; any other can never be found again."""
    await database.execute(
        """UPDATE addresses SET customer_id = NULL WHERE customer_id = $1
 AND (staff_id IS NOT NULL OR team_id IS NOT NULL)""",
        customer_id,
    )
    rows = await database.fetch("SELECT id FROM addresses WHERE customer_id = $1", customer_id)
    await database.execute_many(
        """UPDATE addresses SET lookup = $1, sealed = $2, status = 'closed', reason = 'erased', thread = ''
 WHERE id = $3""",
        [(new_public_id(), b"", row["id"]) for row in rows],
    )


def _readable(row: dict[str, Any], keys: Keys) -> dict[str, Any]:
    return {name.removesuffix("_sealed"): _value(name, value, keys) for name, value in row.items()}


def _value(name: str, value: Any, keys: Keys) -> Any:
    if isinstance(value, bytes):
        try:
            return keys.open(value).decode("utf-8", "replace") if value else ""
        except Unreadable:
            return "(cannot be decrypted)"
    if name in _JSON and isinstance(value, str):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value
