"""What the push benchmark sends: customers with four messages each, as due rows and as messages for the bare loop."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.clock import SystemClock
from bot.http import HttpClient
from bot.outgoing_shape import to_body
from channels.message import Address, Choice, Outbound
from channels.registry import adapter
from storage.crypto import Keys, new_public_id
from storage.database import Database
from tests.fakes.house import TokensInMemory
from tests.fakes.telegram_api import TOKEN
from tests.fakes.twilio_api import ACCOUNT, AUTH_TOKEN
from tests.fakes.wechat_api import APP_ID, SECRET

PER_ADDRESS = 4
_TEXT = "How likely are you to recommend Jade Hotel to a friend? Reply 0 to 10. #{address}/{number}"
_RUNS = itertools.count(1)


def channel_of(name: str, url: str) -> Any:
    """The real adapter at a fake's address."""
    clock = SystemClock()
    match name:
        case "telegram":
            made = adapter(name)(token=TOKEN, secret="s", clock=clock, api_url=url)
        case "sms":
            made = adapter(name)(
                account_sid=ACCOUNT, auth_token=AUTH_TOKEN, clock=clock, sender="+15005550006", api_url=url,
                public_url="https://feedback.example",
            )  # fmt: skip
        case "wechat":
            given = {"clock": clock, "http": HttpClient(), "tokens": TokensInMemory()}
            made = adapter(name)(app_id=APP_ID, app_secret=SECRET, token="t", api_url=url, **given)
        case _:
            parts = urlsplit(url)
            made = adapter(name)(
                clock=clock, sender="Jade Hotel <feedback@example.com>", smtp_host=parts.hostname,
                smtp_port=parts.port, smtp_security="none",
            )  # fmt: skip
    return made


def address_of(name: str, number: int) -> str:
    """A customer's id on this platform."""
    match name:
        case "telegram":
            return str(5_000_000 + number)
        case "sms":
            return f"+1{4_155_550_000 + number:010d}"
        case "wechat":
            return f"oCustomer{number:019d}"
        case _:
            return f"customer{number}@example.org"


def choices_of(name: str, number: int) -> tuple[Choice, ...]:
    """Buttons of a customer's own dialog where the platform has them; elsewhere the text says it."""
    if name not in ("telegram", "email"):
        return ()
    return tuple(Choice(str(score), f"c.{number:032x}.1.{score}") for score in range(11))


def wanted(name: str, keys: Keys, count: int) -> list[Outbound]:
    """The messages themselves, for the bare loop."""
    run = next(_RUNS) * 1_000_000
    return [
        Outbound(
            new_public_id(),
            Address(name, address_of(name, at // PER_ADDRESS)),
            _TEXT.format(address=run + at // PER_ADDRESS, number=at % PER_ADDRESS),
            choices_of(name, run + at // PER_ADDRESS),
        )
        for at in range(count)
    ]


async def put(database: Database, keys: Keys, name: str, count: int) -> None:
    """The same messages as due rows, to addresses that are new to the store."""
    now = int(time.time() * 1000)
    until = now + int(timedelta(hours=48).total_seconds() * 1000)
    run = next(_RUNS) * 1_000_000
    ids = range(run, run + count // PER_ADDRESS)
    await database.execute_many(
        """INSERT INTO addresses (id, public_id, channel, lookup, sealed, window_at, window_left, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, 5, $7)""",
        [
            (n, new_public_id(), name, keys.lookup(name, address_of(name, n)), keys.seal(address_of(name, n).encode()),
             until, now)
            for n in ids
        ],
    )  # fmt: skip
    bodies = {n: to_body("en", choices_of(name, n)) for n in ids}
    await database.execute_many(
        """INSERT INTO outbox (public_id, address_id, channel, kind, text, body, run_at, created_at)
 VALUES ($1, $2, $3, 'question', $4, $5, $6, $6)""",
        [
            (new_public_id(), n, name, _TEXT.format(address=n, number=number), bodies[n], now)
            for n in ids
            for number in range(PER_ADDRESS)
        ],
    )
