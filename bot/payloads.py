"""What our buttons carry: at most 64 bytes of ASCII, the least that any platform allows (Telegram).

`c.<conversation>.<step>.<choice>` is an answer to a question of a dialog, `t.<ticket>.<verb>` a colleague's press on a
card, `m-<token>` a link that ties a chat to a customer. Conversation and ticket are public ids; whose they are is
checked against the presser's own, so a forged payload says nothing about anybody else.
"""

from __future__ import annotations

import re
from typing import Final, Literal, cast

from bot.turn_carry import Press
from channels.message import Inbound

TicketVerb = Literal["claim", "reply", "close", "release", "not_unhappy"]

_PRESS: Final = re.compile(r"c\.([0-9a-f]{32})\.(\d{1,4})\.(\d{1,4})")
_TICKET: Final = re.compile(r"t\.([0-9a-f]{32})\.(claim|reply|close|release|not_unhappy)")


#: What our links begin with, so that a payload of somebody else's is not looked up.
LINK: Final = "m-"
#: Channels where a link's payload comes back as words, in a message that was written for the person.
IN_WORDS: Final = frozenset({"sms", "email"})
_WRITTEN: Final = re.compile(r"(?<![\w-])m-[A-Za-z0-9_-]{22}(?![\w-])")


def written_link(inbound: Inbound) -> str:
    """The payload of a link of ours in a message's text, on a channel that brings it so; else empty."""
    if inbound.kind != "text" or inbound.channel not in IN_WORDS or LINK not in inbound.text:
        return ""
    found = _WRITTEN.search(inbound.text)
    return found[0] if found else ""


def answer_payload(conversation: str, step: int, choice: int) -> str:
    """The payload of a choice; `conversation` is the public id."""
    return f"c.{conversation}.{step}.{choice}"


def read_answer_payload(payload: str) -> Press | None:
    """The press a payload stands for, or None where it is none of ours."""
    found = _PRESS.fullmatch(payload)
    return Press(found[1], int(found[2]), int(found[3])) if found else None


def ticket_payload(ticket: str, verb: TicketVerb) -> str:
    """The payload of a card's button; `ticket` is the public id."""
    return f"t.{ticket}.{verb}"


def read_ticket_payload(payload: str) -> tuple[str, TicketVerb] | None:
    """Ticket and verb of a card's button, or None where it is none."""
    found = _TICKET.fullmatch(payload)
    return (found[1], cast(TicketVerb, found[2])) if found else None
