"""Words that command Motline itself: stop, help, start. They are never an answer, at any step.

Rule: only alone in the message. Any case, full width, traditional characters and punctuation around the word are
allowed; one more word makes it an ordinary reply. The SMS lists are Twilio's, with what Chinese and French carriers
teach their customers; single letters (T, R) are left to gateways that list them. Twilio also resumes on YES, which
is an answer here.
"""

from typing import Final

from dialogs.answers_fold import bare

_STOP_EVERYWHERE: Final = frozenset({"stop", "unsubscribe", "退订"})
_STOP_SMS: Final = frozenset({"stopall", "end", "quit", "cancel", "revoke", "optout", "td", "拒收", "arret"})
_HELP_EVERYWHERE: Final = frozenset({"help"})
_HELP_SMS: Final = frozenset({"info"})
_HELP_CHAT: Final = frozenset({"帮助"})
_START_EVERYWHERE: Final = frozenset({"start", "unstop", "恢复接收", "恢复订阅", "重新订阅"})
_LONGEST: Final = 64  # Characters; a longer message is never a command.


def stop_words(channel: str) -> frozenset[str]:
    """The folded words that stop on this channel, without the commands that begin with a slash."""
    return _STOP_EVERYWHERE | _STOP_SMS if channel == "sms" else _STOP_EVERYWHERE


def help_words(channel: str) -> frozenset[str]:
    """The folded words that ask for help on this channel."""
    return _HELP_EVERYWHERE | (_HELP_SMS if channel == "sms" else _HELP_CHAT)


def start_words(channel: str) -> frozenset[str]:
    """The folded words that take a stop back; the same on every channel."""
    return _START_EVERYWHERE


def is_stop(text: str, channel: str) -> bool:
    """Whether the message is the command to stop. `channel` is the adapter's name: "sms", "telegram", "webchat"…"""
    return _is_command(text, stop_words(channel), "/stop")


def is_help(text: str, channel: str) -> bool:
    """Whether the message asks what this is."""
    return _is_command(text, help_words(channel), "/help")


def is_start(text: str, channel: str) -> bool:
    """Whether the message takes a stop back."""
    return _is_command(text, start_words(channel), "/start")


def _is_command(text: str, words: frozenset[str], slashed: str) -> bool:
    if len(text) > _LONGEST:
        text = text.strip()
        if len(text) > _LONGEST:
            return False
    word = bare(text)
    if word in words:
        return True
    # Telegram names the bot in groups: /stop@motline_bot
    return "/" + word.partition("@")[0] == slashed and text.lstrip().startswith(("/", "／"))
