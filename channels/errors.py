"""What can go wrong at the edge, and what the caller does next. The delivery loop branches on these four alone.

    ChannelError
    ├── InvalidSignature      the request is not the platform's: answer 403, keep nothing
    ├── MalformedRequest      signed, but not what the platform sends: answer 400, keep it for the record
    ├── MissingSetting        the adapter lacks a setting: names it (also why `inspect` refuses)
    ├── SendError
    │   ├── Temporary         not sent; try again after `retry_after` seconds (None: the loop's own backoff)
    │   ├── Rejected          not sent, and never will be: the message is dead, the address is fine
    │   ├── RecipientGone     not sent: the person blocked us or the address does not exist; the address is closed
    │   └── OutcomeUnknown    may have been sent: look it up, or let it stand as `unknown`; never send again by itself
    └── HttpError             raised by the Http given to adapters
        ├── NotSent           no byte of the request left: safe to repeat
        └── Unanswered        the request left and no whole answer came back in time
"""

from __future__ import annotations


class ChannelError(Exception):
    """Something went wrong at a platform's edge."""


class InvalidSignature(ChannelError):
    """The request does not carry the platform's signature."""


class MalformedRequest(ChannelError):
    """The request is signed but is not what the platform sends."""


class MissingSetting(ChannelError):
    """A setting that this needs is missing; `key` names it, as in `telegram.secret`."""

    def __init__(self, key: str, why: str = "") -> None:
        super().__init__(f"setting {key} is missing" + (f": {why}" if why else ""))
        self.key = key


class SendError(ChannelError):
    """A message was not, or perhaps not, sent. `code` is the provider's own code, `reason` a sentence for staff."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(f"{reason} ({code})" if code else reason)
        self.reason = reason
        self.code = code


class Temporary(SendError):
    """Not sent; may be tried again. `retry_after` in seconds, None where the provider names no time.

    `moved_to` is the recipient's new id where the provider says that it moved (a Telegram group become supergroup).
    `whole_channel` says that the limit holds for all recipients, so the loop rests for the channel, not the address.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        moved_to: str = "",
        whole_channel: bool = False,
    ) -> None:
        super().__init__(reason, code=code)
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.whole_channel = whole_channel


class Rejected(SendError):
    """Not sent and never will be; the address stays open.

    `spent`: because the platform takes nothing more from us until the customer writes, whatever we had counted.
    """

    def __init__(self, reason: str, *, code: str = "", spent: bool = False) -> None:
        super().__init__(reason, code=code)
        self.spent = spent


class RecipientGone(SendError):
    """Not sent: blocked, opted out or no such address. The address is closed.

    `stopped`: the person told the provider to stop; only their START opens the address again, no other word of theirs.
    """

    def __init__(self, reason: str, *, code: str = "", stopped: bool = False) -> None:
        super().__init__(reason, code=code)
        self.stopped = stopped


class OutcomeUnknown(SendError):
    """The request left and nothing certain came back."""


class HttpError(ChannelError):
    """An HTTP call of ours did not complete."""


class NotSent(HttpError):
    """No byte of the request left: the connection was refused, the name was not found, the handshake failed."""


class Unanswered(HttpError):
    """The request left, at least in part, and no whole answer came back in time."""
