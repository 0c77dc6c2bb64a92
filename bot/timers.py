"""Jobs that are due become turns: reminders, expiries, waits, actions, moments, lost messages, clocks of the desk.

Rule: a job is finished in the commit of the turn that it asked for, or by the one who handles its kind; a handler that
raises leaves it to be claimed again. A reminder never chases a question that has not arrived.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import orjson

from bot.actions import Actions, Call
from bot.config_values import Hours
from bot.conversation import Conversations
from bot.logs import place_of
from bot.phone_zones import Zones
from bot.planner import quiet_until
from bot.turn_carry import Acted, Carry, Rang, Undelivered
from channels.channel import Clock
from storage.database import Database
from storage.jobs import Claimed, Jobs
from storage.outbox_rows import FAILED_JOB
from storage.turn_rows import JobRef

T = TypeVar("T")
Handler = Callable[[Claimed], Awaitable[None]]

_LOG = logging.getLogger("motline.timers")
_TOGETHER: Final = 32
#: A handler that failed is tried again after so many milliseconds, times its attempts.
_AGAIN: Final = 5_000
#: A dialog is not left waiting for an action that kills its workers (`jobs.MOST_ATTEMPTS` would end the job, silently).
_MOST_RUNS: Final = 5
_TALK: Final = """SELECT v.customer_id, v.public_id, v.script_id, c.timezone, c.public_id AS person, c.attributes,
 c.name FROM conversations v JOIN customers c ON c.id = v.customer_id WHERE v.id = $1"""
_ON_THE_WAY: Final = ("due", "claimed", "sending", "retry", "inline")


class Timers:
    """The loop over jobs. `handlers` are those of other parts, by kind."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        conversations: Conversations,
        actions: Actions,
        clock: Clock,
        zones: Zones,
        *,
        quiet: Hours | None,
        timezone: str,
        poll: float,
        handlers: Mapping[str, Handler],
    ) -> None:
        self._database, self._jobs, self._conversations = database, jobs, conversations
        self._actions, self._clock, self._zones = actions, clock, zones
        self._quiet, self._timezone, self._poll = quiet, timezone, poll
        self._handlers: dict[str, Handler] = {
            "reminder": self._reminder,
            "expiry": self._ring,
            "wait": self._ring,
            "action": self._action,
            FAILED_JOB: self._undelivered,
            **handlers,
        }
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """A job was made or changed."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. A store that is gone is waited for; actions may take seconds and hold up nothing else."""
        others = tuple(kind for kind in self._handlers if kind != "action")
        await asyncio.gather(self._loop(others), self._acting())

    async def _loop(self, kinds: Sequence[str]) -> None:
        while True:
            if not await self._tried(self.once(kinds)):
                await self._rest()

    async def _acting(self) -> None:
        """Actions, each for itself: a slow one holds up no other."""
        under_way: set[asyncio.Task[Any]] = set()
        try:
            while True:
                room = _TOGETHER - len(under_way)
                claimed = await self._tried(self._jobs.claim(self._now(), room, ("action",))) if room else None
                for job in claimed or ():
                    task = asyncio.create_task(self._tried(self._handle(job)))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                if not claimed:
                    await self._rest()
        finally:
            for task in under_way:
                task.cancel()

    async def _tried(self, work: Awaitable[T]) -> T | None:
        """What `work` gives; None where it failed, which is tried again by whoever claims its jobs next."""
        try:
            return await work
        except self._database.gone as error:
            _LOG.warning("the store is not there (%s); trying again", type(error).__name__)
        except Exception as error:
            _LOG.error("a round of the jobs failed, the next one tries again: %s", place_of(error))
        return None

    async def once(self, kinds: Sequence[str] = ()) -> int:
        """Handle what is due now, of these kinds or of all that are known here; how many jobs that were."""
        claimed = await self._jobs.claim(self._now(), _TOGETHER, kinds or tuple(self._handlers))
        await asyncio.gather(*(self._handle(job) for job in claimed))
        return len(claimed)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll):
                await self._bell.wait()
        except TimeoutError:
            pass
        self._bell.clear()

    async def _handle(self, job: Claimed) -> None:
        try:
            await self._handlers[job.kind](job)
        except self._database.gone:
            raise
        except Exception as error:
            _LOG.error("a job of kind %s failed (attempt %d): %s", job.kind, job.attempts, place_of(error))
            reason = f"{type(error).__name__}: {error}"
            await self._jobs.postpone(job, self._now() + _AGAIN * job.attempts, reason)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    async def _nudge(self, customer_id: int, carry: Carry, job: Claimed) -> None:
        booked = await self._conversations.nudge(customer_id, carry, JobRef(job.id, job.attempts, job.sequence))
        if booked.status == "failed":
            # Its own words may hold a customer's; they stand in the store where they are kept.
            _LOG.error("the turn of job %d (%s) failed: %s", job.id, job.kind, booked.reason.partition(":")[0])

    async def _talk(self, job: Claimed) -> dict[str, Any] | None:
        """The open conversation that a job is for; without one the job is done."""
        found = await self._database.fetch_one(
            f"{_TALK} AND v.status IN ('open', 'paused')",
            job.subject_id,
        )
        if found is None:
            await self._jobs.done(job)
        return found

    async def _ring(self, job: Claimed) -> None:
        talk = await self._talk(job)
        if talk is not None:
            await self._nudge(talk["customer_id"], Rang(job.subject_id, job.kind, job.sequence), job)

    async def _reminder(self, job: Claimed) -> None:
        """Not at night, and counted from when the question was sent: later where it was, never where it was not."""
        talk = await self._talk(job)
        if talk is None:
            return
        now = self._now()
        later = await self._question_later(job, talk["customer_id"], now)
        zone = await self._zones.fetched(self._database, talk["customer_id"], talk["timezone"])
        later = max(later, quiet_until(zone or self._timezone, self._quiet, now))
        if later > now:
            await self._jobs.postpone(job, later)
            return
        await self._nudge(talk["customer_id"], Rang(job.subject_id, job.kind, job.sequence), job)

    async def _question_later(self, job: Claimed, customer_id: int, now: int) -> int:
        after = float(orjson.loads(job.body).get("after", 0)) * 1000
        question = await self._database.fetch_one(
            """SELECT status, sent_at FROM outbox WHERE conversation_id = $1 AND customer_id = $2
 AND kind IN ('question', 'reminder') ORDER BY id DESC LIMIT 1""",
            job.subject_id,
            customer_id,
        )
        if question is None:
            return now
        if question["status"] in _ON_THE_WAY:
            return now + max(int(after), 60_000)
        return int(question["sent_at"] + after) if question["sent_at"] else now

    async def _undelivered(self, job: Claimed) -> None:
        """A message of a dialog will not arrive (the job's subject is its row in the outbox)."""
        body = orjson.loads(job.body)
        # Whose dialog it is now: customers may have been merged since the message died.
        talk = await self._database.fetch_one(
            "SELECT customer_id, moment_id FROM conversations WHERE id = $1", body["conversation_id"]
        )
        if talk is None:
            await self._jobs.done(job)
            return
        final = body["status"] != "unknown"
        carry = Undelivered(body["conversation_id"], job.sequence, final, body["reason"], talk["moment_id"])
        await self._nudge(talk["customer_id"], carry, job)

    async def _action(self, job: Claimed) -> None:
        """Also where the dialog has ended by now: only what its goodbye asked for is still due then.

        Of several, which a goodbye alone may want, each is run in its turn; the job is done with the last.
        """
        talk = await self._database.fetch_one(_TALK, job.subject_id)
        if talk is None:
            await self._jobs.done(job)
            return
        *first, last = (_call_of(given, talk, job.subject_id) for given in orjson.loads(job.body))
        for call in first:
            acted = await self._acted(call, talk["script_id"], job.attempts)
            await self._conversations.nudge(talk["customer_id"], acted)
            if not await self._jobs.extend(job):
                return
        await self._nudge(talk["customer_id"], await self._acted(last, talk["script_id"], job.attempts), job)

    async def _acted(self, call: Call, script_id: int, attempts: int) -> Acted:
        """Run an action, unless it was begun so often without coming back that it seems to kill its workers."""
        if attempts <= _MOST_RUNS:
            return replace(await self._actions.run(call), script_id=script_id)
        error = f"{call.action} was begun {attempts - 1} times, and each time the process died before it came back"
        return Acted(call.conversation_id, call.step, call.sequence, error=error, script_id=script_id)


def _call_of(given: Mapping[str, Any], talk: Mapping[str, Any], conversation_id: int) -> Call:
    """An action as the turn asked for it; a second run of it has the same key."""
    return Call(
        action=given["action"],
        key=f"{talk['public_id']}.{given['step']}.{given['sequence']}",
        sender=talk["person"],
        conversation_id=conversation_id,
        step=given["step"],
        sequence=given["sequence"],
        slots=given["slots"],
        text=given["text"],
        validates=given["validates"],
        value=given["value"],
        profile={**orjson.loads(talk["attributes"]), "name": talk["name"]},
    )
