"""The pages in a real browser, against a real process: from a moment to a ticket, to a reply, to the end of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Dialog, Page, expect

from tests.terminal import motline, running
from tests.web.browser import chromium, listened

SECONDS = 15_000


@dataclass(frozen=True)
class Server:
    """A running Motline, and the sign-in links that are left."""

    address: str
    folder: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process for this file; its tests touch different things."""
    folder = tmp_path_factory.mktemp("served")
    with running(folder) as (address, _said, _process):
        yield Server(address, folder)


@asynccontextmanager
async def visitor(width: int = 1440, locale: str = "en-GB") -> AsyncIterator[BrowserContext]:
    """Somebody with a browser of their own."""
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": width, "height": 900}, locale=locale)
        context.set_default_timeout(SECONDS)
        expect.set_options(timeout=SECONDS)
        yield context


async def signed_in(context: BrowserContext, server: Server) -> Page:
    """The console, entered by a sign-in link."""
    link = motline(server.folder, "admin", "link", "Ann").stdout.strip()
    page = await context.new_page()
    await page.goto(f"{server.address}/sign-in/{link.rpartition('/')[2]}")
    await page.get_by_role("button").click()
    await page.wait_for_url("**/console/")
    return page


async def answer(chat: Page, text: str) -> None:
    await chat.locator("#input").fill(text)
    await chat.locator("#send").click()


