"""The `motline` command.

Rule: nothing heavy is imported before a command needs it, and what goes wrong is one line on standard error: exit code
2 for what the person who typed can put right, 1 for what was checked and found wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer

from bot import inspection, mood_commands

if TYPE_CHECKING:
    from bot.config import Config

T = TypeVar("T")

app = typer.Typer(
    name="motline",
    help="Asks customers how it went, in the chat they already use, and brings an unhappy one to a member of staff.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
customers = typer.Typer(no_args_is_help=True, help="Customers from files.")
customer = typer.Typer(no_args_is_help=True, help="One customer's data.")
admin = typer.Typer(no_args_is_help=True, help="Who may sign in.")
app.add_typer(customers, name="customers")
app.add_typer(customer, name="customer")
app.add_typer(admin, name="admin")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="The settings; else config.toml here.", metavar="FILE")
]
Spoken = Literal["en", "zh"]
Customer = Annotated[str, typer.Argument(help="The customer's own id in your system, or Motline's.")]


@app.command()
def run(config: ConfigFile = None) -> None:
    """Serve everything in one process: web chat, webhooks, console, delivery, timers."""
    from bot.app import serve

    serve(settings(config), "all")


@app.command()
def web(
    config: ConfigFile = None,
    console: Annotated[bool, typer.Option("--console", help="Serve the console too; in one process only.")] = False,
) -> None:
    """Serve webhooks, API and pages, in as many processes as server.workers says; needs a worker beside it."""
    from bot.app import serve

    serve(settings(config), "web with console" if console else "web")


@app.command()
def worker(config: ConfigFile = None) -> None:
    """Deliver messages and ring timers, without a web server; as many as you like on PostgreSQL."""
    from bot.app import serve

    serve(settings(config), "worker")


@app.command()
def migrate(config: ConfigFile = None) -> None:
    """Bring the store up to this version of Motline."""
    from bot import commands

    _do(commands.migrate(settings(config)))


@app.command()
def check(
    scripts: Annotated[
        list[Path] | None, typer.Argument(help="Dialog scripts; without any, the ones that ship.")
    ] = None,
    sms: Annotated[bool, typer.Option("--sms", help="Also show what each text costs as an SMS.")] = False,
    language: Annotated[
        Spoken | None, typer.Option(help="In which language; else business.language, or this terminal's.")
    ] = None,
) -> None:
    """Say what is wrong or doubtful in dialog scripts, with line and fix."""
    from bot import script_commands
    from bot.languages import of_terminal

    chosen = language or of_terminal(os.environ)
    shown = script_commands.print_sms if sms else None
    raise typer.Exit(script_commands.check(scripts or [], chosen, show_sms=shown))


@app.command()
def simulate(
    script: Annotated[str, typer.Argument(help="A script's file, or the name of one that ships.")],
    replies: Annotated[
        list[str] | None, typer.Argument(help="What the customer says; without any, you are asked.")
    ] = None,
    language: Annotated[str, typer.Option(help="The customer's language.")] = "",
    channel: Annotated[str, typer.Option(help="Where the customer is.")] = "webchat",
    name: Annotated[str, typer.Option(help="The customer's name.")] = "",
) -> None:
    """Play a dialog through, here in the terminal; nothing is kept."""
    from bot import script_commands

    raise typer.Exit(script_commands.simulate(script, replies or [], language=language, channel=channel, customer=name))


@app.command()
def doctor(config: ConfigFile = None) -> None:
    """Check tokens, webhooks, names, clocks and senders with the providers, and say what to put right."""
    from bot.doctor import doctor

    raise typer.Exit(doctor(settings(config)))


@app.command()
def fire(
    moment: Annotated[str, typer.Argument(help="What happened, as in order.delivered.")],
    who: Customer,
    data: Annotated[list[str] | None, typer.Option("--data", help="What scripts may use, as in store=Pudong.")] = None,
    identity: Annotated[str, typer.Option("--id", help="Makes it idempotent: the same id is taken once.")] = "",
    config: ConfigFile = None,
) -> None:
    """Let a moment happen to a customer."""
    from bot import commands

    _do(commands.fire(settings(config), moment, who, data or [], identity))


@customers.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a line of column names.", metavar="FILE")],
    config: ConfigFile = None,
) -> None:
    """Take in or update customers: external_id, name, language, timezone, email, sms, consents, consent_source.

    Other columns become attributes. Several consents stand in one cell, as in service;research.
    """
    from bot import commands

    raise typer.Exit(_do(commands.import_customers(settings(config), commands.read_file(file), str(file))))


@customer.command()
def export(who: Customer, config: ConfigFile = None) -> None:
    """Print everything that is known of a customer, as JSON."""
    from bot import commands

    _do(commands.export(settings(config), who))


@customer.command()
def erase(
    who: Customer,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Erase a customer and all that they wrote; figures keep their counts."""
    from bot import commands

    if not yes:
        typer.confirm(f"Erase {who} and everything they wrote? This cannot be undone.", abort=True)
    _do(commands.erase(settings(config), who))


@customer.command()
def merge(
    keep: Annotated[str, typer.Argument(help="Who stays: their own id in your system, or Motline's.")],
    gone: Annotated[str, typer.Argument(help="Who is the same person, and becomes part of them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Make one customer of two who are the same person: shows what would happen, then asks."""
    from bot import merge_commands

    given = settings(config)
    _do(merge_commands.show(given, keep, gone))
    if not yes:
        typer.confirm("Merge them? It can be taken back for 30 days.", abort=True)
    _do(merge_commands.merge(given, keep, gone))


@customer.command()
def unmerge(
    who: Customer,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Take back the last merge into a customer, within 30 days."""
    from bot import merge_commands

    given = settings(config)
    said = _do(merge_commands.merged(given, who))
    if not yes:
        typer.confirm(f"{said} Take it back?", abort=True)
    _do(merge_commands.unmerge(given, who))


@admin.command()
def link(
    name: Annotated[str, typer.Argument(help="The admin's name; made where there is none of it.")],
    config: ConfigFile = None,
) -> None:
    """Print a sign-in link for an admin: single use, 15 minutes."""
    from bot import commands

    _do(commands.admin_link(settings(config), name))


app.command()(inspection.inspect)
app.command()(mood_commands.read)
app.command()(mood_commands.learn)


def settings(path: Path | None) -> Config:
    """The settings, and the log set up by them."""
    from bot.config import load
    from bot.logs import set_up

    config = load(path)
    set_up(config.log)
    return config


def main() -> None:
    """The entry point of the `motline` command."""
    from bot.config_values import ConfigError

    try:
        app()
    except ConfigError as error:
        _refuse(error)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if not _plain(error):
            raise
        _refuse(error)


def _plain(error: Exception) -> bool:
    """Whether an error's own words are meant for the person at the terminal."""
    from storage.errors import StoreError

    return isinstance(error, StoreError)


def _refuse(error: Exception) -> NoReturn:
    sys.stderr.write(f"motline: {error}\n")
    sys.exit(2)


def _do(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    return asyncio.run(work)
