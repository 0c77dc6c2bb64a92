"""Dialogs in a real browser: none is replaced or given up without a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.console.test_in_a_browser import Server, signed_in, visitor, written
from tests.terminal import running

MINE = """dialog: survey
title: My survey
languages: [en]
purpose: service
steps:
  - collect: csat
    type: csat
    ask: "How was it? Reply 1-5."
  - say: Thank you!
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder) as (address, _said, _process):
        yield Server(address, folder)


async def new_dialog(page: Page, server: Server, source: str, language: str = "en") -> None:
    """What has been written on the page of a new one."""
    await page.goto(f"{server.address}/console/scripts/new?lang={language}")
    await written(page, source)
    await expect(page.locator(".talk")).to_contain_text(re.findall(r'ask: "(.*)"', source)[0])


async def test_another_dialog_of_the_name_is_not_replaced_unasked(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        await new_dialog(page, server, MINE)
        await page.get_by_role("button", name="Save draft").click()
        await expect(page.get_by_text("Saved as draft 1.")).to_be_visible()
        await written(page, MINE.replace("How was it?", "How did it go?"))
        await expect(page.locator(".talk")).to_contain_text("How did it go?")
        await page.get_by_role("button", name="Save draft").click()
        await expect(page.get_by_text("Saved as draft 2.")).to_be_visible()

        second = await context.new_page()
        theirs = MINE.replace("How was it?", "Are you content?")
        await new_dialog(second, server, theirs)
        asked = second.get_by_text("There is a dialog of this name already, “My survey”. Replace it?")
        for button in ("Save draft", "Publish"):
            await second.get_by_role("button", name=button).click()
            await expect(asked).to_be_visible()
            await second.get_by_role("button", name="Cancel").click()
            await expect(asked).to_be_hidden()
        await second.get_by_role("button", name="Publish").click()
        await second.get_by_role("button", name="Replace").click()
        await second.wait_for_url("**/console/scripts/survey")
        await expect(second.locator(".badge.published")).to_have_count(1)
        await expect(second.locator(".cm-content")).to_contain_text("Are you content?")
        await expect(second.get_by_text("v3", exact=True)).to_be_visible()

        await page.get_by_role("button", name="Save draft").click()
        await expect(page.get_by_text("Somebody has saved “My survey” meanwhile.")).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        await second.reload()
        await expect(second.locator(".cm-content")).to_contain_text("Are you content?")


async def test_the_question_is_asked_in_chinese_and_a_new_dialog_has_a_name_of_its_own(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        page = await signed_in(context, server)
        await new_dialog(page, server, MINE.replace("dialog: survey", "dialog: hotel_stay"), "zh")
        await page.get_by_role("button", name="保存草稿").click()
        await expect(page.get_by_text("已有同名对话“离店回访”，要覆盖吗？")).to_be_visible()
        await page.get_by_role("button", name="取消").click()
        page = await context.new_page()
        for name in ("my_dialog", "my_dialog_2"):
            await page.goto(f"{server.address}/console/scripts/new?lang=zh")
            await expect(page.locator(".cm-line").first).to_have_text(f"dialog: {name}")
            await page.get_by_role("button", name="保存草稿").click()
            await expect(page.get_by_text("已保存为草稿 1。")).to_be_visible()


async def test_a_dialog_is_given_up_when_that_is_meant_and_keeps_its_title(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/scripts/hotel_stay?lang=zh")
        asked = page.get_by_text("要停用“离店回访”吗？")
        await page.get_by_role("button", name="停用").click()
        await expect(asked).to_be_visible()
        await page.get_by_role("button", name="取消").click()
        await expect(asked).to_be_hidden()
        await expect(page.locator(".badge.published")).to_have_count(1)
        await page.get_by_role("button", name="停用").click()
        await page.locator(".q-dialog").get_by_role("button", name="停用").click()
        await expect(page.get_by_text("“离店回访”已停用。")).to_be_visible()
        await expect(page.locator(".badge.published")).to_have_count(0)
        for language, title, told in (("zh", "离店回访", "已停用"), ("en", "After a hotel stay", "not used")):
            await page.goto(f"{server.address}/console/scripts?lang={language}")
            card = page.locator(".card", has_text="hotel_stay")
            await expect(card).to_contain_text(title)
            await expect(card.locator(".badge")).to_have_text([told])
