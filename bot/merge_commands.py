"""`motline customer merge` and `unmerge`: the same preview, merge and way back as the console's.

Rule: nothing is merged that was not shown; who are one person is said by whoever types, never guessed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from rich.table import Column, Table
from rich.text import Text

from bot.commands import OUT, customer_named, now_ms, opened_store
from bot.config import Config
from bot.config_values import ConfigError
from storage.crypto import Keys
from storage.customers import CustomerRow, Customers
from storage.database import Database
from storage.merge_preview import Preview, preview
from storage.merge_undo import Done, last_of, undo
from storage.merging import merge as merged_in_store


async def show(config: Config, keep: str, gone: str) -> None:
    """Print what merging `gone` into `keep` would do. Raises ConfigError and Refused."""
    async with opened_store(config) as (database, keys):
        stays, goes = await _both(database, keys, keep, gone)
        seen = await preview(database, stays.id, goes.id)
        OUT.print(_profile(seen, stays, goes))
        for line in _lines(seen, keys):
            OUT.print(line, markup=False)


async def merge(config: Config, keep: str, gone: str) -> None:
    """Do it."""
    async with opened_store(config) as (database, keys):
        stays, goes = await _both(database, keys, keep, gone)
        await merged_in_store(database, stays.id, goes.id, actor="cli", now=now_ms())
    OUT.print(f"{gone} is merged into {keep}; to take it back: motline customer unmerge {keep}", markup=False)


async def merged(config: Config, who: str) -> str:
    """Say what would be taken back. Raises ConfigError where there is nothing."""
    async with opened_store(config) as (database, keys):
        found = await customer_named(Customers(database, keys), who)
        done = await _last(database, found, who)
    when = datetime.fromtimestamp(done.at / 1000, UTC)
    return f"{done.name or 'An anonymous customer'} was merged into {who} on {when:%Y-%m-%d %H:%M} UTC."


async def unmerge(config: Config, who: str) -> None:
    """Take the last merge into a customer back."""
    async with opened_store(config) as (database, keys):
        customers = Customers(database, keys)
        done = await _last(database, await customer_named(customers, who), who)
        again = await customers.get(await undo(database, done.id, actor="cli", now=now_ms()))
    named = again.external_id or again.public_id if again is not None else done.name
    OUT.print(f"{named} is a customer of their own again", markup=False)


async def _both(database: Database, keys: Keys, keep: str, gone: str) -> tuple[CustomerRow, CustomerRow]:
    customers = Customers(database, keys)
    stays, goes = await customer_named(customers, keep), await customer_named(customers, gone)
    if stays.id == goes.id:
        raise ConfigError(f"{keep!r} and {gone!r} are the same customer already")
    return stays, goes


async def _last(database: Database, found: CustomerRow, who: str) -> Done:
    done = await last_of(database, found.id, now_ms())
    if done is None:
        raise ConfigError(f"nobody was merged into {who!r} in the last 30 days, or one of the two was merged again")
    return done


def _profile(seen: Preview, stays: CustomerRow, goes: CustomerRow) -> Table:
    # Text, as what customers are called must not be taken for the terminal's markup.
    heads = ("", f"stays: {stays.name or stays.public_id}", f"comes over: {goes.name or goes.public_id}", "afterwards")
    table = Table(*(Column(Text(head)) for head in heads))
    for field in seen.fields:
        gone = Text(field.goes or "–", style="strike" if field.differs else "")
        table.add_row(Text(field.name), Text(field.stays or "–"), gone, Text(field.merged or "–"))
    for word in seen.words:
        table.add_row(*(Text(one or "–") for one in (f"consent: {word.purpose}", word.stays, word.goes, word.merged)))
    return table


def _lines(seen: Preview, keys: Keys) -> list[str]:
    counted = ", ".join(f"{count} {name}" for name, count in seen.moves.items() if count)
    where = [
        f"{one.channel} {one.shown(keys)}" if one.channel in ("email", "sms") else one.channel for one in seen.addresses
    ]
    found = [f"comes over: {', '.join([*where, *([counted] if counted else [])]) or 'nothing'}"]
    if seen.goes_on and not seen.ends:
        found.append(f"an open dialog goes on: {seen.goes_on}")
    if seen.stands and not seen.closes:
        found.append(f"an open ticket goes on: #{seen.stands}")
    if seen.ends:
        found.append(f"both are in a dialog: {seen.goes_on} began last and goes on, {seen.ends} ends")
    if seen.closes:
        found.append(f"both have an open ticket: #{seen.stands} goes on, #{seen.closes} is closed and joined to it")
    return found
