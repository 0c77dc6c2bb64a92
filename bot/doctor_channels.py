"""The doctor on the platforms: tokens, webhooks, senders, asked of the providers themselves.

Rule: each check asks what an admin would look up in the provider's console, and says where to put it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import orjson

from bot.config import Config
from bot.doctor_findings import Finding, Tools, basic
from channels.channel import Starts
from channels.errors import HttpError, Temporary

_WAITING: Final = 100
_MESSAGING: Final = "https://messaging.twilio.com"


async def telegram(config: Config, tools: Tools) -> list[Finding]:
    """The token, the webhook as Telegram sees it, and whether the bot reads groups."""
    from channels.telegram import TelegramChannel

    channel = tools.channels["telegram"]
    assert isinstance(channel, TelegramChannel)
    await channel.identify()
    findings = [Finding("good", "telegram", f"the token is @{channel.username}'s")]
    stated = config.telegram.username.removeprefix("@")
    if stated and stated.lower() != channel.username.lower():
        fix = f'set username = "{channel.username}" in [telegram], or leave it empty'
        findings.append(Finding("problem", "telegram", f"telegram.username = {stated!r} is another bot's", fix))
    if not channel.reads_groups:
        what = "in groups the bot sees only commands, presses and replies to its own messages (privacy mode)"
        fix = "enough for the desk; to read all: @BotFather, /setprivacy, Disable, then add the bot to the group again"
        findings.append(Finding("note", "telegram", what, fix))
    return [*findings, *_webhook(channel.webhook_url, await channel.webhook_info())]


def _webhook(wanted: str, info: Mapping[str, Any]) -> list[Finding]:
    stands = str(info.get("url") or "")
    if stands != wanted:
        where = f"stands at {stands!r}" if stands else "is not set"
        what = f"the webhook {where}; it should be {wanted!r}" if wanted else f"we poll, but the webhook {where}"
        fix = "start Motline, which sets it; if it changes again, another program uses this bot: make a bot of its own"
        return [Finding("problem", "telegram", what, fix)]
    findings = [Finding("good", "telegram", f"the webhook is {wanted}" if wanted else "no webhook is set: we poll")]
    if trouble := str(info.get("last_error_message") or ""):
        fix = "a certificate that is not trusted, a name that does not exist, or Motline was down; see [server]"
        findings.append(Finding("warning", "telegram", f"Telegram's last error at the webhook: {trouble}", fix))
    waiting = info.get("pending_update_count")
    if isinstance(waiting, int) and waiting > _WAITING:
        fix = "Motline does not keep up or does not answer 200; look at its log"
        findings.append(Finding("warning", "telegram", f"{waiting} updates wait to be taken", fix))
    return findings


async def sms(config: Config, tools: Tools) -> list[Finding]:
    """The account, the sender, and where Twilio sends what customers write."""
    settings = config.sms
    account = await _twilio(config, tools, settings.api_url, f"/2010-04-01/Accounts/{quote(settings.account_sid)}.json")
    findings = [_account(account)]
    if account.get("type") == "Trial":
        what = "a trial account writes only to verified numbers, and puts its own line before every text"
        findings.append(Finding("warning", "sms", what, "upgrade the account in Twilio's console"))
    webhook = f"{config.address}/webhooks/sms"
    if settings.messaging_service:
        return [*findings, *await _service(config, tools, webhook)]
    if any(char.isalpha() for char in settings.sender):
        what = f"sms.sender = {settings.sender!r} is a name: nobody can answer it, so no dialog begins on SMS"
        return [*findings, Finding("problem", "sms", what, "set a number or a messaging service")]
    return [*findings, *await _number(config, tools, webhook)]


def _account(account: Mapping[str, Any]) -> Finding:
    if account.get("status") != "active":
        fix = "see Twilio's console; a closed account needs another one"
        return Finding("problem", "sms", f"the Twilio account is {account.get('status')}", fix)
    return Finding("good", "sms", "the Twilio account is active, its credentials are right")


async def _number(config: Config, tools: Tools, webhook: str) -> list[Finding]:
    settings = config.sms
    path = f"/2010-04-01/Accounts/{quote(settings.account_sid)}/IncomingPhoneNumbers.json"
    found = await _twilio(config, tools, settings.api_url, f"{path}?{urlencode({'PhoneNumber': settings.sender})}")
    numbers = found.get("incoming_phone_numbers") or []
    if not numbers:
        fix = "buy it in Twilio's console, or correct sms.sender"
        return [Finding("problem", "sms", f"{settings.sender} is no number of this account", fix)]
    return [_calls("the number", str(numbers[0].get("sms_url") or ""), webhook, "Phone Numbers, the number, Messaging")]


async def _service(config: Config, tools: Tools, webhook: str) -> list[Finding]:
    settings = config.sms
    base = _MESSAGING if urlsplit(settings.api_url).hostname == "api.twilio.com" else settings.api_url
    service = await _twilio(config, tools, base, f"/v1/Services/{quote(settings.messaging_service)}")
    if service.get("use_inbound_webhook_on_number"):
        what = "the messaging service leaves what customers write to each number's own webhook"
        fix = f"set each number's webhook to {webhook}, or the service's own under Integration"
        return [Finding("note", "sms", what, fix)]
    where = "Messaging, Services, Integration, Send a webhook"
    return [_calls("the messaging service", str(service.get("inbound_request_url") or ""), webhook, where)]


def _calls(who: str, stands: str, wanted: str, where: str) -> Finding:
    if stands.rstrip("/") == wanted:
        return Finding("good", "sms", f"{who} sends what customers write to {wanted}")
    return Finding(
        "problem", "sms", f"{who} sends what customers write to {stands or 'nobody'}", f"enter {wanted} under {where}"
    )


async def _twilio(config: Config, tools: Tools, base: str, path: str) -> Mapping[str, Any]:
    login = {"authorization": basic(config.sms.account_sid, config.sms.auth_token)}
    try:
        answer = await tools.http.request("GET", base.rstrip("/") + path, headers=login)
        body = orjson.loads(answer.body)
    except HttpError as error:
        raise Temporary(f"Twilio cannot be reached: {error}") from None
    except orjson.JSONDecodeError:
        raise Temporary("the answer is not Twilio's; check sms.api_url") from None
    if answer.status == 401:
        raise Temporary("Twilio refuses the credentials; check sms.account_sid and sms.auth_token", code="20003")
    if answer.status >= 300 or not isinstance(body, dict):
        raise Temporary(f"Twilio answered HTTP {answer.status}; check sms.account_sid and sms.messaging_service")
    return body


async def wechat(config: Config, tools: Tools) -> list[Finding]:
    """App id, secret and IP white list, by fetching the access token that messages need."""
    channel: object = tools.channels["wechat"]
    assert isinstance(channel, Starts)
    await channel.start()
    findings = [
        Finding("good", "wechat", "app id, secret and the IP white list are right: WeChat gives an access token"),
        Finding(
            "note",
            "wechat",
            "the server address cannot be asked for",
            f"see that {config.address}/webhooks/wechat stands at mp.weixin.qq.com, 基本配置, and that it is 启用",
        ),
    ]
    if not config.wechat.aes_key:
        what = "messages come unencrypted: in plain mode WeChat's signature does not cover what customers write"
        fix = "choose 安全模式 at mp.weixin.qq.com and enter its EncodingAESKey as wechat.aes_key"
        findings.append(Finding("warning", "wechat", what, fix))
    if not config.wechat.push_template:
        what = "outside 48 hours after a customer's message no dialog begins: no template is configured"
        findings.append(Finding("note", "wechat", what, "set wechat.push_template if your account has one"))
    return findings


async def wecom(config: Config, tools: Tools) -> list[Finding]:
    """Corporation id and secret; a group robot's key shows only when it is used."""
    channel: object = tools.channels["wecom"]
    assert isinstance(channel, Starts)
    if not config.wecom.corp_id:
        return [Finding("note", "wecom", "group robots only: they send and cannot be answered")]
    await channel.start()
    good = Finding("good", "wecom", "corporation id and secret are right: WeCom gives an access token")
    fix = f"see that {config.address}/webhooks/wecom stands under 接收消息 of the application"
    return [good, Finding("note", "wecom", "the callback address cannot be asked for", fix)]
