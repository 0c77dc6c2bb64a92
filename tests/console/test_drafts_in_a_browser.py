"""What is half written is not lost: a reply on the desk, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import BrowserContext, expect

from bot.console.drafts import Drafts
from tests.console.test_in_a_browser import Server, signed_in, visitor
from tests.terminal import running

SORRY = "I am sorry. A new soup is"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder) as (address, _said, _process):
        yield Server(address, folder)


async def complain(context: BrowserContext, server: Server, name: str, words: str) -> None:
    """Somebody is unhappy, and a ticket stands."""
    start = await context.new_page()
    await start.goto(server.address)
    await start.locator(".person", has_text=name).click()
    await start.locator("[data-moment='order.delivered']").click()
    chat = start.frame_locator("#chat")
    await chat.locator(".choices button", has_text="2").first.click()
    await expect(chat.locator("#log .row.mine")).to_have_count(1)
    await expect(chat.locator("#log .row.ours")).to_have_count(2)
    await chat.locator("#input").fill(words)
    await chat.locator("#send").click()
    await expect(start.locator(".ticket", has_text=words)).to_be_visible()
    await start.close()


async def test_a_half_written_reply_stays_with_its_ticket(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        await complain(context, server, "Maya Chen", "The soup was cold")
        await complain(context, server, "Tom Baker", "The rider was rude")
        desk = await signed_in(context, server)
        soup = desk.locator(".ticket-card", has_text="The soup was cold")
        rider = desk.locator(".ticket-card", has_text="The rider was rude")
        box = desk.locator(".detail textarea").first
        await soup.click()
        await expect(desk.locator(".detail")).to_contain_text("The soup was cold")
        await box.press_sequentially(SORRY)
        await rider.click()
        await expect(desk.locator(".detail .title")).to_have_text("Tom Baker")
        await expect(box).to_have_value("")
        await box.press_sequentially("We will speak")
        await soup.click()
        await expect(desk.locator(".detail .title")).to_have_text("Maya Chen")
        await expect(box).to_have_value(SORRY)

        await desk.reload()
        await soup.click()
        await expect(box).to_have_value(SORRY)
        await desk.get_by_role("button", name="Reply").click()
        await expect(desk.locator(".talk")).to_contain_text(SORRY)
        await expect(box).to_have_value("")
        await desk.reload()
        await soup.click()
        await expect(box).to_have_value("")
        await rider.click()
        await expect(box).to_have_value("We will speak")


def test_half_written_replies_are_each_colleagues_own_and_bounded() -> None:
    drafts = Drafts(most=2)
    drafts.keep(1, 7, "Sorry")
    drafts.keep(2, 7, "Hello")
    assert (drafts.of(1, 7), drafts.of(2, 7), drafts.of(1, 8)) == ("Sorry", "Hello", "")
    drafts.keep(1, 7, "Sorry,")
    drafts.keep(1, 8, "So")
    assert (drafts.of(1, 7), drafts.of(2, 7), drafts.of(1, 8)) == ("Sorry,", "", "So")
    drafts.keep(1, 8, "  \n")
    assert drafts.of(1, 8) == ""
