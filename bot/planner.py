"""May we write to this customer now, where, and if not, why not.

Rule: pure. Everything is given; the answer is an address, a later time, or a reason that an admin reads in the console.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config_values import Hours
from channels.channel import Capabilities

#: Where nothing else decides: what costs least and is seen soonest comes first.
BY_COST: Final = ("telegram", "wechat", "email", "sms", "webchat", "rest")


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of the customer. Times are ms; `status` open | closed | stopped."""

    address_id: int
    channel: str
    status: str
    last_inbound_at: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be decided: who is to be asked, under which purpose, and what is known of them."""

    purpose: str
    consented: bool
    reaches: Sequence[Reach]
    preferred: str = ""
    timezone: str = ""
    last_push_at: int = 0
    busy: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all: the channels that are on, quiet hours (the customer's local time), the least time between."""

    channels: Collection[str]
    capabilities: Mapping[str, Capabilities]
    quiet: Hours | None
    interval: timedelta
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Send:
    """Write there."""

    reach: Reach


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: `at` (ms) is when to ask again."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Never: the reason stands beside the moment."""

    reason: str


Plan = Send | Later | NotSent


def plan(asked: Asked, house: House, now: int) -> Plan:
    """Decide at `now` (ms)."""
    if not asked.consented:
        return NotSent(f"no consent for {asked.purpose} messages")
    if asked.busy:
        return NotSent("another dialog is open with this customer")
    if asked.last_push_at and now - asked.last_push_at < house.interval.total_seconds() * 1000:
        days = house.interval / timedelta(days=1)
        return NotSent(f"asked less than {days:g} days ago")
    usable, why = _usable(asked.reaches, house, now)
    if not usable:
        return NotSent(why)
    rings = quiet_until(asked.timezone or house.timezone, house.quiet, now)
    if rings > now:
        return Later(rings, "quiet hours")
    return Send(min(usable, key=lambda reach: _rank(reach, asked.preferred)))


def quiet_until(timezone: str, quiet: Hours | None, now: int) -> int:
    """When quiet hours end for a customer there (ms), or `now` when they do not hold."""
    if quiet is None:
        return now
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    local = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone)
    if not quiet.holds(local.time()):
        return now
    end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    return int(end.timestamp() * 1000)


def _usable(reaches: Sequence[Reach], house: House, now: int) -> tuple[list[Reach], str]:
    if not reaches:
        return [], "no address is known"
    why = ""
    usable = []
    for reach in reaches:
        reason = refusal(reach, house, now)
        why = why or reason
        if not reason:
            usable.append(reach)
    return usable, why


def refusal(reach: Reach, house: House, now: int) -> str:
    """Why this address cannot be written to at `now` (ms), or an empty string."""
    if reach.status != "open":
        return f"the {reach.channel} address is {reach.status}"
    if reach.channel not in house.channels:
        return f"{reach.channel} is not switched on"
    window = house.capabilities[reach.channel].reply_window
    if window is not None and now - reach.last_inbound_at > window.total_seconds() * 1000:
        hours = window / timedelta(hours=1)
        return f"{reach.channel} lets us write only within {hours:g} h of the customer's own message"
    return ""


def _rank(reach: Reach, preferred: str) -> tuple[bool, int, int]:
    cost = BY_COST.index(reach.channel) if reach.channel in BY_COST else len(BY_COST)
    return reach.channel != preferred, -reach.last_inbound_at, cost
