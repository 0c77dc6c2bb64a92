"""Channels that start, fetch or listen by themselves: patiently, one process of all, nothing lost and nothing stuck."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bot.polling import Listening, Polling
from channels.channel import Capabilities, Progress, Receive
from channels.email import EmailChannel
from channels.errors import MissingSetting, Rejected, Temporary
from channels.message import Inbound, Outbound, Receipt, Request, Response
from channels.telegram import TelegramChannel
from storage.database import Database
from storage.leases import Leases
from storage.progress import ProgressStore
from tests.channels.telegram_payloads import message, update
from tests.fakes.house import StandingClock
from tests.fakes.telegram_api import TOKEN, TelegramApi, error


class Talks:
    """Stands where turns are made: keeps what was committed; `raises` goes first, one for each call."""

    def __init__(self, *raises: Exception) -> None:
        self.events: list[Inbound | Receipt] = []
        self.inline: list[bool] = []
        self.raises = list(raises)
        self.calls = 0
        self._news = asyncio.Event()

    async def receive(self, name: str, events: Sequence[Inbound | Receipt], *, inline: bool = True) -> None:
        self.calls += 1
        if self.raises:
            raise self.raises.pop(0)
        self.events.extend(events)
        self.inline.append(inline)
        self._news.set()

    async def until(self, count: int) -> None:
        while len(self.events) < count:
            self._news.clear()
            await self._news.wait()


@dataclass
class Fetching:
    """A channel that fetches `batches`, then waits for ever; `starts` are what its starts raise, in turn."""

    name: str = "telegram"
    account: str = "1"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(max_text=100))
    starts: list[Exception] = field(default_factory=list)
    polls: list[Exception] = field(default_factory=list)
    events: list[Inbound] = field(default_factory=list)
    polling: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    started: int = 0

    def verify(self, request: Request) -> None: ...

    def parse(self, request: Request) -> tuple[Inbound | Receipt, ...]:
        return ()

    def respond(self, request: Request, reply: Outbound | None) -> Response:
        return Response()

    async def send(self, outbound: Outbound) -> str:
        return ""

    async def aclose(self) -> None: ...

    async def start(self) -> None:
        if self.starts:
            raise self.starts.pop(0)
        self.started += 1

    async def poll(self, receive: Receive, progress: Progress) -> None:
        assert self.started
        if self.polls:
            raise self.polls.pop(0)
        self.polling.set()
        try:
            while self.events:
                event = self.events[0]
                try:
                    await receive(event)
                except Exception:
                    continue
                self.events.pop(0)
                await progress.keep("mark", event.external_id)
            await asyncio.Event().wait()
        finally:
            self.ended.set()


class Pauses(list[float]):
    """Counts pauses instead of making them."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def event(number: int) -> Inbound:
    return Inbound("text", "telegram", "1", str(number), "7", "7", StandingClock().now(), "hello")


def polling_of(
    store: Database, talks: Talks, channel: Any, *, pause: Callable[[float], Awaitable[None]] | None = None, **more: Any
) -> Polling:
    conversations: Any = talks
    return Polling({channel.name: channel}, conversations, store, pause=Pauses() if pause is None else pause, **more)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_is_fetched_is_committed_before_progress_moves_and_nothing_travels_back(store: Database) -> None:
    talks, channel = Talks(), Fetching(events=[event(1), event(2)])
    task = asyncio.create_task(polling_of(store, talks, channel).run())
    await talks.until(2)
    await ended(task)
    assert [e.external_id for e in talks.events] == ["1", "2"]
    assert talks.inline == [False, False]


async def test_progress_stays_where_it_was_while_the_store_is_gone(store: Database) -> None:
    gone = store.gone[0]("gone") if store.kind == "postgresql" else sqlite3.OperationalError("gone")
    talks, channel = Talks(*[gone] * 5), Fetching(events=[event(1)])
    task = asyncio.create_task(polling_of(store, talks, channel).run())
    await talks.until(1)
    await ended(task)
    assert talks.calls == 6


