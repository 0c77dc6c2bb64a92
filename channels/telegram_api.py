"""Calls to the Bot API through aiogram. Alone imports aiogram, which takes seconds of CPU: import this in a thread.

Rule: what Telegram answers is read as plain JSON. aiogram's models refuse a `Message` or an `Update` that lacks a
field: after a send that would make an unknown message of a sent one, and while polling lose a hundred updates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import orjson
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import (
    AnswerCallbackQuery,
    CreateForumTopic,
    DeleteWebhook,
    EditMessageReplyMarkup,
    EditMessageText,
    GetMe,
    GetUpdates,
    GetWebhookInfo,
    SendMessage,
    SetWebhook,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError

from channels.errors import NotSent, Rejected, Unanswered
from channels.telegram_errors import refused

#: A few more than sends may be under way.
_CONNECTIONS: Final = 200
METHODS: Final[dict[str, type[TelegramMethod[Any]]]] = {
    method.__api_method__: method
    for method in (
        AnswerCallbackQuery,
        CreateForumTopic,
        DeleteWebhook,
        EditMessageReplyMarkup,
        EditMessageText,
        GetMe,
        GetUpdates,
        GetWebhookInfo,
        SendMessage,
        SetWebhook,
    )
}


class _PlainSession(AiohttpSession):
    """aiogram's session, which says whether a request left, and gives results as plain JSON."""

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        session = await self.create_session()
        total = float(timeout or self.timeout)
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        form = self.build_form_data(bot=bot, method=method)
        try:
            limit = ClientTimeout(total=total, connect=min(5.0, total / 2))
            async with session.post(url, data=form, timeout=limit, allow_redirects=False) as answer:
                status, body = answer.status, await answer.read()
        # Chains are cut: aiohttp's messages may hold the address, and the address holds the token.
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise NotSent(f"no connection to Telegram ({type(error).__name__})") from None
        except (ClientError, TimeoutError, OSError) as error:
            raise Unanswered(f"no whole answer from Telegram ({type(error).__name__})") from None
        return cast(TelegramType, _result(status, body, str(getattr(method, "chat_id", ""))))

    async def close(self) -> None:
        # aiogram waits a quarter of a second here, for a fault that aiohttp no longer has.
        if self._session is not None:
            await self._session.close()


class TelegramApi:
    """One bot's connection. Raises SendError for a refusal, NotSent or Unanswered where no answer came."""

    def __init__(self, *, token: str, api_url: str, timeout: float) -> None:
        # aiogram would keep 100 connections; a call that waits too long for one is put off as if nobody were there.
        session = _PlainSession(api=TelegramAPIServer.from_base(api_url), timeout=timeout, limit=_CONNECTIONS)
        try:
            self._bot = Bot(token=token, session=session)
        except TokenValidationError:
            reason = "telegram.token is not a bot's token; it looks like 123456789:AAF… and @BotFather shows it"
            raise Rejected(reason, code="token") from None

    async def call(self, name: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Any:
        """The method's result as plain JSON. `timeout` in seconds where it is not the usual one."""
        try:
            method = METHODS[name](**parameters)
            return await self._bot(method, request_timeout=None if timeout is None else int(timeout))
        except ValueError as error:  # pydantic's refusal, or half of a surrogate pair that cannot be encoded
            reason = f"{name} cannot be called with what was given ({type(error).__name__})"
            raise Rejected(reason, code="parameters") from None

    async def aclose(self) -> None:
        """Close connections."""
        await self._bot.session.close()


def _result(status: int, body: bytes, to: str) -> Any:
    if status < 300:
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if isinstance(answer, dict) and answer.get("ok") is True:
            return answer.get("result")
    raise refused(status, body, to)
