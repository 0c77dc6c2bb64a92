"""What came of the dialogs, counted from rows; the figures by their formulas."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import reports
from storage.database import Database
from storage.metrics import csat, figure, nps
from tests.storage.books import make_customer, make_outgoing

DAY = 86_400_000


async def talk(
    store: Database,
    script: int,
    status: str,
    answers: dict[str, tuple[str, str | None, float | None]],
    at: int,
    sent: str,
) -> None:
    customer = await make_customer(store)
    rows = await store.fetch(
        """INSERT INTO conversations (public_id, customer_id, script_id, address_id, state, status, opened_at)
 VALUES ($1, $2, $3, 1, '', $4, $5) RETURNING id""",
        f"v{customer}",
        customer,
        script,
        status,
        at,
    )
    identity = rows[0]["id"]
    await make_outgoing(store, 1, customer_id=customer, conversation_id=identity, sequence=1, status=sent)
    for slot, (type_, value, number) in answers.items():
        await store.execute(
            """INSERT INTO answers (conversation_id, customer_id, script_id, slot, type, value, number, said, how, at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, '', 'exact', $8)""",
            identity,
            customer,
            script,
            slot,
            type_,
            value,
            number,
            at,
        )


@pytest.fixture
async def script(store: Database) -> int:
    made = []
    for name, version in (("visit", 1), ("visit", 2), ("other", 1)):
        made += await store.fetch(
            """INSERT INTO scripts (name, version, source, path, source_hash, created_at) VALUES ($1, $2, '', '', '', 1)
 RETURNING id""",
            name,
            version,
        )
    first, second, other = (row["id"] for row in made)
    nine, three = ("nps", "9", 9.0), ("nps", "3", 3.0)
    await talk(store, first, "finished", {"score": nine, "again": ("yes_no", "true", 1.0)}, DAY, "delivered")
    await talk(store, second, "finished", {"score": three, "why": ("text", '"slow"', None)}, DAY, "sent")
    await talk(store, second, "expired", {"score": ("nps", None, None)}, 2 * DAY, "read")
    await talk(store, second, "undelivered", {}, 2 * DAY, "dead")
    await talk(store, second, "open", {"score": nine}, 3 * DAY, "sent")
    await talk(store, other, "finished", {"score": three}, DAY, "sent")
    return int(first)


async def test_a_report_counts_over_all_versions_of_one_script(store: Database, script: int) -> None:
    report = await reports.script_report(store, "visit")
    assert (report.started, report.delivered, report.answered, report.finished) == (5, 4, 3, 2)
    assert report.by_status == {"expired": 1, "finished": 2, "open": 1, "undelivered": 1}
    assert (report.response_rate, report.completion) == (0.75, 0.4)


async def test_each_question_has_its_counts_and_figure(store: Database, script: int) -> None:
    report = await reports.script_report(store, "visit")
    score, again, why = report.questions
    assert (score.slot, score.type, score.answered, score.counts) == ("score", "nps", 3, {"9": 2, "3": 1})
    assert score.figure is not None
    assert score.figure.value == pytest.approx(100 / 3)
    assert (again.slot, again.counts) == ("again", {"true": 1})
    assert (why.slot, why.answered, why.counts, why.figure) == ("why", 1, {}, None)


async def test_a_report_keeps_to_its_span(store: Database, script: int) -> None:
    report = await reports.script_report(store, "visit", DAY, 2 * DAY)
    assert (report.started, report.finished) == (2, 2)
    empty = await reports.script_report(store, "visit", 9 * DAY)
    assert (empty.started, empty.response_rate, empty.completion, list(empty.questions)) == (0, 0.0, 0.0, [])


async def test_a_trend_has_one_figure_per_span_with_answers(store: Database, script: int) -> None:
    found = await reports.trend(store, "visit", "score", 0, 10 * DAY)
    assert [(at, round(figure.value)) for at, figure in found] == [(DAY, 0), (3 * DAY, 100)]


def test_nps_counts_promoters_and_detractors_over_those_who_answered() -> None:
    found = nps({10: 5, 9: 1, 8: 2, 6: 1, 0: 1})
    assert found is not None
    assert found.n == 10
    assert found.value == pytest.approx(40.0)
    assert found.error == pytest.approx(100 * math.sqrt((0.6 + 0.2 - 0.16) / 10))


def test_csat_is_the_share_of_fours_and_fives() -> None:
    found = csat({5: 2, 4: 1, 3: 1})
    assert found is not None
    assert found.value == pytest.approx(75.0)
    assert found.error == pytest.approx(100 * math.sqrt(0.75 * 0.25 / 4))


@pytest.mark.parametrize(("type_", "name"), [("ces", "CES"), ("rating", "mean"), ("number", "mean")])
def test_other_numbers_are_averaged(type_: str, name: str) -> None:
    found = figure(type_, {7: 1, 5: 1})
    assert found is not None
    assert (found.name, found.value) == (name, 6.0)
    assert found.error == pytest.approx(1.0)


def test_no_answers_give_no_figure() -> None:
    assert [figure(type_, {}) for type_ in ("nps", "csat", "ces", "rating", "text")] == [None] * 5
    single = figure("ces", {4: 1})
    assert single is not None
    assert single.error == 0.0


@given(st.dictionaries(st.integers(0, 10).map(float), st.integers(1, 50), min_size=1))
def test_nps_agrees_with_the_mean_of_plus_and_minus_one(counts: dict[float, int]) -> None:
    signs = [1 if n >= 9 else -1 if n <= 6 else 0 for n, count in counts.items() for _ in range(count)]
    mean = sum(signs) / len(signs)
    variance = sum((sign - mean) ** 2 for sign in signs) / len(signs) / len(signs)
    found = nps(counts)
    assert found is not None
    assert found.value == pytest.approx(100 * mean, abs=1e-6)
    assert found.error == pytest.approx(100 * math.sqrt(variance), abs=1e-4)
