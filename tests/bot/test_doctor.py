"""The doctor: what is wrong with a set-up is found before a customer finds it, with what to do about it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console
from typer.testing import CliRunner

from bot import doctor_house, doctor_mail
from bot.adapters import Given, build
from bot.cli import app
from bot.config import Config, DatabaseSettings, Email, Secrets, Server, Sms, Telegram, WeChat, WeCom
from bot.config_values import Hours
from bot.doctor import examine, show
from bot.doctor_findings import Finding, Level, Tools
from bot.feed import Feed
from bot.http import HttpClient
from bot.links import Links
from channels.channel import HttpAnswer
from channels.errors import NotSent
from storage.crypto import Keys
from storage.database import Database
from tests.fakes import telegram_api, twilio_api, wechat_api
from tests.fakes.house import StandingClock, TokensInMemory
from tests.fakes.smtp_server import PASSWORD, USER, MailSink
from tests.storage.books import make_address, make_outgoing

SERVICE = "MG0123456789abcdef0123456789abcdef"
NUMBER = "+15005550006"


@dataclass
class Book:
    """A domain name system in memory."""

    hosts: dict[str, list[str]] = field(default_factory=dict)
    txt: dict[str, list[str]] = field(default_factory=dict)
    mx: dict[str, list[str]] = field(default_factory=dict)

    async def addresses(self, host: str) -> list[str]:
        return self.hosts.get(host, [])

    async def texts(self, name: str) -> list[str]:
        return self.txt.get(name, [])

    async def mail_servers(self, domain: str) -> list[str]:
        return self.mx.get(domain, [])


class Answering:
    """An HTTP client with one answer for everything, or none."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None, *, error: str = "") -> None:
        self._answer, self._error = HttpAnswer(status, headers or {}, b""), error

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float = 10.0,
    ) -> HttpAnswer:
        if self._error:
            raise NotSent(self._error)
        return self._answer


@asynccontextmanager
async def tools_for(config: Config, names: Book | None = None) -> AsyncIterator[Tools]:
    """The real adapters and a real client, names of our own."""
    http, clock = HttpClient(), StandingClock(datetime.now(UTC))
    links = Links(Keys(bytes(32)), address=config.address, clock=clock, lifetime=timedelta(days=1))
    channels = build(config, Given(http, TokensInMemory(), clock, links, Feed()))
    try:
        yield Tools(http, names or Book(), clock, channels)
    finally:
        for channel in channels.values():
            await channel.aclose()
        await http.aclose()


async def examined(config: Config, area: str, names: Book | None = None) -> list[Finding]:
    """What the doctor finds in one area."""
    config = replace(config, database=DatabaseSettings("sqlite:///nowhere/motline.db"))
    async with tools_for(config, names) as tools:
        return [finding for finding in await examine(config, tools) if finding.area == area]


