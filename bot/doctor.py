"""`motline doctor`: looks at tokens, webhooks, names, clocks and senders, and says what to put right.

Rule: it asks and never changes anything, needs no running Motline, and prints no secret. Exit code 1 where something
cannot work as it is set up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console

from bot import doctor_channels, doctor_house, doctor_mail
from bot.adapters import Given, build
from bot.clock import SystemClock
from bot.config import Config
from bot.doctor_findings import Finding, Level, SystemNames, Tools, asked
from bot.feed import Feed
from bot.http import HttpClient
from bot.links import Links
from storage.crypto import Keys

Check = Callable[[], Awaitable[list[Finding]]]

_SHOWN: Final[dict[Level, tuple[str, str]]] = {
    "good": ("good", "green"),
    "note": ("note", "cyan"),
    "warning": ("warning", "yellow"),
    "problem": ("PROBLEM", "bold red"),
}


class _Tokens:
    """An access token is fetched for the check and forgotten; the one that the house keeps stays good."""

    async def token(self, name: str, fetch: Callable[[], Awaitable[tuple[str, float]]], *, stale: str = "") -> str:
        return (await fetch())[0]


async def examine(config: Config, tools: Tools) -> list[Finding]:
    """Everything that can be found out about these settings, the house first, then channel by channel."""
    checks = list(_checks(config, tools))
    found = await asyncio.gather(*(asked(area, check) for area, check in checks))
    return [finding for findings in found for finding in findings]


def _checks(config: Config, tools: Tools) -> Iterator[tuple[str, Check]]:
    yield "server", lambda: doctor_house.public_address(config, tools)
    yield "clock", lambda: doctor_house.clock(config, tools)
    yield "database", lambda: doctor_house.store(config)
    if config.telegram.enabled:
        yield "telegram", lambda: doctor_channels.telegram(config, tools)
    if config.sms.enabled:
        yield "sms", lambda: doctor_channels.sms(config, tools)
    if config.wechat.enabled:
        yield "wechat", lambda: doctor_channels.wechat(config, tools)
    if config.wecom.enabled:
        yield "wecom", lambda: doctor_channels.wecom(config, tools)
    if config.email.enabled:
        yield "email", lambda: doctor_mail.email(config, tools)
        yield "email", lambda: doctor_mail.answers(config, tools)
        yield "email", lambda: doctor_mail.sender_domain(config, tools)
        yield "email", lambda: doctor_mail.signature(config, tools)


def doctor(config: Config) -> int:
    """Look, print, and give the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    with console.status("asking the providers"):
        findings = [*doctor_house.key_file(config), *doctor_house.time_zone(config), *asyncio.run(_looked(config))]
    show(findings, console)
    return 1 if any(finding.level == "problem" for finding in findings) else 0


async def _looked(config: Config) -> list[Finding]:
    http, clock = HttpClient(), SystemClock()
    # No address of anybody is read here, so the house's own key stays where it is.
    links = Links(Keys(bytes(32)), address=config.address, clock=clock, lifetime=timedelta(days=1))
    channels = build(config, Given(http, _Tokens(), clock, links, Feed()))
    try:
        return await examine(config, Tools(http, SystemNames(), clock, channels))
    finally:
        for channel in channels.values():
            await channel.aclose()
        await http.aclose()


def show(findings: Sequence[Finding], console: Console) -> None:
    """A line for each finding, and under it what to do."""
    for finding in findings:
        word, style = _SHOWN[finding.level]
        console.print(f"{word:8}", style=style, end="")
        console.print(f" {finding.area:9} {finding.what}", markup=False)
        if finding.fix and finding.level != "good":
            console.print(f"{'':19}→ {finding.fix}", markup=False)
    problems = sum(finding.level == "problem" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    console.print(f"{problems} problems, {warnings} warnings" if problems or warnings else "nothing to put right")
