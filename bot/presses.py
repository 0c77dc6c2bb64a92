"""A pressed button gets an answer of its own: the press is acknowledged, the choice is marked on the message.

Rule: best effort, outside the outbox, after the commit. Whatever goes wrong here is a line in the log: the answer
itself is kept already.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

import orjson

from bot.payloads import read_answer_payload
from channels.channel import Acknowledges, Channel
from channels.message import Inbound
from storage.database import Database

#: Nobody waits longer than this for the mark on a button.
SECONDS: Final = 10.0
#: So many at once; beyond that a rush of presses is not worth holding up the messages.
MOST: Final = 200

_LOG = logging.getLogger("motline.presses")


class Presses:
    """The acknowledgements of one process that are under way."""

    def __init__(self, channels: Mapping[str, Channel], database: Database) -> None:
        self._channels, self._database = channels, database
        self._under_way: set[asyncio.Task[None]] = set()

    def pressed(self, inbound: Inbound) -> None:
        """Acknowledge in the background; without `inbound.pressed` nothing is marked on the message."""
        channel: object = self._channels.get(inbound.channel)
        if isinstance(channel, Acknowledges) and len(self._under_way) < MOST:
            task = asyncio.create_task(self._acknowledge(channel, inbound))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _acknowledge(self, channel: Acknowledges, inbound: Inbound) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                chosen = await self._title(inbound) if inbound.pressed else ""
                await channel.acknowledge(inbound, chosen)
        except Exception as error:
            _LOG.warning("a press on %s was not acknowledged: %s", inbound.channel, type(error).__name__)

    async def _title(self, inbound: Inbound) -> str:
        """What the pressed button says, from our own message; empty where it is not found any more."""
        press = read_answer_payload(inbound.payload)
        if press is None:
            return ""
        rows = await self._database.fetch(
            """SELECT o.body FROM outbox o
 JOIN conversations v ON v.id = o.conversation_id AND v.customer_id = o.customer_id
 WHERE v.public_id = $1 ORDER BY o.id DESC""",
            press.conversation,
        )
        offered = (choice for row in rows for choice in orjson.loads(row["body"]).get("choices", ()))
        return next((str(title) for title, payload, _ in offered if payload == inbound.payload), "")
