"""What Telegram's refusals mean for the message, by status and body alone.

Rule: only what surely was not done may be tried again. Below 500 Telegram says so itself (`ok: false`), or something
in between refused before Telegram saw it; a 503 and a restart were not begun. After any other 5xx, be it Telegram's
JSON or a proxy's page, nobody knows.

    429, `retry_after`                     Temporary, after that many seconds; the whole channel for a private chat
    `migrate_to_chat_id`                   Temporary(moved_to), at once
    403 blocked, deactivated, kicked       RecipientGone
    400 chat or user not found             RecipientGone
    401, 404 the token or the address      Temporary for the whole channel: an admin can put it right
    other 400, 413                         Rejected
    500 "restart", 503                     Temporary
    other 5xx                              OutcomeUnknown
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from channels.errors import OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary

# Where Telegram names no time. An admin needs about so long to correct a setting.
_REST: Final = 30.0
_MISCONFIGURED: Final = 300.0

_GONE: Final = (
    "chat not found",
    "user not found",
    "user_id_invalid",
    "peer_id_invalid",
    "user is deactivated",
    "input_user_deactivated",
    "the group chat was deleted",
)
NOT_MODIFIED: Final = "message is not modified"
_NO_TOPIC: Final = ("message thread not found", "topic_closed", "topic_deleted")


def refused(status: int, body: bytes, to: str) -> SendError:
    """The error of an answer that is no success; `to` is the chat, whose sign tells a group from a person."""
    answer = _json(body)
    if answer is None or answer.get("ok") is not False:
        return _not_telegram(status)
    description = str(answer.get("description") or "no reason given")[:300]
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if isinstance(answer.get("error_code"), int):
        status = answer["error_code"]
    code = str(status)
    if moved_to := parameters.get("migrate_to_chat_id"):
        return Temporary("the group became a supergroup", code=code, retry_after=0.0, moved_to=str(moved_to))
    if status == 429:
        return _too_many(parameters.get("retry_after"), to)
    return _by_status(status, description, code)


def no_topic(error: SendError) -> bool:
    """Whether a message failed only because its forum topic is gone or closed."""
    return isinstance(error, Rejected) and any(phrase in error.reason.lower() for phrase in _NO_TOPIC)


def not_modified(error: SendError) -> bool:
    """Whether an edit failed only because the message reads so already."""
    return isinstance(error, Rejected) and NOT_MODIFIED in error.reason.lower()


def _by_status(status: int, description: str, code: str) -> SendError:
    lower = description.lower()
    if status == 403 or any(phrase in lower for phrase in _GONE):
        return RecipientGone(f"Telegram: {description}", code=code)
    if status in (401, 404):
        reason = f"Telegram does not know this bot ({description}); check telegram.token and telegram.api_url"
        return Temporary(reason, code=code, retry_after=_MISCONFIGURED, whole_channel=True)
    if status == 503 or (status >= 500 and "restart" in lower):
        return Temporary(f"Telegram: {description}", code=code, retry_after=_REST, whole_channel=True)
    if status >= 500:
        return OutcomeUnknown(f"Telegram: {description}", code=code)
    return Rejected(f"Telegram: {description}", code=code)


def _too_many(retry_after: object, to: str) -> Temporary:
    seconds = float(retry_after) if isinstance(retry_after, int | float) and retry_after >= 0 else _REST
    # A group has its own limit (20 a minute). One person is written to once a second at most, so for a person it is the
    # limit of the whole bot that was reached.
    whole = not to.startswith("-")
    return Temporary("Telegram: too many requests", code="429", retry_after=seconds, whole_channel=whole)


def _not_telegram(status: int) -> SendError:
    reason = f"the answer (HTTP {status}) is not Telegram's; something between us and the Bot API wrote it"
    if status < 300 or (status >= 500 and status != 503):
        return OutcomeUnknown(reason, code=str(status))
    return Temporary(reason, code=str(status), retry_after=_REST, whole_channel=True)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
