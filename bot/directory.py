"""Who is on the desk, kept in memory and read again every few seconds: teams, staff, and the chats that are theirs.

Rule: a snapshot, never changed; a decision under a lock reads it without asking the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from dialogs.texts import text
from storage.database import Database

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team, with the address of its group (0: none, its tickets are read in the console)."""

    id: int
    name: str
    language: str
    timezone: str
    hours: Mapping[str, tuple[str, str]]
    address_id: int = 0
    channel: str = ""

    def opens_at(self, at: datetime) -> datetime:
        """When somebody is at the desk next: `at` itself within the hours, or always when none are set."""
        start, _ = next(self._at_the_desk(at))
        return start

    def due(self, at: datetime, within: timedelta) -> datetime:
        """When `within` has passed at the desk after `at`; while nobody is there no time passes."""
        for start, end in self._at_the_desk(at):
            if end is None or within <= end - start:
                return start + within
            within -= end - start
        raise AssertionError("the days of a desk do not end")

    def _at_the_desk(self, at: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        """From when until when somebody is there, from `at` on; None: without an end. The first may begin at `at`."""
        if not self.hours:
            yield at, None
            return
        local = at.astimezone(ZoneInfo(self.timezone or "UTC"))
        for days in count():
            day = local + timedelta(days=days)
            span = self.hours.get(_DAYS[day.weekday()])
            if span is None:
                continue
            start, end = (day.replace(hour=h, minute=m, second=0, microsecond=0) for h, m in map(_clock, span))
            if start <= local < end:
                yield at, end
            elif start > local:
                yield start, end


@dataclass(frozen=True, slots=True)
class Directory:
    """Teams by name, and the lookups (channel, keyed hash) of addresses that belong to staff or to a team."""

    teams: Mapping[str, TeamEntry] = field(default_factory=dict)
    desk: frozenset[tuple[str, str]] = frozenset()
    default_team: str = ""

    def team(self, name: str) -> TeamEntry | None:
        """The team of that name, else the default one, else any."""
        return self.teams.get(name) or self.teams.get(self.default_team) or next(iter(self.teams.values()), None)

    def by_id(self, team_id: int | None) -> TeamEntry | None:
        """The team of that id, or None."""
        return next((team for team in self.teams.values() if team.id == team_id), None)



def promise(team: TeamEntry | None, language: str, at: datetime, sla: timedelta, zone: str = "") -> str:
    """What a customer is told of when a colleague will write, true to the team's hours, by the customer's clock.

    `zone`: the customer's time zone; empty, or one that nobody knows: the team's. No team: nobody promises anything.
    """
    if team is None:
        return text("house.promise_passed_on", language)
    there, due = team.opens_at(at) == at, team.due(at, sla)
    if there and due == at + sla and sla < timedelta(hours=2):
        return text("house.promise_soon", language, minutes=int(sla.total_seconds() // 60))
    by = due.astimezone(_zone(zone) or ZoneInfo(team.timezone or "UTC"))
    day = _day(by, (by.date() - at.astimezone(by.tzinfo).date()).days, language)
    return text("house.promise_by" if there else "house.promise_later", language, day=day, time=f"{by:%H:%M}")


def _day(by: datetime, ahead: int, language: str) -> str:
    """The day of `by`, which is `ahead` days from now, as people say it."""
    if ahead < 2:
        return text(("house.today", "house.tomorrow")[ahead], language)
    if ahead < len(_DAYS):
        return text(f"house.on_{_DAYS[by.weekday()]}", language)
    return text("house.on_date", language, date=f"{by:%Y-%m-%d}")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _clock(time: str) -> tuple[int, int]:
    hours, minutes = time.split(":")
    return int(hours), int(minutes)


async def read_directory(database: Database, default_team: str) -> Directory:
    """Read the snapshot from the store."""
    teams = await database.fetch(
        """SELECT t.id, t.name, t.language, t.timezone, t.hours, a.id AS address_id, a.channel FROM teams t
 LEFT JOIN addresses a ON a.team_id = t.id AND a.status = 'open' ORDER BY t.id, a.id"""
    )
    entries: dict[str, TeamEntry] = {}
    for row in teams:
        if row["name"] not in entries:
            entries[row["name"]] = TeamEntry(
                row["id"],
                row["name"],
                row["language"],
                row["timezone"],
                {day: (span[0], span[1]) for day, span in orjson.loads(row["hours"]).items()},
                row["address_id"] or 0,
                row["channel"] or "",
            )
    desk = await database.fetch(
        "SELECT channel, lookup FROM addresses WHERE staff_id IS NOT NULL OR team_id IS NOT NULL"
    )
    return Directory(entries, frozenset((row["channel"], row["lookup"]) for row in desk), default_team)


def utc(milliseconds: int) -> datetime:
    """Milliseconds since the epoch as an aware time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
