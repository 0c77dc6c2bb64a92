"""Connections to a mail server: as many as it takes, and what has not left is never in doubt."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from channels.errors import OutcomeUnknown, Temporary
from tests.channels.test_email_contract import TO, channel
from tests.fakes.scripted import Hang
from tests.fakes.smtp_server import SILENT, MailSink, silent


@pytest.mark.parametrize("stage", SILENT)
async def test_a_server_that_falls_silent_before_the_mail_leaves_no_doubt(stage: str) -> None:
    async with silent(SILENT[stage]) as url:
        mails = channel(url, timeout=0.6)
        # What limits a mail as a whole must not be the first to stop it: then nobody would know.
        async with asyncio.timeout(0.6):
            with pytest.raises(Temporary) as failed:
                await mails.send(TO)
        await mails.aclose()
    assert "email.smtp_host" in failed.value.reason
    assert failed.value.whole_channel is (stage == "greeting")


async def test_no_more_connections_are_opened_than_are_set() -> None:
    async with MailSink() as sink:
        mails = channel(sink.url, smtp_connections=3)
        await asyncio.gather(*(mails.send(replace(TO, id=f"{n:032x}")) for n in range(12)))
        await mails.aclose()
        assert (len(sink.taken), sink.connections) == (12, 3)


async def test_a_mail_that_waits_too_long_for_a_connection_has_not_left() -> None:
    async with MailSink() as sink:
        sink.script(Hang())
        mails = channel(sink.url, smtp_connections=1, timeout=0.6)
        first, second = await asyncio.gather(mails.send(TO), mails.send(TO), return_exceptions=True)
        third = await mails.send(TO)
        await mails.aclose()
        assert isinstance(first, OutcomeUnknown)
        assert isinstance(second, Temporary)
        assert (second.whole_channel, second.retry_after) == (True, 1.0)
        assert third
        assert len(sink.taken) == 1


class Tired(MailSink):
    """A server that thinks about each mail for `pause` seconds."""

    pause = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.pause)
        return await super().handle_DATA(server, session, envelope)


async def test_more_mails_than_connections_are_under_way_only_at_a_quick_server() -> None:
    async with Tired() as sink:
        mails = channel(sink.url, smtp_connections=5)
        seen = [mails.capabilities.under_way]
        for _ in range(30):
            await mails.send(TO)
        seen.append(mails.capabilities.under_way)
        sink.pause = 0.6
        await asyncio.gather(*(mails.send(TO) for _ in range(5)))
        seen.append(mails.capabilities.under_way)
        await mails.aclose()
        assert seen == [5, 20, 5]
