"""Fit a message to what a channel can carry: its length, its buttons, their titles.

Rule: pure, and the same input always gives the same parts with the same ids, so that a turn which is redone writes the
same rows. Nothing is lost: what has no button stands in the text, what is too long for one message goes into the next.

The parts of a long message:
- every part but the last gets an id derived from the message's own (`part_id`); the **last part keeps the id**, as it
  carries the choices, and, since an address is served in order, once it is sent the whole is;
- `reply_to` and `edit_of` hold for the first part alone, choices for the last alone.

Choices become a numbered list in the text where the channel has too few buttons or where shortened titles would look
the same. A list of numbers is not numbered again: choices that begin with distinct numbers are listed under their own,
and a plain scale (0 to 10) is only named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from channels.channel import Capabilities
from channels.message import Choice, Outbound
from channels.text_split import Unit, clipped, measured, split

# The most units that one code point can take.
_WIDEST: Final = {"characters": 1, "utf16": 2, "bytes": 4}
_OWN_NUMBER = re.compile(r"\s*[\[(（【]?(\d{1,3})(?!\d)")
_PLAIN_NUMBER = re.compile(r"\d{1,3}")

_NUMBERED: Final = {"en": "Reply with a number.", "zh": "请回复数字。"}
_SCALE: Final = {"en": "Reply with a number from {first} to {last}.", "zh": "请回复 {first}–{last} 的数字。"}
_LINK: Final = {"en": ": ", "zh": "："}


@dataclass(frozen=True, slots=True)
class Part:
    """One message's worth of text; only the last part of a message has choices."""

    text: str
    choices: tuple[Choice, ...] = ()


def fit(outbound: Outbound, capabilities: Capabilities) -> tuple[Outbound, ...]:
    """The messages to send for this one, in order; `(outbound,)` itself where it fits as it is.

    A message that names a provider's template is never changed: its text is only what staff see of it.
    """
    text = outbound.text
    if outbound.template:
        return (outbound,)
    if not outbound.choices and len(text) * _WIDEST[capabilities.text_unit] <= capabilities.max_text:
        return (outbound,)
    fitted = parts(text, outbound.choices, outbound.language, capabilities)
    if len(fitted) == 1:
        only = fitted[0]
        if only.text == text and only.choices == outbound.choices:
            return (outbound,)
        return (replace(outbound, text=only.text, choices=only.choices),)
    return tuple(_message(outbound, part, position, len(fitted)) for position, part in enumerate(fitted))


def part_id(message_id: str, position: int) -> str:
    """The public id (32 hex digits) of a part before the last; `position` counts from 0."""
    return blake2b(f"{message_id}/{position}".encode(), digest_size=16).hexdigest()


def parts(text: str, choices: Sequence[Choice], language: str, capabilities: Capabilities) -> tuple[Part, ...]:
    """Text and choices as the channel can carry them; at least one part, the choices on the last."""
    limit, unit = capabilities.max_text, capabilities.text_unit
    buttons = _as_buttons(tuple(choices), capabilities)
    listed = "" if buttons or not choices else _as_list(choices, language)
    whole = f"{text}\n{listed}" if text and listed else text or listed
    if measured(whole, unit) <= limit:
        return (Part(whole, buttons),)
    return tuple(_chained(text, listed, limit, unit, buttons))


def _chained(text: str, listed: str, limit: int, unit: Unit, buttons: tuple[Choice, ...]) -> list[Part]:
    pieces = split(text, limit, unit)
    if listed:
        joined = f"{pieces[-1]}\n{listed}" if pieces else listed
        if measured(joined, unit) <= limit:
            pieces[-1:] = [joined]
        else:
            pieces += split(listed, limit, unit)
    return [Part(piece) for piece in pieces[:-1]] + [Part(pieces[-1] if pieces else text, buttons)]


def _message(outbound: Outbound, part: Part, position: int, count: int) -> Outbound:
    last = position == count - 1
    return replace(
        outbound,
        id=outbound.id if last else part_id(outbound.id, position),
        text=part.text,
        choices=part.choices,
        reply_to=outbound.reply_to if position == 0 else "",
        edit_of=outbound.edit_of if position == 0 else "",
    )


def _as_buttons(choices: tuple[Choice, ...], capabilities: Capabilities) -> tuple[Choice, ...]:
    """The choices with titles cut to the channel's length, or none where they cannot be buttons."""
    if not choices or len(choices) > capabilities.max_choices:
        return ()
    longest = capabilities.max_label
    if all(len(choice.title) <= longest for choice in choices):
        return choices
    cut = tuple(replace(choice, title=clipped(choice.title, longest)) for choice in choices)
    return cut if len({choice.title for choice in cut}) == len({choice.title for choice in choices}) else ()


def _as_list(choices: Sequence[Choice], language: str) -> str:
    tongue = "zh" if language.lower().startswith("zh") else "en"
    scale = _scale(choices)
    if scale is not None:
        return _SCALE[tongue].format(first=scale[0], last=scale[1])
    titles = [f"{choice.title}{_LINK[tongue]}{choice.url}" if choice.url else choice.title for choice in choices]
    if all(choice.url for choice in choices):
        return "\n".join(titles)
    if not _own_numbers(choices):
        titles = [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    return "\n".join([*titles, _NUMBERED[tongue]])


def _scale(choices: Sequence[Choice]) -> tuple[int, int] | None:
    """First and last of consecutive bare numbers, as in 0 … 10."""
    if len(choices) < 2 or any(choice.url or not _PLAIN_NUMBER.fullmatch(choice.title) for choice in choices):
        return None
    numbers = [int(choice.title) for choice in choices]
    rising = sorted(numbers)
    return (rising[0], rising[-1]) if rising == list(range(rising[0], rising[0] + len(rising))) else None


def _own_numbers(choices: Sequence[Choice]) -> bool:
    """Whether every title begins with a number of its own ("5 – very good"), which the customer will answer with."""
    found = [_OWN_NUMBER.match(choice.title) for choice in choices]
    numbers = [match.group(1) for match in found if match]
    return len(numbers) == len(choices) == len(set(numbers))
