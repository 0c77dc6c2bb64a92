"""The one profile store: customers, and how they become known.

Rule: whoever writes for a customer locks the customer's row first, several in the order of their ids. A customer is
known to other programs by `external_id`, to the outside by `public_id`, and inside by `id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from storage import addresses, consents
from storage.crypto import Keys, new_public_id
from storage.database import Database
from storage.errors import Refused
from storage.zones import is_zone

_COLUMNS: Final = """id, public_id, external_id, name, language, platform_language, timezone, attributes, tags, status,
 merged_into_id, created_at"""
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_ATTRIBUTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer. `status`: known | anonymous | merged (into `merged_into_id`) | erased; `created_at` in ms."""

    id: int
    public_id: str
    external_id: str | None
    name: str
    language: str
    platform_language: str
    timezone: str
    attributes: Mapping[str, Any]
    tags: Sequence[str]
    status: str
    merged_into_id: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Said:
    """A consent as another program reports it. `at` in ms, 0 for now."""

    purpose: str
    source: str
    status: consents.Status = "granted"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer as another program, or a line of a CSV file, describes them. None leaves what is known as it is.

    `attributes` are merged key by key, a value of None removes its key. `addresses` are (channel, platform id).
    """

    external_id: str
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    addresses: Sequence[tuple[str, str]] = ()
    consents: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What `save` did: `how` is "created" or "updated"."""

    id: int
    public_id: str
    how: str


