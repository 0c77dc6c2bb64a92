"""WeCom's error codes, as what the delivery loop does next.

Rule: data alone. Source: "全局错误码" (developer.work.weixin.qq.com/document/path/90313) and the pages on group robots
and application messages. What is in no table was not sent: Rejected.
"""

from __future__ import annotations

from typing import Final

from channels.errors import RecipientGone, Rejected, SendError, Temporary

_GONE: Final[dict[int, str]] = {
    40003: "there is no such colleague",
    60111: "there is no such colleague",
    81013: "none of the recipients exists or may see the application",
    82001: "none of the recipients exists or may see the application",
    93000: "there is no group robot with this key; it was removed from its group",
}
_REJECTED: Final[dict[int, str]] = {
    40008: "WeCom does not know this type of message",
    40058: "WeCom refuses a field of the message",
    44004: "the text is empty",
    45002: "the text is longer than 2048 bytes",
    48002: "the application has no permission for this interface",
}
_SETTINGS: Final[dict[int, str]] = {
    40013: "wecom.corp_id is not known to WeCom",
    40056: "wecom.agent_id is not that of this application",
    41001: "the call carried no access token",
    60020: "this server's address is not among the application's trusted addresses",
    301002: "wecom.agent_id is not that of the application whose secret this is",
}
_SLOW_DOWN: Final = frozenset({45009, 45033})


def refusal(code: int, message: str) -> SendError:
    """What to raise for an `errcode` that is not 0. The limits count by the minute."""
    known = _GONE.get(code) or _REJECTED.get(code) or _SETTINGS.get(code)
    reason = f"{known}: {message}" if known and message else known or f"WeCom refused the message: {message}"
    if code in _GONE:
        return RecipientGone(reason, code=str(code))
    if code in _SETTINGS:
        return Temporary(reason, code=str(code), whole_channel=True)
    if code in _SLOW_DOWN:
        return Temporary("WeCom is called too often", code=str(code), retry_after=60.0)
    if code in (-1, 6000):
        return Temporary(f"WeCom is busy: {message}", code=str(code))
    return Rejected(reason, code=str(code))
