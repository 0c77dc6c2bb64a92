"""Addresses: where somebody is reached. Found only by the keyed hash of channel and id, kept encrypted.

Rule: an address is a row for ever; it is closed, stopped or given to another customer, but never deleted while messages
refer to it. Functions that write want the caller's transaction, with the customer locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from storage.crypto import Keys, new_public_id, normalised
from storage.database import Database

_COLUMNS: Final = """id, public_id, channel, sealed, customer_id, staff_id, team_id, status, reason, thread,
 last_inbound_at, created_at"""


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address. `status`: open | closed (gone or blocked) | stopped (the customer's word). Times in ms."""

    id: int
    public_id: str
    channel: str
    sealed: bytes
    customer_id: int | None
    staff_id: int | None
    team_id: int | None
    status: str
    reason: str
    thread: str
    last_inbound_at: int
    created_at: int

    def shown(self, keys: Keys) -> str:
        """The platform's own id of it, in clear."""
        return keys.open(self.sealed).decode()


async def find(database: Database, keys: Keys, channel: str, id: str) -> AddressRow | None:
    """The address with this platform id, or None."""
    row = await database.fetch_one(
        f"SELECT {_COLUMNS} FROM addresses WHERE channel = $1 AND lookup = $2", channel, keys.lookup(channel, id)
    )
    return AddressRow(**row) if row else None


async def get(database: Database, address_id: int) -> AddressRow:
    """Raises LookupError."""
    row = await database.fetch_one(f"SELECT {_COLUMNS} FROM addresses WHERE id = $1", address_id)
    if row is None:
        raise LookupError(f"no address {address_id}")
    return AddressRow(**row)


async def of_customer(database: Database, customer_id: int) -> list[AddressRow]:
    """A customer's addresses, oldest first."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM addresses WHERE customer_id = $1 ORDER BY id", customer_id)
    return [AddressRow(**row) for row in rows]


async def of_staff(database: Database, staff_id: int) -> list[AddressRow]:
    """A colleague's addresses, oldest first."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM addresses WHERE staff_id = $1 ORDER BY id", staff_id)
    return [AddressRow(**row) for row in rows]


async def of_team(database: Database, team_id: int) -> list[AddressRow]:
    """The addresses of a team's group, oldest first."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM addresses WHERE team_id = $1 ORDER BY id", team_id)
    return [AddressRow(**row) for row in rows]


async def ensure(database: Database, keys: Keys, channel: str, id: str, now: int) -> AddressRow:
    """The address with this platform id, made where there is none; it belongs to nobody yet."""
    await database.execute(
        """INSERT INTO addresses (public_id, channel, lookup, sealed, created_at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (channel, lookup) DO NOTHING""",
        new_public_id(),
        channel,
        keys.lookup(channel, id),
        sealed(keys, channel, id),
        now,
    )
    found = await find(database, keys, channel, id)
    assert found is not None
    return found


async def set_status(database: Database, address_id: int, status: str, reason: str = "") -> None:
    """open | closed | stopped, with the reason that staff read (at most 200 characters)."""
    await database.execute(
        "UPDATE addresses SET status = $1, reason = $2 WHERE id = $3", status, reason[:200], address_id
    )


async def move(database: Database, keys: Keys, address_id: int, channel: str, id: str) -> int:
    """The recipient has a new platform id (a group that became a supergroup); the id of the address that is now it.

    Where the new id is an address already, the unfinished messages go over to that one and the old one is closed.
    """
    async with database.transaction():
        known = await find(database, keys, channel, id)
        if known is None or known.id == address_id:
            await database.execute(
                "UPDATE addresses SET lookup = $1, sealed = $2 WHERE id = $3",
                keys.lookup(channel, id),
                sealed(keys, channel, id),
                address_id,
            )
            return address_id
        old = await get(database, address_id)
        await database.execute(
            """UPDATE outbox SET address_id = $1 WHERE address_id = $2
 AND status IN ('due', 'claimed', 'sending', 'retry', 'inline')""",
            known.id,
            address_id,
        )
        await database.execute(
            """UPDATE addresses SET customer_id = coalesce(customer_id, $1), staff_id = coalesce(staff_id, $2),
 team_id = coalesce(team_id, $3) WHERE id = $4""",
            old.customer_id,
            old.staff_id,
            old.team_id,
            known.id,
        )
        await database.execute(
            """UPDATE addresses SET status = 'closed', reason = 'moved', customer_id = NULL, staff_id = NULL,
 team_id = NULL WHERE id = $1""",
            address_id,
        )
    return known.id


def sealed(keys: Keys, channel: str, id: str) -> bytes:
    """An address's id as it is kept."""
    return keys.seal((normalised(channel, id) if channel == "sms" else id.strip()).encode())
