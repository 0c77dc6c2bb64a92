"""Mail that speaks of another person: a bounce or a complaint counts only where it brings back a mail of ours.

Rule: anybody may write such a mail. It is believed by the signed token or the Message-ID (128 random bits) of a message
that we sent, and then it speaks of the address that this message went to, also where that forwards to another.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from channels.email_in import OURS
from channels.message import Inbound, Receipt
from storage.crypto import Keys, Unreadable
from storage.database import Database

#: What an adapter puts into the payload of a stop that a mailbox's provider reports, not the person.
COMPLAINT: Final = "complaint"
_LOG = logging.getLogger("motline.mail")


async def proven(database: Database, keys: Keys, event: Inbound | Receipt) -> Inbound | Receipt:
    """The event, about the address that our message went to; of kind "ignored" where it is about none of ours."""
    if not isinstance(event, Inbound) or event.channel != "email":
        return event
    complaint = event.kind == "stop" and event.payload == COMPLAINT
    if event.kind != "bounce" and not complaint:
        return event
    whose = await _recipient(database, keys, event)
    if not whose:
        _LOG.warning("a %s about no mail of ours was passed over", COMPLAINT if complaint else "bounce")
        return replace(event, kind="ignored")
    return replace(event, sender=whose, chat=whose) if complaint else replace(event, recipient=whose)


async def _recipient(database: Database, keys: Keys, event: Inbound) -> str:
    named = OURS.fullmatch(event.reply_to)
    public_id = (keys.verify("reply", event.token) if event.token else None) or (named[1] if named else "")
    if not public_id:
        return ""
    row = await database.fetch_one(
        """SELECT a.sealed FROM outbox o JOIN addresses a ON a.id = o.address_id
 WHERE o.public_id = $1 AND o.channel = 'email'""",
        public_id,
    )
    try:
        return keys.open(row["sealed"]).decode() if row is not None and row["sealed"] else ""
    except Unreadable:
        return ""
