"""Every setting, its type and its default: what `config.toml` and the environment may say.

Rule: a setting exists here, in `config.toml` and in `docs/configuration.md`, or nowhere; a test compares the three.
Secrets are never part of a repr. `load()` is the way in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from bot.config_values import ConfigError, Hours

__all__ = ["Config", "ConfigError", "Hours", "load"]


def _secret() -> Any:
    return field(default="", repr=False, metadata={"secret": True})


_NIGHT: Final = Hours(time(21), time(9))


@dataclass(frozen=True, slots=True)
class Business:
    """Who asks. `brand` is what customers read (empty: `name`); `quiet_hours` are the customer's own local time."""

    name: str = "Motline"
    brand: str = ""
    language: Literal["en", "zh"] = "en"
    timezone: str = "UTC"
    quiet_hours: Hours | None = _NIGHT
    push_interval: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Server:
    """Where Motline listens, and the address at which the world reaches it (empty: nobody outside does)."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    workers: int = 1
    samples: bool = True


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """The store. `synchronous` is SQLite's."""

    url: str = field(default="sqlite://data/motline.db", repr=False)
    synchronous: Literal["FULL", "NORMAL"] = "FULL"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where the key of all encryption and signing lies; the environment's MOTLINE_SECRET_KEY goes before the file."""

    key_file: str = "data/secret.key"
    key: str = _secret()


@dataclass(frozen=True, slots=True)
class WebChat:
    """The customer's page. Rates are messages per minute and link."""

    enabled: bool = True
    anonymous: bool = True
    per_minute: int = 30
    link_lifetime: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Telegram:
    """A bot of @BotFather. `mode = "auto"` takes the webhook with a public address and polls without."""

    enabled: bool = False
    token: str = _secret()
    secret: str = _secret()
    username: str = ""
    api_url: str = "https://api.telegram.org"
    mode: Literal["auto", "webhook", "polling"] = "auto"


@dataclass(frozen=True, slots=True)
class Sms:
    """Twilio. Either `sender` (a number) or `messaging_service` (its MG… id)."""

    enabled: bool = False
    account_sid: str = ""
    auth_token: str = _secret()
    sender: str = ""
    messaging_service: str = ""
    api_url: str = "https://api.twilio.com"
    opt_out: Literal["twilio", "motline"] = "twilio"
    words: Literal["twilio", "china"] = "twilio"
    per_second: float = 1.0


@dataclass(frozen=True, slots=True)
class Email:
    """Mail out by SMTP; answers in by IMAP, or by LMTP (or SMTP) when `lmtp_port` is not 0."""

    enabled: bool = False
    sender: str = ""
    reply_address: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = _secret()
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_connections: int = 20
    imap_host: str = ""
    imap_port: int = 993
    imap_user: str = ""
    imap_password: str = _secret()
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_folder: str = "INBOX"
    lmtp_host: str = "127.0.0.1"
    lmtp_port: int = 0
    lmtp_protocol: Literal["lmtp", "smtp"] = "lmtp"
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key_file: str = ""
    forward_secret: str = _secret()
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class WeChat:
    """A WeChat Official Account. With `aes_key` messages may be encrypted.

    `push_template` ("template:<id>" or "subscribe:<id>") with `push_fields` reaches those outside the 48 hours.
    `paid_moments`: moments that tell of a payment through this account; WeChat then counts nothing for 48 hours.
    """

    enabled: bool = False
    app_id: str = ""
    app_secret: str = _secret()
    token: str = _secret()
    aes_key: str = _secret()
    api_url: str = "https://api.weixin.qq.com"
    push_template: str = ""
    push_fields: str = "thing1={text}, thing2={brand}"
    paid_moments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WeCom:
    """WeCom (企业微信), for staff. Group robots need no more than `enabled`: a team's address is `robot:<key>`."""

    enabled: bool = False
    corp_id: str = ""
    agent_id: str = ""
    app_secret: str = _secret()
    token: str = _secret()
    aes_key: str = _secret()
    api_url: str = "https://qyapi.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Rest:
    """Rasa's REST channel, for other programs; each needs a key of scope `rest`."""

    enabled: bool = True
    answer_within: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Unhappy:
    """When a text opens a ticket. `weights` is the folder of a reader of your own, used when it holds one."""

    threshold: float = 0.8
    base_rate: float = 0.15
    weights: str = "data/mood"


@dataclass(frozen=True, slots=True)
class Desk:
    """How fast staff answer, by a ticket's severity, and when the customer is asked whether it was put right."""

    team: str = "desk"
    sla: timedelta = timedelta(hours=4)
    sla_high: timedelta = timedelta(hours=1)
    sla_urgent: timedelta = timedelta(minutes=15)
    recovery_after: timedelta = timedelta(hours=24)
    recovery_script: str = "recovery"
    summary_above: int = 15


@dataclass(frozen=True, slots=True)
class Actions:
    """rasa-sdk actions: a package imported into this process, or an action server at `url`."""

    url: str = ""
    package: str = ""
    timeout: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the platforms' raw payloads and what customers wrote are kept."""

    raw: timedelta = timedelta(days=30)
    text: timedelta = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """The outgoing loop: how often a temporary failure is tried again, for how long a worker may hold a message."""

    attempts: int = 8
    backoff: timedelta = timedelta(seconds=5)
    backoff_limit: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(seconds=30)
    poll: timedelta = timedelta(milliseconds=500)
    timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Log:
    """What the log says and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, by section."""

    business: Business = Business()
    server: Server = Server()
    database: DatabaseSettings = DatabaseSettings()
    secrets: Secrets = Secrets()
    webchat: WebChat = WebChat()
    telegram: Telegram = Telegram()
    sms: Sms = Sms()
    email: Email = Email()
    wechat: WeChat = WeChat()
    wecom: WeCom = WeCom()
    rest: Rest = Rest()
    unhappy: Unhappy = Unhappy()
    desk: Desk = Desk()
    actions: Actions = Actions()
    retention: Retention = Retention()
    delivery: DeliverySettings = DeliverySettings()
    log: Log = Log()

    @property
    def brand(self) -> str:
        """What customers read as the sender's name."""
        return self.business.brand or self.business.name

    @property
    def address(self) -> str:
        """The address at which pages are opened: the public one, else this machine's, without a slash at the end."""
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        host = "127.0.0.1" if self.server.host in ("0.0.0.0", "::", "") else self.server.host  # noqa: S104
        return f"http://{host}:{self.server.port}"


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The settings of a file, overridden by the environment (`MOTLINE_TELEGRAM__TOKEN`), checked as a whole.

    Without `path`, `MOTLINE_CONFIG` names the file, else `config.toml` here is read if there is one.
    Raises ConfigError.
    """
    from bot.config_read import read
    from bot.config_rules import check

    config = read(path, os.environ if environ is None else environ)
    check(config)
    return config
