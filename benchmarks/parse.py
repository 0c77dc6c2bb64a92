"""What an inbound message costs before its turn: microseconds of CPU to verify and parse it, per channel.

    python -m benchmarks.parse [--seconds 2]

Rule: each message is another one, signed as the platform signs it, and goes through the adapter's own `verify` and
`parse`; what comes out is compared with what was written. CPU time is that of all threads.
"""

from __future__ import annotations

import argparse
import time

import orjson

from benchmarks.parse_requests import CHANNELS, Sample, Work
from channels.message import Inbound

COUNT = 2_000


class WrongReadingError(Exception):
    """A message was read wrongly: the figure would be worth nothing."""


def read(work: Work, sample: Sample) -> object:
    """One message, as a webhook brings it."""
    work.channel.verify(sample.request)
    return work.channel.parse(sample.request)


def check(name: str, work: Work) -> None:
    """Every message is read as its text. Raises WrongReadingError."""
    for sample in work.samples:
        found = read(work, sample)
        event = found[0] if isinstance(found, tuple) and len(found) == 1 else None
        if not isinstance(event, Inbound) or event.text != sample.text:
            raise WrongReadingError(f"{name}: {sample.text!r} became {found}")


def measured(name: str, seconds: float) -> float:
    """Microseconds a message, over about so many seconds of CPU."""
    check(name, CHANNELS[name](1, 200))
    count, spent = 0, 0.0
    for seed in range(2, 1_000):
        # New messages each time: nothing of an earlier one may be remembered.
        work = CHANNELS[name](seed, COUNT)
        begun = time.process_time()
        for sample in work.samples:
            read(work, sample)
        spent += time.process_time() - begun
        count += COUNT
        if spent >= seconds:
            break
    return spent / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU to verify and parse an inbound message, per channel")
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds a channel (default 2)")
    seconds = parser.parse_args().seconds
    figures = {}
    for name in CHANNELS:
        figures[f"{name}_us"] = round(measured(name, seconds), 1)
        print(f"{name}: {figures[f'{name}_us']} µs")
    print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
