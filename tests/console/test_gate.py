"""The console's door speaks the language that the browser wants."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette

from bot.app import Opened
from bot.config import Business, Config
from bot.console.gate import Gate


class Nobody:
    """No session holds."""

    async def session(self, _token: str) -> None:
        return None


async def page(accepted: str, business: str) -> str:
    parts = cast(Opened, SimpleNamespace(access=Nobody(), config=Config(business=Business(language=business))))
    transport = httpx.ASGITransport(app=Gate(Starlette(), parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://motline.test") as client:
        found = await client.get("/console/", headers={"accept-language": accepted})
    assert found.status_code == 403
    return found.text


@pytest.mark.parametrize(
    ("accepted", "business", "language"),
    [
        ("zh-CN,zh;q=0.9", "en", "zh"),
        ("en-GB,en;q=0.9", "zh", "en"),
        ("fr-FR,fr;q=0.9,zh;q=0.5", "en", "zh"),
        ("fr-FR,fr;q=0.9", "zh", "zh"),
        ("", "zh", "zh"),
    ],
)
async def test_the_sign_in_page_follows_the_browser_and_then_the_business(
    accepted: str, business: str, language: str
) -> None:
    shown = await page(accepted, business)
    assert f'<html lang="{language}">' in shown
    assert ("登录" in shown) is (language == "zh")
