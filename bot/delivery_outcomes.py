"""What follows from a failed send: the four errors become outcomes.

Rule: pure. Surely not sent and perhaps later: again, with growing pauses. Surely not sent and never: dead. Perhaps
sent: asked for where the provider can be asked, else unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.errors import RecipientGone, Rejected, SendError, Temporary
from storage.outbox_rows import ClaimedRow, NotSent

#: The pause grows by this factor with each attempt.
_GROWTH = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop works; times in seconds. `attempts` of one message, `backoff` after the first, at most
    `backoff_limit`; `lease`: how long a worker may hold a message; `timeout` of a send; `give_up`: the age at
    which a message is too old to be worth sending."""

    attempts: int = 8
    backoff: float = 5.0
    backoff_limit: float = 3600.0
    lease: float = 30.0
    poll: float = 0.5
    timeout: float = 15.0
    give_up: float = 86_400.0

    def pause(self, attempts: int) -> float:
        """Seconds to wait after so many attempts."""
        return float(min(self.backoff_limit, self.backoff * _GROWTH ** min(attempts - 1, 20)))


def after_error(row: ClaimedRow, error: SendError, now: int, pace: Pace, look_up_in: int) -> NotSent:
    """What becomes of a row whose send raised `error` at `now` (ms); `look_up_in` as of `in_doubt`."""
    match error:
        case Temporary():
            return _again(row, error, now, pace)
        case RecipientGone():
            return NotSent(row, "dead", str(error), address="stopped" if error.stopped else "closed")
        case Rejected():
            return NotSent(row, "dead", str(error), address="spent" if error.spent else "stays")
        case _:
            return in_doubt(row, str(error), look_up_in)


def in_doubt(row: ClaimedRow, reason: str, look_up_in: int) -> NotSent:
    """It may have left: it will be looked up after so many ms, or, with 0, it is unknown."""
    if look_up_in:
        return NotSent(row, "sending", reason, look_up_in=look_up_in)
    return NotSent(row, "unknown", reason)


def _again(row: ClaimedRow, error: Temporary, now: int, pace: Pace) -> NotSent:
    if now - row.created_at > pace.give_up * 1000:
        return NotSent(row, "dead", f"{error}; given up after {pace.give_up / 3600:g} h")
    # A channel that is down or limited as a whole is no fault of this message.
    if row.attempts >= pace.attempts and not error.whole_channel and not error.moved_to:
        return NotSent(row, "dead", f"{error}; given up after {row.attempts} attempts")
    pause = pace.pause(row.attempts) if error.retry_after is None else error.retry_after
    return NotSent(row, "retry", str(error), run_at=now + (0 if error.moved_to else int(pause * 1000)))
