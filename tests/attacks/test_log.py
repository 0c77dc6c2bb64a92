"""The log at its most talkative: ours says more then, libraries do not."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.config import Log
from bot.logs import set_up

LIBRARIES = (
    "aiosqlite", "tortoise", "httpx", "httpcore.http11", "websockets.server", "engineio.server", "socketio.server",
    "nicegui", "aioimaplib.aioimaplib", "mail.log", "aiosmtplib", "asyncio", "aiogram.event", "uvicorn.error",
    "uvicorn.access", "multipart", "python_multipart.multipart", "rasa_sdk.executor", "twilio.http_client", "wechatpy",
)  # fmt: skip
OURS = ("motline.web", "motline.delivery", "channels.telegram", "bot.x", "storage.y", "dialogs.z")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    packages = ("motline", "bot", "channels", "dialogs", "storage")
    named = {name: logging.getLogger(name).level for name in packages}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in named.items():
        logging.getLogger(name).setLevel(before)


def test_no_library_tells_what_it_carries() -> None:
    set_up(Log(level="debug"))
    assert [name for name in LIBRARIES if logging.getLogger(name).isEnabledFor(logging.INFO)] == []
    assert all(logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in OURS)


def test_errors_alone_means_errors_alone() -> None:
    set_up(Log(level="error"))
    assert [name for name in (*LIBRARIES, *OURS) if logging.getLogger(name).isEnabledFor(logging.WARNING)] == []
