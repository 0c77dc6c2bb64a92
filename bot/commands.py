"""Commands that open the store for a moment: migrate, fire, import, export, erase, a sign-in link.

Rule: they write beside a serving process, which sees their work within half a second.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from rich.console import Console
from rich.progress import Progress

from bot.app import connected, keys_of
from bot.clock import SystemClock, milliseconds
from bot.config import Config
from bot.config_values import ConfigError
from storage.crypto import Keys
from storage.customers import CustomerRow, Customers
from storage.database import Database
from storage.database_url import read_url
from storage.errors import NotMigrated, Refused

if TYPE_CHECKING:
    from bot.intake import Line

OUT = Console(highlight=False, soft_wrap=True)
_TOGETHER = 200


async def migrate(config: Config) -> None:
    """Bring the store up to this version."""
    database = await connected(config, serving=False)
    try:
        applied = await database.migrate()
    finally:
        await database.close()
    OUT.print("\n".join(f"applied {name}" for name in applied) or "nothing to do: the store is up to date")


async def fire(config: Config, moment: str, who: str, data: Sequence[str], identity: str) -> None:
    """Report a moment; the serving process carries it out."""
    from storage import moments

    given = dict(_pair(one) for one in data)
    async with opened_store(config) as (database, keys):
        found = await customer_named(Customers(database, keys), who)
        reported = await moments.report(
            database, identity or f"cli-{secrets.token_hex(8)}", moment, found.id, now=now_ms(), data=given
        )
        known = await database.fetch("SELECT id FROM scripts WHERE status = 'published' AND moment = $1", moment)
    OUT.print(f"{moment} for {found.name or who}: " + ("taken" if reported.how == "new" else "was taken before"))
    if not known:
        OUT.print(f"note: no published dialog starts with {moment}", style="yellow", markup=False)


def read_file(file: Path) -> bytes:
    """The bytes of a file that the command line names."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); check the name and the rights") from None


async def import_customers(config: Config, raw: bytes, path: str) -> int:
    """Take in a CSV file; 1 where a line was refused. Lines that are right are kept all the same."""
    from bot.intake import lines_of

    lines = list(lines_of(raw, path))
    counts = {"created": 0, "updated": 0, "refused": 0}
    async with opened_store(config) as (database, keys):
        customers = Customers(database, keys)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("customers", total=len(lines))
            for start in range(0, len(lines), _TOGETHER):
                async with database.transaction():
                    for line in lines[start : start + _TOGETHER]:
                        how, problems = await _taken(customers, line)
                        counts[how] += 1
                        for problem in problems:
                            OUT.print(f"{path}:{line.number}: {problem}", style="red", markup=False)
                progress.advance(task, _TOGETHER)
    OUT.print(f"{counts['created']} created, {counts['updated']} updated, {counts['refused']} refused")
    return 1 if counts["refused"] else 0


async def _taken(customers: Customers, line: Line) -> tuple[str, list[str]]:
    """What became of a line of the file (created, updated, refused), and all that is wrong with it."""
    from bot.intake import take_customer

    if line.record is None:
        return "refused", [str(one) for one in line.said]
    try:
        return (await take_customer(customers, line.record, actor="cli", now=now_ms())).how, []
    except Refused as error:
        return "refused", [str(error)]


async def export(config: Config, who: str) -> None:
    """Print everything that is known of a customer, as JSON."""
    from storage import privacy

    async with opened_store(config) as (database, keys):
        found = await customer_named(Customers(database, keys), who)
        known = await privacy.export(database, keys, found.id, actor="cli", now=now_ms())
    sys.stdout.write(orjson.dumps(known, option=orjson.OPT_INDENT_2).decode() + "\n")


async def erase(config: Config, who: str) -> None:
    """Erase a customer and all that they wrote."""
    from storage import privacy

    async with opened_store(config) as (database, keys):
        found = await customer_named(Customers(database, keys), who)
        await privacy.erase(database, found.id, actor="cli", now=now_ms())
    OUT.print(f"{who} is erased")


async def admin_link(config: Config, name: str) -> None:
    """Print a sign-in link."""
    from storage.access import AccessStore

    async with opened_store(config) as (database, _keys):
        store = AccessStore(database)
        token = await store.make_link(await store.admin_named(name, now=now_ms()), by="cli", now=now_ms())
    sys.stdout.write(f"{config.address}/sign-in/{token}\n")


@asynccontextmanager
async def opened_store(config: Config) -> AsyncIterator[tuple[Database, Keys]]:
    """The store and its keys, for one command, which never begins a store of its own. Raises NotMigrated."""
    address = read_url(config.database.url)
    if address.kind == "sqlite" and not address.path.is_file():
        raise NotMigrated(
            f"there is no store at {address.path}; run this where Motline runs, name its settings with --config, "
            "or begin a store with: motline migrate"
        )
    keys = keys_of(config)
    database = await connected(config, serving=False)
    try:
        if waiting := await database.pending():
            raise NotMigrated(f"the store is older than this program ({', '.join(waiting)}); run: motline migrate")
        yield database, keys
    finally:
        await database.close()


async def customer_named(customers: Customers, who: str) -> CustomerRow:
    """The customer that the command line names. Raises ConfigError."""
    found = await customers.named(who)
    if found is None:
        raise ConfigError(f"no customer is known as {who!r}; give the external id, or the id that the console shows")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"--data {text!r}: write it as name=value")
    return name.strip(), value.strip()


def now_ms() -> int:
    """Milliseconds UTC."""
    return milliseconds(SystemClock().now())
