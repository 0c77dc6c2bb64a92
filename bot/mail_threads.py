"""Mails of one conversation are one thread in every mail program: In-Reply-To, References, and the subject kept.

Rule: made when a mail leaves, of what was sent and received by then; nothing of it lies in the outbox. A mail that
begins a conversation begins a thread. What cannot be read is left out, never a reason not to send.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from channels.email_compose import subject_of
from channels.email_headers import Headers, message_ids
from channels.message import Outbound
from storage import mail_threads
from storage.crypto import Keys, Unreadable
from storage.database import Database
from storage.mail_threads import Before
from storage.outbox_rows import ClaimedRow

#: What mail programs put before the subject of an answer.
_ANSWER: Final = re.compile(r"^\s*(?:(?:re|aw|sv|antw|回复|回覆|答复|答覆)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
#: Message-IDs that a mail names; the first is where the thread began.
_MOST: Final = 20


class MailThreads:
    """Reads what claimed mails go on from; `put` then sets it, once for each, while others are claimed."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys
        self._before: dict[int, Before] = {}

    async def read(self, rows: Sequence[ClaimedRow]) -> None:
        """Remember what stands before these, too; only mails to customers have a thread."""
        mails = [row.id for row in rows if row.channel == "email" and row.customer_id is not None]
        if mails:
            self._before |= await mail_threads.before(self._database, mails)

    def forget(self, row: ClaimedRow) -> None:
        """This one will not be sent."""
        self._before.pop(row.id, None)

    def put(self, row: ClaimedRow, outbound: Outbound) -> Outbound:
        """The mail as the next of its thread."""
        before = self._before.pop(row.id, None)
        if before is None or outbound.reply_to:
            return outbound
        ours = [one.message_id for one in before.ours]
        answered, references, subject = self._theirs(before)
        if before.ours and not subject:
            first = before.ours[0]
            subject = _body(first.body).get("subject") or subject_of(first.text)
        known = list(dict.fromkeys([*references, *(ours if not references else ()), *([answered] if answered else ())]))
        if not known:
            return outbound
        return replace(
            outbound,
            reply_to=answered or known[-1],
            references=tuple(known[:1] + known[1:][1 - _MOST :]),
            subject=outbound.subject or _answering(subject),
        )

    def _theirs(self, before: Before) -> tuple[str, list[str], str]:
        """Message-ID, References and subject of the mail that is answered; what is not known is empty."""
        first = before.external.partition(" ")[0]
        answered = first if first.startswith("<") and first.endswith(">") else ""
        headers = self._headers(before.raw) if answered else None
        if headers is None:
            return answered, [], ""
        named = headers.first("references") or headers.first("in-reply-to")
        return answered, message_ids(named), headers.text("subject")

    def _headers(self, sealed: bytes) -> Headers | None:
        try:
            kept = orjson.loads(self._keys.open(sealed)) if sealed else {}
            return Headers.of((str(name), str(value)) for name, value in kept["headers"])
        except (Unreadable, ValueError, KeyError, TypeError):
            return None


def _answering(subject: str) -> str:
    plain = _ANSWER.sub("", subject).strip()
    return f"Re: {plain}" if plain else ""


def _body(body: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found
