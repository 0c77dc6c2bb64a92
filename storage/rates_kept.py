"""Rates that all processes share: one number per rate in the store's facts.

Rule: a number is read and moved in the same transaction that claims the messages, with its row locked; so two workers
together let no more through than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from storage.database import Database
from storage.outbox_rows import Room
from storage.rates import UNLIMITED, Allowance, allowance

#: A rate's fact is called by its name after this.
PREFIX: Final = "rate:"


def limits(rooms: Iterable[Room]) -> dict[str, float]:
    """The rates that have to be kept, by name: messages per second."""
    return {room.rate: room.per_second for room in rooms if room.per_second < UNLIMITED}


async def allowances(database: Database, rates: Mapping[str, float]) -> dict[str, Allowance]:
    """What each rate (its name → per second) lets through now. Call inside a transaction; the numbers are locked."""
    if not rates:
        return {}
    reached = await _locked(database, rates)
    if len(reached) < len(rates):
        await _made(database, rates.keys() - reached.keys())
        reached = await _locked(database, rates)
    now = await database.now_ms()
    return {name: allowance(reached[name], now, per_second) for name, per_second in rates.items()}


async def use(database: Database, used: Mapping[str, float]) -> None:
    """Move the numbers of rates (its name → the new number); inside the transaction that locked them."""
    await database.execute_many(
        "UPDATE facts SET value = $1 WHERE name = $2", [(repr(number), PREFIX + name) for name, number in used.items()]
    )


async def rest(database: Database, name: str, milliseconds: float) -> None:
    """Let nothing through under this rate for so long from now; a longer rest that is under way stays."""
    async with database.transaction():
        await allowances(database, {name: 1.0})
        until = await database.now_ms() + milliseconds
        reached = (await _locked(database, [name]))[name]
        await use(database, {name: max(reached, until)})


async def _locked(database: Database, names: Iterable[str]) -> dict[str, float]:
    listed = orjson.dumps([{"name": PREFIX + name} for name in sorted(names)]).decode()
    lock = "FOR UPDATE" if database.kind == "postgresql" else ""
    rows = await database.fetch(
        f"""SELECT name, value FROM facts WHERE name IN (SELECT k.name FROM {database.table("$1", name="text")})
 ORDER BY name {lock}""",
        listed,
    )
    return {row["name"].removeprefix(PREFIX): float(row["value"]) for row in rows}


async def _made(database: Database, names: Iterable[str]) -> None:
    await database.execute_many(
        "INSERT INTO facts (name, value, at) VALUES ($1, '0', 0) ON CONFLICT DO NOTHING",
        [(PREFIX + name,) for name in sorted(names)],
    )
