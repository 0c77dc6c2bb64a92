"""Who did what to whom. Rule: no text, no address, no secret; written in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit. `actor` is "staff:3", "customer:7", "key:shop", "cli" or "house"; `at` ms."""

    actor: str
    action: str
    subject: str
    detail: str
    at: int


async def note(
    database: Database, actor: str, action: str, subject: str, now: int, detail: Mapping[str, Any] | None = None
) -> None:
    """Write one line."""
    await database.execute(
        "INSERT INTO audit (actor, action, subject, detail, at) VALUES ($1, $2, $3, $4, $5)",
        actor[:100],
        action[:40],
        subject[:100],
        orjson.dumps(dict(detail or {})).decode(),
        now,
    )


async def latest(database: Database, *, limit: int = 100, before: int | None = None) -> list[Deed]:
    """The last lines, newest first; `before` (ms) for the page after."""
    rows = await database.fetch(
        "SELECT actor, action, subject, detail, at FROM audit WHERE at < $1 ORDER BY at DESC, id DESC LIMIT $2",
        2**62 if before is None else before,
        limit,
    )
    return [Deed(**row) for row in rows]
