"""WeChat's error codes, as what the delivery loop does next.

Rule: data alone. Source: "Global return codes" (developers.weixin.qq.com/doc/offiaccount/Getting_Started) and the error
tables of the pages on customer-service, template and subscribe messages. What is in no table was not sent: Rejected.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from channels.errors import RecipientGone, Rejected, SendError, Temporary

_BEIJING: Final = timezone(timedelta(hours=8))

_GONE: Final[dict[int, str]] = {
    40003: "this open id does not belong to the account, or no longer follows it",
    43004: "the customer does not follow the account",
    43005: "the customer does not follow the account",
    48002: "the customer has switched off messages from the account",
    50002: "the customer's account is frozen or closed",
    50005: "the customer does not follow the account",
}
_REJECTED: Final[dict[int, str]] = {
    40008: "WeChat does not know this type of message",
    40033: "WeChat refuses characters of the message",
    40037: "the template does not exist in this account",
    40200: "this type of account may not send this type of message",
    43101: "the customer has not agreed to this subscribe message, or has used up the agreement",
    43116: "the template belongs to another type of account",
    44004: "the text is empty",
    45002: "the text is longer than 2048 bytes",
    45015: "the customer last wrote more than 48 hours ago: the window is closed",
    45047: "too many messages since the customer last wrote",
    47001: "WeChat cannot read the message",
    47003: "the fields do not fit the template",
    48001: "the account has no permission for this interface; it must be a verified service account",
    48004: "WeChat has closed this interface for the account",
    50001: "the account has no permission for this interface",
    87014: "WeChat finds the content illegal",
}
# What says that our count of the customer's window is wrong: it is used up.
_SPENT: Final = frozenset({45015, 45047})
# Not this message's fault, and an admin can put it right: the channel waits.
_SETTINGS: Final[dict[int, str]] = {
    40013: "wechat.app_id is not known to WeChat",
    40125: "wechat.app_secret is wrong",
    40164: "this server's address is not on the account's IP white list",
    41001: "the call carried no access token",
    61004: "this server's address is not on the account's IP white list",
    89503: "an administrator of the account must confirm this server's address",
}


def refusal(code: int, message: str, now: datetime) -> SendError:
    """What to raise for an `errcode` that is not 0."""
    known = _GONE.get(code) or _REJECTED.get(code) or _SETTINGS.get(code)
    reason = f"{known}: {message}" if known and message else known or f"WeChat refused the message: {message}"
    if code in _GONE:
        return RecipientGone(reason, code=str(code))
    if code in _SETTINGS:
        return Temporary(reason, code=str(code), whole_channel=True)
    match code:
        case -1:
            return Temporary(f"WeChat is busy: {message}", code="-1")
        case 45009:
            wait = until_midnight_in_beijing(now)
            return Temporary("the day's calls are used up", code="45009", retry_after=wait, whole_channel=True)
        case 45011:
            return Temporary("the minute's calls are used up", code="45011", retry_after=60.0, whole_channel=True)
    return Rejected(reason, code=str(code), spent=code in _SPENT)


def until_midnight_in_beijing(now: datetime) -> float:
    """Seconds until daily quotas begin anew."""
    local = now.astimezone(_BEIJING)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight.astimezone(UTC) - now).total_seconds()
