"""The doctor on the house itself: the address that the world reaches, the clock, the key, the store.

Rule: a check asks for what the running house would need, in the way it would need it, and changes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.config import Config
from bot.doctor_findings import Finding, Level, Tools
from channels.errors import HttpError

#: WeChat and signed links take a clock that is wrong by minutes; codes and tokens of others do not.
_LATE: Final = timedelta(seconds=30)
_FAR_OFF: Final = timedelta(minutes=5)
_CLOCK_FIX: Final = "switch time synchronisation on: timedatectl set-ntp true"


async def public_address(config: Config, tools: Tools) -> list[Finding]:
    """`server.public_url`: its form, its name, and whether this Motline answers there."""
    url = config.server.public_url
    if not url:
        return _without_address(config)
    parts = urlsplit(url)
    findings = []
    if parts.scheme != "https":
        fix = "put a reverse proxy with a certificate before Motline (Caddy, nginx) and write https:// in public_url"
        findings.append(Finding("problem", "server", f"server.public_url = {url!r} is not https", fix))
    host = parts.hostname or ""
    found = await tools.names.addresses(host)
    if not found:
        fix = "make an A or AAAA record for it at your domain's provider, or correct server.public_url"
        return [*findings, Finding("problem", "server", f"the name {host} does not exist", fix)]
    findings.append(_reachable(host, found))
    findings.append(await _answers(config, tools))
    return findings


def _without_address(config: Config) -> list[Finding]:
    needed = [name for name in ("sms", "wechat") if getattr(config, name).enabled]
    if needed:
        fix = "set server.public_url to the https address that the world reaches"
        return [Finding("problem", "server", f"there is no public address, and {' and '.join(needed)} need one", fix)]
    what = "there is no public address: Telegram is polled, and links open on this machine only"
    return [Finding("note", "server", what)]


def _reachable(host: str, found: Iterable[str]) -> Finding:
    private = [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if private:
        fix = "fine behind a tunnel or a split name server; otherwise platforms cannot reach it"
        return Finding("warning", "server", f"{host} is {', '.join(private)}, an address of a private network", fix)
    return Finding("good", "server", f"{host} is {', '.join(found)}")


async def _answers(config: Config, tools: Tools) -> Finding:
    try:
        answer = await tools.http.request("GET", f"{config.address}/healthz")
    except HttpError as error:
        fix = "start Motline (motline run), then check the proxy, the certificate and the firewall"
        return Finding("problem", "server", f"nobody answers at {config.address}: {error}", fix)
    if answer.status != 200:
        fix = "let the proxy pass everything on to Motline, with its Host header"
        return Finding("problem", "server", f"{config.address}/healthz answers {answer.status}", fix)
    return Finding("good", "server", f"Motline answers at {config.address}")


async def clock(config: Config, tools: Tools) -> list[Finding]:
    """This machine's clock against a provider's, by the Date of an answer (whole seconds)."""
    urls = [
        *([config.telegram.api_url] if config.telegram.enabled else []),
        *([config.sms.api_url] if config.sms.enabled else []),
        *([config.wechat.api_url] if config.wechat.enabled else []),
        *([config.wecom.api_url] if config.wecom.enabled else []),
    ]
    if not urls:
        return [Finding("note", "clock", "not checked: no provider is switched on that could tell the time")]
    try:
        answer = await tools.http.request("GET", urls[0])
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except (HttpError, ValueError, TypeError):
        return [Finding("warning", "clock", f"not checked: {urls[0]} did not tell the time", "try again")]
    wrong = abs(tools.clock.now() - told)
    if wrong > _LATE:
        level: Level = "problem" if wrong > _FAR_OFF else "warning"
        return [Finding(level, "clock", f"this machine's clock is wrong by {wrong.total_seconds():.0f} s", _CLOCK_FIX)]
    return [Finding("good", "clock", "the clock agrees with the provider's")]


def time_zone(config: Config) -> list[Finding]:
    """Whether anybody has said where the business is; nearly none lives by UTC."""
    zone, quiet = config.business.timezone, config.business.quiet_hours
    if zone != "UTC":
        return [Finding("good", "clock", f"times are those of {zone}")]
    what = "business.timezone is UTC, so the console's times are"
    if quiet is not None:
        span = f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"
        what += f", and the quiet hours ({span}) of customers whose time zone nobody knows"
    fix = "if your business lives by another, write it, as in timezone = 'Asia/Shanghai'"
    return [Finding("note", "clock", what, fix)]


def key_file(config: Config) -> list[Finding]:
    """Whether only its owner may read the key."""
    if config.secrets.key or not config.database.url.startswith("sqlite"):
        return [Finding("good", "secrets", "the key comes from MOTLINE_SECRET_KEY")]
    path = Path(config.secrets.key_file)
    if not path.exists():
        return [Finding("note", "secrets", f"{path} is made at the first start; keep a copy of it in a safe place")]
    if path.stat().st_mode & 0o077:
        fix = f"chmod 600 {path}"
        return [Finding("problem", "secrets", f"others on this machine may read {path}", fix)]
    return [Finding("good", "secrets", f"only its owner may read {path}")]


def _not_made_yet(url: str) -> bool:
    return url.startswith("sqlite") and not Path(url.removeprefix("sqlite://")).exists()


async def store(config: Config) -> list[Finding]:
    """Whether the store is there and up to date."""
    from storage.database import Database
    from storage.errors import StoreError
    from storage.outbox import waiting_by_channel

    if _not_made_yet(config.database.url):
        return [Finding("note", "database", "there is no store yet; the first start makes it")]
    try:
        database = await Database.connect(config.database.url, serving=False)
    except StoreError as error:
        return [Finding("problem", "database", str(error), "correct database.url, or start the database")]
    try:
        lacking = await database.pending()
        waiting = {} if lacking else await waiting_by_channel(database)
    except StoreError as error:
        return [Finding("problem", "database", str(error), "install the newer Motline again")]
    finally:
        await database.close()
    if lacking:
        return [Finding("problem", "database", f"the store lacks {', '.join(lacking)}", "run motline migrate")]
    good = Finding("good", "database", f"the store {database.shown} is there and up to date")
    return [good, *_stranded(config, waiting)]


def _stranded(config: Config, waiting: Mapping[str, int]) -> list[Finding]:
    """Messages that nobody sends, because their channel is switched off."""
    off = [name for name in waiting if name != "console" and not getattr(config, name).enabled]
    return [
        Finding(
            "warning",
            name,
            f"{name} is switched off, and messages wait for it: {waiting[name]}",
            f"switch it on again ({name}.enabled = true); after a day they are given up, and their dialogs hear of it",
        )
        for name in off
    ]
