"""What an empty store begins with: the dialogs that ship, a team, and a few customers to try them on.

Rule: only an empty store, and only once; customers, who are nobody's, only where `[server] samples` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.config import Config
from dialogs.script import load_script, shipped_scripts
from storage import scripts
from storage.crypto import Keys
from storage.customers import Customers, Entry, Said
from storage.database import Database

SOURCE: Final = "sample"
# Somewhere it is day: a sample that keeps quiet because it is night would show nothing.
_ZONES: Final = (
    "Europe/London",
    "Asia/Dubai",
    "Asia/Shanghai",
    "Pacific/Auckland",
    "America/Los_Angeles",
    "America/New_York",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up customer."""

    external_id: str
    name: str
    language: str
    attributes: dict[str, Any]


CUSTOMERS: Final = (
    Sample("sample-maya", "Maya Chen", "en", {"orders": 4, "city": "Leeds"}),
    Sample("sample-liwei", "李伟", "zh", {"orders": 2, "city": "杭州"}),
    Sample("sample-tom", "Tom Baker", "en", {"orders": 1, "city": "Bristol"}),
    Sample("sample-wangfang", "王芳", "zh", {"orders": 9, "city": "成都"}),
    Sample("sample-sofia", "Sofia Rossi", "en", {"orders": 3, "city": "Cardiff"}),
)


async def fill(config: Config, database: Database, keys: Keys, now: datetime) -> None:
    """Fill an empty store; a store that holds a script or a customer is left as it is."""
    used = await database.fetch(
        "SELECT 1 AS one FROM scripts UNION ALL SELECT 1 FROM customers UNION ALL SELECT 1 FROM teams LIMIT 1"
    )
    if used:
        return
    at = int(now.timestamp() * 1000)
    await database.execute(
        "INSERT INTO teams (name, language, timezone, created_at) VALUES ($1, $2, $3, $4)",
        config.desk.team,
        config.business.language,
        config.business.timezone,
        at,
    )
    await publish_shipped(database, at)
    if config.server.samples:
        await _customers(Customers(database, keys), now, at)


async def publish_shipped(database: Database, at: int) -> None:
    """Publish every dialog that ships."""
    for name, source in shipped_scripts().items():
        script = load_script(source, path=f"{name}.yml")
        draft = scripts.Draft(script.name, source, f"{name}.yml", script.moment, script.purpose)
        saved = await scripts.save(database, draft, actor="house", now=at)
        await scripts.publish(database, saved.id, actor="house", now=at)


async def _customers(customers: Customers, now: datetime, at: int) -> None:
    zone = zone_at_day(now)
    for sample in CUSTOMERS:
        entry = Entry(
            sample.external_id,
            sample.name,
            sample.language,
            zone,
            sample.attributes,
            consents=[Said(purpose, SOURCE) for purpose in ("service", "research")],
        )
        saved = await customers.save(entry, actor="house", now=at)
        await customers.attach(saved.id, "webchat", saved.public_id, at)


def zone_at_day(now: datetime) -> str:
    """Of the zones the one nearest to one in the afternoon: at every hour of the year there is one from ten to four."""
    one = timedelta(hours=13)

    def distance(zone: str) -> timedelta:
        local = now.astimezone(ZoneInfo(zone))
        return abs(timedelta(hours=local.hour, minutes=local.minute) - one)

    return min(_ZONES, key=distance)
