"""Results by what the business sends with its moments."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from storage import reports_parts
from storage.database import Database
from tests.storage.books import make_customer

EVER = (0, 2**62)


async def talk(store: Database, score: float | None, moment: dict[str, Any] | None, *, in_state: bool = False) -> None:
    """A dialog of the script 1 with one answer; its moment lies in the store, or only in what the dialog remembers."""
    customer = await make_customer(store)
    made: list[dict[str, Any]] = []
    if moment is not None and not in_state:
        made = await store.fetch(
            """INSERT INTO moments (public_id, name, customer_id, at, data, created_at)
 VALUES ($1, 'order.delivered', $2, 5, $3, 5) RETURNING id""",
            f"m{customer}",
            customer,
            orjson.dumps(moment).decode(),
        )
    state = orjson.dumps({"moment": moment}).decode() if in_state else ""
    rows = await store.fetch(
        """INSERT INTO conversations (public_id, customer_id, script_id, address_id, state, status, opened_at,
 moment_id) VALUES ($1, $2, 1, 1, $3, 'finished', 5, $4) RETURNING id""",
        f"v{customer}",
        customer,
        state,
        made[0]["id"] if made else None,
    )
    if score is not None:
        await store.execute(
            """INSERT INTO answers (conversation_id, customer_id, script_id, slot, type, value, number, said, how, at)
 VALUES ($1, $2, 1, 'score', 'nps', 'x', $3, '', 'exact', 5)""",
            rows[0]["id"],
            customer,
            score,
        )


@pytest.fixture
async def filled(store: Database) -> Database:
    await store.execute(
        """INSERT INTO scripts (id, name, version, source, path, source_hash, created_at)
 VALUES (1, 'visit', 1, '', '', '', 1)"""
    )
    for number, score in enumerate((10.0, 9.0, 3.0, None)):
        await talk(store, score, {"branch": "Nanjing Road", "order": f"A{number}", "floor": 2})
    for number, score in enumerate((2.0, 6.0)):
        await talk(store, score, {"branch": "Bund", "order": f"B{number}", "floor": 1})
    await talk(store, 10.0, {"branch": "Bund"}, in_state=True)
    await talk(store, 10.0, None)
    return store


async def test_what_divides_is_offered_and_what_names_one_order_is_not(filled: Database) -> None:
    assert await reports_parts.keys(filled, "visit", *EVER) == ["branch", "floor"]
    assert await reports_parts.keys(filled, "visit", 6, 2**62) == []
    assert await reports_parts.keys(filled, "other", *EVER) == []


async def test_each_part_has_its_counts_and_figures_the_largest_first(filled: Database) -> None:
    first, second = await reports_parts.parts(filled, "visit", "branch", *EVER)
    assert (first.value, first.started, first.answered) == ("Nanjing Road", 4, 3)
    assert first.figures["score"].value == pytest.approx(100 / 3)
    assert (second.value, second.started, second.answered) == ("Bund", 3, 3)
    assert second.figures["score"].value == pytest.approx(-100 / 3)


async def test_numbers_divide_as_words_do(filled: Database) -> None:
    found = await reports_parts.parts(filled, "visit", "floor", *EVER)
    assert [(part.value, part.started) for part in found] == [("2", 4), ("1", 2)]


async def test_a_branch_that_comes_as_a_number_and_as_text_is_one(filled: Database) -> None:
    await talk(filled, 9.0, {"shop": 5})
    await talk(filled, 3.0, {"shop": "5"})
    (found,) = await reports_parts.parts(filled, "visit", "shop", *EVER)
    assert (found.value, found.started, found.answered, found.figures["score"].n) == ("5", 2, 2, 2)


async def test_odd_moments_cost_no_report(filled: Database) -> None:
    await talk(filled, 9.0, {"note": "x\0y", "branch": "Bund"})
    await talk(filled, 9.0, {"back\\slash": "a", "new\nline": "b", 'quo"te': "c", "list": [1], "none": None})
    await talk(filled, 9.0, None, in_state=True)
    keys = await reports_parts.keys(filled, "visit", *EVER)
    assert "branch" in keys
    for key in keys:
        assert await reports_parts.parts(filled, "visit", key, *EVER)


async def test_a_key_that_nobody_sent_or_that_is_no_path_has_no_parts(filled: Database) -> None:
    for key in ("colour", "a.b", "$", "'; DROP TABLE moments; --", ""):
        assert await reports_parts.parts(filled, "visit", key, *EVER) == []
