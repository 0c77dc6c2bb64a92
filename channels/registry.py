"""Name to adapter. An adapter's module, and with it its platform's library, is imported only when it is asked for.

Rule: a new channel is one line here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

ADAPTERS: Final[dict[str, str]] = {
    "telegram": "channels.telegram:TelegramChannel",
    "sms": "channels.sms:SmsChannel",
    "wechat": "channels.wechat:WeChatChannel",
    "wecom": "channels.wecom:WeComChannel",
    "email": "channels.email:EmailChannel",
    "webchat": "channels.webchat:WebChat",
}

_BY_GET: Final = frozenset({"sms", "wechat", "wecom"})


def methods_of(name: str) -> frozenset[str]:
    """How a platform calls its webhook. WeChat and WeCom check the address by GET; Twilio's may be set to GET."""
    return frozenset({"GET", "POST"}) if name in _BY_GET else frozenset({"POST"})


def adapter(name: str) -> type[Any]:
    """The adapter's class. Raises LookupError that names the channels there are."""
    if name not in ADAPTERS:
        raise LookupError(f"no channel is called {name!r}; there are {', '.join(ADAPTERS)}")
    module, _, attribute = ADAPTERS[name].partition(":")
    found: type[Any] = getattr(import_module(module), attribute)
    return found
