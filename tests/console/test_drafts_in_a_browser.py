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


async def test_what_is_typed_for_a_team_stays_when_a_colleague_is_added(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/staff?lang=zh")
        await page.get_by_label("新团队").fill("城东店")
        await page.get_by_role("button", name="添加", exact=True).last.click()
        team = page.locator(".card", has=page.locator(".strong", has_text="城东店"))
        await expect(page.locator(".q-notification", has_text="已保存")).to_be_visible()
        await team.get_by_label("值班时间").fill("周一至周五 9:00～18:00；周末 10:00-16:00")
        await team.get_by_label("时区").fill("Asia/Shanghai")
        await page.get_by_label("姓名").fill("小王")
        await page.get_by_label("团队", exact=True).last.click()
        await page.get_by_role("option", name="城东店").click()
        await page.get_by_role("button", name="添加", exact=True).first.click()
        await expect(page.locator(".card .strong", has_text="小王")).to_be_visible()
        await expect(team.get_by_label("值班时间")).to_have_value("周一至周五 9:00～18:00；周末 10:00-16:00")
        await expect(team.get_by_label("时区")).to_have_value("Asia/Shanghai")
        await expect(page.get_by_label("姓名")).to_have_value("")
        await team.get_by_role("button", name="保存").click()
        await expect(team.get_by_label("值班时间")).to_have_value("周一至周五 09:00-18:00，周六、周日 10:00-16:00")
        await expect(page.locator(".q-notification", has_text="已保存").first).to_be_visible()
        await page.reload()
        await expect(team.get_by_label("值班时间")).to_have_value("周一至周五 09:00-18:00，周六、周日 10:00-16:00")
        await expect(team.get_by_label("时区")).to_have_value("Asia/Shanghai")


async def test_saving_a_team_is_confirmed_and_hours_that_are_unclear_are_not_lost(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/staff")
        await expect(page.get_by_text("Daily: 9:00-22:00").first).to_be_visible()
        hours = page.get_by_label("Hours").first
        await hours.fill("9:00-22")
        await page.get_by_role("button", name="Save").first.click()
        await expect(page.locator(".q-notification")).to_contain_text("“9:00-22” is not understood")
        await expect(hours).to_have_value("9:00-22")
        await hours.fill("9:00-22:00")
        await page.get_by_role("button", name="Save").first.click()
        await expect(page.locator(".q-notification", has_text="Saved.")).to_be_visible()
        await expect(hours).to_have_value("daily 09:00-22:00")
