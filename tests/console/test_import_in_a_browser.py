"""Customers are brought in from a file in a real browser: what is taken, what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.console.test_in_a_browser import Server, signed_in, visitor
from tests.terminal import running
from tests.web.browser import listened

WHITE = "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder) as (address, _said, _process):
        yield Server(address, folder)


async def chosen(page: Page, folder: Path, name: str, content: str) -> None:
    """A file of this name is given to the open dialog."""
    (folder / name).write_text(content, "utf-8")
    await page.locator("input[type=file]").set_input_files(folder / name)


async def test_what_is_wrong_in_a_file_of_customers_is_said_in_chinese(server: Server, tmp_path: Path) -> None:
    async with visitor(1440, "zh-CN") as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/customers?lang=zh")
        await page.get_by_role("button", name="导入").click()
        rows = "external_id,sms,consents\nc1,12,服务\n,,\n,+8613800138000,service\nc2,,\nc2,,\n"
        await chosen(page, tmp_path, "new.csv", rows)
        for said in (
            "new.csv:2: sms：'12' 不是电话号码",
            "new.csv:2: consents：没有 '服务' 这种写法",
            "new.csv:4: external_id：没有填写，每位客户都要有",
            "new.csv:6: external_id c2 在第 5 行已经出现过",
        ):
            await expect(page.locator(".problem", has_text=said)).to_have_count(1)
        await expect(page.locator(".fine")).to_have_text("new.csv: 新建 1 个，更新 0 个，拒绝 3 个")

        await chosen(page, tmp_path, "columns.csv", "external_id,emial\nc1,li@example.com\n")
        await expect(page.locator(".problem")).to_have_count(1)
        await expect(page.locator(".problem")).to_have_text(
            "columns.csv:1：不认识“emial”这一列；是不是想写“email”？其他列名会成为客户属性"
        )
        await expect(page.locator(".fine")).to_have_count(0)

        await chosen(page, tmp_path, "book.xlsx", "PK")
        await expect(page.locator(".problem")).to_contain_text("请在 Excel 里另存为 CSV")
        await chosen(page, tmp_path, "bad.csv", "external_id,sms\nc4,12\n")
        await expect(page.locator(".problem.warning")).to_be_visible()
        await expect(page.locator(".problem.warning")).to_have_text("bad.csv: 新建 0 个，更新 0 个，拒绝 1 个")
        await expect(page.locator(".problem")).to_have_count(2)


@pytest.mark.parametrize(
    ("width", "language", "label"), [(1440, "en", "Choose a CSV file"), (390, "zh", "选择 CSV 文件")]
)
async def test_the_place_for_a_file_says_what_it_takes_and_fills_the_dialog(
    server: Server, tmp_path: Path, width: int, language: str, label: str
) -> None:
    async with visitor(width) as context:
        page = await signed_in(context, server)
        wrong = listened(page)
        await page.goto(f"{server.address}/console/customers?lang={language}")
        await page.get_by_role("button", name="导入" if language == "zh" else "Import").click()
        choose = page.locator(".uploader .choose")
        await expect(choose).to_contain_text(label)
        for part in (choose, choose.locator("i")):
            assert await part.evaluate("part => getComputedStyle(part).color") == WHITE
        async with page.expect_file_chooser():
            await choose.click()
        outer = await page.locator(".import").bounding_box()
        inner = await page.locator(".uploader").bounding_box()
        assert outer is not None
        assert inner is not None
        assert outer["width"] - inner["width"] <= 44
        assert outer["x"] >= 0
        assert outer["x"] + outer["width"] <= width
        await chosen(page, tmp_path, f"one-{width}.csv", f"external_id,name\nnew-{width},Ann\n")
        await expect(page.locator(".fine")).to_contain_text(f"one-{width}.csv")
        await page.screenshot(path=tmp_path / "import.png")
        assert wrong == []