async def test_an_event_that_fails_for_its_own_sake_is_passed_over_after_three_attempts(
    store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    talks, channel = Talks(*[KeyError("secret words")] * 3), Fetching(events=[event(1), event(2)])
    task = asyncio.create_task(polling_of(store, talks, channel).run())
    await talks.until(1)
    await ended(task)
    assert [e.external_id for e in talks.events] == ["2"]
    assert "passed over after 3 attempts: KeyError" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_start_that_fails_is_tried_again_with_growing_pauses_and_a_line_for_the_admin(
    store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "motline.polling")
    pauses = Pauses()
    starts = [Temporary("no connection"), Temporary("busy", retry_after=60.0), Rejected("telegram.token is wrong")]
    channel = Fetching(starts=[*starts, RuntimeError("a secret")])
    task = asyncio.create_task(polling_of(store, Talks(), channel, pause=pauses).run())
    await channel.polling.wait()
    await ended(task)
    assert pauses == [2.0, 60.0, 8.0, 16.0]
    assert "telegram cannot start: telegram.token is wrong; trying again in 8 s" in caplog.text
    assert "telegram is ready" in caplog.text
    assert "a secret" not in caplog.text


async def test_fetching_that_breaks_begins_again(store: Database) -> None:
    pauses = Pauses()
    talks, channel = Talks(), Fetching(polls=[RuntimeError("x"), OSError("y")], events=[event(1)])
    task = asyncio.create_task(polling_of(store, talks, channel, pause=pauses).run())
    await talks.until(1)
    await ended(task)
    assert pauses == [2.0, 4.0]


async def test_a_channel_without_a_mailbox_is_left_alone(store: Database) -> None:
    channel = Fetching(name="email", polls=[MissingSetting("email.imap_host")])
    async with asyncio.timeout(10):
        await polling_of(store, Talks(), channel).run()
    assert channel.polls == []


async def test_of_two_processes_one_fetches_and_the_other_takes_over_when_it_ends(postgres_url: str) -> None:
    store = await Database.connect(postgres_url, serving=True)
    first, second = Fetching(), Fetching()
    one = asyncio.create_task(polling_of(store, Talks(), first).run())
    await first.polling.wait()
    waited = asyncio.Event()

    async def pause(seconds: float) -> None:
        waited.set()
        await asyncio.sleep(0.01)

    other = asyncio.create_task(polling_of(store, Talks(), second, pause=pause).run())
    await waited.wait()
    assert not second.polling.is_set()
    await ended(one)
    await second.polling.wait()
    await ended(other)
    assert first.ended.is_set()
    await store.close()


async def test_a_process_whose_lease_was_taken_stops_fetching(postgres_url: str) -> None:
    store = await Database.connect(postgres_url, serving=True)
    channel = Fetching()
    task = asyncio.create_task(polling_of(store, Talks(), channel, lease=0.06).run())
    await channel.polling.wait()
    await store.execute("UPDATE facts SET value = 'another', at = at + 600000 WHERE name = 'lease:poll:telegram'")
    await channel.ended.wait()
    await ended(task)
    rows = await store.fetch("SELECT value FROM facts WHERE name = 'lease:poll:telegram'")
    assert rows == [{"value": "another"}]
    await store.close()


async def test_a_lease_ends_by_itself_and_is_extended_by_its_owner_alone(store: Database) -> None:
    ours, theirs = Leases(store, owner="a"), Leases(store, owner="b")
    assert await ours.take("poll:x", 60_000)
    assert await ours.take("poll:x", 60_000)
    assert not await theirs.take("poll:x", 60_000)
    await theirs.let_go("poll:x")
    assert not await theirs.take("poll:x", 60_000)
    await store.execute("UPDATE facts SET at = 1 WHERE name = 'lease:poll:x'")
    assert await theirs.take("poll:x", 60_000)


async def test_telegram_without_a_public_address_is_started_then_polled(store: Database) -> None:
    async with TelegramApi() as fake:
        fake.webhook["url"] = "https://old.example/hook"
        fake.script(error(401, "Unauthorized"))
        channel = TelegramChannel(token=TOKEN, secret="", clock=StandingClock(), api_url=fake.url)
        fake.arrive(update("message", message("9"), 41))
        talks = Talks()
        task = asyncio.create_task(polling_of(store, talks, channel).run())
        await talks.until(1)
        while await ProgressStore(store).load(f"telegram:{TOKEN.partition(':')[0]}") != "42":
            await asyncio.sleep(0.001)
        await ended(task)
        await channel.aclose()
        assert fake.webhook["url"] == ""
        assert channel.username == "motline_bot"


@pytest.mark.parametrize(("protocol", "hello"), [("lmtp", "LHLO"), ("smtp", "EHLO")])
async def test_mails_are_taken_once_the_port_is_free(
    store: Database, protocol: Literal["lmtp", "smtp"], hello: str
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = asyncio.Event()

        async def pause(seconds: float) -> None:
            refused.set()
            await asyncio.sleep(0.01)

        channel, talks = EmailChannel(clock=StandingClock(), sender="Shop <shop@example.com>"), Talks()
        lmtp = Listening("127.0.0.1", port, protocol)
        task = asyncio.create_task(polling_of(store, talks, channel, pause=pause, lmtp=lmtp).run())
        await refused.wait()
    await hand_over(port, hello)
    await talks.until(1)
    await ended(task)
    got = talks.events[0]
    assert isinstance(got, Inbound)
    assert (got.kind, got.text) == ("text", "9, thank you")


async def hand_over(port: int, hello: str) -> None:
    """One mail, as Postfix would."""
    mail = "From: Ann <ann@example.org>\r\nTo: shop@example.com\r\nMessage-ID: <1@example.org>\r\n\r\n9, thank you\r\n"
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.01)
    lines = [f"{hello} me", "MAIL FROM:<ann@example.org>", "RCPT TO:<shop@example.com>", "DATA", mail + ".", "QUIT"]
    await reader.readline()
    for line in lines:
        writer.write(f"{line}\r\n".encode())
        while (await reader.readline())[3:4] == b"-":
            pass
    writer.close()
    await writer.wait_closed()
