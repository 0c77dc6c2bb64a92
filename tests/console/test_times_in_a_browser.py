"""Times in the console are the business's, which it says; a ticket tells by when somebody has promised to write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from bot.config import Config
from tests.console.test_in_a_browser import Server, answer, signed_in, visitor
from tests.terminal import running

ZONE = "Asia/Kathmandu"  # Three quarters of an hour beside every other clock.
PROMISED = {"normal": Config().desk.sla, "high": Config().desk.sla_high, "urgent": Config().desk.sla_urgent}


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder, MOTLINE_BUSINESS__TIMEZONE=ZONE) as (address, _said, _process):
        yield Server(address, folder)


def in_chinese(at: datetime) -> str:
    return f"{at.month}月{at.day}日 {at:%H:%M}"


async def test_a_ticket_tells_when_it_came_and_by_when_it_is_due(server: Server) -> None:
    async with visitor(1440, "zh-CN") as context:
        chat = await context.new_page()
        await chat.goto(f"{server.address}/chat")
        await answer(chat, "太差了，骑手态度恶劣，我要投诉！")
        start = await context.new_page()
        await start.goto(server.address)
        await expect(start.locator(".ticket")).to_have_count(1)
        (ticket,) = (await (await start.request.get(f"{server.address}/start/desk")).json())["tickets"]

        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/?ticket=1&lang=zh")
        opened = datetime.fromtimestamp(ticket["opened_at"] / 1000, ZoneInfo(ZONE))
        due = opened + PROMISED[ticket["severity"]]
        told = f"{in_chinese(opened)} · 须在 {in_chinese(due)} 前回复"
        for place in (".ticket-card", ".detail"):
            await expect(page.locator(place)).to_contain_text(told)
        await expect(page.locator(".zone")).to_have_text(f"时间按 {ZONE} 时区显示（设置项 business.timezone）")
        await page.get_by_role("button", name="我来处理").click()
        await expect(page.locator(".detail")).to_contain_text("处理中")
        await expect(page.locator(".split")).not_to_contain_text("须在")
        await page.goto(f"{server.address}/console/customers?lang=en")
        await expect(page.locator(".zone")).to_have_text(f"All times: {ZONE} (setting business.timezone)")
