"""What Twilio's error codes mean for a message and for its number.

Rule: the tables below are all that is known of codes; the rest goes by the HTTP status. A refusal (4xx) was not carried
out. Of a 5xx nobody knows, except a 503, which was not begun. Codes: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from channels.errors import OutcomeUnknown, RecipientGone, Rejected, SendError, Temporary

_MISCONFIGURED: Final = 300.0

# The number will never take a message of ours: its address is closed.
GONE: Final[dict[str, str]] = {
    "21211": "not a valid telephone number",
    "21214": "the number cannot be reached",
    "21217": "not a valid telephone number",
    "21265": "a short code cannot receive messages",
    "21610": "the person opted out (STOP)",
    "21614": "not a mobile number",
    "21635": "a landline",
    "30005": "no such number, or it no longer exists",
    "30006": "a landline, or its carrier takes no messages",
}
# Of those the person's own word to Twilio, which they may take back.
STOPPED: Final = frozenset({"21610"})
# Not now; seconds to wait. Counted for the number alone.
LATER: Final[dict[str, tuple[str, float]]] = {
    "30001": ("Twilio's queue overflowed", 60.0),
    "30003": ("the telephone is switched off or out of reach", 900.0),
    "30017": ("the carrier is congested", 300.0),
}
# Not now, for any number; seconds to wait.
CHANNEL: Final[dict[str, tuple[str, float]]] = {
    "14107": ("Twilio's rate limit for replies is reached", 1.0),
    "20429": ("too many requests", 1.0),
    "21611": ("the sender's queue at Twilio is full", 60.0),
    "20003": ("Twilio refused the credentials; check sms.account_sid and sms.auth_token", _MISCONFIGURED),
    "20005": ("the Twilio account is not active", _MISCONFIGURED),
    "30002": ("the Twilio account is suspended", _MISCONFIGURED),
}
# Never this message; the number is fine.
DEAD: Final[dict[str, str]] = {
    "21408": "the country is not enabled in Twilio's Messaging Geographic Permissions",
    "21602": "the text is empty",
    "21603": "a sender is needed; set sms.sender or sms.messaging_service",
    "21606": "sms.sender cannot send messages to this number",
    "21612": "this sender cannot reach this number",
    "21617": "the text is longer than 1600 characters",
    "21659": "sms.sender is not a number of this Twilio account",
    "21703": "the messaging service has no sender",
    "21705": "sms.messaging_service is not a messaging service of this account",
    "30004": "the message was blocked",
    "30007": "the carrier filtered the message as spam",
    "30008": "the carrier gave no reason",
    "30034": "the US number is not registered for A2P 10DLC",
}


def refused(status: int, body: str, retry_after: str) -> SendError:
    """The error of an answer that is no success. `retry_after` is the header of that name, or empty."""
    code, message = _told(body)
    named = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    if status == 429:
        return Temporary("Twilio: too many requests", code=code or "429", retry_after=named or 1.0, whole_channel=True)
    if status == 503:
        return Temporary("Twilio is not available", code=code or "503", retry_after=named, whole_channel=True)
    if status >= 500 or status < 300:
        return OutcomeUnknown(f"Twilio answered HTTP {status}", code=code or str(status))
    if code and code != "20404":
        return by_code(code, message)
    reason = f"Twilio answered HTTP {status}; check sms.account_sid, sms.auth_token and sms.api_url"
    return Temporary(reason, code=code or str(status), retry_after=named or _MISCONFIGURED, whole_channel=True)


def by_code(code: str, message: str = "") -> SendError:
    """The error that a code stands for; `message` is Twilio's sentence for a code that is in no table."""
    if code in GONE:
        return RecipientGone(GONE[code], code=code, stopped=code in STOPPED)
    if code in LATER:
        reason, seconds = LATER[code]
        return Temporary(reason, code=code, retry_after=seconds)
    if code in CHANNEL:
        reason, seconds = CHANNEL[code]
        return Temporary(reason, code=code, retry_after=seconds, whole_channel=True)
    return Rejected(DEAD.get(code) or _without_numbers(message) or "Twilio refused the message", code=code)


def reason_of(code: str) -> str:
    """A sentence for staff, empty for a code that is in no table."""
    reason = GONE.get(code) or DEAD.get(code)
    return reason or (LATER.get(code) or CHANNEL.get(code) or ("", 0.0))[0]


def _told(body: str) -> tuple[str, str]:
    try:
        answer: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(answer, dict):
        return "", ""
    code, message = answer.get("code"), answer.get("message")
    return str(code) if isinstance(code, int) else "", str(message or "")[:300]


def _without_numbers(message: str) -> str:
    """Twilio's sentences hold the number they speak of, which no log may see."""
    return " ".join("…" if sum(char.isdigit() for char in word) > 4 else word for word in message.split())
