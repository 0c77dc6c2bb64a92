"""Two customers are merged in a real browser, seen before, taken back after; from the command line too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.console.test_in_a_browser import Server, signed_in, visitor
from tests.terminal import motline, running
from tests.web.browser import listened


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process for which it is never night."""
    folder = tmp_path_factory.mktemp("served")
    with running(folder, MOTLINE_BUSINESS__QUIET_HOURS="") as (address, _said, _process):
        yield Server(address, folder)


FILE = """external_id,name,language,email,sms,consents,city,tier
crm-17,Hannah Weber,en,hannah.weber@example.com,,service,Leeds,gold
shop-204,H. Weber,,,+447700900123,service;research,Bristol,
"""


def imported(server: Server) -> None:
    file = server.folder / "two.csv"
    file.write_text(FILE, encoding="utf-8")
    said = motline(server.folder, "customers", "import", str(file))
    assert said.returncode == 0, said.stderr


async def asked(server: Server, page: Page, external_id: str) -> None:
    """A dialog is open with this customer."""
    motline(server.folder, "fire", "order.delivered", external_id)
    await page.goto(f"{server.address}/console/customers")
    await page.get_by_text(external_id).click()
    for _ in range(40):
        if await page.locator(".badge.started").count():
            return
        await page.wait_for_timeout(250)
        await page.reload()
        await expect(page.locator(".page")).to_contain_text("Consents")
    raise AssertionError(f"{external_id} was not asked")


async def test_an_admin_sees_what_a_merge_does_does_it_and_takes_it_back(server: Server, tmp_path: Path) -> None:
    imported(server)
    async with visitor(1440, "en-GB") as context:
        page = await signed_in(context, server)
        wrong = listened(page)
        await asked(server, page, "shop-204")
        await asked(server, page, "crm-17")
        await page.get_by_role("button", name="Merge").click()
        await expect(page.locator(".page")).to_contain_text("Motline never guesses")
        await expect(page.locator(".pick")).to_have_count(0)
        await page.get_by_placeholder("Find by name").fill("weber")
        await page.locator(".pick", has_text="H. Weber").click()

        shown = page.locator(".page")
        await expect(page.locator(".side.stays")).to_contain_text("Hannah Weber")
        await expect(page.locator(".side.goes")).to_contain_text("+447700900123")
        await expect(page.locator(".given-up", has_text="Bristol")).to_be_visible()
        await expect(page.locator(".count", has_text="dialogs")).to_contain_text("1")
        goes_on = "“After delivery” with Hannah Weber began last and goes on"
        await expect(page.locator(".warning")).to_contain_text(goes_on)
        await expect(shown).to_contain_text("It can be taken back for 30 days")
        await page.screenshot(path=tmp_path / "preview.png")
        await page.goto(f"{page.url}&lang=zh")
        await expect(shown).to_contain_text("合并后 30 天内可以撤销")
        await expect(page.locator(".given-up", has_text="Bristol")).to_be_visible()
        await page.screenshot(path=tmp_path / "preview-zh.png")
        await page.go_back()

        await page.get_by_role("button", name="Merge them").click()
        await page.wait_for_url(re.compile(r"/console/customers/[0-9a-f]{32}$"))
        await expect(page.locator(".note")).to_contain_text("H. Weber was merged into this customer")
        await expect(page.locator(".note")).to_contain_text("by Ann")
        await expect(shown).to_contain_text("+447700900123")
        await expect(shown).to_contain_text("hannah.weber@example.com")
        await page.screenshot(path=tmp_path / "merged.png")

        await page.locator(".note").get_by_role("button", name="Take it back").click()
        await expect(page.locator(".q-dialog")).to_contain_text("Make H. Weber a customer of their own again?")
        await page.locator(".q-dialog").get_by_role("button", name="Take it back").click()
        await expect(shown).to_contain_text("H. Weber")
        await expect(shown).to_contain_text("+447700900123")
        await expect(shown).not_to_contain_text("hannah.weber@example.com")
        await expect(page.locator(".note")).to_have_count(0)
        assert wrong == []
