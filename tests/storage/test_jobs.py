"""Jobs: due on the house's clock, held under a lease on the database's, fenced by their attempts."""

from __future__ import annotations

import asyncio

import pytest

from storage.database import Database
from storage.jobs import MOST_ATTEMPTS, Jobs

NOW = 1_000_000


@pytest.fixture
def jobs(store: Database) -> Jobs:
    return Jobs(store)


async def expire(store: Database) -> None:
    await store.execute("UPDATE jobs SET lease_at = 1 WHERE status = 'due'")


async def test_a_job_is_claimed_when_it_is_due_and_not_before(jobs: Jobs) -> None:
    await jobs.put("reminder", NOW + 10, now=NOW, subject_id=7, sequence=3, body='{"a": 1}')
    assert await jobs.claim(NOW + 9, 10) == []
    assert await jobs.next_at() == NOW + 10
    (job,) = await jobs.claim(NOW + 10, 10)
    assert (job.kind, job.subject_id, job.sequence, job.attempts, job.body) == ("reminder", 7, 3, 1, '{"a": 1}')


async def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(jobs: Jobs, store: Database) -> None:
    await jobs.put("reminder", NOW, now=NOW)
    (first,) = await jobs.claim(NOW, 10)
    assert await jobs.claim(NOW, 10) == []
    await expire(store)
    (second,) = await jobs.claim(NOW, 10)
    assert (second.id, second.attempts) == (first.id, 2)


async def test_a_worker_whose_lease_ended_changes_nothing(jobs: Jobs, store: Database) -> None:
    await jobs.put("reminder", NOW, now=NOW)
    (late,) = await jobs.claim(NOW, 10)
    await expire(store)
    (current,) = await jobs.claim(NOW, 10)
    assert not await jobs.done(late)
    assert not await jobs.fail(late, "x")
    assert not await jobs.extend(late)
    assert not await jobs.postpone(late, NOW + 1)
    assert await jobs.done(current)
    assert await jobs.claim(NOW, 10) == []


async def test_the_earliest_comes_first_and_no_more_than_the_limit(jobs: Jobs) -> None:
    for subject, at in ((1, NOW - 1), (2, NOW - 3), (3, NOW - 2)):
        await jobs.put("wait", at, now=NOW, subject_id=subject)
    assert [job.subject_id for job in await jobs.claim(NOW, 2)] == [2, 3]
    assert [job.subject_id for job in await jobs.claim(NOW, 2)] == [1]


async def test_only_the_kinds_asked_for_are_claimed(jobs: Jobs) -> None:
    await jobs.put("action", NOW, now=NOW)
    await jobs.put("wait", NOW, now=NOW)
    await jobs.put("sla", NOW, now=NOW)
    assert {job.kind for job in await jobs.claim(NOW, 10, ("wait", "sla"))} == {"wait", "sla"}
    assert [job.kind for job in await jobs.claim(NOW, 10)] == ["action"]


async def test_a_second_due_job_of_a_kind_and_subject_replaces_the_first(jobs: Jobs) -> None:
    await jobs.put("reminder", NOW, now=NOW, subject_id=7, sequence=1)
    await jobs.put("reminder", NOW + 5, now=NOW, subject_id=7, sequence=2)
    assert await jobs.claim(NOW, 10) == []
    (job,) = await jobs.claim(NOW + 5, 10)
    assert job.sequence == 2


async def test_a_cancelled_job_is_not_claimed(jobs: Jobs) -> None:
    await jobs.put("reminder", NOW, now=NOW, subject_id=7)
    assert await jobs.cancel("reminder", 7)
    assert not await jobs.cancel("reminder", 7)
    assert await jobs.claim(NOW, 10) == []


async def test_a_postponed_job_comes_again_at_its_time(jobs: Jobs) -> None:
    await jobs.put("moment", NOW, now=NOW)
    (job,) = await jobs.claim(NOW, 10)
    assert await jobs.postpone(job, NOW + 100)
    assert await jobs.claim(NOW + 99, 10) == []
    (again,) = await jobs.claim(NOW + 100, 10)
    assert again.attempts == 1


async def test_a_job_that_kills_its_workers_is_given_up(jobs: Jobs, store: Database) -> None:
    await jobs.put("action", NOW, now=NOW)
    for _ in range(MOST_ATTEMPTS):
        assert len(await jobs.claim(NOW, 10)) == 1
        await expire(store)
    assert await jobs.claim(NOW, 10) == []
    rows = await store.fetch("SELECT status, error FROM jobs")
    assert rows[0]["status"] == "failed"
    assert "kill" in rows[0]["error"]


async def test_two_workers_share_the_jobs_without_a_doublet(jobs: Jobs, store: Database) -> None:
    for subject in range(60):
        await jobs.put("wait", NOW, now=NOW, subject_id=subject)
    other = Jobs(store)
    batches = await asyncio.gather(*(worker.claim(NOW, 7) for worker in (jobs, other) * 6))
    claimed = [job.subject_id for batch in batches for job in batch]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) + len(await jobs.claim(NOW, 100)) == 60


async def test_finished_jobs_are_forgotten_and_failed_ones_kept(jobs: Jobs, store: Database) -> None:
    for kind in ("a", "b", "c"):
        await jobs.put(kind, NOW, now=NOW)
    one, two, _ = await jobs.claim(NOW, 10)
    await jobs.done(one)
    await jobs.fail(two, "why")
    assert await jobs.forget(NOW + 1) == 1
    assert [row["kind"] for row in await store.fetch("SELECT kind FROM jobs ORDER BY id")] == ["b", "c"]
