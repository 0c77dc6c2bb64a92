"""What was sent, written down: many rows in one statement, alone or in the commit that claims the next ones.

Rule: only rows that are still this worker's change. A receipt may have come before our own answer: then the status
stands, and the provider's id is added.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import orjson

from storage.database import Database
from storage.outbox_rows import Sent

_LONGEST_ID: Final = 200
_SET: Final = """UPDATE outbox SET external_id = coalesce(nullif(k.external, ''), external_id), error = '',
 sent_at = coalesce(sent_at, {now}), finished_at = coalesce(finished_at, {now}),
 status = CASE WHEN outbox.status IN ('sending', 'unknown') THEN 'sent' ELSE outbox.status END FROM {rows}
 WHERE outbox.id = k.id AND outbox.attempts = k.attempts
 AND outbox.status IN ('sending', 'unknown', 'sent', 'delivered', 'read')"""
#: The rows as JSON, and the time in ms.
ON_POSTGRESQL: Final = _SET.format(
    now="$2",
    rows="""(SELECT (e ->> 0)::bigint AS id, (e ->> 1)::int AS attempts, e ->> 2 AS external
 FROM jsonb_array_elements(CAST($1 AS jsonb)) e) k""",
)
ON_SQLITE: Final = (
    """WITH k AS MATERIALIZED (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS attempts,
 json_extract(value, '$[2]') AS external FROM json_each(?1)) """
    + _SET.format(now="?2", rows="k")
)


def as_json(sent: Iterable[Sent]) -> str:
    """The rows of the statements above."""
    return orjson.dumps([(one.row.id, one.row.attempts, clean(one.external_id, _LONGEST_ID)) for one in sent]).decode()


def clean(text: str, longest: int) -> str:
    """What both databases can keep: no NUL, no lone surrogate."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


async def write(database: Database, sent: Iterable[Sent], now: int) -> None:
    """Write them at `now` (ms), in the open transaction or in one of its own."""
    await database.execute(ON_POSTGRESQL if database.kind == "postgresql" else ON_SQLITE, as_json(sent), now)
