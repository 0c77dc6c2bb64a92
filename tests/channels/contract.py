"""What every channel promises, as tests that an adapter's test class inherits by giving payloads.

    class TestTelegramContract(ProviderContract):
        def provider(self) -> Provider: return TelegramApi()
        def channel(self, url: str) -> Channel: …

A member that returns None says that the platform has no such thing; the test is then skipped with that line.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, Self

import orjson
import pytest

from channels.channel import Channel
from channels.errors import (
    InvalidSignature,
    MalformedRequest,
    MissingSetting,
    OutcomeUnknown,
    RecipientGone,
    Rejected,
    SendError,
    Temporary,
)
from channels.message import Choice, Inbound, Outbound, Request
from channels.render import fit
from tests.fakes.scripted import Cut, Hang

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
PRIVATE = "Frau Käsebier-Łukaszewicz was furious"
GARBAGE = (b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"<xml>", b'{"a": [}', b"a=b", b"\x00" * 64, b'"\\ud83d"')


class StoppedClock:
    """Always NOW."""

    def now(self) -> datetime:
        return NOW


class Provider(Protocol):
    """A provider's fake."""

    url: str
    failures: list[str]

    def script(self, *answers: Any) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...


class ChannelContract(ABC):
    """The members below are the payloads; everything after them is the suite."""

    secrets: tuple[str, ...] = ()
    """What must never be seen in a log, an exception or a repr."""

    @abstractmethod
    def provider(self) -> Provider:
        """The fake, not yet started."""

    @abstractmethod
    def channel(self, url: str, *, timeout: float = 5.0) -> Channel:
        """The adapter, fully configured, sending to `url`."""

    @abstractmethod
    def without_secret(self) -> tuple[Channel, str] | None:
        """The adapter without what verifies, and the setting's key that is to be named."""

    @abstractmethod
    def message(self, text: str, number: int = 1) -> Request:
        """A signed request with a customer's text; another `number` is another message."""

    @abstractmethod
    def unsigned(self, request: Request) -> Request | None:
        """The same without its signature."""

    @abstractmethod
    def forged(self, request: Request) -> Request | None:
        """The same with a wrong signature of the right form; where it covers the body, with another body."""

    @abstractmethod
    def to(self) -> Outbound:
        """A short message that can be sent."""

    @abstractmethod
    def sent_texts(self, provider: Any) -> list[str]:
        """The texts that the fake took, in order."""

    async def test_a_signed_message_is_read_with_who_where_and_when(self) -> None:
        channel = self.channel("http://127.0.0.1:1")
        request = self.message("nine")
        channel.verify(request)
        (inbound,) = channel.parse(request)
        assert isinstance(inbound, Inbound)
        assert (inbound.kind, inbound.text, inbound.channel) == ("text", "nine", channel.name)
        assert inbound.sender
        assert inbound.chat
        assert inbound.external_id
        assert inbound.at.tzinfo is UTC
        assert orjson.dumps(inbound.raw)
        await channel.aclose()

    def test_an_unsigned_request_is_refused(self) -> None:
        request = self.unsigned(self.message("nine"))
        if request is None:
            pytest.skip("this platform's requests carry no signature")
        with pytest.raises(InvalidSignature):
            self.channel("http://127.0.0.1:1").verify(request)

    def test_a_wrong_signature_is_refused(self) -> None:
        request = self.forged(self.message("nine"))
        if request is None:
            pytest.skip("this platform's requests carry no signature")
        with pytest.raises(InvalidSignature):
            self.channel("http://127.0.0.1:1").verify(request)

    def test_a_missing_secret_is_named(self) -> None:
        bare = self.without_secret()
        if bare is None:
            pytest.skip("this platform's requests carry no signature")
        channel, key = bare
        with pytest.raises(MissingSetting) as missing:
            channel.verify(self.message("nine"))
        assert missing.value.key == key

    def test_a_redelivered_message_has_the_same_id_and_another_message_another(self) -> None:
        channel = self.channel("http://127.0.0.1:1")
        ids = [channel.parse(self.message("nine", number))[0].external_id for number in (1, 1, 2)]
        assert ids[0] == ids[1] != ids[2]

    @pytest.mark.parametrize("text", ["STOP", " stop. ", "退订"])
    def test_a_stop_alone_is_a_stop_and_keeps_its_text(self, text: str) -> None:
        (inbound,) = self.channel("http://127.0.0.1:1").parse(self.message(text))
        assert isinstance(inbound, Inbound)
        assert inbound.kind == "stop"
        assert inbound.text.strip() == text.strip()

    def test_stop_within_a_sentence_is_text(self) -> None:
        (inbound,) = self.channel("http://127.0.0.1:1").parse(self.message("please stop calling me"))
        assert inbound.kind == "text"

    @pytest.mark.parametrize("body", GARBAGE)
    def test_a_body_of_another_format_is_malformed_or_ignored_and_nothing_else_is_raised(self, body: bytes) -> None:
        request = replace(self.message("nine"), body=body)
        try:
            kinds = {event.kind for event in self.channel("http://127.0.0.1:1").parse(request)}
        except MalformedRequest:
            kinds = set()
        assert kinds <= {"ignored"}

    def test_a_bare_answer_is_an_acknowledgement_without_a_text(self) -> None:
        response = self.channel("http://127.0.0.1:1").respond(self.message("nine"), None)
        assert response.status == 200
        assert self.to().text.encode() not in response.body

    async def test_a_message_is_sent_and_its_id_returned(self) -> None:
        async with self.provider() as fake:
            channel = self.channel(fake.url)
            external_id = await channel.send(self.to())
            await channel.aclose()
        assert external_id
        assert self.sent_texts(fake) == [self.to().text]
        assert fake.failures == []

    async def test_too_long_a_text_is_fitted_into_messages_the_provider_takes(self) -> None:
        capabilities = self.channel("http://127.0.0.1:1").capabilities
        text = "It took long. 太慢了。👩‍👩‍👧 " * (capabilities.max_text // 8)
        texts = await self._sent(fit(replace(self.to(), text=text), capabilities))
        assert len(texts) > 1
        assert "".join(texts).replace(" ", "").replace("\n", "") == text.replace(" ", "")

    async def test_too_long_a_text_that_was_not_fitted_is_rejected_unsent(self) -> None:
        async with self.provider() as fake:
            channel = self.channel(fake.url)
            with pytest.raises(Rejected):
                await channel.send(replace(self.to(), text="长" * (channel.capabilities.max_text + 1)))
            await channel.aclose()
        assert self.sent_texts(fake) == []

    async def test_too_many_choices_still_reach_the_customer(self) -> None:
        capabilities = self.channel("http://127.0.0.1:1").capabilities
        choices = tuple(Choice(f"Answer number {n} of many", f"q:{n}") for n in range(capabilities.max_choices + 3))
        texts = await self._sent(fit(replace(self.to(), choices=choices), capabilities))
        assert f"Answer number {capabilities.max_choices + 2} of many" in "\n".join(texts)

    async def _sent(self, parts: tuple[Outbound, ...]) -> list[str]:
        async with self.provider() as fake:
            channel = self.channel(fake.url)
            for part in parts:
                await channel.send(part)
            await channel.aclose()
        assert fake.failures == []
        return self.sent_texts(fake)


class ProviderContract(ChannelContract):
    """What besides holds for a channel whose messages go over a network to somebody else's server."""

    def error_in_200(self) -> Any | None:
        """The provider's answer of status 200 that is an error."""
        return None

    @abstractmethod
    def too_many(self, seconds: int) -> Any | None:
        """The provider's 429 (or its own way of saying so) with a time."""

    @abstractmethod
    def recipient_blocked(self) -> Any | None:
        """The provider's answer for somebody who blocked us."""

    async def test_an_error_inside_a_200_is_an_error(self) -> None:
        answer = self.error_in_200()
        if answer is None:
            pytest.skip("this platform does not hide errors in a 200")
        assert isinstance(await self._failure(answer), SendError)

    async def test_too_many_requests_are_told_with_the_time_to_wait(self) -> None:
        answer = self.too_many(7)
        if answer is None:
            pytest.skip("this platform names no time to wait")
        error = await self._failure(answer)
        assert isinstance(error, Temporary)
        assert error.retry_after == 7

    async def test_a_blocked_recipient_is_gone(self) -> None:
        answer = self.recipient_blocked()
        if answer is None:
            pytest.skip("this platform does not tell that somebody blocked us")
        assert isinstance(await self._failure(answer), RecipientGone)

    async def test_no_answer_in_time_leaves_the_outcome_unknown(self) -> None:
        assert isinstance(await self._failure(Hang(), timeout=0.3), OutcomeUnknown)

    async def test_a_connection_cut_after_the_request_was_read_leaves_the_outcome_unknown(self) -> None:
        assert isinstance(await self._failure(Cut()), OutcomeUnknown)

    async def test_a_refused_connection_may_be_tried_again(self) -> None:
        channel = self.channel("http://127.0.0.1:1")
        with pytest.raises(Temporary):
            await channel.send(self.to())
        await channel.aclose()

    async def test_no_secret_and_no_word_of_a_customer_is_seen_when_things_go_wrong(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        outbound = replace(self.to(), text=PRIVATE)
        answers = [a for a in (self.too_many(1), self.recipient_blocked(), self.error_in_200(), Cut()) if a is not None]
        seen = [repr(await self._failure(answer, outbound=outbound)) for answer in answers]
        channel = self.channel("http://127.0.0.1:1")
        with pytest.raises(SendError) as refused:
            await channel.send(outbound)
        channel.parse(self.message(PRIVATE))
        await channel.aclose()
        everything = "\n".join([*seen, caplog.text, repr(channel), repr(refused.value), str(refused.value.__cause__)])
        assert [word for word in (*self.secrets, PRIVATE, outbound.to.id) if word in everything] == []

    async def _failure(self, answer: Any, *, timeout: float = 5.0, outbound: Outbound | None = None) -> SendError:
        async with self.provider() as fake:
            fake.script(answer)
            channel = self.channel(fake.url, timeout=timeout)
            with pytest.raises(SendError) as raised:
                await channel.send(outbound or self.to())
            await channel.aclose()
        return raised.value
