"""A moment of truth becomes a conversation, or a reason why not.

Rule: a moment is a row with a job; whoever claims the job decides, and the outcome is written in the very commit that
starts the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.conversation import Conversations
from bot.phone_zones import PHONES, Zones
from bot.planner import Asked, House, Later, NotSent, Reach, Send, plan
from bot.reasons import LONGEST, reason
from bot.records import PREFERRED
from bot.script_shelf import ScriptShelf
from bot.turn_carry import Begin
from channels.channel import Clock
from dialogs.script import Script
from storage import windows
from storage.database import Database
from storage.jobs import Claimed, Jobs
from storage.turn_rows import JobRef


@dataclass(frozen=True, slots=True)
class _Moment:
    id: int
    name: str
    customer_id: int
    at: int
    data: Mapping[str, Any]


class Moments:
    """Carries out the jobs of kind "moment" (subject: the moment's id)."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        shelf: ScriptShelf,
        jobs: Jobs,
        clock: Clock,
        house: Callable[[], House],
        zones: Zones,
    ) -> None:
        self._database, self._conversations, self._shelf = database, conversations, shelf
        self._jobs, self._clock, self._house, self._zones = jobs, clock, house, zones

    async def handle(self, job: Claimed) -> None:
        """Start the first published dialog that this moment asks for and that applies to the customer."""
        rows = await self._database.fetch(
            "SELECT id, name, customer_id, at, data FROM moments WHERE id = $1", job.subject_id
        )
        if not rows:
            await self._jobs.done(job)
            return
        moment = _Moment(**{**rows[0], "data": orjson.loads(rows[0]["data"])})
        await self._heed_payment(moment)
        tried = await self._tried(moment.id)
        if tried is None:
            await self._jobs.done(job)
            return
        wanted = self._shelf.published.moments.get(moment.name, ())
        asked = await asked_of(self._database, self._zones, moment.customer_id, tried)
        script_id = next((i for i in wanted if self._applies(self._shelf.compiled[i], asked, moment)), None)
        if script_id is None:
            await self._close(job, moment, "not_sent", reason("not_theirs" if wanted else "no_dialog"))
            return
        await self._plan(job, moment, script_id, asked)

    async def _heed_payment(self, moment: _Moment) -> None:
        """A moment that tells of a payment through a platform: it counts none of our messages for a while."""
        rules = self._house()
        channel = rules.payments.get(moment.name, "")
        window = rules.capabilities[channel].paid_window if channel else None
        if window is not None:
            until = min(moment.at, int(self._clock.now().timestamp() * 1000)) + int(window.total_seconds() * 1000)
            await windows.open_free(self._database, channel, until, customer=moment.customer_id)

    async def handle_unheard(self, job: Claimed) -> None:
        """Plan the moment of a dialog that reached nobody (the job's subject) again, without that address."""
        talk = await self._database.fetch_one("SELECT moment_id FROM conversations WHERE id = $1", job.subject_id)
        if talk is not None and talk["moment_id"] is not None:
            now = int(self._clock.now().timestamp() * 1000)
            await self._jobs.put("moment", now, now=now, subject_id=talk["moment_id"])
        await self._jobs.done(job)

    async def _tried(self, moment_id: int) -> frozenset[int] | None:
        """The addresses at which this moment's dialog died before; None where it is under way or was answered."""
        rows = await self._database.fetch(
            "SELECT address_id, status FROM conversations WHERE moment_id = $1", moment_id
        )
        if any(row["status"] != "undelivered" for row in rows):
            return None
        return frozenset(row["address_id"] for row in rows)

    def _applies(self, script: Script, asked: Known, moment: _Moment) -> bool:
        return script.applies(asked.profile, moment.data)

    async def _plan(self, job: Claimed, moment: _Moment, script_id: int, known: Known) -> None:
        script = self._shelf.compiled[script_id]
        now = int(self._clock.now().timestamp() * 1000)
        match plan(known.asked(script.purpose), self._house(), now):
            case Send(reach, template):
                data = {**moment.data, "name": moment.name}
                begin = Begin(
                    script_id,
                    reach.address_id,
                    reach.channel,
                    moment.name,
                    data,
                    moment.id,
                    first=not reach.greeted_at,
                    template=template.name if template else "",
                    fields=template.fields if template else {},
                    zone=known.timezone,
                )
                ref = JobRef(job.id, job.attempts, job.sequence)
                booked = await self._conversations.nudge(moment.customer_id, begin, ref)
                if booked.status == "failed":
                    await self._outcome(moment, "not_sent", reason("not_started", error=booked.reason))
            case Later(at, why):
                await self._outcome(moment, "waiting", why)
                await self._jobs.postpone(job, at)
            case NotSent(why):
                await self._close(job, moment, "not_sent", why)

    async def _close(self, job: Claimed, moment: _Moment, outcome: str, why: str) -> None:
        await self._outcome(moment, outcome, why)
        await self._jobs.done(job)

    async def _outcome(self, moment: _Moment, outcome: str, why: str) -> None:
        await self._database.execute(
            "UPDATE moments SET outcome = $1, reason = $2 WHERE id = $3", outcome, why[:LONGEST], moment.id
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the planner wants to know of a customer."""

    profile: Mapping[str, Any]
    reaches: tuple[Reach, ...]
    granted: frozenset[str]
    timezone: str
    last_push_at: int
    busy: bool

    def asked(self, purpose: str) -> Asked:
        """The planner's question for a purpose."""
        return Asked(
            purpose,
            purpose in self.granted,
            self.reaches,
            str(self.profile.get(PREFERRED) or "").strip().lower(),
            self.timezone,
            self.last_push_at,
            self.busy,
        )


async def asked_of(database: Database, zones: Zones, customer_id: int, dead: Collection[int] = ()) -> Known:
    """Read what the planner wants to know; `dead` are the ids of addresses where this was tried in vain."""
    customer = await database.fetch("SELECT * FROM customers WHERE id = $1", customer_id)
    reaches = await database.fetch(
        """SELECT id, channel, status, last_inbound_at, window_at, window_left, free_until, greeted_at, sealed
 FROM addresses WHERE customer_id = $1 ORDER BY id""",
        customer_id,
    )
    granted = await database.fetch(
        "SELECT purpose FROM consents WHERE customer_id = $1 AND status = 'granted'", customer_id
    )
    talks = await database.fetch(
        """SELECT max(CASE WHEN moment_id IS NOT NULL AND status <> 'undelivered' THEN opened_at END) AS pushed,
 max(CASE WHEN status IN ('open', 'paused') THEN 1 ELSE 0 END) AS busy FROM conversations WHERE customer_id = $1""",
        customer_id,
    )
    row = customer[0]
    return Known(
        {**orjson.loads(row["attributes"]), "name": row["name"], "tags": orjson.loads(row["tags"])},
        tuple(_reach(row, dead) for row in reaches),
        frozenset(r["purpose"] for r in granted),
        zones.of(row["timezone"], (one["sealed"] for one in reaches if one["channel"] == PHONES)),
        talks[0]["pushed"] or 0,
        bool(talks[0]["busy"]),
    )


def _reach(row: Mapping[str, Any], dead: Collection[int]) -> Reach:
    return Reach(
        row["id"],
        row["channel"],
        row["status"],
        row["last_inbound_at"],
        row["window_at"],
        row["window_left"],
        row["free_until"],
        row["greeted_at"],
        row["id"] in dead,
    )
