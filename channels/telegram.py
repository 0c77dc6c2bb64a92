"""Telegram by the Bot API: webhook, or polling where there is no public address, never both.

Rule: receiving needs no aiogram, so that a reply costs microseconds and a start without Telegram costs nothing;
`telegram_api.py` brings it, in a thread, when the bot first starts, sends or polls.

What an update becomes stands in telegram_updates.py, what a refusal means in telegram_errors.py.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import orjson

from channels.capabilities import TELEGRAM
from channels.channel import Clock, Progress, Receive
from channels.errors import (
    InvalidSignature,
    MalformedRequest,
    MissingSetting,
    NotSent,
    OutcomeUnknown,
    Rejected,
    SendError,
    Temporary,
    Unanswered,
)
from channels.message import Address, Inbound, Outbound, Request, Response
from channels.telegram_errors import no_topic, not_modified
from channels.telegram_methods import CHOSEN, Parameters, message_of, number_or_name, with_choice_marked
from channels.telegram_poll import Pause, Poller
from channels.telegram_updates import ALLOWED_UPDATES, read

if TYPE_CHECKING:
    from channels.telegram_api import TelegramApi

log = logging.getLogger(__name__)

_HEADER: Final = "x-telegram-bot-api-secret-token"
# https://core.telegram.org/bots/api#setwebhook
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MAX_TOPIC: Final = 128
_MAX_TOAST: Final = 200


class TelegramChannel:
    """One bot. `secret` protects the webhook at `public_url` + `webhook_path`; without a `public_url` the bot polls.

    After `start`, `username` is the bot's name and `reads_groups` tells whether it sees plain messages in groups, so
    whether its privacy mode is off; before, they are "" and None. `timeout` in seconds holds for every call.
    """

    name = "telegram"
    capabilities = TELEGRAM

    def __init__(
        self,
        *,
        token: str,
        secret: str,
        clock: Clock,
        api_url: str = "https://api.telegram.org",
        public_url: str = "",
        webhook_path: str = "/webhooks/telegram",
        username: str = "",
        timeout: float = 10.0,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.account = token.partition(":")[0] if ":" in token else ""
        self.username = username
        self.reads_groups: bool | None = None
        self.webhook_url = public_url.rstrip("/") + webhook_path if public_url else ""
        self._token, self._secret, self._clock = token, secret, clock
        self._api_url, self._timeout, self._pause = api_url.rstrip("/"), timeout, pause
        self._api: TelegramApi | None = None

    def verify(self, request: Request) -> None:
        """Compare the webhook's secret in constant time."""
        if not self._secret:
            raise MissingSetting("telegram.secret", "without it anybody could send updates")
        given = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            raise InvalidSignature("X-Telegram-Bot-Api-Secret-Token is missing or is not telegram.secret")

    def parse(self, request: Request) -> tuple[Inbound, ...]:
        """The one event of an update. MalformedRequest where the body is no update at all."""
        return (self._read(_update(request.body)),)

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        """A bare 200, or the call that sends the reply. Raises Rejected for what Telegram would surely refuse."""
        if reply is None:
            return Response()
        method, parameters = message_of(reply)
        return Response(body=orjson.dumps({"method": method, **parameters}), content_type="application/json")

    def is_group(self, address: Address) -> bool:
        """Groups, supergroups and channels have negative ids, or an @name."""
        return address.id.startswith(("-", "@"))

    async def send(self, outbound: Outbound) -> str:
        """Send or edit; the message's id. A card whose forum topic is gone goes to the group itself."""
        method, parameters = message_of(outbound)
        try:
            result = await self._call(method, parameters)
        except SendError as error:
            if outbound.edit_of and not_modified(error):
                return outbound.edit_of
            if not no_topic(error):
                raise
            parameters.pop("message_thread_id", None)
            result = await self._call(method, parameters)
        number = result.get("message_id") if isinstance(result, dict) else None
        return str(number) if isinstance(number, int) else outbound.edit_of

    async def lead_in(self, payload: str, lifetime: timedelta) -> str:
        """A deep link; the person presses Start, and `payload` comes with it."""
        if not self.username:
            await self.identify()
        return f"https://t.me/{self.username}?start={payload}"

    async def acknowledge(self, inbound: Inbound, chosen: str) -> None:
        """Stop the button's spinner, show what was chosen, and mark it on the pressed message. Best effort."""
        answer: Parameters = {"callback_query_id": inbound.callback}
        if chosen:
            answer["text"] = chosen[:_MAX_TOAST]
        try:
            if inbound.callback:
                await self._call("answerCallbackQuery", answer)
            if inbound.pressed and (edit := _marked(inbound, chosen)):
                await self._call(*edit)
        except SendError as error:
            if not not_modified(error):
                log.warning("telegram: a pressed button was not acknowledged: %s", error)

    async def open_topic(self, chat: str, title: str) -> str:
        """A new forum topic's id; empty where the group has no topics or the bot may not open one."""
        try:
            parameters = {"chat_id": number_or_name(chat), "name": title[:_MAX_TOPIC]}
            result = await self._call("createForumTopic", parameters)
        except SendError as error:
            log.info("telegram: no topic was opened: %s", error)
            return ""
        thread = result.get("message_thread_id") if isinstance(result, dict) else None
        return str(thread) if isinstance(thread, int) else ""

    async def start(self) -> None:
        """Learn the bot's name and set its webhook, or take it away where we poll. Raises SendError, MissingSetting."""
        if not self._token:
            raise MissingSetting("telegram.token", "@BotFather gives it")
        if self.webhook_url and not _SECRET.fullmatch(self._secret):
            raise MissingSetting("telegram.secret", "1 to 256 of A-Z a-z 0-9 _ - are needed for the webhook")
        await self.identify()
        if not self.reads_groups:
            log.info("telegram: @%s sees only presses, commands and replies in groups (privacy mode)", self.username)
        if self.webhook_url:
            await self._set_webhook()
        else:
            await self._call("deleteWebhook", {"drop_pending_updates": False})

    async def identify(self) -> None:
        """Learn the bot's name, and whether it reads groups; changes nothing. Raises SendError."""
        bot = _mapping(await self._call("getMe", {}))
        self.username = str(bot.get("username") or "")
        self.reads_groups = bot.get("can_read_all_group_messages") is True

    async def webhook_info(self) -> Mapping[str, Any]:
        """Telegram's view of the webhook: `url`, `pending_update_count`, `last_error_message`, … Raises SendError."""
        return _mapping(await self._call("getWebhookInfo", {}))

    async def poll(self, receive: Receive, progress: Progress) -> None:
        """Fetch updates for ever; returns at once where a webhook is set, since Telegram allows only one of the two."""
        if self.webhook_url:
            return
        poller = Poller(call=self._call, read=self._read, name=f"telegram:{self.account}", pause=self._pause)
        await poller.run(receive, progress)

    async def aclose(self) -> None:
        """Close connections."""
        if self._api is not None:
            await self._api.aclose()
            self._api = None

    def _read(self, update: Mapping[str, Any]) -> Inbound:
        return read(update, account=self.account, username=self.username, clock=self._clock)

    async def _set_webhook(self) -> None:
        wanted = {
            "url": self.webhook_url,
            "secret_token": self._secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "drop_pending_updates": False,
        }
        await self._call("setWebhook", wanted)
        info = await self.webhook_info()
        if info.get("url") != self.webhook_url:
            found = f"the webhook stands at {info.get('url')!r} instead of {self.webhook_url!r}"
            raise Rejected(f"{found}; is another program using this bot?", code="webhook")
        if trouble := info.get("last_error_message"):
            log.warning("telegram: the webhook's last error: %s", trouble)

    async def _call(self, name: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Any:
        api = self._api or await self._connected()
        try:
            return await api.call(name, parameters, timeout)
        except NotSent as error:
            raise Temporary(str(error)) from None
        except Unanswered as error:
            raise OutcomeUnknown(str(error)) from None

    async def _connected(self) -> TelegramApi:
        module = await asyncio.to_thread(import_module, "channels.telegram_api")
        if self._api is None:
            self._api = module.TelegramApi(token=self._token, api_url=self._api_url, timeout=self._timeout)
        return self._api


def _update(body: bytes) -> Mapping[str, Any]:
    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:
        update = _loosely(body)
    if not isinstance(update, dict) or not ("update_id" in update or any(isinstance(v, dict) for v in update.values())):
        raise MalformedRequest("the body is no Telegram update: a JSON object with update_id is expected")
    return update


def _loosely(body: bytes) -> object:
    """JSON with halves of surrogate pairs, which orjson refuses and the store could not keep: they become "?"."""
    try:
        loose = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
        return orjson.loads(loose)
    except (ValueError, RecursionError):
        raise MalformedRequest("the body is not JSON") from None


def _marked(inbound: Inbound, chosen: str) -> tuple[str, Parameters] | None:
    """The edit that marks the choice: on its button, or under the text where the buttons are not known."""
    raw = inbound.raw if isinstance(inbound.raw, dict) else {}
    message = _mapping(_mapping(raw.get("callback_query")).get("message"))
    if not inbound.pressed.isdigit():
        return None
    pressed: Parameters = {"chat_id": number_or_name(inbound.chat), "message_id": int(inbound.pressed)}
    rows = with_choice_marked(_mapping(message.get("reply_markup")).get("inline_keyboard"), inbound.payload)
    if rows is not None:
        return "editMessageReplyMarkup", {**pressed, "reply_markup": {"inline_keyboard": rows}}
    text = message.get("text")
    if isinstance(text, str) and chosen:
        return "editMessageText", {**pressed, "text": f"{text}\n\n{CHOSEN}{chosen}"}
    return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