class Customers:
    """Finds and keeps customers."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    async def find(self, channel: str, id: str) -> CustomerRow | None:
        """Whose address this is, or None."""
        address = await addresses.find(self._database, self._keys, channel, id)
        return await self.get(address.customer_id) if address and address.customer_id else None

    async def get(self, customer_id: int) -> CustomerRow | None:
        """By the id inside; one that was merged leads to the one it became."""
        row = await self._one("id = $1", customer_id)
        return await self.get(row.merged_into_id) if row and row.merged_into_id else row

    async def named(self, name: str) -> CustomerRow | None:
        """By the external id, else by the public id, as people and commands name customers."""
        row = await self._one("external_id = $1", name) or await self._one("public_id = $1", name)
        return await self.get(row.merged_into_id) if row and row.merged_into_id else row

    async def search(self, text: str = "", *, limit: int = 50, offset: int = 0) -> list[CustomerRow]:
        """Customers whose name or external id contains the text, newest first; merged and erased ones are left out."""
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text.casefold()) + "%"
        rows = await self._database.fetch(
            f"""SELECT {_COLUMNS} FROM customers WHERE status IN ('known', 'anonymous')
 AND (lower(name) LIKE $1 ESCAPE '\\' OR lower(external_id) LIKE $1 ESCAPE '\\') ORDER BY id DESC LIMIT $2 OFFSET $3""",
            pattern,
            limit,
            offset,
        )
        return [_customer(row) for row in rows]

    async def save(self, entry: Entry, *, actor: str, now: int) -> Saved:
        """Create or update the customer with this external id, with addresses and consents, all in one commit.

        Raises Refused, naming the field and the fix; then nothing was written.
        """
        _check(entry)
        async with self._database.transaction():
            saved = await self._upsert(entry, now)
            await lock(self._database, [saved.id])
            await self._merge_attributes(saved.id, entry.attributes)
            for channel, id in entry.addresses:
                await self.attach(saved.id, channel, id, now)
            for said in entry.consents:
                if said.status == "granted" and not said.at and await consents.refused(
                    self._database, saved.id, said.purpose
                ):
                    continue  # The same list, read again, is no newer word than the customer's own.
                await consents.say(
                    self._database,
                    saved.id,
                    said.purpose,
                    said.status,
                    source=said.source,
                    actor=actor,
                    at=said.at or now,
                )
        return saved

    async def attach(self, customer_id: int, channel: str, id: str, now: int) -> int:
        """Give the customer an address; its id. Raises Refused where it is another known customer's.

        Where an anonymous customer has it, that one should be merged (`merging.merge`), not robbed: refused too.
        """
        async with self._database.transaction():
            await lock(self._database, [customer_id])
            address = await addresses.ensure(self._database, self._keys, channel, id, now)
            if address.customer_id not in (None, customer_id):
                raise Refused(
                    f"this {channel} address belongs to another customer already; "
                    "correct the address, or merge the two customers"
                )
            await self._database.execute(
                "UPDATE addresses SET customer_id = $1 WHERE id = $2", customer_id, address.id
            )
        return address.id

    async def set_profile(self, customer_id: int, **columns: str) -> None:
        """Set name, language, platform_language or timezone."""
        for column, value in columns.items():
            if column not in ("name", "language", "platform_language", "timezone"):
                raise Refused(f"customers have no {column!r} to set")
            await self._database.execute(f"UPDATE customers SET {column} = $1 WHERE id = $2", value, customer_id)

    async def set_attributes(self, customer_id: int, attributes: Mapping[str, Any]) -> None:
        """Merge attributes key by key; a value of None removes its key."""
        async with self._database.transaction():
            await lock(self._database, [customer_id])
            await self._merge_attributes(customer_id, attributes)

    async def set_tags(self, customer_id: int, tags: Iterable[str]) -> None:
        """Replace the tags."""
        await self._database.execute(
            "UPDATE customers SET tags = $1 WHERE id = $2",
            orjson.dumps(sorted(set(tags))).decode(),
            customer_id,
        )

    async def _one(self, where: str, *args: Any) -> CustomerRow | None:
        row = await self._database.fetch_one(f"SELECT {_COLUMNS} FROM customers WHERE {where}", *args)
        return _customer(row) if row else None

    async def _upsert(self, entry: Entry, now: int) -> Saved:
        public_id = new_public_id()
        merged = await self._one("external_id = $1 AND status = 'merged'", entry.external_id)
        if merged is not None:
            return await self._update_merged(merged, entry)
        rows = await self._database.fetch(
            """INSERT INTO customers (public_id, external_id, name, language, timezone, created_at)
 VALUES ($1, $2, coalesce($3, ''), coalesce($4, ''), coalesce($5, ''), $6)
 ON CONFLICT (external_id) DO UPDATE SET name = coalesce($3, customers.name),
 language = coalesce($4, customers.language), timezone = coalesce($5, customers.timezone)
 RETURNING id, public_id""",
            public_id,
            entry.external_id,
            entry.name,
            entry.language,
            entry.timezone,
            now,
        )
        row = rows[0]
        return Saved(row["id"], row["public_id"], "created" if row["public_id"] == public_id else "updated")

    async def _update_merged(self, merged: CustomerRow, entry: Entry) -> Saved:
        """What is said of a customer who was merged is said of the one that they became."""
        stands = await self.get(merged.id)
        assert stands is not None
        given = {"name": entry.name, "language": entry.language, "timezone": entry.timezone}
        await self.set_profile(stands.id, **{column: value for column, value in given.items() if value is not None})
        return Saved(stands.id, stands.public_id, "updated")

    async def _merge_attributes(self, customer_id: int, attributes: Mapping[str, Any]) -> None:
        if not attributes:
            return
        row = await self._database.fetch_one("SELECT attributes FROM customers WHERE id = $1", customer_id)
        assert row is not None
        merged = {**orjson.loads(row["attributes"]), **attributes}
        text = orjson.dumps({key: value for key, value in merged.items() if value is not None}).decode()
        if len(text) > LONGEST_ATTRIBUTES:
            raise Refused(f"attributes: {len(text)} characters in all; a customer keeps at most {LONGEST_ATTRIBUTES}")
        await self._database.execute("UPDATE customers SET attributes = $1 WHERE id = $2", text, customer_id)


async def lock(database: Database, customer_ids: Iterable[int]) -> None:
    """Lock customers in the order of their ids, inside the caller's transaction; on SQLite that holds them already."""
    if database.kind == "postgresql":
        await database.fetch(
            "SELECT id FROM customers WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE", sorted(set(customer_ids))
        )


def _customer(row: Mapping[str, Any]) -> CustomerRow:
    return CustomerRow(
        **{**row, "attributes": orjson.loads(row["attributes"]), "tags": orjson.loads(row["tags"])}
    )


def _check(entry: Entry) -> None:
    if not entry.external_id or len(entry.external_id) > 128:
        raise Refused("external_id must have 1 to 128 characters")
    if entry.name is not None and len(entry.name) > 200:
        raise Refused(f"name: {len(entry.name)} characters; at most 200")
    if entry.language and (len(entry.language) > 16 or not _LANGUAGE.fullmatch(entry.language)):
        raise Refused(f"language {entry.language!r} is no language tag; write it as in 'en' or 'zh-CN'")
    if entry.timezone and not is_zone(entry.timezone):
        raise Refused(f"timezone {entry.timezone!r} is not known; write it as in 'Asia/Shanghai' or 'Europe/Berlin'")
    for channel, id in entry.addresses:
        if not id.strip():
            raise Refused(f"addresses: the {channel} address is empty; leave it out or fill it in")
        if channel == "email" and "@" not in id:
            raise Refused(f"addresses: {id!r} is no mail address")
        if channel == "sms" and not re.fullmatch(r"\+\d{6,15}", id.replace(" ", "")):
            raise Refused(f"addresses: {id!r} is no phone number; write it with the country, as in +4915112345678")
