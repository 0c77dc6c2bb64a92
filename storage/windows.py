"""How many messages a platform still lets us send to an address, and until when; spent just before a message leaves.

Rule: a window is opened by a turn (the customer did something) and spent here, in one statement that checks and counts,
so that two workers never spend the same message. What certainly did not leave is given back.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from storage.database import Database


async def spend(database: Database, addresses: Iterable[int], now: int) -> set[int]:
    """Count one message to each address; the ids of those that may be written to at `now` (ms).

    An address of which no window is known (`window_at` 0) may be; the platform decides then.
    """
    rows = await database.fetch(
        f"""UPDATE addresses SET window_left = CASE WHEN window_left > 0 THEN window_left - 1 ELSE window_left END
 FROM {database.table("$1", id="bigint")} WHERE addresses.id = k.id
 AND (window_at = 0 OR (window_at > $2 AND window_left <> 0)) RETURNING addresses.id""",
        _json(addresses),
        now,
    )
    return {row["id"] for row in rows}


async def give_back(database: Database, addresses: Iterable[int]) -> None:
    """These messages certainly did not leave."""
    await database.execute(
        f"""UPDATE addresses SET window_left = window_left + 1 FROM {database.table("$1", id="bigint")}
 WHERE addresses.id = k.id AND window_left >= 0 AND window_at > 0""",
        _json(addresses),
    )


def _json(ids: Iterable[int]) -> str:
    return orjson.dumps([{"id": one} for one in ids]).decode()
