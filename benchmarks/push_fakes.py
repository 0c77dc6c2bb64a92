"""A provider's fake in a process of its own: `python -m benchmarks.push_fakes CHANNEL`.

It prints a line of JSON with its address; to each line on its standard input it answers with what it was sent since the
last one: how many messages, how many out of their address's order, how many twice, and what it had to refuse.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from tests.fakes.smtp_server import MailSink
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.fakes.wechat_api import WeChatApi

MARK = re.compile(r"#(\d+)/(\d+)")


def telegram() -> tuple[Any, Callable[[], list[str]]]:
    fake = TelegramApi()
    return fake, lambda: taken(fake.sent, lambda sent: str(sent["text"]))


def sms() -> tuple[Any, Callable[[], list[str]]]:
    fake = TwilioApi()
    return fake, lambda: taken(fake.sent, lambda sent: str(sent["body"]))


def wechat() -> tuple[Any, Callable[[], list[str]]]:
    fake = WeChatApi()
    fake.any_follower = True
    return fake, lambda: taken(fake.sent, lambda sent: str(sent.text))


def email() -> tuple[Any, Callable[[], list[str]]]:
    fake = MailSink()
    return fake, lambda: taken(fake.taken, lambda sent: str(sent.text))


FAKES = {"telegram": telegram, "wechat": wechat, "sms": sms, "email": email}


def taken(kept: list[Any], text: Callable[[Any], str]) -> list[str]:
    """The texts that came since the last time, in order."""
    found = [text(one) for one in kept]
    kept.clear()
    return found


def report(texts: Sequence[str], failures: Sequence[str]) -> dict[str, Any]:
    """What is wrong with them; each text names its address and its number there."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    disordered = repeated = 0
    for text in texts:
        found = MARK.search(text)
        assert found is not None, text
        address, number = found[1], int(found[2])
        repeated += found[0] in seen
        seen.add(found[0])
        disordered += number < last.get(address, -1)
        last[address] = max(number, last.get(address, -1))
    return {"count": len(texts), "disordered": disordered, "repeated": repeated, "failures": list(failures)[:3]}


async def main(channel: str) -> None:
    fake, texts = FAKES[channel]()
    async with fake:
        show({"url": fake.url})
        while await asyncio.to_thread(sys.stdin.readline):
            show(report(texts(), fake.failures))


def show(answer: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
