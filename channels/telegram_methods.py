"""What we ask of Telegram, as plain parameters of Bot API methods; the webhook's response and aiogram both carry these.

Rule: text travels without a parse mode. Then no character of it has a meaning, nothing needs escaping, and no name with
an underscore can lose a whole message (https://core.telegram.org/bots/api#formatting-options).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from channels.errors import Rejected
from channels.message import Choice, Outbound

MAX_TEXT: Final = 4096
"""UTF-16 units after entity parsing, https://core.telegram.org/bots/api#sendmessage."""
MAX_PAYLOAD: Final = 64
"""Bytes of `callback_data`, https://core.telegram.org/bots/api#inlinekeyboardbutton."""

CHOSEN: Final = "✓ "
# So many characters of titles fit side by side on a narrow phone.
_ROW_WIDTH: Final = 24
_ROW_BUTTONS: Final = 6

Parameters = dict[str, Any]


def message_of(outbound: Outbound) -> tuple[str, Parameters]:
    """The method's name and parameters. Raises Rejected where Telegram would surely refuse it."""
    text = outbound.text
    if len(text) * 2 > MAX_TEXT and (units := len(text.encode("utf-16-le", "replace")) // 2) > MAX_TEXT:
        raise Rejected(f"the text has {units} UTF-16 units, Telegram takes {MAX_TEXT}", code="too_long")
    parameters: Parameters = {"chat_id": number_or_name(outbound.to.id), "text": text}
    if outbound.choices:
        parameters["reply_markup"] = {"inline_keyboard": keyboard(outbound.choices)}
    if outbound.edit_of:
        parameters["message_id"] = _number(outbound.edit_of, "edit_of")
        return "editMessageText", parameters
    if outbound.thread:
        parameters["message_thread_id"] = _number(outbound.thread, "thread")
    if outbound.reply_to:
        parameters["reply_parameters"] = {
            "message_id": _number(outbound.reply_to, "reply_to"),
            "allow_sending_without_reply": True,
        }
    return "sendMessage", parameters


def keyboard(choices: Sequence[Choice]) -> list[list[dict[str, str]]]:
    """Inline buttons in rows: short titles side by side in rows of equal length, longer ones one below the other."""
    buttons = [_button(choice) for choice in choices]
    per_row = _per_row(len(choices), max(len(choice.title) for choice in choices))
    return [buttons[start : start + per_row] for start in range(0, len(buttons), per_row)]


def with_choice_marked(keyboard_of_message: object, payload: str) -> list[list[dict[str, Any]]] | None:
    """The keyboard of a pressed message with the pressed button marked and no other; None where it cannot be told."""
    if not isinstance(keyboard_of_message, list):
        return None
    rows = [[dict(b) for b in row if isinstance(b, Mapping)] for row in keyboard_of_message if isinstance(row, list)]
    found = False
    for button in (button for row in rows for button in row):
        title = str(button.get("text", "")).removeprefix(CHOSEN)
        pressed = button.get("callback_data") == payload
        button["text"] = CHOSEN + title if pressed else title
        found = found or pressed
    return rows if found else None


def number_or_name(chat: str) -> int | str:
    """A chat's id as Telegram wants it: a number, or the @name of a public group."""
    return int(chat) if chat.removeprefix("-").isascii() and chat.removeprefix("-").isdigit() else chat


def _number(value: str, field: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise Rejected(f"{field} {value!r} is no Telegram id", code="bad_id")
    return int(value)


def _button(choice: Choice) -> dict[str, str]:
    if choice.url:
        return {"text": choice.title, "url": choice.url}
    size = len(choice.payload.encode("utf-8", "replace"))
    if not 1 <= size <= MAX_PAYLOAD:
        reason = f"the payload of button {choice.title!r} has {size} bytes, Telegram takes 1 to {MAX_PAYLOAD}"
        raise Rejected(reason, code="bad_payload")
    return {"text": choice.title, "callback_data": choice.payload}


def _per_row(count: int, widest: int) -> int:
    """11 numbers stand as 6 and 5, not as 8 and 3."""
    fitting = max(1, min(_ROW_BUTTONS, _ROW_WIDTH // max(widest, 1) if widest <= _ROW_WIDTH // 2 else 1))
    rows = -(-count // fitting)
    return -(-count // rows)