def levels(findings: list[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


def bad(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.level in ("problem", "warning")]


# Telegram.


def telegram(fake: telegram_api.TelegramApi, public_url: str = "", **more: Any) -> Config:
    given = {"token": telegram_api.TOKEN, "secret": "s3cret", "api_url": fake.url} | more
    return Config(telegram=Telegram(enabled=True, **given), server=Server(public_url=public_url))


async def test_a_bot_that_is_set_up_well_is_found_well_and_nothing_is_changed() -> None:
    async with telegram_api.TelegramApi() as fake:
        fake.webhook["url"] = "https://bot.example/webhooks/telegram"
        findings = await examined(telegram(fake, "https://bot.example"), "telegram")
    assert levels(findings) == ["good", "note", "good"]
    assert findings[0].what == "the token is @motline_bot's"
    assert set(fake.methods()) == {"getMe", "getWebhookInfo"}


async def test_a_wrong_token_is_named_with_its_setting_and_not_shown() -> None:
    async with telegram_api.TelegramApi() as fake:
        findings = await examined(telegram(fake, token="1:wrong-and-secret"), "telegram")
    assert levels(findings) == ["problem"]
    assert "telegram.token" in findings[0].what
    assert "wrong-and-secret" not in str(findings)


async def test_a_webhook_of_another_program_is_noticed() -> None:
    async with telegram_api.TelegramApi() as fake:
        fake.webhook["url"] = "https://other.example/hook"
        polled = await examined(telegram(fake), "telegram")
        called = await examined(telegram(fake, "https://bot.example"), "telegram")
    assert bad(polled) == ["we poll, but the webhook stands at 'https://other.example/hook'"]
    assert "should be 'https://bot.example/webhooks/telegram'" in bad(called)[0]


async def test_what_telegram_says_of_the_webhook_is_passed_on() -> None:
    async with telegram_api.TelegramApi() as fake:
        fake.webhook |= {
            "url": "https://bot.example/webhooks/telegram",
            "last_error_message": "SSL error {certificate verify failed}",
            "pending_update_count": 500,
        }
        findings = await examined(telegram(fake, "https://bot.example", username="@old_bot"), "telegram")
    assert bad(findings) == [
        "telegram.username = 'old_bot' is another bot's",
        "Telegram's last error at the webhook: SSL error {certificate verify failed}",
        "500 updates wait to be taken",
    ]


# SMS.


class Twilio(twilio_api.TwilioApi):
    """With its account, numbers and messaging services."""

    def __init__(self, webhook: str = "https://bot.example/webhooks/sms", **account: Any) -> None:
        super().__init__()
        self.webhook = webhook
        self.account = {"status": "active", "type": "Full"} | account
        self.service = {"inbound_request_url": webhook, "use_inbound_webhook_on_number": False}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_login(request)
        except twilio_api.Refusal as refusal:
            return web.Response(status=refusal.answer.status, body=refusal.answer.body)
        account = f"/2010-04-01/Accounts/{twilio_api.ACCOUNT}"
        found: Any = None
        if request.path == f"{account}.json":
            found = self.account
        elif request.path == f"{account}/IncomingPhoneNumbers.json":
            mine = [{"phone_number": NUMBER, "sms_url": self.webhook}]
            found = {"incoming_phone_numbers": mine if request.query["PhoneNumber"] == NUMBER else []}
        elif request.path == f"/v1/Services/{SERVICE}":
            found = self.service
        return web.Response(status=200 if found else 404, body=orjson.dumps(found or {}))


def sms(fake: Twilio, **more: Any) -> Config:
    given = {"account_sid": twilio_api.ACCOUNT, "auth_token": twilio_api.AUTH_TOKEN, "sender": NUMBER} | more
    return Config(sms=Sms(enabled=True, api_url=fake.url, **given), server=Server(public_url="https://bot.example"))


async def test_a_number_whose_webhook_is_ours_is_found_well() -> None:
    async with Twilio() as fake:
        assert levels(await examined(sms(fake), "sms")) == ["good", "good"]


@pytest.mark.parametrize(
    ("settings", "account", "webhook", "found"),
    [
        ({"auth_token": "wrong"}, {}, "", "Twilio refuses the credentials"),
        ({}, {"status": "suspended"}, "https://bot.example/webhooks/sms", "the Twilio account is suspended"),
        ({}, {"type": "Trial"}, "https://bot.example/webhooks/sms", "a trial account"),
        ({}, {}, "https://demo.twilio.com/welcome/sms/reply", "sends what customers write to https://demo.twilio"),
        ({"sender": "+15005550007"}, {}, "", "+15005550007 is no number of this account"),
        ({"sender": "MyShop"}, {}, "", "is a name: nobody can answer it"),
    ],
)
async def test_what_is_wrong_at_twilio_is_found(
    settings: dict[str, str], account: dict[str, str], webhook: str, found: str
) -> None:
    async with Twilio(webhook, **account) as fake:
        findings = await examined(sms(fake, **settings), "sms")
    assert len(bad(findings)) == 1
    assert found in bad(findings)[0]
    assert all(finding.fix for finding in findings if finding.level != "good")


async def test_a_messaging_service_is_asked_where_it_sends_answers() -> None:
    async with Twilio() as fake:
        config = sms(fake, sender="", messaging_service=SERVICE)
        assert bad(await examined(config, "sms")) == []
        fake.service["inbound_request_url"] = ""
        assert bad(await examined(config, "sms")) == ["the messaging service sends what customers write to nobody"]
        fake.service["use_inbound_webhook_on_number"] = True
        assert levels(await examined(config, "sms")) == ["good", "note"]


# WeChat and WeCom.


async def test_wechats_secret_is_tried_and_what_it_cannot_tell_is_asked_of_the_admin() -> None:
    async with wechat_api.WeChatApi() as fake:
        settings = WeChat(True, wechat_api.APP_ID, wechat_api.SECRET, "token", api_url=fake.url)
        config = Config(wechat=settings, server=Server(public_url="https://bot.example"))
        findings = await examined(config, "wechat")
        wrong = await examined(replace(config, wechat=replace(settings, app_secret="wrong")), "wechat")
    assert levels(findings) == ["good", "note", "warning", "note"]
    assert "https://bot.example/webhooks/wechat" in findings[1].fix
    assert levels(wrong) == ["problem"]
    assert "wechat.app_secret" in wrong[0].what


async def test_group_robots_of_wecom_need_nothing() -> None:
    assert levels(await examined(Config(wecom=WeCom(enabled=True, api_url="http://127.0.0.1:1")), "wecom")) == ["note"]


# Email.


def mail_names(**more: Any) -> Book:
    txt = {"shop.example": ["v=spf1 include:mail.example -all"], "_dmarc.shop.example": ["v=DMARC1; p=none"]}
    return Book(txt=txt | more.pop("txt", {}), mx=more.pop("mx", {"shop.example": ["mx.shop.example"]}))


def email(sink: MailSink, **more: Any) -> Config:
    host, port = sink.url.removeprefix("smtp://").split(":")
    given = {"sender": "Shop <feedback@shop.example>", "lmtp_port": 2424, "smtp_security": "none"} | more
    return Config(email=Email(enabled=True, smtp_host=host, smtp_port=int(port), **given))


async def test_mail_that_is_set_up_well_is_found_well() -> None:
    async with MailSink() as sink:
        findings = await examined(email(sink), "email", mail_names())
    assert bad(findings) == []
    assert "good" in levels(findings)


async def test_a_password_that_the_mail_server_refuses_is_found_and_not_shown() -> None:
    async with MailSink(signs_in=True) as sink:
        wrong = await examined(email(sink, smtp_user=USER, smtp_password="not-it"), "email", mail_names())
        right = await examined(email(sink, smtp_user=USER, smtp_password=PASSWORD), "email", mail_names())
    assert "email.smtp_user, email.smtp_password" in bad(wrong)[0]
    assert "not-it" not in str(wrong)
    assert bad(right) == ["the mail password travels in clear (email.smtp_security = 'none')"]


async def test_a_domain_whose_mail_will_be_taken_for_spam_is_told_the_records_to_make() -> None:
    async with MailSink() as sink:
        nothing = await examined(email(sink), "email", Book())
        two = await examined(email(sink), "email", mail_names(txt={"shop.example": ["v=spf1 -all", "v=spf1 ~all"]}))
    assert [line.split(":")[0] for line in bad(nothing)] == [
        "shop.example has no SPF record",
        "shop.example has no DMARC policy; Gmail and Yahoo ask for one",
        "shop.example takes no mail, so nobody can answer",
    ]
    assert bad(two) == ["shop.example has 2 SPF records"]


async def test_a_policy_of_the_organisations_domain_counts() -> None:
    config = Config(email=Email(enabled=True, sender="a@news.shop.example", smtp_host="x", lmtp_port=1))
    tools = Tools(Answering(), Book(txt={"_dmarc.shop.example": ["v=DMARC1; p=reject"]}), StandingClock(), {})
    found = await doctor_mail.sender_domain(config, tools)
    assert "shop.example has a DMARC policy" in [finding.what for finding in found]


async def test_a_mailbox_that_does_not_open_is_named() -> None:
    async with MailSink() as sink:
        config = email(sink, lmtp_port=0, imap_host="127.0.0.1", imap_port=1, imap_user="u", imap_security="none")
        findings = await examined(config, "email", mail_names())
    assert len(bad(findings)) == 1
    assert bad(findings)[0].startswith("the mailbox INBOX at 127.0.0.1:1: no connection (email.imap_host")


async def test_without_a_way_back_for_answers_that_is_the_problem() -> None:
    async with MailSink() as sink:
        findings = await examined(email(sink, lmtp_port=0), "email", mail_names())
    assert bad(findings) == ["nobody brings us the answers that customers write"]


async def test_the_dkim_key_is_compared_with_the_one_that_the_world_sees(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    shown = doctor_mail.public_key(str(file))
    settings = Email(True, dkim_domain="shop.example", dkim_selector="m1", dkim_key_file=str(file))
    name = "m1._domainkey.shop.example"

    async def found(*records: str) -> Finding:
        tools = Tools(Answering(), Book(txt={name: list(records)}), StandingClock(), {})
        (finding,) = await doctor_mail.signature(Config(email=settings), tools)
        return finding

    assert (await found(f"v=DKIM1; k=rsa; p={shown[:100]} {shown[100:]}")).level == "good"
    assert (await found("v=DKIM1; k=rsa; p=AAAA")).level == "problem"
    missing = await found()
    assert missing.level == "problem"
    assert shown in missing.fix


# The house.


def house(url: str, names: Book, http: Answering, clock: StandingClock | None = None) -> tuple[Config, Tools]:
    config = Config(server=Server(public_url=url), telegram=Telegram(enabled=True))
    return config, Tools(http, names, clock or StandingClock(), {})


@pytest.mark.parametrize(
    ("url", "names", "http", "found"),
    [
        ("http://bot.example", Book({"bot.example": ["203.0.114.5"]}), Answering(), "is not https"),
        ("https://bot.example", Book(), Answering(), "the name bot.example does not exist"),
        ("https://bot.example", Book({"bot.example": ["192.168.1.7"]}), Answering(), "an address of a private network"),
        ("https://bot.example", Book({"bot.example": ["1.1.1.1"]}), Answering(502), "/healthz answers 502"),
        ("https://bot.example", Book({"bot.example": ["1.1.1.1"]}), Answering(error="refused"), "nobody answers at"),
    ],
)
async def test_a_public_address_that_platforms_cannot_reach_is_found(
    url: str, names: Book, http: Answering, found: str
) -> None:
    findings = await doctor_house.public_address(*house(url, names, http))
    assert len(bad(findings)) == 1
    assert found in bad(findings)[0]


async def test_channels_that_need_a_public_address_say_so() -> None:
    tools = Tools(Answering(), Book(), StandingClock(), {})
    alone = await doctor_house.public_address(Config(), tools)
    needed = await doctor_house.public_address(Config(sms=Sms(enabled=True)), tools)
    assert (levels(alone), levels(needed)) == (["note"], ["problem"])


@pytest.mark.parametrize(("seconds", "level"), [(2, "good"), (90, "warning"), (900, "problem")])
async def test_a_wrong_clock_is_found_by_the_providers(seconds: int, level: Level) -> None:
    clock = StandingClock(datetime(2026, 3, 5, 9, 30, tzinfo=UTC) + timedelta(seconds=seconds))
    http = Answering(headers={"date": "Thu, 05 Mar 2026 09:30:00 GMT"})
    (finding,) = await doctor_house.clock(*house("", Book(), http, clock))
    assert finding.level == level


async def test_a_provider_that_does_not_tell_the_time_is_no_verdict() -> None:
    (finding,) = await doctor_house.clock(*house("", Book(), Answering()))
    assert finding.what.startswith("not checked")


@pytest.mark.parametrize(
    ("zone", "quiet", "level", "said"),
    [
        ("UTC", Config().business.quiet_hours, "note", "quiet hours (21:00-09:00)"),
        ("UTC", None, "note", "the console's times are"),
        ("Asia/Shanghai", None, "good", "Asia/Shanghai"),
    ],
)
def test_a_time_zone_that_nobody_set_is_told(zone: str, quiet: Hours | None, level: Level, said: str) -> None:
    business = replace(Config().business, timezone=zone, quiet_hours=quiet)
    (found,) = doctor_house.time_zone(Config(business=business))
    assert found.level == level
    assert said in found.what


def test_a_key_that_others_may_read_is_found(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    config = Config(secrets=Secrets(key_file=str(file)))
    assert doctor_house.key_file(config)[0].level == "note"
    file.write_text("x")
    file.chmod(0o644)
    assert doctor_house.key_file(config)[0].fix == f"chmod 600 {file}"
    file.chmod(0o600)
    assert doctor_house.key_file(config)[0].level == "good"


async def test_a_store_that_is_too_old_is_told_to_migrate(tmp_path: Path, sqlite_url: str) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()

    async def found(url: str) -> Finding:
        (finding,) = await doctor_house.store(Config(database=DatabaseSettings(url)))
        return finding

    assert (await found(f"sqlite://{tmp_path}/none.db")).level == "note"
    assert (await found(f"sqlite://{empty}")).fix == "run motline migrate"
    assert (await found(sqlite_url)).level == "good"
    database = await Database.connect(sqlite_url, serving=True)
    assert (await found(sqlite_url)).level == "good", "also beside a serving process"
    await database.close()


async def test_messages_that_wait_for_a_channel_that_is_switched_off_are_told(sqlite_url: str, keys: Keys) -> None:
    database = await Database.connect(sqlite_url, serving=True)
    waiting = (("sms", "due"), ("sms", "retry"), ("sms", "sent"), ("webchat", "due"), ("console", "due"))
    for number, (channel, status) in enumerate(waiting):
        to = await make_address(database, keys, channel, f"+1555000{number}")
        await make_outgoing(database, to, channel=channel, status=status)
    await database.close()
    good, off = await doctor_house.store(Config(database=DatabaseSettings(sqlite_url)))
    assert (good.level, off.level, off.area) == ("good", "warning", "sms")
    assert off.what == "sms is switched off, and messages wait for it: 2"
    assert "sms.enabled = true" in off.fix


def test_each_finding_is_a_line_with_what_to_do_under_it() -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, highlight=False, soft_wrap=True)
    show([Finding("good", "sms", "fine", "unused"), Finding("problem", "email", "[x] wrong", "do [this]")], console)
    assert out.getvalue().splitlines() == [
        "good     sms       fine",
        "PROBLEM  email     [x] wrong",
        "                   → do [this]",
        "1 problems, 0 warnings",
    ]


def test_the_command_ends_with_one_where_something_cannot_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    key = tmp_path / "data" / "secret.key"
    key.parent.mkdir()
    key.write_text("x")
    key.chmod(0o644)
    found = CliRunner().invoke(app, ["doctor"])
    assert found.exit_code == 1
    assert "chmod 600" in found.output
