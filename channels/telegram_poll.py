"""Fetching updates where Telegram cannot call us.

Rule: an update is confirmed to Telegram (by a higher offset) only after `receive` returned, so after it is committed;
what was received twice is recognised by its `update_id`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from channels.channel import Progress, Receive
from channels.errors import ChannelError, Temporary
from channels.message import Inbound
from channels.telegram_updates import ALLOWED_UPDATES

log = logging.getLogger(__name__)

WAIT: Final = 25
"""Seconds that Telegram holds an empty getUpdates open."""
_BATCH: Final = 100
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0

Pause = Callable[[float], Awaitable[None]]


class Call(Protocol):
    """A Bot API call; raises SendError."""

    async def __call__(self, name: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Any: ...


class Poller:
    """Reads one bot's updates in order. `read` makes an event of one, `name` is under what progress is kept."""

    def __init__(self, *, call: Call, read: Callable[[Mapping[str, Any]], Inbound], name: str, pause: Pause) -> None:
        self._call = call
        self._read = read
        self._name = name
        self._pause = pause

    async def run(self, receive: Receive, progress: Progress) -> None:
        """For ever. A failure waits, longer each time up to a minute, and fetches again what was not confirmed."""
        offset, failures = _number(await progress.load(self._name)), 0
        while True:
            try:
                offset = await self._batch(offset, receive, progress)
                failures = 0
            except Exception as error:
                seconds = _pause_after(error, failures)
                failures += 1
                log.warning("telegram: polling rests %.0f s: %s", seconds, _reason(error))
                await self._pause(seconds)

    async def _batch(self, offset: int, receive: Receive, progress: Progress) -> int:
        asked = {"offset": offset, "limit": _BATCH, "timeout": WAIT, "allowed_updates": list(ALLOWED_UPDATES)}
        updates = await self._call("getUpdates", asked, timeout=WAIT + 10)
        for update in updates if isinstance(updates, list) else []:
            if not isinstance(update, dict):
                continue
            await receive(self._read(update))
            number = update.get("update_id")
            if isinstance(number, int):
                offset = max(offset, number + 1)
                await progress.keep(self._name, str(offset))
        return offset


def _pause_after(error: Exception, failures: int) -> float:
    if isinstance(error, Temporary) and error.retry_after is not None:
        return error.retry_after
    return min(_FIRST_PAUSE * 2.0 ** min(failures, 10), _LONGEST_PAUSE)


def _reason(error: Exception) -> str:
    # Only our own errors are known to hold neither a secret nor a customer's words.
    return str(error) if isinstance(error, ChannelError) else type(error).__name__


def _number(kept: str) -> int:
    return int(kept) if kept.isascii() and kept.isdigit() else 0
