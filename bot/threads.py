"""What a customer's message says of what it answers, before anything is looked up.

Rule: pure. The surest name comes first: a mail's In-Reply-To, then its References, then the signed token of the address
that it was written to. A name says nothing by itself; the store finds it only among this customer's own messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.turn_carry import Press
from channels.email_in import OURS
from channels.message import Inbound
from dialogs.engine_values import clean
from storage.crypto import Keys
from storage.turn_rows import About

#: What a late score or choice is at most, in characters; longer words are for the open dialog or for staff.
LONGEST_LATE: Final = 40
_WRITTEN: Final = frozenset({"text", "media"})


def about(inbound: Inbound, press: Press | None, keys: Keys, *, opens: bool) -> About | None:
    """What it names, None where it names nothing. `opens`: it is a keyword or a link, and so no answer."""
    if press is not None:
        return About(conversation=press.conversation)
    if opens or inbound.kind not in _WRITTEN:
        return None
    if inbound.reply_to or inbound.token:
        return _named(inbound, keys)
    if inbound.kind == "text" and len(inbound.text) <= LONGEST_LATE:
        return _LAST
    return None


_LAST: Final = About(last=True)


def _named(inbound: Inbound, keys: Keys) -> About | None:
    ours = OURS.fullmatch(inbound.reply_to)
    token = keys.verify_id("reply", inbound.token) if inbound.token else None
    public_ids = tuple(dict.fromkeys(one for one in (ours[1] if ours else "", token or "") if one))
    external = "" if ours else inbound.reply_to
    quoted = _quoted(inbound.raw) if inbound.channel == "telegram" else ""
    return About(public_ids=public_ids, external=external, quoted=quoted) if public_ids or external else None


def _quoted(raw: object) -> str:
    """The words of the Telegram message that was answered; one sent in a webhook's response has no known id."""
    answered = _map(_map(_map(raw).get("message")).get("reply_to_message"))
    text = answered.get("text")
    return clean(text).rstrip() if isinstance(text, str) else ""


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
