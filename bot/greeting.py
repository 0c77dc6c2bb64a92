"""What `motline run` says when it serves: the address first, then how to sign in.

Rule: a sign-in link goes to the terminal and never to the log. Standard output is that terminal; where it is a file or
a pipe, a link is written at the very first start alone, since nobody could sign in without.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.app import Opened

FIRST_ADMIN: Final = "Admin"


def program() -> str:
    """How `motline` is typed in the folder where this process was started: nobody has `.venv/bin` on their path."""
    typed, here = Path(sys.argv[0]).absolute(), Path.cwd()
    return str(typed.relative_to(here)) if typed.name == "motline" and typed.is_relative_to(here) else "motline"


async def greet(parts: Opened, *, console: bool) -> Callable[[], None]:
    """What to call when the server serves."""
    address = parts.config.address
    said = [f"Motline is at {address}/"]
    if console:
        said += await _sign_in(parts, address)

    def speak() -> None:
        sys.stdout.write("\n".join(said) + "\n")
        sys.stdout.flush()

    return speak


async def _sign_in(parts: Opened, address: str) -> list[str]:
    rows = await parts.database.fetch(
        "SELECT id, name FROM staff WHERE role = 'admin' AND status = 'active' ORDER BY id LIMIT 1"
    )
    if rows and not sys.stdout.isatty():
        return [f"To sign in: {program()} admin link {rows[0]['name']}"]
    store, now = parts.access.store, parts.access.now()
    staff = rows[0]["id"] if rows else await store.admin_named(FIRST_ADMIN, now=now)
    token = await store.make_link(staff, by="cli", now=now)
    return [f"Sign in as admin (works once, for 15 minutes): {address}/sign-in/{token}"]
