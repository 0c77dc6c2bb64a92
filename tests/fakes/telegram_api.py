"""The Bot API on loopback, as strict as Telegram about what it is asked.

`METHODS` is checked against the Bot API description in MOTLINE_SPECS. Besides tests, benchmarks start it:
`async with TelegramApi() as fake: … fake.url, fake.sent, fake.script(too_many(3), html_answer(502), Hang(), Cut())`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import web

from tests.fakes.scripted import Answer, FakeProvider, json_answer

TOKEN: Final = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

# method: (required parameters, optional parameters that may be given)
METHODS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "getMe": (frozenset(), frozenset()),
    "getUpdates": (frozenset(), frozenset({"offset", "limit", "timeout", "allowed_updates"})),
    "setWebhook": (frozenset({"url"}), frozenset({"secret_token", "allowed_updates", "drop_pending_updates"})),
    "deleteWebhook": (frozenset(), frozenset({"drop_pending_updates"})),
    "getWebhookInfo": (frozenset(), frozenset()),
    "sendMessage": (
        frozenset({"chat_id", "text"}),
        frozenset({"message_thread_id", "reply_parameters", "reply_markup", "link_preview_options"}),
    ),
    "editMessageText": (frozenset(), frozenset({"chat_id", "message_id", "text", "reply_markup"})),
    "editMessageReplyMarkup": (frozenset(), frozenset({"chat_id", "message_id", "reply_markup"})),
    "answerCallbackQuery": (frozenset({"callback_query_id"}), frozenset({"text", "show_alert"})),
    "createForumTopic": (frozenset({"chat_id", "name"}), frozenset()),
}
_JSON: Final = {"reply_markup", "reply_parameters", "allowed_updates", "link_preview_options"}


@dataclass(frozen=True, slots=True)
class Called:
    """A call that was carried out, its JSON parameters decoded."""

    method: str
    parameters: Mapping[str, Any]


class Refusal(Exception):
    """What Telegram answers `ok: false` to."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.answer = error(status, description, **parameters)


def error(status: int, description: str, **parameters: Any) -> Answer:
    """Telegram's own refusal."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return json_answer(status, body | ({"parameters": parameters} if parameters else {}))


def too_many(seconds: int) -> Answer:
    """429."""
    return error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def blocked() -> Answer:
    """403."""
    return error(403, "Forbidden: bot was blocked by the user")


class TelegramApi(FakeProvider):
    """One bot. `calls` are all calls carried out, `sent` the messages, `pending` what getUpdates hands out."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.calls: list[Called] = []
        self.sent: list[Mapping[str, Any]] = []
        self.webhook: dict[str, Any] = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        self.reads_groups = False
        self.forums: set[int] = set()
        self.pending: list[dict[str, Any]] = []
        self.sparse = False  # answer like servers that leave out what aiogram's models demand
        self._arrived = asyncio.Event()

    def arrive(self, *updates: dict[str, Any]) -> None:
        """Updates for getUpdates."""
        self.pending.extend(updates)
        self._arrived.set()

    def methods(self) -> list[str]:
        """The names of the calls, in order."""
        return [call.method for call in self.calls]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            result = await self._carry_out(request)
        except Refusal as refusal:
            return web.Response(status=refusal.answer.status, body=refusal.answer.body, content_type="application/json")
        return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")

    async def _carry_out(self, request: web.Request) -> Any:
        bot, _, method = request.path.removeprefix("/").partition("/")
        if bot != f"bot{self.token}":
            raise Refusal(401 if bot.startswith("bot") else 404, "Unauthorized")
        if method not in METHODS:
            self.failures.append(f"no method {method}")
            raise Refusal(404, "Not Found")
        parameters = self._parameters(method, dict(await request.post()))
        result = await self._result(method, parameters)
        self.calls.append(Called(method, parameters))
        return result

    def _parameters(self, method: str, form: Mapping[str, Any]) -> dict[str, Any]:
        required, optional = METHODS[method]
        if unknown := set(form) - required - optional:
            self.failures.append(f"{method} has no parameter {sorted(unknown)}")
            raise Refusal(400, f"Bad Request: unknown parameters {sorted(unknown)}")
        if missing := required - set(form):
            raise Refusal(400, f"Bad Request: parameters {sorted(missing)} are required")
        return {name: orjson.loads(value) if name in _JSON else value for name, value in form.items()}

    async def _result(self, method: str, parameters: dict[str, Any]) -> Any:
        match method:
            case "sendMessage" | "editMessageText" | "editMessageReplyMarkup":
                return self._message(method, parameters)
            case "getMe":
                return {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Motline",
                        "username": "motline_bot", "can_read_all_group_messages": self.reads_groups}  # fmt: skip
            case "getUpdates":
                return await self._updates(parameters)
            case "createForumTopic":
                if int(parameters["chat_id"]) not in self.forums:
                    raise Refusal(400, "Bad Request: the chat is not a forum")
                return {"message_thread_id": 77, "name": parameters["name"], "icon_color": 7322096}
            case "setWebhook":
                self.webhook |= {"url": parameters["url"], "allowed_updates": parameters.get("allowed_updates", [])}
            case "deleteWebhook":
                self.webhook["url"] = ""
            case "getWebhookInfo":
                return self.webhook
        return True

    def _message(self, method: str, parameters: dict[str, Any]) -> Any:
        text = str(parameters.get("text", ""))
        if method != "editMessageReplyMarkup" and not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) > 8192:
            raise Refusal(400, "Bad Request: message is too long")
        for row in parameters.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                check_button(button)
        if method == "sendMessage":
            self.sent.append(parameters)
        number = parameters.get("message_id") or 1000 + len(self.sent)
        chat = int(parameters["chat_id"])
        if self.sparse:
            return {"message_id": int(number)}
        kind = "private" if chat > 0 else "supergroup"
        return {"message_id": int(number), "date": 1750000000, "chat": {"id": chat, "type": kind}, "text": text}

    async def _updates(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self.webhook["url"]:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(parameters.get("offset", 0))
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        if not self.pending:
            self._arrived.clear()
            waits = [asyncio.ensure_future(self._arrived.wait()), asyncio.ensure_future(self._over.wait())]
            await asyncio.wait(waits, timeout=float(parameters.get("timeout", 0)), return_when="FIRST_COMPLETED")
            for wait in waits:
                wait.cancel()
        return self.pending[: int(parameters.get("limit", 100))]


def check_button(button: Mapping[str, Any]) -> None:
    """Raises Refusal for an inline button that Telegram refuses."""
    if not button.get("text"):
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
    data = button.get("callback_data")
    if "url" not in button and not 1 <= len(str(data or "").encode()) <= 64:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
