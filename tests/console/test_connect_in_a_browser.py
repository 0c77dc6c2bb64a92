"""A customer's channel is connected by a link that the console shows, with its QR code."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.console.test_in_a_browser import Server, signed_in, visitor
from tests.terminal import running
from tests.web.browser import listened

TWILIO = {
    "MOTLINE_SMS__ENABLED": "true",
    "MOTLINE_SMS__ACCOUNT_SID": "AC" + "1" * 32,
    "MOTLINE_SMS__AUTH_TOKEN": "sesame",
    "MOTLINE_SMS__SENDER": "+15005550006",
    "MOTLINE_SERVER__PUBLIC_URL": "http://feedback.example",
}


@pytest.mark.parametrize(
    ("language", "title", "button"), [("en", "Connect a chat", "SMS"), ("zh", "连接聊天", "短信")]
)
async def test_a_link_for_a_channel_is_shown_with_its_code(
    tmp_path: Path, language: str, title: str, button: str
) -> None:
    with running(tmp_path, **TWILIO) as (address, _said, _process):
        async with visitor(1440, "en-GB") as context:
            page = await signed_in(context, Server(address, tmp_path))
            wrong = listened(page)
            await page.goto(f"{address}/console/customers")
            await page.get_by_text("Maya Chen").click()
            await page.wait_for_url("**/customers/*")
            await page.goto(f"{page.url}?lang={language}")
            await expect(page.locator(".page")).to_contain_text(title)
            await page.get_by_role("button", name=button).click()
            shown = page.locator(".q-dialog .card")
            await expect(shown).to_contain_text("sms:+15005550006?&body=m-")
            await expect(shown.locator("img")).to_be_visible()
            await page.wait_for_timeout(500)
            await page.screenshot(path=tmp_path / "link.png")
            assert wrong == []
