"""Rows for tests of the store: a customer with an address, messages to it."""

from __future__ import annotations

import itertools
from typing import Any

from storage.crypto import Keys
from storage.database import Database

_NUMBERS = itertools.count(1)


async def make_customer(store: Database, name: str = "An", **columns: Any) -> int:
    """The id of a new customer."""
    number = next(_NUMBERS)
    row = {"public_id": f"{number:032x}", "name": name, "created_at": 1, **columns}
    return await _insert(store, "customers", row)


async def make_address(store: Database, keys: Keys, channel: str, id: str, **columns: Any) -> int:
    """The id of a new address."""
    row = {
        "public_id": f"{next(_NUMBERS):032x}",
        "channel": channel,
        "lookup": keys.lookup(channel, id),
        "sealed": keys.seal(id.encode()),
        "created_at": 1,
        **columns,
    }
    return await _insert(store, "addresses", row)


async def make_outgoing(store: Database, address_id: int, **columns: Any) -> int:
    """The id of a new message, due since the beginning of time."""
    row = {
        "public_id": f"{next(_NUMBERS):032x}",
        "address_id": address_id,
        "channel": "sms",
        "kind": "question",
        "text": "How was it?",
        "body": '{"language": "en"}',
        "run_at": 1,
        "created_at": 1,
        **columns,
    }
    return await _insert(store, "outbox", row)


async def status_of(store: Database, outgoing: int) -> str:
    """The status of a message."""
    row = await store.fetch_one("SELECT status FROM outbox WHERE id = $1", outgoing)
    assert row is not None
    return str(row["status"])


async def expire_leases(store: Database) -> None:
    """As if time had passed on the database's clock."""
    await store.execute("UPDATE outbox SET lease_at = 1 WHERE lease_at > 1")


async def _insert(store: Database, table: str, row: dict[str, Any]) -> int:
    names, marks = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    made = await store.fetch(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *row.values())
    return int(made[0]["id"])
