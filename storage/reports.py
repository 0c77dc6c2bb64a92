"""What came of the dialogs: how many were started, reached, answered and finished, and the figures of each question.

Rule: counted from the rows, never kept beside them. Response rate = answered / delivered, completion = finished /
started; a message counts as delivered once the provider took it, because few platforms report more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.database import Database
from storage.metrics import Figure, figure


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """One question: how many answered it, how often each number or choice was given, and its figure, if it has one."""

    slot: str
    type: str
    answered: int
    counts: Mapping[str, int]
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class ScriptReport:
    """One script, over all its versions. `by_status` counts conversations, `questions` are in the order first asked."""

    name: str
    started: int
    delivered: int
    answered: int
    finished: int
    by_status: Mapping[str, int]
    questions: Sequence[QuestionReport]

    @property
    def response_rate(self) -> float:
        """Answered of those delivered, 0 … 1."""
        return self.answered / self.delivered if self.delivered else 0.0

    @property
    def completion(self) -> float:
        """Finished of those started, 0 … 1."""
        return self.finished / self.started if self.started else 0.0


#: Conversations of script $1 opened from $2 until before $3 (ms).
_TALKS = """SELECT c.id, c.customer_id, c.status FROM conversations c JOIN scripts s ON s.id = c.script_id
 WHERE s.name = $1 AND c.opened_at >= $2 AND c.opened_at < $3"""


async def script_report(database: Database, name: str, since: int = 0, until: int = 2**62) -> ScriptReport:
    """The report on conversations that were opened from `since` until before `until` (ms)."""
    span = (name, since, until)
    statuses = await database.fetch(
        f"SELECT t.status, count(*) AS n FROM ({_TALKS}) t GROUP BY t.status ORDER BY t.status", *span
    )
    by_status = {row["status"]: row["n"] for row in statuses}
    delivered = await _count(
        database,
        f"""SELECT count(*) AS n FROM ({_TALKS}) t WHERE EXISTS (SELECT 1 FROM outbox o
 WHERE o.customer_id = t.customer_id AND o.conversation_id = t.id
 AND o.sequence > 0 AND o.status IN ('sent', 'delivered', 'read'))""",
        *span,
    )
    answered = await _count(
        database,
        f"""SELECT count(*) AS n FROM ({_TALKS}) t WHERE EXISTS (SELECT 1 FROM answers a
 WHERE a.conversation_id = t.id AND (a.value IS NOT NULL OR a.number IS NOT NULL))""",
        *span,
    )
    started, finished = sum(by_status.values()), by_status.get("finished", 0)
    return ScriptReport(name, started, delivered, answered, finished, by_status, await _questions(database, span))


async def trend(
    database: Database, name: str, slot: str, since: int, until: int, *, days: int = 1
) -> list[tuple[int, Figure]]:
    """The question's figure per span of days (its start in ms), for those with answers."""
    width = days * 86_400_000
    rows = await database.fetch(
        f"""SELECT (a.at - $2) / $5 AS span, a.type, a.number, count(*) AS n FROM ({_TALKS}) t
 JOIN answers a ON a.conversation_id = t.id WHERE a.slot = $4 AND a.number IS NOT NULL AND a.at >= $2
 GROUP BY 1, 2, 3 ORDER BY 1""",
        name,
        since,
        until,
        slot,
        width,
    )
    spans: dict[tuple[int, str], dict[float, int]] = {}
    for row in rows:
        spans.setdefault((int(row["span"]), row["type"]), {})[row["number"]] = row["n"]
    found = [(since + span * width, figure(type_, counts)) for (span, type_), counts in spans.items()]
    return [(at, value) for at, value in found if value is not None]


async def _count(database: Database, sql: str, *args: Any) -> int:
    row = await database.fetch_one(sql, *args)
    assert row is not None
    return int(row["n"])


async def _questions(database: Database, span: tuple[str, int, int]) -> list[QuestionReport]:
    rows = await database.fetch(
        f"""SELECT a.slot, a.type, a.number, CASE WHEN a.type IN ('yes_no', 'choice', 'multi_choice') THEN a.value
 ELSE '' END AS choice, count(*) AS n, min(a.id) AS first FROM ({_TALKS}) t JOIN answers a ON a.conversation_id = t.id
 WHERE a.value IS NOT NULL OR a.number IS NOT NULL GROUP BY 1, 2, 3, 4""",
        *span,
    )
    slots: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["first"]):
        slots.setdefault((row["slot"], row["type"]), []).append(row)
    return [_question(slot, type_, found) for (slot, type_), found in slots.items()]


def _question(slot: str, type_: str, rows: Sequence[Mapping[str, Any]]) -> QuestionReport:
    numbers: dict[float, int] = {}
    shown: dict[str, int] = {}
    for row in rows:
        if row["number"] is not None:
            numbers[row["number"]] = numbers.get(row["number"], 0) + row["n"]
        label = row["choice"] or ("" if row["number"] is None else f"{row['number']:g}")
        if label:
            shown[label] = shown.get(label, 0) + row["n"]
    return QuestionReport(slot, type_, sum(row["n"] for row in rows), shown, figure(type_, numbers))
