"""The books compared: the store's against what customers wrote and platforms were told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from bot.clock import milliseconds
from channels.capabilities import CAPABILITIES
from storage.database import Database
from tests.crash.child import KEYS, START, STEP, lines
from tests.crash.lives import STORIES, World

Rows = list[dict[str, Any]]


class Books:
    """All books of a world in which nothing is under way any more."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.inbox = [m for m in lines(world.folder / "inbox") if m["life"] < len(world.ends)]
        self.acks = lines(world.folder / "acks")
        self.again = lines(world.folder / "again")
        self.book = lines(world.folder / "book")
        self.bookings = [line.decode() for line in (world.folder / "bookings").read_bytes().splitlines()]
        self.now = milliseconds(START + len(world.ends) * STEP)

    async def read(self) -> None:
        """Read the store's own."""
        store = await Database.connect(self._world.url, serving=False)
        for table in ("inbound", "outbox", "conversations", "conversation_events", "answers", "jobs", "tickets"):
            setattr(self, table, await store.fetch(f"SELECT * FROM {table} ORDER BY id"))
        self.moments = await store.fetch("SELECT * FROM moments WHERE run_at < $1", self.now)
        addresses = await store.fetch("SELECT id, sealed, customer_id FROM addresses")
        self.person = {row["id"]: KEYS.open(row["sealed"]).decode() for row in addresses}
        await store.close()

    inbound: Rows
    outbox: Rows
    conversations: Rows
    conversation_events: Rows
    answers: Rows
    jobs: Rows
    tickets: Rows

    def violations(self) -> list[str]:
        """What does not agree; empty when CONTRACTS holds."""
        checks = (
            *(self._accepted, self._answered, self._dialogs, self._revisions),
            *(self._sent, self._order, self._undisturbed, self._escalated, self._acted, self._at_rest),
        )
        return [f"{check.__name__[1:]}: {found}" for check in checks for found in check()]

    def _accepted(self) -> Iterator[str]:
        """Every message was acknowledged once and has one row, which a turn was made of."""
        kept = Counter(row["external"] for row in self.inbound)
        acked = Counter(ack["external"] for ack in self.acks)
        for message in self.inbox:
            name = message["external"]
            if (kept[name], acked[name]) != (1, 1):
                yield f"{name} has {kept[name]} rows and {acked[name]} acknowledgements"
        for row in self.inbound:
            if row["status"] not in ("read", "noted"):
                yield f"{row['external']} is {row['status']} ({row['reason']})"

    def _answered(self) -> Iterator[str]:
        """What travelled in a response answers that very message, and is the same when the message comes again."""
        asked = {row["id"]: row["external"] for row in self.inbound}
        answers = {row["public_id"]: asked.get(row["inbound_id"]) for row in self.outbox}
        first = {ack["external"]: ack["reply"] for ack in self.acks}
        for ack in (*self.acks, *self.again):
            if ack["reply"] is not None and answers.get(ack["reply"]) != ack["external"]:
                yield f"{ack['external']} was answered by {ack['reply']}, which answers {answers.get(ack['reply'])}"
        for ack in self.again:
            if ack["reply"] not in (first[ack["external"]], None):
                yield f"{ack['external']} was answered by {first[ack['external']]}, and then by {ack['reply']}"
        if not any(ack["reply"] for ack in self.again):
            yield "no message that came again got its reply again"

    def _dialogs(self) -> Iterator[str]:
        """One dialog each, gone through to its end with the answers that were given."""
        talks: dict[str, Rows] = defaultdict(list)
        for talk in self.conversations:
            talks[self.person[talk["address_id"]]].append(talk)
        slots: dict[int, dict[str, str]] = defaultdict(dict)
        for answer in self.answers:
            slots[answer["conversation_id"]][answer["slot"]] = answer["value"]
            if answer["corrections"]:
                yield f"the answer {answer['slot']} of conversation {answer['conversation_id']} was written twice"
        for sender, channel in {m["sender"]: m["channel"] for m in self.inbox}.items():
            mine = talks[sender]
            found = [(talk["status"], slots[talk["id"]]) for talk in mine]
            if found != [("finished", STORIES[channel][1])]:
                yield f"{sender} has dialogs {found}"

    def _revisions(self) -> Iterator[str]:
        """A conversation's revisions are those of its log, each once."""
        log: dict[int, list[int]] = defaultdict(list)
        for row in (*self.inbound, *self.conversation_events):
            if row["revision"] is not None and row["conversation_id"] is not None:
                log[row["conversation_id"]].append(row["revision"])
        for talk in self.conversations:
            if sorted(log[talk["id"]]) != list(range(talk["revision"] + 1)):
                yield f"conversation {talk['id']} stands at {talk['revision']}, its log at {sorted(log[talk['id']])}"

    def _sent(self) -> Iterator[str]:
        """Every promised message left once, or stands as unknown with a reason; nothing left that was not promised."""
        left = Counter(entry["id"] for entry in self.book)
        for row in self.outbox:
            # A reply that was in a response, and of which nobody heard, goes again where the platform shows it once.
            ways = [entry["via"] for entry in self.book if entry["id"] == row["public_id"]]
            if CAPABILITIES[row["channel"]].inline_resend and ways == ["response", "api"]:
                left[row["public_id"]] = 1
        promised = {row["public_id"] for row in self.outbox}
        for unpromised in set(left) - promised:
            yield f"{unpromised} was sent and stands nowhere"
        for row in self.outbox:
            times, status = left[row["public_id"]], row["status"]
            surely = status == "sent" and times == 1
            asked = CAPABILITIES[row["channel"]].lookup and row["via"] == "api"
            perhaps = status == "unknown" and row["error"] and times <= 1 and not asked
            if not surely and not perhaps:
                yield f"{row['kind']} {row['id']} on {row['channel']} is {status} ({row['error']}), sent {times} times"

    def _order(self) -> Iterator[str]:
        """What one address was sent about one customer came in the order in which it was promised.

        What is promised to a team about two customers has no order: each is written under its own customer's lock.
        """
        rows = {row["public_id"]: row for row in self.outbox}
        came: dict[tuple[str, int], list[int]] = defaultdict(list)
        for entry in self.book:
            row = rows.get(entry["id"], {"id": 0, "customer_id": 0})
            came[entry["to"], row["customer_id"]].append(row["id"])
        for to, ranks in came.items():
            if ranks != sorted(ranks):
                yield f"{to} got {ranks}"

    def _undisturbed(self) -> Iterator[str]:
        """Where no process was killed, nothing is in doubt."""
        calm = {f"{channel}-{number}" for number in self._world.undisturbed for channel in STORIES}
        for row in self.outbox:
            if row["status"] == "unknown" and self.person[row["address_id"]] in calm:
                yield f"{row['kind']} {row['id']} is unknown, and nobody died"

    def _escalated(self) -> Iterator[str]:
        """One ticket for each unhappy customer, and one card for each ticket."""
        unhappy = len({m["sender"] for m in self.inbox if m["channel"] == "webchat"})
        tickets = Counter(ticket["customer_id"] for ticket in self.tickets)
        cards = Counter(row["ticket_id"] for row in self.outbox if row["kind"] == "card")
        if (len(tickets), set(tickets.values())) != (unhappy, {1}):
            yield f"{unhappy} unhappy customers have tickets {dict(tickets)}"
        if cards != Counter({ticket["id"]: 1 for ticket in self.tickets}):
            yield f"tickets {[ticket['id'] for ticket in self.tickets]} have cards {dict(cards)}"

    def _acted(self) -> Iterator[str]:
        """Each action ran at least once, always with its own key, and its result counted once."""
        keys = set()
        for talk in self.conversations:
            booked = orjson.loads(talk["state"]).get("slots", {}).get("booked")
            if booked is not None:
                keys.add(booked)
                told = [row for row in self.outbox if row["conversation_id"] == talk["id"] and booked in row["text"]]
                if not booked.startswith(talk["public_id"]) or len(told) != 1:
                    yield f"conversation {talk['id']} was booked as {booked} and told so {len(told)} times"
        if keys != set(self.bookings):
            yield f"booked and not known, or known and not booked: {sorted(keys ^ set(self.bookings))}"

    def _at_rest(self) -> Iterator[str]:
        """Nothing that is due waits, and every moment became a dialog."""
        for job in self.jobs:
            if job["status"] == "failed" or (job["status"] == "due" and job["run_at"] <= self.now - 2 * STEP_MS):
                yield f"the job {job['kind']} of {job['subject_id']} is {job['status']} ({job['error']})"
        started = {talk["moment_id"] for talk in self.conversations} - {None}
        for moment in self.moments:
            if moment["outcome"] != "started" or moment["id"] not in started:
                yield f"moment {moment['public_id']} is {moment['outcome']}"


STEP_MS = int(STEP.total_seconds() * 1000)
