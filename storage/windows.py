"""How many messages a platform still lets us send to an address, and until when.

Rule: a payment opens a time in which nothing is counted; it stands beside the counted window, which goes on meanwhile,
so that neither hides the other. A window is opened by a turn (the customer did something) and spent by the claim of
a message. An address has one message under way at a time, so its worker alone spends. What certainly did not leave is
given back.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from storage.database import Database


async def give_back(database: Database, addresses: Iterable[int]) -> None:
    """These messages certainly did not leave."""
    await database.execute(
        f"""UPDATE addresses SET window_left = window_left + 1 FROM {database.table("$1", id="bigint")}
 WHERE addresses.id = k.id AND window_left >= 0 AND window_at > 0""",
        _json(addresses),
    )


async def open_free(database: Database, channel: str, until: int, *, customer: int = 0, lookup: str = "") -> None:
    """They paid: nothing is counted until then (ms) at this customer's addresses of a channel, or at this address."""
    found, whose = ("lookup = $3", lookup) if lookup else ("customer_id = $3", customer)
    await database.execute(
        f"UPDATE addresses SET free_until = $1 WHERE channel = $2 AND {found} AND free_until < $1",
        until,
        channel,
        whose,
    )


def _json(ids: Iterable[int]) -> str:
    return orjson.dumps([{"id": one} for one in ids]).decode()
