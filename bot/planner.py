"""May we write to this customer now, where, and if not, why not.

Rule: pure. Everything is given; the answer is an address, a later time, or a reason that an admin reads in the console.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config_values import Hours
from bot.reasons import joined, reason
from channels.channel import Capabilities

#: Where nothing else decides: what costs least and is seen soonest comes first.
BY_COST: Final = ("telegram", "wechat", "email", "sms", "webchat", "rest")


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of the customer. Times are ms; `status` open | closed | stopped.

    `window_at` and `window_left`: until when and how many messages the platform takes (0 and -1: not known);
    `free_until`: until when it counts none, because the customer paid;
    `greeted_at`: when the first message went there (0: none yet). `dead`: an earlier try there did not arrive.
    """

    address_id: int
    channel: str
    status: str
    last_inbound_at: int = 0
    window_at: int = 0
    window_left: int = -1
    free_until: int = 0
    greeted_at: int = 0
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A provider's message for those who cannot be written to freely: `name` and its `fields`, with placeholders."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)


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
    """What holds for all: the channels that are on, quiet hours (the customer's local time), the least time between.

    `one_way`: channels on which nobody can answer. `payments`: by the moments that tell of a payment, the channel whose
    platform then counts nothing for a while. `templates`: by channel, for a push outside the platform's window.
    """

    channels: Collection[str]
    capabilities: Mapping[str, Capabilities]
    quiet: Hours | None
    interval: timedelta
    timezone: str = "UTC"
    one_way: Collection[str] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    payments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """Write there; by a template where the platform takes nothing else now."""

    reach: Reach
    template: Template | None = None


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
        return NotSent(reason("no_consent", purpose=asked.purpose))
    if asked.busy:
        return NotSent(reason("busy"))
    if asked.last_push_at and now - asked.last_push_at < house.interval.total_seconds() * 1000:
        return NotSent(reason("lately", days=f"{house.interval / timedelta(days=1):g}"))
    ways = [_way(reach, house, now) for reach in asked.reaches]
    usable = [way for way in ways if isinstance(way, Send)]
    if not usable:
        return NotSent(joined(map(str, ways)) or reason("no_address"))
    rings = quiet_until(asked.timezone or house.timezone, house.quiet, now)
    if rings > now:
        return Later(rings, reason("quiet"))
    return min(usable, key=lambda way: _rank(way, asked.preferred))


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


def _way(reach: Reach, house: House, now: int) -> Send | str:
    """How a dialog may begin there, or why it may not."""
    if reach.dead:
        return reason("died", channel=reach.channel)
    if why := _standing(reach, house):
        return why
    if reach.channel in house.one_way:
        return reason("one_way", channel=reach.channel)
    closed = _window(reach, house, now)
    if not closed:
        return Send(reach)
    template = house.templates.get(reach.channel)
    return Send(reach, template) if template is not None else closed


def refusal(reach: Reach, house: House, now: int) -> str:
    """Why this address cannot be written to at `now` (ms), or an empty string."""
    return _standing(reach, house) or _window(reach, house, now)


def _standing(reach: Reach, house: House) -> str:
    if reach.status != "open":
        return reason(reach.status, channel=reach.channel)
    return "" if reach.channel in house.channels else reason("switched_off", channel=reach.channel)


def _window(reach: Reach, house: House, now: int) -> str:
    """What the platform's window says against a message; one never seen is reckoned from the customer's last word."""
    can = house.capabilities[reach.channel]
    if can.reply_window is None or reach.free_until > now:
        return ""
    until = reach.window_at or reach.last_inbound_at + can.reply_window.total_seconds() * 1000
    if now > until:
        hours = can.reply_window / timedelta(hours=1)
        return reason("window", channel=reach.channel, hours=f"{hours:g}")
    if reach.window_at and reach.window_left == 0:
        return reason("used_up", channel=reach.channel)
    return ""


def _rank(way: Send, preferred: str) -> tuple[bool, bool, int, int]:
    reach = way.reach
    cost = BY_COST.index(reach.channel) if reach.channel in BY_COST else len(BY_COST)
    return reach.channel != preferred, way.template is not None, -reach.last_inbound_at, cost
