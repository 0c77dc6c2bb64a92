"""From settings to channels: each adapter with what it needs, and none that is not configured.

Rule: an adapter's module is imported when its section is enabled, so that a start without Telegram never loads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot.config import Config
from bot.config_values import ConfigError
from bot.feed import Feed
from bot.links import Links
from channels.channel import Channel, Clock, Http, Tokens
from channels.inhouse import InHouse
from channels.registry import adapter

#: In WeChat's plain mode the signature does not cover the body: an address once seen must not carry another for long.
FRESH_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Given:
    """What the house gives its adapters."""

    http: Http
    tokens: Tokens
    clock: Clock
    links: Links
    feed: Feed


def build(config: Config, given: Given) -> dict[str, Channel]:
    """The channels that are on, by name. Raises ConfigError where a file that a setting names cannot be read."""
    made: dict[str, Channel] = {"console": InHouse("console", feed=given.feed)}
    if config.webchat.enabled:
        made["webchat"] = adapter("webchat")(links=given.links, feed=given.feed, clock=given.clock)
    if config.rest.enabled:
        made["rest"] = InHouse("rest", feed=given.feed)
    if config.telegram.enabled:
        made["telegram"] = adapter("telegram")(**_telegram(config), clock=given.clock)
    if config.sms.enabled:
        made["sms"] = adapter("sms")(**_sms(config), clock=given.clock)
    if config.email.enabled:
        made["email"] = adapter("email")(**_email(config), clock=given.clock)
    if config.wechat.enabled:
        made["wechat"] = adapter("wechat")(**_wechat(config), **_calling(config, given))
    if config.wecom.enabled:
        made["wecom"] = adapter("wecom")(**_wecom(config), **_calling(config, given))
    return made


def _calling(config: Config, given: Given) -> dict[str, Any]:
    """What an adapter needs that calls its provider over HTTP itself."""
    timeout = config.delivery.timeout.total_seconds()
    return {"clock": given.clock, "http": given.http, "tokens": given.tokens, "timeout": timeout}


def _telegram(config: Config) -> dict[str, Any]:
    settings = config.telegram
    webhook = settings.mode != "polling" and bool(config.server.public_url)
    return {
        "token": settings.token,
        "secret": settings.secret,
        "api_url": settings.api_url,
        "public_url": config.address if webhook else "",
        "username": settings.username.removeprefix("@"),
        "timeout": config.delivery.timeout.total_seconds(),
    }


def _sms(config: Config) -> dict[str, Any]:
    settings = config.sms
    return {
        "account_sid": settings.account_sid,
        "auth_token": settings.auth_token,
        "sender": settings.sender,
        "messaging_service": settings.messaging_service,
        "api_url": settings.api_url,
        "public_url": config.address,
        "opt_out": settings.opt_out,
        "words": settings.words,
        "per_second": settings.per_second,
        "timeout": config.delivery.timeout.total_seconds(),
    }


def _email(config: Config) -> dict[str, Any]:
    settings = config.email
    given = {
        name: getattr(settings, name)
        for name in settings.__dataclass_fields__
        if name not in ("enabled", "dkim_key_file", "lmtp_host", "lmtp_port", "lmtp_protocol")
    }
    given["dkim_key"] = _file("email.dkim_key_file", settings.dkim_key_file)
    return given


def _file(key: str, path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{key} = {path!r} cannot be read; give the path of a private key in PEM") from None


def _wechat(config: Config) -> dict[str, Any]:
    settings = config.wechat
    return {
        "app_id": settings.app_id,
        "app_secret": settings.app_secret,
        "token": settings.token,
        "aes_key": settings.aes_key,
        "api_url": settings.api_url,
        "fresh_for": FRESH_FOR,
    }


def _wecom(config: Config) -> dict[str, Any]:
    settings = config.wecom
    return {
        "corp_id": settings.corp_id,
        "agent_id": settings.agent_id,
        "secret": settings.app_secret,
        "token": settings.token,
        "aes_key": settings.aes_key,
        "api_url": settings.api_url,
    }
