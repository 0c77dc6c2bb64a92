"""The results in a real browser: the same figures part by part, every question, on a phone too, in both languages."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from playwright.async_api import expect

from tests.console.test_in_a_browser import Server, signed_in, visitor
from tests.terminal import running
from tests.web.browser import listened

BRANCHES = {"Nanjing Road": (10, 9, 9, 3, 10, 8), "外滩店": (2, 6, 9, 4), "Hongqiao": (7, 10)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder) as (address, _said, _process):
        fill(next(folder.rglob("motline.db")))
        yield Server(address, folder)


def fill(path: Path) -> None:
    """Dialogs that have ended, after moments that tell of a branch."""
    now = int(time.time() * 1000)
    store = sqlite3.connect(path, timeout=10)
    with store:
        (script,) = store.execute(
            "SELECT id FROM scripts WHERE name = 'delivery_checkin' AND status = 'published'"
        ).fetchone()
        for branch, scores in BRANCHES.items():
            for number, score in enumerate(scores):
                key = f"{branch}{number}"
                customer = store.execute(
                    "INSERT INTO customers (public_id, created_at) VALUES (?, ?)", (f"c{key}", now)
                ).lastrowid
                moment = store.execute(
                    """INSERT INTO moments (public_id, name, customer_id, at, data, outcome, created_at)
 VALUES (?, 'order.delivered', ?, ?, ?, 'started', ?)""",
                    (f"m{key}", customer, now, orjson.dumps({"branch": branch, "order": key}).decode(), now),
                ).lastrowid
                talk = store.execute(
                    """INSERT INTO conversations (public_id, customer_id, script_id, address_id, moment_id, status,
 state, opened_at, closed_at) VALUES (?, ?, ?, 1, ?, 'finished', '', ?, ?)""",
                    (f"t{key}", customer, script, moment, now, now),
                ).lastrowid
                store.execute(
                    """INSERT INTO answers (conversation_id, customer_id, script_id, slot, type, value, number, said,
 how, at) VALUES (?, ?, ?, 'nps', 'nps', ?, ?, ?, 'exact', ?)""",
                    (talk, customer, script, str(score), score, str(score), now),
                )
    store.close()


@pytest.mark.parametrize(("language", "heading"), [("en", "Part by part"), ("zh", "分组对比")])
async def test_the_figures_stand_part_by_part(server: Server, language: str, heading: str) -> None:
    async with visitor(1440) as context:
        page = await signed_in(context, server)
        wrong = listened(page)
        await page.goto(f"{server.address}/console/results?lang={language}")
        card = page.locator(".card", has_text=heading)
        await expect(card).to_contain_text("branch")
        rows = card.locator("tbody tr")
        await expect(rows).to_have_count(3)
        await expect(rows.nth(0)).to_contain_text("Nanjing Road")
        await expect(rows.nth(0)).to_contain_text("50 (n = 6)")
        await expect(rows.nth(1)).to_contain_text("外滩店")
        await expect(rows.nth(1)).to_contain_text("−50 (n = 4)")
        assert wrong == []


@pytest.mark.parametrize(
    ("language", "finished", "note"),
    [("en", "finished", "not everybody is asked"), ("zh", "已完成", "并非每位客户都会被问到")],
)
async def test_where_people_stop_shows_every_question_in_order(
    server: Server, language: str, finished: str, note: str
) -> None:
    async with visitor(1440) as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/results?lang={language}")
        card = page.locator(".card", has_text=note)
        await expect(card.locator("canvas")).to_be_visible()
        element = await card.locator(".nicegui-echart").get_attribute("id")
        drawn = await page.evaluate("(id) => getElement(Number(id.slice(1))).chart.getOption()", element)
        (names,) = drawn["yAxis"]
        (bars,) = drawn["series"]
        shown = dict(zip(names["data"], (bar["value"] for bar in bars["data"]), strict=True))
        assert list(shown)[2:] == ["nps", "reason", "improve", finished]
        assert list(shown.values())[2:] == [12, 0, 0, 12]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_on_a_phone_what_came_of_a_moment_is_on_the_screen_and_figures_are_aligned(
    server: Server, language: str
) -> None:
    async with visitor(390) as context:
        page = await signed_in(context, server)
        await page.goto(f"{server.address}/console/moments?lang={language}")
        values = page.locator(".q-table__grid-item").first.locator(".q-table__grid-item-value")
        await expect(values).to_have_count(5)
        for value in await values.all():
            box = await value.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 390
        await expect(page.locator("th")).to_have_count(0)
        await page.goto(f"{server.address}/console/results?lang={language}")
        await expect(page.locator(".figure")).to_have_count(3)
        boxes = [await figure.bounding_box() for figure in await page.locator(".figure").all()]
        first, second, third = (box for box in boxes if box is not None)
        assert (first["y"], first["height"]) == (second["y"], second["height"])
        assert third["x"] == first["x"]
        assert third["x"] + third["width"] == second["x"] + second["width"]
