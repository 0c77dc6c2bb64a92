"""Teams: whom tickets go to, in which group, at what hours.

Rule: hours are the team's own local time, `{"mon": ["09:00", "18:00"], …}`; a day that is missing is a day off, and no
days at all means always. A team's group is an address like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage import addresses, audit
from storage.crypto import Keys
from storage.database import Database
from storage.errors import Refused
from storage.models import Team
from storage.zones import is_zone

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
Hours = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team; `hours` as above, `created_at` in ms."""

    id: int
    name: str
    language: str
    timezone: str
    hours: Hours
    created_at: int


async def add(database: Database, name: str, *, actor: str, now: int, **columns: Any) -> TeamRow:
    """A new team; `columns` as of `change`. Raises Refused for a name that is taken."""
    values = _checked(columns)
    if not name.strip() or len(name) > 64:
        raise Refused("a team needs a name of at most 64 characters")
    async with database.transaction():
        if await Team.filter(name=name.strip()).exists():
            raise Refused(f"a team is called {name.strip()!r} already; choose another name")
        made = await Team.create(
            **{"language": "", "timezone": "", "hours": "{}", **values}, name=name.strip(), created_at=now
        )
        await audit.note(database, actor, "team.added", f"team:{made.id}", now)
    return _row(made)


async def change(database: Database, team_id: int, *, actor: str, now: int, **columns: Any) -> TeamRow:
    """Set name, language, timezone or hours. Raises LookupError, and Refused naming the value and the fix."""
    values = _checked(columns)
    async with database.transaction():
        if not await Team.filter(id=team_id).update(**values):
            raise LookupError(f"no team {team_id}")
        await audit.note(database, actor, "team.changed", f"team:{team_id}", now, {"columns": sorted(columns)})
        return _row(await Team.get(id=team_id))


async def remove(database: Database, team_id: int, *, actor: str, now: int) -> None:
    """Remove a team; its colleagues and tickets stay, without a team. Raises Refused while it has open tickets."""
    async with database.transaction():
        if await database.fetch("SELECT id FROM tickets WHERE team_id = $1 AND status <> 'closed' LIMIT 1", team_id):
            raise Refused("this team has open tickets; close them first")
        for table in ("addresses", "staff", "tickets"):
            await database.execute(f"UPDATE {table} SET team_id = NULL WHERE team_id = $1", team_id)
        await Team.filter(id=team_id).delete()
        await audit.note(database, actor, "team.removed", f"team:{team_id}", now)


async def set_group(database: Database, keys: Keys, team_id: int, channel: str, id: str, now: int) -> int:
    """The group that the team's tickets go to from now on; the id of its address."""
    async with database.transaction():
        await database.execute("UPDATE addresses SET team_id = NULL WHERE team_id = $1", team_id)
        address = await addresses.ensure(database, keys, channel, id, now)
        await database.execute("UPDATE addresses SET team_id = $1 WHERE id = $2", team_id, address.id)
    return address.id


async def everyone(database: Database) -> list[TeamRow]:
    """All teams, by name."""
    return [_row(row) for row in await Team.all().using_db(database.client).order_by("name")]


async def named(database: Database, name: str) -> TeamRow | None:
    """By name."""
    row = await Team.filter(name=name).using_db(database.client).first()
    return _row(row) if row else None


def _checked(columns: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(columns.keys() - {"name", "language", "timezone", "hours"})
    if unknown:
        raise Refused(f"a team has no {unknown[0]!r} to change")
    if columns.get("timezone") and not is_zone(columns["timezone"]):
        raise Refused(f"timezone {columns['timezone']!r} is not known; write it as in 'Asia/Shanghai'")
    values = dict(columns)
    if "hours" in values:
        values["hours"] = orjson.dumps(_checked_hours(values["hours"])).decode()
    return values


def _checked_hours(hours: Hours) -> dict[str, list[str]]:
    for day, span in hours.items():
        if day not in DAYS:
            raise Refused(f"hours: {day!r} is no day; use {', '.join(DAYS)}")
        if len(span) != 2 or not all(_TIME.fullmatch(time) for time in span) or span[0] >= span[1]:
            raise Refused(f"hours of {day}: {list(span)!r} are not from and to; write them as ['09:00', '18:00']")
    return {day: list(hours[day]) for day in DAYS if day in hours}


def _row(row: Team) -> TeamRow:
    return TeamRow(row.id, row.name, row.language, row.timezone, orjson.loads(row.hours), row.created_at)
