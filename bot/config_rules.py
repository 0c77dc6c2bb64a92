"""What must hold between settings before anything starts.

Rule: what cannot work is refused here, in one line with the key and the fix, not when the first customer writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config import Config
from bot.config_values import ConfigError

#: Before the @ stand at most 64 characters (RFC 5321, 4.5.3.1.1), of which + and a token of ours take 46.
_LONGEST_LOCAL: Final = 18
_MAKE_KEY: Final = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
_MOST_CONNECTIONS: Final = 50
#: Less than the lease of a job (`storage.jobs.LEASE_MS`).
_LONGEST_ACTION: Final = timedelta(seconds=50)


def check(config: Config) -> None:
    """Raises ConfigError with the first thing that is wrong."""
    for rule in _RULES:
        for problem in rule(config):
            raise ConfigError(problem)


def _missing(key: str, why: str) -> str:
    section, name = key.split(".")
    return f"{key} is missing: {why}; set {name} in [{section}] or MOTLINE_{section.upper()}__{name.upper()}"


def _url(key: str, value: str) -> Iterator[str]:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield f"{key} = {value!r} is no web address; write it whole, as in 'https://feedback.example.com'"


def _business(config: Config) -> Iterator[str]:
    zone = config.business.timezone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"business.timezone = {zone!r} is no time zone; write an IANA name such as 'Asia/Shanghai'"
    if not config.business.name.strip():
        yield "business.name = '' is empty; write the name that customers know you by"


def _server(config: Config) -> Iterator[str]:
    server = config.server
    if not 0 <= server.port <= 65535:
        yield f"server.port = {server.port} is no port; write a number from 1 to 65535, such as 8080"
    if server.workers < 1:
        yield f"server.workers = {server.workers}: at least one process must serve; write 1 or more"
    if server.workers > 1 and config.database.url.startswith("sqlite"):
        yield (
            f"server.workers = {server.workers} needs PostgreSQL: SQLite serves one process; "
            "set database.url, or workers = 1"
        )
    if server.public_url:
        yield from _url("server.public_url", server.public_url)


def _database(config: Config) -> Iterator[str]:
    scheme = config.database.url.partition("://")[0]
    if scheme not in ("sqlite", "postgresql"):
        yield (
            f"database.url begins with {scheme!r}; write 'sqlite://data/motline.db' "
            "or 'postgresql://user:password@host/database'"
        )
    if scheme == "postgresql" and not config.secrets.key:
        yield (f"MOTLINE_SECRET_KEY is missing: with PostgreSQL every process needs the same key; {_MAKE_KEY}")
    if config.secrets.key and not re.fullmatch(r"[0-9a-fA-F]{64}", config.secrets.key):
        yield f"MOTLINE_SECRET_KEY (hidden) must be 64 hex digits; {_MAKE_KEY}"


def _telegram(config: Config) -> Iterator[str]:
    telegram = config.telegram
    if not telegram.enabled:
        return
    yield from _url("telegram.api_url", telegram.api_url)
    if not telegram.token:
        yield _missing("telegram.token", "Telegram is enabled and @BotFather gave your bot a token")
    elif not re.fullmatch(r"\d+:[\w-]{3,}", telegram.token):
        yield "telegram.token (hidden) is no bot token; copy the whole line of @BotFather, as in 123456:ABC-DEF"
    webhook = telegram.mode == "webhook" or (telegram.mode == "auto" and config.server.public_url)
    if webhook and not config.server.public_url:
        yield _missing("server.public_url", 'telegram.mode = "webhook" needs an address that Telegram can call')
    if webhook and not telegram.secret:
        yield _missing("telegram.secret", "without it anybody could pose as Telegram; take any 32 random letters")
    if telegram.secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", telegram.secret):
        yield "telegram.secret (hidden) may hold only A-Z, a-z, 0-9, _ and -, 1 to 256 of them"


def _sms(config: Config) -> Iterator[str]:
    sms = config.sms
    if not sms.enabled:
        return
    yield from _url("sms.api_url", sms.api_url)
    if not sms.account_sid:
        yield _missing("sms.account_sid", "SMS is enabled and Twilio's console shows it as Account SID (AC…)")
    if not sms.auth_token:
        yield _missing("sms.auth_token", "SMS is enabled and every request of Twilio is checked with it")
    if not sms.sender and not sms.messaging_service:
        yield _missing("sms.sender", "a message needs a number to come from, or sms.messaging_service")
    if not config.server.public_url:
        yield _missing("server.public_url", "Twilio signs the public address of its webhook")
    if sms.per_second <= 0:
        yield f"sms.per_second = {sms.per_second} must be above 0; a long number carries 1.0"


def _email(config: Config) -> Iterator[str]:
    email = config.email
    if not email.enabled:
        return
    if not email.smtp_host:
        yield _missing("email.smtp_host", "email is enabled and mail leaves through it")
    if not 1 <= email.smtp_connections <= _MOST_CONNECTIONS:
        yield (
            f"email.smtp_connections = {email.smtp_connections} must be from 1 to {_MOST_CONNECTIONS}; Postfix takes "
            "50 of one machine, Microsoft 365 takes 3"
        )
    if not re.fullmatch(r".*[^\s@<]@[^\s@>]+>?", email.sender):
        yield f"email.sender = {email.sender!r} is no mail address; write 'Name <feedback@example.com>'"
    if email.reply_address and not re.fullmatch(r"[^\s@<>+]+@[^\s@<>]+", email.reply_address):
        yield f"email.reply_address = {email.reply_address!r} is no plain mail address; write 'reply@example.com'"
    elif len(email.reply_address.partition("@")[0]) > _LONGEST_LOCAL:
        yield (
            f"email.reply_address = {email.reply_address!r}: what stands before the @ has more than {_LONGEST_LOCAL} "
            "characters, and with a token the address would be longer than mail allows; write a shorter one"
        )
    if email.imap_host and not email.imap_user:
        yield _missing("email.imap_user", "email.imap_host is set and a mailbox has a user")
    if email.dkim_key_file and not (email.dkim_domain and email.dkim_selector):
        yield _missing("email.dkim_selector", "email.dkim_key_file is set; a signature names its domain and selector")


def _wechat(config: Config) -> Iterator[str]:
    wechat, wecom = config.wechat, config.wecom
    if wechat.enabled:
        yield from _url("wechat.api_url", wechat.api_url)
        for key in ("app_id", "app_secret", "token"):
            if not getattr(wechat, key):
                yield _missing(f"wechat.{key}", "WeChat is enabled; mp.weixin.qq.com shows it under 基本配置")
        yield from _aes("wechat.aes_key", wechat.aes_key)
        yield from _template(wechat.push_template, wechat.push_fields)
    if wecom.enabled:
        for key in ("corp_id", "agent_id", "app_secret"):
            if not getattr(wecom, key) and (wecom.corp_id or wecom.agent_id or wecom.app_secret):
                yield _missing(f"wecom.{key}", "an application needs corp_id, agent_id and app_secret")
        yield from _aes("wecom.aes_key", wecom.aes_key)


def _template(name: str, fields: str) -> Iterator[str]:
    if name and not re.fullmatch(r"(template|subscribe):[\w-]+", name):
        yield f"wechat.push_template = {name!r} is no template; write template:<id> or subscribe:<id>"
    if name and not all("=" in one for one in fields.split(",")):
        yield f"wechat.push_fields = {fields!r} cannot be read; write 'thing1={{text}}, thing2={{brand}}'"


def _aes(key: str, value: str) -> Iterator[str]:
    if value and not re.fullmatch(r"[A-Za-z0-9]{43}", value):
        yield f"{key} (hidden) must be the EncodingAESKey of 43 letters and digits"


def _ranges(config: Config) -> Iterator[str]:
    for key, value in (("threshold", config.unhappy.threshold), ("base_rate", config.unhappy.base_rate)):
        if not 0 < value < 1:
            yield f"unhappy.{key} = {value} must lie between 0 and 1, as in 0.8"
    if config.webchat.per_minute < 1:
        yield f"webchat.per_minute = {config.webchat.per_minute} must be 1 or more; the default is 30"
    if config.delivery.attempts < 1:
        yield f"delivery.attempts = {config.delivery.attempts} must be 1 or more; the default is 8"
    if config.desk.summary_above < 1:
        yield f"desk.summary_above = {config.desk.summary_above} must be 1 or more; the default is 15"
    if config.actions.url:
        yield from _url("actions.url", config.actions.url)
    if config.actions.timeout > _LONGEST_ACTION:
        yield (
            f"actions.timeout = {config.actions.timeout.total_seconds():g} s is too long: a worker holds a job for a "
            f"minute, then another begins it anew; write at most '{_LONGEST_ACTION.total_seconds():g}s'"
        )
    if config.delivery.lease <= config.delivery.timeout:
        yield (
            f"delivery.lease = {config.delivery.lease.total_seconds():g} s must be longer than delivery.timeout "
            f"({config.delivery.timeout.total_seconds():g} s), or a message that is being sent counts as lost"
        )
    if config.actions.url and config.actions.package:
        yield "actions.url and actions.package are both set; keep one: a server, or a package in this process"


_RULES: Final[tuple[Callable[[Config], Iterator[str]], ...]] = (
    _business,
    _server,
    _database,
    _telegram,
    _sms,
    _email,
    _wechat,
    _ranges,
)
