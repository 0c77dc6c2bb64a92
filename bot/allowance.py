"""What a platform lets us say after the customer did something, spent knowingly.

Rule: pure. Where messages are counted, and in mail, the texts of one turn go as one message as far as its length
allows; so a question always travels with what leads up to it, and one in the webhook's own response costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson

from bot.directory import utc
from channels.capabilities import CAPABILITIES
from channels.channel import Capabilities
from channels.message import Inbound
from channels.text_split import measured
from storage.turn_rows import OutgoingRow, Place, Writes

#: The customer's own message opens the long window, a mere press, follow or scan the brief one.
_WRITTEN: Final = frozenset(
    {"text", "edited", "command", "choice", "media", "location", "contact", "stop", "start", "help"}
)
_TOUCHED: Final = frozenset({"menu", "follow", "scan", "unblocked"})
_JOINED: Final = frozenset({"say", "notice", "question", "reminder"})
_BETWEEN: Final = "\n\n"
#: Characters of a template's `thing` field (WeChat: "参数值限制说明" of template and subscribe messages).
LONGEST_FIELD: Final = 20


def window_after(inbound: Inbound, place: Place, now: int) -> tuple[int, int] | None:
    """Until when (ms) and how many messages may be sent after this; None where it changes nothing.

    A brief window never takes the place of a long one that is still open: what is left of that can be relied upon.
    """
    can = CAPABILITIES[place.channel]
    if can.reply_window is None or can.window_messages is None:
        return None
    at = min(int(inbound.at.timestamp() * 1000), now)
    if inbound.kind in _WRITTEN:
        return at + int(can.reply_window.total_seconds() * 1000), can.window_messages
    if inbound.kind not in _TOUCHED or can.brief_window is None or can.brief_messages is None:
        return None
    if place.window_at > now and place.window_left > 0:
        return None
    return at + int(can.brief_window.total_seconds() * 1000), can.brief_messages


def joined(writes: Writes) -> Writes:
    """The same writes, with the texts to one address in one message where the channel wants that."""
    rows: list[OutgoingRow] = []
    for row in writes.outgoing:
        one = _one_of(rows[-1], row) if rows else None
        if one is None:
            rows.append(row)
        else:
            rows[-1] = one
    writes.outgoing = rows
    return writes


def templated(
    writes: Writes, template: str, fields: Mapping[str, str], *, brand: str, name: str, now: int
) -> Writes:
    """The same writes, their first message by a provider's template: all that a platform takes out of its window.

    `fields` by name, with {text}, {brand}, {name} and {date} in them; a field holds 20 characters and one line.
    """
    writes = joined(writes)
    if not writes.outgoing:
        return writes
    first = writes.outgoing[0]
    values = {"text": first.text, "brand": brand, "name": name, "date": f"{utc(now):%Y-%m-%d}"}
    filled = {field: _field(pattern, values) for field, pattern in fields.items()}
    body = orjson.loads(first.body) | {"template": template, "fields": filled}
    writes.outgoing[0] = replace(first, body=orjson.dumps(body).decode())
    return writes


def _field(pattern: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", " ".join(value.split()))
    return pattern if len(pattern) <= LONGEST_FIELD else pattern[: LONGEST_FIELD - 1] + "…"


def _one_of(first: OutgoingRow, second: OutgoingRow) -> OutgoingRow | None:
    """Both as one message, which is the second (a question's failure is what its dialog must hear of), or None."""
    can = CAPABILITIES[first.channel]
    if not can.one_a_turn or first.address_id != second.address_id or first.run_at != second.run_at:
        return None
    if first.kind not in _JOINED or second.kind not in _JOINED or not _plain(first) or second.ticket != first.ticket:
        return None
    text = first.text + _BETWEEN + second.text
    return replace(second, text=text, status=first.status) if _fits(text, can) else None


def _plain(row: OutgoingRow) -> bool:
    """Whether a message is its text alone: no choices, no provider's template."""
    return '"choices"' not in row.body and '"template"' not in row.body


def _fits(text: str, can: Capabilities) -> bool:
    return measured(text, can.text_unit) <= can.max_text
