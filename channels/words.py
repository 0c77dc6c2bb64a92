"""The words that are no answer: stop, start, help. Each adapter asks here, with its own platform's table.

Rule: a word counts only alone in the message. Case, full-width forms, repeated spaces, quotes around it and punctuation
after it do not matter; anything else beside it makes the message a text. Tables are data; no platform is named in code.

Sources: Twilio's default opt-out keywords (docs "Support for opt-out keywords", with REVOKE and OPTOUT since 2025; YES
is left out, it is an answer), and what Chinese SMS gateways print under their messages (TD, T, R, 退订, 拒收).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

WordKind = Literal["text", "stop", "start", "help"]

# Longer than any word of any table with what may stand around it: such a text is not folded at all.
_LONGEST: Final = 40
_AROUND: Final = " \t\r\n\u200b\u200e\u200f\ufeff\"'`«»“”‘’「」『』【】()[]<>《》*_~"
_AFTER: Final = ".,!?;:…。,、!?;:·-—" + _AROUND


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one platform, folded as `fold` does."""

    stop: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]


def fold(text: str) -> str:
    """The form in which words are compared: NFKC, lower case, single spaces, bare of quotes and final punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.strip(_AROUND).rstrip(_AFTER).split())


def kind_of(text: str, *, words: Words) -> WordKind:
    """What a message is by this platform's words: "stop", "start", "help", or a mere "text"."""
    if len(text) > _LONGEST:
        return "text"
    folded = fold(text)
    if folded in words.stop:
        return "stop"
    if folded in words.start:
        return "start"
    return "help" if folded in words.help else "text"


def _words(*, stop: str, start: str, help: str) -> Words:
    return Words(stop=_folded(stop), start=_folded(start), help=_folded(help))


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split(","))


# The words that Motline itself names when it confirms a stop, in English and in Chinese.
_START: Final = "START, UNSTOP, 恢复接收, 恢復接收, 恢复订阅, 恢復訂閱, 重新订阅, 重新訂閱"

CHAT: Final = _words(stop="STOP, UNSUBSCRIBE, 退订, 退訂, /stop", start=f"{_START}, /start", help="/help")
EMAIL: Final = CHAT
SMS_TWILIO: Final = _words(
    stop="STOP, STOPALL, STOP ALL, UNSUBSCRIBE, END, QUIT, CANCEL, REVOKE, OPTOUT, OPT OUT, OPT-OUT, ARRET, ARRÊT, "
    "退订, 退訂",
    start=_START,
    help="HELP, INFO",
)
SMS_CHINA: Final = _words(stop="TD, T, R, 退订, 退訂, 拒收, STOP, UNSUBSCRIBE", start=_START, help="HELP, INFO, 帮助")

# What Twilio's own opt-out handling answers by itself; of SMS_TWILIO it knows no more than these.
TWILIO_ANSWERS: Final = _words(
    stop="STOP, STOPALL, UNSUBSCRIBE, END, QUIT, CANCEL, REVOKE, OPTOUT", start="START, UNSTOP", help="HELP, INFO"
)


def stops_chat(text: str) -> bool:
    """Whether the web chat takes a message for the command to stop; the try-out of a dialog does as it does."""
    return kind_of(text, words=CHAT) == "stop"
