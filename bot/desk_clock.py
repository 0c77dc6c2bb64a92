"""Jobs of the desk: promises that have passed, the question whether it was put right, summaries, lost replies.

Rule: a job is done in the commit of what it causes. A customer is asked after a closed ticket only where any push would
be allowed to go; why not stands beside the ticket.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import orjson

from bot import cards
from bot.conversation import Conversations
from bot.desk_acts import DeskActs, Recovery, ticket_name
from bot.directory import Directory, TeamEntry, utc
from bot.frame import Frame
from bot.moments import asked_of
from bot.outgoing_shape import to_body
from bot.phone_zones import Zones
from bot.planner import House, Later, NotSent, Send, plan
from bot.reasons import reason
from bot.script_shelf import ScriptShelf
from bot.turn_carry import Begin, StaffWord
from channels.channel import Clock
from dialogs.texts import text
from storage import desk_cards, desk_messages, tickets
from storage.crypto import new_public_id
from storage.database import Database
from storage.jobs import Claimed, Jobs
from storage.outbox_rows import LOST_REPLY_JOB
from storage.tickets import TicketRow
from storage.turn_rows import JobRef, OutgoingRow

KINDS: Final = ("sla", "recovery", desk_cards.SUMMARY_JOB, LOST_REPLY_JOB)
MOMENT: Final = "ticket.closed"
#: While a dialog with the customer is open, the question whether it was put right waits: it is looked at again after so
#: many ms, until the ticket has been closed for a week.
_AGAIN_MS: Final = 3_600_000
_PATIENCE_MS: Final = 7 * 86_400_000


class DeskClock:
    """Carries out the jobs of `KINDS`."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        acts: DeskActs,
        jobs: Jobs,
        clock: Clock,
        shelf: ScriptShelf,
        zones: Zones,
        *,
        frame: Callable[[], Frame],
        rules: Callable[[], House],
        recovery: Recovery,
        wake: Callable[[], None],
    ) -> None:
        self._database, self._conversations, self._acts = database, conversations, acts
        self._jobs, self._clock, self._shelf, self._zones = jobs, clock, shelf, zones
        self._frame, self._rules, self._recovery = frame, rules, recovery
        self._wake = wake

    async def handle(self, job: Claimed) -> None:
        """Carry out one job."""
        match job.kind:
            case "sla":
                await self._overdue(job)
            case "recovery":
                await self._recover(job)
            case desk_cards.SUMMARY_JOB:
                await self._sum_up(job)
            case _:
                await self._lost(job)

    async def _overdue(self, job: Claimed) -> None:
        """Nobody has claimed it in the time that was promised: the team is called, at most three times.

        Outside the team's hours nothing was promised: the clock goes on when they are back.
        """
        ticket = await tickets.get(self._database, job.subject_id)
        if ticket is None or ticket.status != "open":
            await self._jobs.done(job)
            return
        now, frame = self._now(), self._frame()
        team = frame.directory.by_id(ticket.team_id)
        opens = int(team.opens_at(utc(now)).timestamp() * 1000) if team is not None else now
        again = frame.due(ticket.severity, team, now)
        if opens > now:
            await self._jobs.postpone(job, again)
            return
        word = StaffWord("overdue", ticket.id, again_at=again, sequence=job.sequence)
        if team is not None and team.address_id:
            word = replace(word, lines=(_overdue_line(team, ticket, now),))
        await self._acts.turn(ticket.customer_id, word, _ref(job))

    async def _recover(self, job: Claimed) -> None:
        """Ask the customer of a closed ticket whether it was put right."""
        ticket = await tickets.get(self._database, job.subject_id)
        if ticket is None or ticket.status != "closed":
            await self._jobs.done(job)
            return
        script_id = self._shelf.published.names.get(self._recovery.script, 0)
        if not script_id:
            await self._not_asked(job, ticket, reason("not_published", script=self._recovery.script))
            return
        now = self._now()
        match await self._plan(ticket, script_id, now):
            case Send() as way:
                await self._ask(job, ticket, script_id, way)
            case Later(at, _):
                await self._jobs.postpone(job, at)
            case NotSent(why):
                await self._not_asked(job, ticket, why)

    async def _plan(self, ticket: TicketRow, script_id: int, now: int) -> Send | Later | NotSent:
        if any(row.customer_id == ticket.customer_id for row in await tickets.waiting(self._database)):
            return NotSent(reason("other_ticket"))
        known = await asked_of(self._database, self._zones, ticket.customer_id)
        if known.busy and now - (ticket.closed_at or 0) < _PATIENCE_MS:
            return Later(now + _AGAIN_MS, reason("busy"))
        script = self._shelf.compiled[script_id]
        if not script.applies(known.profile, _moment(ticket)):
            return NotSent(reason("recovery_not_theirs", script=script.name))
        # It answers for something that we did wrong: the pause between pushes does not hold for it.
        asked = replace(known.asked(script.purpose), last_push_at=0)
        return plan(replace(asked, preferred=ticket.channel or asked.preferred), self._rules(), now)

    async def _ask(self, job: Claimed, ticket: TicketRow, script_id: int, way: Send) -> None:
        reach, template = way.reach, way.template
        begin = Begin(
            script_id,
            reach.address_id,
            reach.channel,
            MOMENT,
            _moment(ticket),
            first=not reach.greeted_at,
            template=template.name if template else "",
            fields=template.fields if template else {},
            zone=await self._zones.fetched(self._database, ticket.customer_id, ""),
        )
        booked = await self._conversations.nudge(ticket.customer_id, begin, _ref(job))
        if booked.status == "stale":
            return
        started = booked.writes.talk.start if booked.writes is not None and booked.writes.talk is not None else None
        why = booked.reason or (booked.writes.result if booked.writes is not None else "")
        kind, said = ("asked", started.public_id) if started is not None else ("not_asked", why)
        await tickets.note(self._database, ticket.id, kind, said, self._now())

    async def _not_asked(self, job: Claimed, ticket: TicketRow, why: str) -> None:
        await tickets.note(self._database, ticket.id, "not_asked", why, self._now())
        await self._jobs.done(job)

    async def _sum_up(self, job: Claimed) -> None:
        """One message for the tickets whose cards were too many for the chat (the job's subject is its address)."""
        named = await desk_cards.aside(self._database, job.subject_id)
        found = [await tickets.get(self._database, ticket_id) for ticket_id in named]
        standing = [ticket for ticket in found if ticket is not None and ticket.status != "closed"]
        team = next((t for t in self._directory().teams.values() if t.address_id == job.subject_id), None)
        row = self._summary(team, standing) if team is not None and standing else None
        ref = (job.id, job.attempts)
        await desk_cards.sum_up(self._database, row, named, job.subject_id, ref, self._now())
        self._wake()

    def _summary(self, team: TeamEntry, standing: list[TicketRow]) -> OutgoingRow:
        """Names the tickets alone: names and words of customers are put in when it is sent."""
        rank = ("urgent", "high", "normal")
        first = sorted(standing, key=lambda ticket: (rank.index(ticket.severity), ticket.id))
        language = team.language or "en"
        body = to_body(language, extra={"tickets": [ticket.id for ticket in first]})
        shown = text("desk.summary", language, count=len(first))
        return OutgoingRow(new_public_id(), team.address_id, team.channel, "summary", shown, body)

    async def _lost(self, job: Claimed) -> None:
        """A colleague's words did not reach the customer, or perhaps not: the team is told (the subject is its row)."""
        body: dict[str, Any] = orjson.loads(job.body)
        ticket = await tickets.get(self._database, body["ticket_id"])
        team = self._directory().by_id(ticket.team_id) if ticket is not None else None
        words = await desk_messages.text_of(self._database, job.subject_id)
        async with self._database.transaction():
            if not await self._jobs.done(job) or ticket is None:
                return
            await tickets.note(self._database, ticket.id, "lost", body["reason"], self._now())
            if team is not None and team.address_id:
                line = _lost_line(team, ticket, body, words)
                await desk_messages.post(self._database, line, ticket.id, self._now())
        self._wake()

    def _directory(self) -> Directory:
        return self._frame().directory

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def _moment(ticket: TicketRow) -> dict[str, Any]:
    """What the dialog that asks may name as `moment`."""
    return {"name": MOMENT, "team": ticket.team, "ticket": ticket.id, "severity": ticket.severity}


def _ref(job: Claimed) -> JobRef:
    return JobRef(job.id, job.attempts, job.sequence)


def _line(team: TeamEntry, shown: str) -> OutgoingRow:
    body = to_body(team.language or "en")
    return OutgoingRow(
        new_public_id(), team.address_id, team.channel, "desk", shown, body, ticket=True, answers_inbound=False
    )


def _overdue_line(team: TeamEntry, ticket: TicketRow, now: int) -> OutgoingRow:
    language = team.language or "en"
    waited = cards.span(now - ticket.opened_at, language)
    name = ticket_name(ticket, language)
    return _line(team, text("desk.overdue", language, number=ticket.id, customer=name, span=waited))


def _lost_line(team: TeamEntry, ticket: TicketRow, body: dict[str, Any], words: str) -> OutgoingRow:
    language = team.language or "en"
    key = "desk.reply_unknown" if body["status"] == "unknown" else "desk.reply_failed"
    fields = {"customer": ticket_name(ticket, language), "text": cards.clip(words, 300)}
    return _line(team, text(key, language, reason=body["reason"], **fields))
