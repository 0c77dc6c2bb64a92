"""Colleagues: who may settle tickets and sign in, and where they are reached.

Rule: somebody who leaves stays as a row, because tickets name them; their sessions end and their addresses are nobody's
in the same commit. One address may be a customer's and a colleague's at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from storage import addresses, audit
from storage.crypto import Keys, new_public_id
from storage.database import Database
from storage.errors import Refused
from storage.models import Staff

Role = Literal["agent", "admin"]
_CHANGEABLE: Final = frozenset({"name", "role", "team_id", "language"})


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A colleague. `role`: agent | admin; `status`: active | left; `created_at` in ms."""

    id: int
    public_id: str
    name: str
    role: str
    team_id: int | None
    language: str
    status: str
    created_at: int


async def add(
    database: Database,
    name: str,
    *,
    actor: str,
    now: int,
    role: Role = "agent",
    team_id: int | None = None,
    language: str = "",
) -> StaffRow:
    """A new colleague. Raises Refused for an empty name."""
    if not name.strip():
        raise Refused("a colleague needs a name")
    async with database.transaction():
        made = await Staff.create(
            public_id=new_public_id(),
            name=name.strip()[:200],
            role=role,
            team_id=team_id,
            language=language,
            status="active",
            created_at=now,
        )
        await audit.note(database, actor, "staff.added", f"staff:{made.id}", now, {"role": role})
    return _row(made)


async def change(database: Database, staff_id: int, *, actor: str, now: int, **columns: Any) -> StaffRow:
    """Set name, role, team_id or language. Raises LookupError, and Refused where no admin would be left."""
    unknown = sorted(columns.keys() - _CHANGEABLE)
    if unknown:
        raise Refused(f"a colleague has no {unknown[0]!r} to change")
    async with database.transaction():
        row = await _get(staff_id)
        if columns.get("role", row.role) != "admin":
            await _keep_an_admin(row)
        await Staff.filter(id=staff_id).update(**columns)
        await audit.note(database, actor, "staff.changed", f"staff:{staff_id}", now, {"columns": sorted(columns)})
        return _row(await _get(staff_id))


async def leave(database: Database, staff_id: int, *, actor: str, now: int) -> None:
    """They have left: signed out everywhere, their addresses no longer staff's, their tickets open again.

    Raises LookupError, and Refused for the last admin.
    """
    async with database.transaction():
        row = await _get(staff_id)
        await _keep_an_admin(row)
        await Staff.filter(id=staff_id).update(status="left")
        await database.execute("UPDATE addresses SET staff_id = NULL WHERE staff_id = $1", staff_id)
        await database.execute(
            "UPDATE sessions SET revoked_at = $1 WHERE staff_id = $2 AND revoked_at IS NULL", now, staff_id
        )
        await database.execute(
            "UPDATE tickets SET status = 'open', staff_id = NULL WHERE staff_id = $1 AND status = 'claimed'", staff_id
        )
        await audit.note(database, actor, "staff.left", f"staff:{staff_id}", now)


async def attach(database: Database, keys: Keys, staff_id: int, channel: str, id: str, now: int) -> int:
    """Give a colleague an address; its id. Raises Refused where it is another colleague's."""
    async with database.transaction():
        address = await addresses.ensure(database, keys, channel, id, now)
        if address.staff_id not in (None, staff_id):
            raise Refused(f"this {channel} address is another colleague's already")
        await database.execute("UPDATE addresses SET staff_id = $1 WHERE id = $2", staff_id, address.id)
    return address.id


async def detach(database: Database, staff_id: int, address_id: int) -> None:
    """Take an address from a colleague; whatever else it is, it stays."""
    await database.execute(
        "UPDATE addresses SET staff_id = NULL WHERE id = $1 AND staff_id = $2", address_id, staff_id
    )


async def get(database: Database, staff_id: int) -> StaffRow:
    """Raises LookupError."""
    async with database.transaction():
        return _row(await _get(staff_id))


async def everybody(database: Database) -> list[StaffRow]:
    """All colleagues, those who left last."""
    rows = await Staff.all().using_db(database.client).order_by("status", "name", "id")
    return [_row(row) for row in rows]


async def _get(staff_id: int) -> Staff:
    row = await Staff.get_or_none(id=staff_id)
    if row is None:
        raise LookupError(f"no colleague {staff_id}")
    return row


async def _keep_an_admin(row: Staff) -> None:
    if row.role == "admin" and not await Staff.filter(role="admin", status="active").exclude(id=row.id).exists():
        raise Refused(f"{row.name} is the last admin; make somebody else an admin first")


def _row(row: Staff) -> StaffRow:
    team_id: int | None = row.team_id  # type: ignore[attr-defined]
    return StaffRow(row.id, row.public_id, row.name, row.role, team_id, row.language, row.status, row.created_at)
