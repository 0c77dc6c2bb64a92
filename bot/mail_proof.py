"""Mail that speaks for another address: a bounce, a complaint, an answer that comes from another mailbox.

Rule: anybody may write such a mail. It is believed by the signed token or the Message-ID (128 random bits) of a message
that we sent, and then it speaks of the address that this message went to, also where that forwards to another. What is
said in answer goes to that address; nobody is linked by it. Who is known to us speaks for themselves.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from channels.email_in import OURS
from channels.message import Inbound, Receipt
from storage.crypto import Keys, Unreadable
from storage.database import Database

_WRITTEN: Final = frozenset({"text", "media", "stop"})
#: What an adapter puts into the payload of a stop that a mailbox's provider reports, not the person.
COMPLAINT: Final = "complaint"
_LOG = logging.getLogger("motline.mail")


async def proven(database: Database, keys: Keys, event: Inbound | Receipt) -> Inbound | Receipt:
    """The event, about the address that our message went to; a bounce of none of ours is of kind "ignored"."""
    if not isinstance(event, Inbound) or event.channel != "email":
        return event
    complaint = event.kind == "stop" and event.payload == COMPLAINT
    if event.kind != "bounce" and not complaint:
        return await _of_whom_was_asked(database, keys, event) if event.kind in _WRITTEN else event
    whose = await _recipient(database, keys, event)
    if not whose:
        _LOG.warning("a %s about no mail of ours was passed over", COMPLAINT if complaint else "bounce")
        return replace(event, kind="ignored")
    return replace(event, sender=whose, chat=whose) if complaint else replace(event, recipient=whose)


async def _of_whom_was_asked(database: Database, keys: Keys, event: Inbound) -> Inbound:
    """An answer, as from the address that the question went to, where the one it comes from is nobody's we know."""
    named = OURS.fullmatch(event.reply_to)
    public_id = named[1] if named else keys.verify_id("reply", event.token) if event.token else None
    if not public_id:
        return event
    row = await database.fetch_one(
        """SELECT a.sealed FROM outbox o JOIN addresses a ON a.id = o.address_id AND a.customer_id = o.customer_id
 WHERE o.public_id = $1 AND o.channel = 'email' AND o.kind IN ('question', 'reminder', 'say', 'notice', 'staff')
 AND NOT EXISTS (SELECT 1 FROM addresses s LEFT JOIN customers c ON c.id = s.customer_id WHERE s.channel = 'email'
 AND s.lookup = $2 AND (s.id = a.id OR s.staff_id IS NOT NULL OR s.team_id IS NOT NULL OR c.status = 'known'))""",
        public_id,
        keys.lookup("email", event.sender),
    )
    whose = _opened(keys, row["sealed"]) if row is not None else ""
    return replace(event, sender=whose, chat=whose) if whose else event


async def _recipient(database: Database, keys: Keys, event: Inbound) -> str:
    named = OURS.fullmatch(event.reply_to)
    public_id = (keys.verify_id("reply", event.token) if event.token else None) or (named[1] if named else "")
    if not public_id:
        return ""
    row = await database.fetch_one(
        """SELECT a.sealed FROM outbox o JOIN addresses a ON a.id = o.address_id
 WHERE o.public_id = $1 AND o.channel = 'email'""",
        public_id,
    )
    return _opened(keys, row["sealed"]) if row is not None else ""


def _opened(keys: Keys, sealed: bytes) -> str:
    try:
        return keys.open(sealed).decode() if sealed else ""
    except Unreadable:
        return ""
