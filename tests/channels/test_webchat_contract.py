"""The web chat keeps the contract of every channel; it calls no provider, whose part is left out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import orjson
import pytest

from channels.channel import Channel
from channels.message import Address, Choice, Outbound, Receipt, Request
from channels.webchat import WebChat
from tests.channels.contract import ChannelContract, StoppedClock

SENDER = "ab" * 16


class Links:
    """Tokens that end in what they are for."""

    def address_of(self, token: str) -> str | None:
        return token.removeprefix("signed-") if token.startswith("signed-") else None


@dataclass
class Pages:
    """The pages that are open, in the place of a provider."""

    url: str = "pages"
    shown: list[Outbound] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def publish(self, outbound: Outbound) -> None:
        self.shown.append(outbound)

    def script(self, *answers: Any) -> None:
        raise AssertionError("the web chat calls no provider")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


class TestWebChatContract(ChannelContract):
    secrets = (f"signed-{SENDER}",)

    def provider(self) -> Pages:
        self.pages = Pages()
        return self.pages

    def channel(self, url: str, *, timeout: float = 5.0) -> Channel:
        pages = self.pages if url == "pages" else Pages()
        return WebChat(links=Links(), feed=pages, clock=StoppedClock())

    def without_secret(self) -> None:
        return None

    def message(self, text: str, number: int = 1) -> Request:
        body = orjson.dumps({"id": f"m{number}", "text": text})
        return Request("POST", f"https://feedback.example/webchat/signed-{SENDER}", {}, body)

    def unsigned(self, request: Request) -> Request:
        return replace(request, url="https://feedback.example/webchat/")

    def forged(self, request: Request) -> Request:
        return replace(request, url=f"https://feedback.example/webchat/forged-{SENDER}")

    def to(self) -> Outbound:
        return Outbound("cd" * 16, Address("webchat", SENDER), "How was it?")

    def sent_texts(self, provider: Pages) -> list[str]:
        return [
            "\n".join([one.text, *(choice.title for choice in one.choices)]) if one.choices else one.text
            for one in provider.shown
        ]


def chat() -> WebChat:
    return WebChat(links=Links(), feed=Pages(), clock=StoppedClock())


def request(body: Any) -> Request:
    return Request("POST", f"https://feedback.example/webchat/signed-{SENDER}?x=1", {}, orjson.dumps(body))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"id": "a", "text": "9"}, "text"),
        ({"id": "a", "text": "9", "payload": "c.1.2.3"}, "choice"),
        ({"id": "a", "text": "/start"}, "start"),
        ({"id": "a", "text": "/help"}, "help"),
        ({"id": "a", "text": "/anything"}, "command"),
        ({"id": "a", "text": ""}, "text"),
    ],
)
def test_what_a_page_sends_has_its_kind(body: dict[str, str], kind: str) -> None:
    assert chat().parse(request(body))[0].kind == kind


def test_the_sender_is_the_links_owner_whatever_the_body_says() -> None:
    found = chat().parse(request({"id": "a", "text": "x", "sender": "somebody", "chat": "else"}))[0]
    assert not isinstance(found, Receipt)
    assert (found.sender, found.chat, found.external_id) == (SENDER, SENDER, f"{SENDER}:a")


def test_what_was_seen_becomes_receipts_and_nonsense_among_it_is_passed_over() -> None:
    found = chat().parse(request({"seen": ["ef" * 16, 7, "no such id!"]}))
    assert [(one.kind, one.reference, one.status) for one in found if isinstance(one, Receipt)] == [
        ("receipt", "ef" * 16, "read")
    ]


def test_the_answer_carries_text_and_buttons() -> None:
    reply = Outbound("cd" * 16, Address("webchat", SENDER), "Well?", (Choice("Yes", "c.1"),))
    body = orjson.loads(chat().respond(request({}), reply).body)
    assert body == {"messages": [{"id": "cd" * 16, "text": "Well?", "buttons": [{"title": "Yes", "payload": "c.1"}]}]}
