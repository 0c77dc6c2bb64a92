"""`motline inspect`: what an adapter makes of a recorded request, or why it refuses it. No database, no network.

Rule: one line of JSON a file, in the order given, and exit status 0 also for refusals: a refusal is a finding. Status 2
is for a command that cannot be read.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn
from urllib.parse import urlsplit

import typer

from channels.errors import ChannelError
from channels.message import Inbound, Receipt, Request
from channels.registry import methods_of

if TYPE_CHECKING:
    from channels.channel import Channel, Clock

MAX_WEBHOOK: Final = 1024 * 1024
"""Bytes of a webhook's body; Motline answers 413 to a longer one."""

_NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)

Settings = Mapping[str, str]
Events = tuple[Inbound | Receipt, ...]

# What stands first in every event, also where a receipt has no such thing.
_ALWAYS: Final = ("kind", "external_id", "sender", "chat", "text", "payload", "at")


class Unreadable(Exception):
    """The file is no recording; says what was expected."""


def inspect(
    channel: Annotated[str, typer.Argument(help="telegram, wechat, wecom, sms or email.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Mails as .eml; webhooks as JSON: method, url, headers, body (or body_base64), received_at."
        ),
    ],
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting, as in telegram.secret=….")
    ] = None,
) -> None:
    """Show what recorded requests become, a line of JSON each."""
    if channel not in _READERS:
        raise typer.BadParameter(f"{channel!r} has no recordings to read; there are {', '.join(_READERS)}")
    settings = _settings(set_ or [])
    for file in files:
        line = json.dumps(finding(channel, file, settings), ensure_ascii=False)
        typer.echo(line.encode("utf-8", "replace"))


def finding(channel: str, file: Path, settings: Settings) -> dict[str, Any]:
    """The line of one file: `file`, `accepted`, `why` (null where accepted) and `events`."""
    try:
        events = _READERS[channel](_content(file), settings)
    except (Unreadable, ChannelError) as error:
        return _refused(file, str(error))
    except Exception as error:  # the other files are still to be read
        return _refused(file, f"a fault of Motline's own, please report it: {type(error).__name__}: {error}")
    return {"file": str(file), "accepted": True, "why": None, "events": [as_json(event) for event in events]}


def _refused(file: Path, why: str) -> dict[str, Any]:
    return {"file": str(file), "accepted": False, "why": why, "events": []}


def as_json(event: Inbound | Receipt) -> dict[str, Any]:
    """An event without its raw payload; `at` in ISO 8601, in UTC."""
    told: dict[str, Any] = dict.fromkeys(_ALWAYS, "")
    for field in fields(event):
        if field.name != "raw":
            told[field.name] = _plain(getattr(event, field.name))
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [asdict(item) if is_dataclass(item) and not isinstance(item, type) else item for item in value]
    return value


