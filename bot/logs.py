"""The log: what happened and where, never what anybody wrote, nor their address, nor a secret.

Rule: an exception's own words may hold all three, so that only its kind and its place are logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Final

import orjson

from bot.config import Log

# Libraries log the addresses they call, statements with their values, frames of sockets, lines of mail: of theirs,
# warnings are enough, however much is asked of ours.
_OURS: Final = ("motline", "bot", "channels", "dialogs", "storage")
_TEXT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def set_up(settings: Log) -> None:
    """Send everything of this process to standard error, as `[log]` says."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if settings.format == "json" else logging.Formatter(_TEXT))
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    # The mail adapter gives this library a level of its own when it is imported; ours may ask for less still.
    logging.getLogger("aioimaplib").setLevel(max(level, logging.WARNING))


def place_of(error: BaseException) -> str:
    """`KeyError at conversation.py:120 in decide`: enough to find it, nothing of what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} in {last.name}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return orjson.dumps(line).decode()