async def test_from_a_moment_to_a_ticket_to_a_reply(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        start = await context.new_page()
        wrong = listened(start)
        await start.goto(server.address)
        await start.locator("[data-moment='order.delivered']").click()
        chat = start.frame_locator("#chat")
        await chat.locator(".choices button", has_text="2").first.click()
        await expect(chat.locator("#log")).to_contain_text("What went wrong?")
        hostile = "The rider was rude <img src=x onerror=alert(1)> **and** {{ 7*7 }}"
        await chat.locator("#input").fill(hostile)
        await chat.locator("#send").click()
        await expect(start.locator(".ticket")).to_contain_text(hostile)
        await expect(chat.locator("#log")).to_contain_text(hostile)

        desk = await signed_in(context, server)
        wrong_desk = listened(desk)
        await desk.locator(".ticket-card").click()
        await expect(desk.locator(".detail")).to_contain_text(hostile)
        await desk.get_by_role("button", name="Claim").click()
        await expect(desk.locator(".detail")).to_contain_text("claimed")
        await desk.locator("textarea").fill("I am sorry. A new soup is on its way.")
        await desk.get_by_role("button", name="Reply").click()
        await expect(chat.locator("#log")).to_contain_text("A new soup is on its way.")
        await chat.locator("#input").fill("Thanks, that is kind")
        await chat.locator("#send").click()
        await expect(desk.locator(".talk")).to_contain_text("Thanks, that is kind")
        await desk.locator(".detail").get_by_text("Close", exact=True).click()
        await desk.get_by_text("Solved").click()
        await expect(desk.locator(".split")).to_contain_text("Nobody is waiting")
        assert wrong == []
        assert wrong_desk == []


async def test_a_chat_survives_a_reload_and_a_lost_connection(server: Server) -> None:
    async with visitor(390, "zh-CN") as context:
        chat = await context.new_page()
        await chat.goto(f"{server.address}/chat")
        await answer(chat, "你好，菜有点凉")
        await expect(chat.locator("#log")).to_contain_text("感谢您联系")
        await chat.reload()
        await expect(chat.locator("#log")).to_contain_text("你好，菜有点凉")
        await context.set_offline(True)
        await answer(chat, "还有，等了很久")
        await expect(chat.locator("#state")).to_have_attribute("data-state", "offline")
        await context.set_offline(False)
        await expect(chat.locator("#state")).to_have_attribute("data-state", "online")
        await expect(chat.locator(".row.mine")).to_have_count(2)
        await chat.reload()
        await expect(chat.locator(".row.mine")).to_have_count(2)
        await expect(chat.locator("#log .row.ours")).to_have_count(1)


async def test_every_page_of_the_console_in_both_languages(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        wrong = listened(page)
        for path, english, chinese in (
            ("/", "Desk", "工作台"),
            ("/customers", "Maya Chen", "客户"),
            ("/moments", "Moments", "时刻"),
            ("/results", "Results", "结果"),
            ("/scripts", "After delivery", "送达回访"),
            ("/scripts/delivery_checkin", "Nothing is wrong", "没有发现问题"),
            ("/staff", "New colleague", "新同事"),
            ("/keys", "Make a key", "生成密钥"),
            ("/settings", "push_interval", "设置"),
        ):
            for language, words in (("en", english), ("zh", chinese)):
                await page.goto(f"{server.address}/console{path}?lang={language}")
                await expect(page.locator(".page")).to_contain_text(words)
        assert wrong == []


async def test_a_dialog_is_written_tried_and_published(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/scripts/+")
        editor = page.locator(".cm-content")
        await editor.click()
        await page.keyboard.press("Control+Home")
        await page.keyboard.insert_text("dialogue: typo\n")
        await expect(page.locator(".problem").first).to_contain_text("1:")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.locator(".q-notification").first).to_contain_text("errors")
        await editor.click()
        for keys in ("Control+Home", "Shift+ArrowDown", "Delete"):
            await page.keyboard.press(keys)
        await expect(page.locator(".fine")).to_contain_text("Nothing is wrong")
        await page.get_by_placeholder("Answer as the customer").fill("5")
        await page.get_by_placeholder("Answer as the customer").press("Enter")
        await expect(page.locator(".talk")).to_contain_text("Thank you!")
        await page.get_by_role("button", name="Publish").click()
        await page.wait_for_url("**/console/scripts/my_dialog")
        await expect(page.locator(".page")).to_contain_text("published")


WRONG = """dialog: 回访
languages: [zh]
purpose: servise
steps:
  - collect: nps
    type: nsp
    ask: "{{ profile.name }您好，打几分？"
    next: reasn
  - say: 谢谢您！
"""
DOUBTFUL = """dialog: visit
languages: [zh]
purpose: service
steps:
  - collect: nps
    type: nps
    ask: "{{ profile.nmae }}您好，打几分？"
  - say: 谢谢您！
"""


async def written(page: Page, source: str) -> None:
    """What stands in the editor, replaced by this."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(source)


async def test_the_console_is_entered_in_the_browser_s_language_and_says_in_it_what_is_wrong(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        page = await context.new_page()
        await page.goto(f"{server.address}/console/")
        await expect(page.locator("h1")).to_have_text("登录 Motline")
        link = motline(server.folder, "admin", "link", "Li").stdout.strip()
        await page.goto(f"{server.address}/sign-in/{link.rpartition('/')[2]}")
        await page.get_by_role("button").click()
        await page.wait_for_url("**/console/")
        await page.goto(f"{server.address}/console/scripts/+")
        await written(page, WRONG)
        for said in (
            "第 1 行：“dialog: 回访”只能用小写英文字母、数字和 _，并以字母开头",
            "第 3 行：“purpose: servise”不是可用的写法；是不是想写“service”？",
            "第 6 行：“type: nsp”不是可用的写法；是不是想写“nps”？",
            "第 7 行：“ask”：“{{ profile.name }”末尾少了一个“}”，请写成“{{ profile.name }}”",
            "第 8 行：“next: reasn”所指的步骤不存在；可以用：nps、say_2、end",
        ):
            await expect(page.locator(".problem", has_text=said)).to_have_count(1)
        await written(page, DOUBTFUL)
        doubt = "第 7 行：“ask”里写了“profile.nmae”，但没有对话设置过它；是不是想写“profile.name”？"
        await expect(page.locator(".problem.warning")).to_contain_text(doubt)


async def test_an_address_where_no_page_is_says_so_and_leads_back(server: Server) -> None:
    async with visitor(390, "zh-CN") as context:
        page = await signed_in(context, server)
        for language, said, way in (
            ("zh", "没有这个页面。", "返回工作台"),
            ("en", "There is no such page.", "To the desk"),
        ):
            found = await page.goto(f"{server.address}/console/nonsense/more?lang={language}")
            assert found is not None
            assert found.status == 404
            await expect(page.locator("h1")).to_have_text(said)
            await page.get_by_role("link", name=way).click()
            await page.wait_for_url("**/console/")
        found = await page.goto(f"{server.address}/console/_nicegui/none.js")
        assert found is not None
        assert (found.status, await found.json()) == (404, {"detail": "Not Found"})


async def test_where_a_word_on_consent_came_from_is_told_in_words(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        start = await context.new_page()
        await start.goto(server.address)
        await start.locator(".person", has_text="Tom Baker").click()
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/customers")
        await page.get_by_text("Tom Baker").click()
        await expect(page.locator(".page")).to_contain_text("sample data")
        chat = start.frame_locator("#chat")
        await chat.locator("#input").fill("STOP")
        await chat.locator("#send").click()
        await expect(chat.locator("#log .row.ours")).to_have_count(1)
        address = page.url
        for language, said, never in (
            ("en", "STOP by Web chat", "never given; STOP by Web chat"),
            ("zh", "通过网页聊天退订", "从未授权；通过网页聊天退订"),
        ):
            await page.goto(f"{address}?lang={language}")
            await expect(page.get_by_text(said)).to_have_count(3)
            await expect(page.get_by_text(never)).to_have_count(1)
            await expect(page.get_by_text("stop:")).to_have_count(0)


async def test_the_command_on_the_start_page_is_that_of_the_chosen_customer_and_moment(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        start = await context.new_page()
        await start.goto(server.address)
        command = start.locator("#command code")
        await expect(command).to_contain_text("sample-maya")
        await start.locator(".person", has_text="李伟").click()
        await expect(command).to_have_text(re.compile(r" fire case\.solved sample-liwei$"))
        await start.locator("[data-moment='stay.ended']").click()
        await expect(command).to_have_text(re.compile(r" fire stay\.ended sample-liwei$"))


async def test_on_a_phone_no_button_hides_a_page_s_title(server: Server) -> None:
    async with visitor(390, "en-GB") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/scripts/delivery_checkin")
        told = await page.get_by_text("What is wrong or doubtful").bounding_box()
        save = await page.get_by_role("button", name="Save draft").bounding_box()
        assert told is not None
        assert save is not None
        assert told["x"] + told["width"] <= save["x"] or told["y"] + told["height"] <= save["y"]


async def test_a_double_click_acts_once(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        start = await context.new_page()
        await start.goto(server.address)
        await start.locator(".person", has_text="Sofia Rossi").click()
        await start.locator("[data-moment='visit.finished']").dblclick()
        await expect(start.locator("#outcome")).to_contain_text("Asked")
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/staff")
        await page.get_by_label("Name").fill("Beatrice")
        await page.get_by_role("button", name="Add", exact=True).first.dblclick()
        await expect(page.get_by_text("Beatrice")).to_have_count(1)
        await page.get_by_role("button", name="Sign-in link").last.dblclick()
        await expect(page.get_by_text("works once, for 15 minutes")).to_have_count(1)
        await page.get_by_role("button", name="Done").click()
        await page.reload()
        await expect(page.get_by_text("Beatrice")).to_have_count(1)


async def test_a_dialog_that_is_not_saved_is_not_left_unasked(server: Server) -> None:
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.dismiss()

        page.on("dialog", stay)
        await page.goto(f"{server.address}/console/scripts/+")
        await page.locator(".cm-content").click()
        await page.keyboard.press("Control+End")
        await page.keyboard.insert_text("\ndialogue: typo\n")
        await expect(page.locator(".problem").first).to_be_visible()
        await page.get_by_text("Customers", exact=True).click()
        await expect(page.locator(".cm-content")).to_contain_text("typo")
        assert asked == ["beforeunload"]
        await page.locator(".cm-content").click()
        for keys in ("Control+End", "Shift+ArrowUp", "Delete"):
            await page.keyboard.press(keys)
        await expect(page.locator(".fine")).to_be_visible()
        await page.get_by_role("button", name="Save draft").click()
        await expect(page.get_by_text("Saved as draft")).to_be_visible()
        await page.get_by_text("Customers", exact=True).click()
        await page.wait_for_url("**/console/customers")
        assert asked == ["beforeunload"]


async def test_a_paste_that_is_cut_off_is_told(server: Server) -> None:
    async with visitor(390, "zh-CN") as context:
        chat = await context.new_page()
        await chat.goto(f"{server.address}/chat")
        await chat.locator("#input").click()
        await chat.keyboard.insert_text("菜凉了。" * 6000)
        await expect(chat.locator("#state")).to_contain_text("内容太长了")
        await chat.locator("#input").fill("菜凉了。")
        await expect(chat.locator("#state")).to_contain_text("随时为您服务")
