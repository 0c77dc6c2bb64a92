"""A real Chromium for tests; where there is none, the test says what went untested."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.untested import untested

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Headless, without a sandbox, as root has none."""
    found = next((one for one in PLACES if Path(one).exists()), shutil.which("chromium"))
    if not found:
        untested("the pages in a real browser (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


def listened(page: Page) -> list[str]:
    """What the page complains of, as it happens."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return said