def _settings(given: Iterable[str]) -> dict[str, str]:
    settings = {}
    for item in given:
        key, equals, value = item.partition("=")
        if not equals or "." not in key:
            raise typer.BadParameter(f"{key!r} is no KEY=VALUE, as in telegram.secret=abc", param_hint="--set")
        settings[key.strip()] = value
    return settings


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded webhook, and when it was received where the recording tells: only then can its age be judged."""

    request: Request
    received_at: datetime | None

    @property
    def clock(self) -> Clock:
        """The time of the recording, else of the inspection."""
        return SystemClock() if self.received_at is None else StandingClock(self.received_at)


def _recording(content: bytes) -> Recording:
    """A recorded webhook. `url` is the public address that the platform called."""
    try:
        recorded = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is not JSON: {error}") from None
    if not isinstance(recorded, dict) or not isinstance(recorded.get("url"), str):
        raise Unreadable('the file is no recorded request; {"method", "url", "headers", "body"} is expected')
    body = _body(recorded)
    headers = _headers(recorded.get("headers") or {})
    method = str(recorded.get("method") or ("POST" if body else "GET")).upper()
    if len(body) > MAX_WEBHOOK:
        raise Unreadable(f"the body has {len(body)} bytes; a webhook may have {MAX_WEBHOOK}, and 413 is answered")
    # What stands behind a # (Twilio's connection overrides) is part of the setting, and never of a request.
    request = Request(method, recorded["url"].partition("#")[0], headers, body)
    return Recording(request, _moment(recorded.get("received_at")))


def _moment(value: Any) -> datetime | None:
    """Seconds since 1970, or ISO 8601 (UTC where it names no zone)."""
    try:
        if value is None:
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise Unreadable("received_at is neither ISO 8601 nor seconds since 1970") from None


def _body(recorded: Mapping[str, Any]) -> bytes:
    encoded = recorded.get("body_base64")
    if encoded is not None:
        try:
            return base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError, AttributeError):
            raise Unreadable("body_base64 is not base64") from None
    body = recorded.get("body") or ""
    if not isinstance(body, str):
        raise Unreadable("body is not a text; write the body as it came, or as body_base64")
    return body.encode("utf-8", "surrogateescape" if _escaped(body) else "replace")


def _escaped(body: str) -> bool:
    """Whether undecodable bytes were recorded as Python writes them (surrogate escapes)."""
    return any("\udc80" <= char <= "\udcff" for char in body)


def _headers(recorded: Any) -> dict[str, str]:
    pairs = recorded.items() if isinstance(recorded, dict) else recorded
    try:
        return {str(name).lower(): _value(value) for name, value in pairs}
    except (TypeError, ValueError):
        raise Unreadable("headers are neither an object nor a list of pairs") from None


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _webhook(build: Callable[[Settings, Recording], Channel]) -> Callable[[bytes, Settings], Events]:
    def read(content: bytes, settings: Settings) -> Events:
        recording = _recording(content)
        request, channel = recording.request, build(settings, recording)
        if request.method not in (expected := methods_of(channel.name)):
            raise Unreadable(f"{request.method} is answered with 405; the platform calls by {' or '.join(expected)}")
        channel.verify(request)
        return channel.parse(request)

    return read


def _telegram(settings: Settings, recording: Recording) -> Channel:
    from channels.telegram import TelegramChannel

    secret, token = settings.get("telegram.secret", ""), settings.get("telegram.token", "")
    return TelegramChannel(token=token, secret=secret, clock=recording.clock)


def _sms(settings: Settings, recording: Recording) -> Channel:
    from channels.sms import SmsChannel

    words = settings.get("sms.words", "twilio")
    try:
        called = urlsplit(recording.request.url)
    except ValueError as error:
        raise Unreadable(f"url is no address: {error}") from None
    return SmsChannel(
        account_sid=settings.get("sms.account_sid", ""),
        auth_token=settings.get("sms.auth_token", ""),
        clock=recording.clock,
        public_url=settings.get("sms.public_url") or (f"{called.scheme}://{called.netloc}" if called.netloc else ""),
        words="china" if words == "china" else "twilio",
    )


def _wechat(settings: Settings, recording: Recording) -> Channel:
    from bot.adapters import FRESH_FOR
    from channels.wechat import WeChatChannel

    return WeChatChannel(
        app_id=settings.get("wechat.app_id", ""),
        app_secret=settings.get("wechat.app_secret", ""),
        token=settings.get("wechat.token", ""),
        aes_key=settings.get("wechat.aes_key", ""),
        clock=recording.clock,
        http=Nowhere(),
        tokens=Nowhere(),
        fresh_for=FRESH_FOR if recording.received_at else None,
    )


def _wecom(settings: Settings, recording: Recording) -> Channel:
    from channels.wecom import WeComChannel

    return WeComChannel(
        corp_id=settings.get("wecom.corp_id", ""),
        token=settings.get("wecom.token", ""),
        aes_key=settings.get("wecom.aes_key", ""),
        clock=recording.clock,
        http=Nowhere(),
        tokens=Nowhere(),
    )


def _mail(content: bytes, settings: Settings) -> Events:
    from channels.email_in import parse_mail

    return parse_mail(content, account=settings.get("email.account", ""), received_at=_received_at(content))


def _received_at(content: bytes) -> datetime:
    """When a recorded mail came in, which may be later than this machine's clock: its `Received`, else its `Date`."""
    from channels.email_headers import Headers, date_of
    from channels.email_mime import read_headers

    now = SystemClock().now()
    headers = read_headers(content)
    stamps = Headers(tuple(field for field in headers.fields if field[0] == "received"))
    known = [date_of(found, received_at=_NEVER) for found in (stamps, headers)]
    return max(now, next((stamp for stamp in known if stamp < _NEVER), now))


_READERS: Final[dict[str, Callable[[bytes, Settings], Events]]] = {
    "telegram": _webhook(_telegram),
    "wechat": _webhook(_wechat),
    "wecom": _webhook(_wecom),
    "sms": _webhook(_sms),
    "email": _mail,
}


class SystemClock:
    """The time of the inspection, for what carries none of its own."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StandingClock:
    """The time at which a recording was received."""

    at: datetime

    def now(self) -> datetime:
        """That time."""
        return self.at


class Nowhere:
    """Stands where an adapter would call out: nothing is called while inspecting."""

    async def request(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise RuntimeError("inspect calls nobody")

    async def token(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise RuntimeError("inspect calls nobody")
