"""What the pages of the console share: a part that is drawn anew twice at once stands there once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.requests import Request

from bot.app import Opened
from bot.config import Business, Config
from bot.console.frame import Viewer, in_turn, language_of
from storage.access import SignedIn


class Part:
    """Clears at once and draws after a wait, as a part of a page does."""

    def __init__(self) -> None:
        self.shown = ["old"]

    async def refresh(self) -> None:
        self.shown.clear()
        await asyncio.sleep(0)
        self.shown.append("new")


async def test_two_refreshes_at_once_show_a_part_once() -> None:
    cards, ticket = Part(), Part()
    refresh = in_turn(cards, ticket)
    await asyncio.gather(refresh(), refresh(), refresh())
    assert (cards.shown, ticket.shown) == (["new"], ["new"])


async def test_a_refresh_that_fails_does_not_hold_up_the_next() -> None:
    class Broken(Part):
        calls = 0

        async def refresh(self) -> None:
            await super().refresh()
            self.calls += 1
            if self.calls == 1:
                raise OSError

    broken = Broken()
    refresh = in_turn(broken)
    first, second = await asyncio.gather(refresh(), refresh(), return_exceptions=True)
    assert isinstance(first, OSError)
    assert second is None
    assert broken.shown == ["new"]


@pytest.mark.parametrize(("language", "shown"), [("en", "rude, cold"), ("zh", "rude、cold")])
def test_words_in_a_row_stand_as_the_language_has_them(language: str, shown: str) -> None:
    viewer = Viewer(cast(Opened, None), cast(SignedIn, None), "", language)
    assert viewer.listed(["rude", "cold"]) == shown


@pytest.mark.parametrize(
    ("query", "own", "accepted", "business", "language"),
    [
        (b"lang=en", "zh", b"zh", "zh", "en"),
        (b"", "zh", b"en-GB", "en", "zh"),
        (b"", "", b"zh-CN,zh;q=0.9,en;q=0.8", "en", "zh"),
        (b"", "", b"fr", "zh", "zh"),
    ],
)
def test_a_page_speaks_as_asked_as_the_colleague_as_the_browser_as_the_business(
    query: bytes, own: str, accepted: bytes, business: str, language: str
) -> None:
    parts = cast(Opened, SimpleNamespace(config=Config(business=Business(language=business))))
    who = cast(SignedIn, SimpleNamespace(language=own))
    request = Request({"type": "http", "query_string": query, "headers": [(b"accept-language", accepted)]})
    assert language_of(parts, request, who) == language
