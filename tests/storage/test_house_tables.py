"""Scripts, moments, staff and teams."""

from __future__ import annotations

import asyncio

import pytest

from storage import addresses, audit, moments, scripts, staff, teams
from storage.crypto import Keys
from storage.database import Database
from storage.errors import Refused
from storage.jobs import Jobs
from storage.scripts import Draft
from tests.storage.books import make_address, make_customer

NOW = 1_000_000


async def test_the_same_text_is_the_same_version_and_another_text_the_next(store: Database) -> None:
    one = await scripts.save(store, Draft("visit", "a: 1", "visit.yml", moment="left"), actor="cli", now=NOW)
    same = await scripts.save(store, Draft("visit", "a: 1", "visit.yml"), actor="cli", now=NOW)
    two = await scripts.save(store, Draft("visit", "a: 2", "visit.yml"), actor="cli", now=NOW)
    assert same.id == one.id
    assert (one.version, two.version, two.status) == (1, 2, "draft")
    assert [row.version for row in await scripts.versions(store, "visit")] == [2, 1]
    assert [row.version for row in await scripts.latest(store)] == [2]


async def test_publishing_a_version_retires_the_one_before(store: Database) -> None:
    one = await scripts.save(store, Draft("visit", "a: 1", "visit.yml"), actor="cli", now=NOW)
    two = await scripts.save(store, Draft("visit", "a: 2", "visit.yml"), actor="cli", now=NOW)
    await scripts.publish(store, one.id, actor="cli", now=NOW)
    await scripts.publish(store, two.id, actor="cli", now=NOW)
    await scripts.publish(store, two.id, actor="cli", now=NOW)
    assert [row.version for row in await scripts.all_published(store)] == [2]
    assert (await scripts.get(store, one.id)).status == "retired"
    await scripts.retire(store, two.id, actor="cli", now=NOW)
    assert await scripts.published(store, "visit") is None
    with pytest.raises(Refused, match="not published"):
        await scripts.retire(store, two.id, actor="cli", now=NOW)


async def test_two_who_save_at_once_get_two_versions(store: Database) -> None:
    saved = await asyncio.gather(
        *(scripts.save(store, Draft("visit", f"a: {n}", "visit.yml"), actor="cli", now=NOW) for n in range(5))
    )
    assert sorted(row.version for row in saved) == [1, 2, 3, 4, 5]


async def test_a_moment_is_kept_once_with_its_job(store: Database) -> None:
    customer = await make_customer(store)
    reports = await asyncio.gather(
        *(moments.report(store, "order-1", "delivered", customer, now=NOW, data={"x": 1}) for _ in range(4))
    )
    assert sorted(report.how for report in reports) == ["known", "known", "known", "new"]
    (job,) = await Jobs(store).claim(NOW, 10)
    assert (job.kind, job.subject_id) == ("moment", reports[0].id)
    kept = await moments.get(store, reports[0].id)
    assert (kept.outcome, kept.data, kept.at) == ("pending", {"x": 1}, NOW)


async def test_a_moment_keeps_what_came_of_it(store: Database) -> None:
    customer, other = await make_customer(store), await make_customer(store)
    one = await moments.report(store, "m-1", "left", customer, now=NOW, run_at=NOW + 50)
    await moments.report(store, "m-2", "left", other, now=NOW)
    assert [row.public_id for row in await moments.due(store, NOW)] == ["m-2"]
    await moments.conclude(store, one.id, "not_sent", "no consent for service messages")
    assert [row.public_id for row in await moments.due(store, NOW + 60)] == ["m-2"]
    (row,) = await moments.latest(store, customer_id=customer)
    assert (row.outcome, row.reason) == ("not_sent", "no consent for service messages")
    assert [row.public_id for row in await moments.latest(store)] == ["m-2", "m-1"]
    with pytest.raises(LookupError):
        await moments.get(store, 999)


async def test_somebody_who_leaves_is_signed_out_and_their_tickets_are_open_again(
    store: Database, keys: Keys
) -> None:
    await staff.add(store, "Ann", role="admin", actor="cli", now=NOW)
    bo = await staff.add(store, "Bo", actor="cli", now=NOW)
    address = await staff.attach(store, keys, bo.id, "telegram", "42", NOW)
    customer = await make_customer(store)
    await store.execute(
        "INSERT INTO sessions (token_hash, staff_id, expires_at, created_at) VALUES ('h', $1, 9, 1)", bo.id
    )
    await store.execute(
        """INSERT INTO tickets (public_id, customer_id, staff_id, status, opened_at)
 VALUES ('t', $1, $2, 'claimed', 1)""",
        customer,
        bo.id,
    )
    await staff.leave(store, bo.id, actor="staff:1", now=NOW)
    assert (await staff.get(store, bo.id)).status == "left"
    assert (await addresses.get(store, address)).staff_id is None
    session = await store.fetch_one("SELECT revoked_at FROM sessions")
    ticket = await store.fetch_one("SELECT status, staff_id FROM tickets")
    assert session == {"revoked_at": NOW}
    assert ticket == {"status": "open", "staff_id": None}
    assert [row.name for row in await staff.everybody(store)] == ["Ann", "Bo"]


async def test_the_last_admin_cannot_leave_nor_become_an_agent(store: Database) -> None:
    ann = await staff.add(store, "Ann", role="admin", actor="cli", now=NOW)
    with pytest.raises(Refused, match="last admin"):
        await staff.leave(store, ann.id, actor="cli", now=NOW)
    with pytest.raises(Refused, match="last admin"):
        await staff.change(store, ann.id, role="agent", actor="cli", now=NOW)
    await staff.add(store, "Bo", role="admin", actor="cli", now=NOW)
    changed = await staff.change(store, ann.id, role="agent", language="zh", actor="cli", now=NOW)
    assert (changed.role, changed.language) == ("agent", "zh")


async def test_an_address_may_be_a_customers_and_a_colleagues_but_not_two_colleagues(
    store: Database, keys: Keys
) -> None:
    customer = await make_customer(store)
    address = await make_address(store, keys, "telegram", "42", customer_id=customer)
    ann, bo = [await staff.add(store, name, actor="cli", now=NOW) for name in ("Ann", "Bo")]
    assert await staff.attach(store, keys, ann.id, "telegram", "42", NOW) == address
    with pytest.raises(Refused, match="another colleague"):
        await staff.attach(store, keys, bo.id, "telegram", "42", NOW)
    assert [row.id for row in await addresses.of_staff(store, ann.id)] == [address]
    await staff.detach(store, ann.id, address)
    row = await addresses.get(store, address)
    assert (row.staff_id, row.customer_id) == (None, customer)


async def test_wrong_changes_of_colleagues_are_refused(store: Database) -> None:
    ann = await staff.add(store, "Ann", actor="cli", now=NOW)
    with pytest.raises(Refused, match="salary"):
        await staff.change(store, ann.id, salary=1, actor="cli", now=NOW)
    with pytest.raises(Refused, match="needs a name"):
        await staff.add(store, "  ", actor="cli", now=NOW)
    with pytest.raises(LookupError):
        await staff.get(store, 999)


async def test_a_team_has_hours_and_a_group(store: Database, keys: Keys) -> None:
    hours = {"tue": ["09:00", "18:00"], "mon": ["09:00", "24:00"]}
    team = await teams.add(store, "Care", timezone="Asia/Shanghai", hours=hours, actor="cli", now=NOW)
    assert list(team.hours.items()) == [("mon", ["09:00", "24:00"]), ("tue", ["09:00", "18:00"])]
    first = await teams.set_group(store, keys, team.id, "telegram", "-100", NOW)
    second = await teams.set_group(store, keys, team.id, "telegram", "-200", NOW)
    assert first != second
    assert [row.id for row in await addresses.of_team(store, team.id)] == [second]
    changed = await teams.change(store, team.id, name="Service", actor="cli", now=NOW)
    assert (changed.name, changed.timezone) == ("Service", "Asia/Shanghai")
    assert (await teams.named(store, "Service")) == changed
    assert await teams.named(store, "Care") is None


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"timezone": "Mars"}, "'Mars'"),
        ({"hours": {"monday": ["09:00", "18:00"]}}, "'monday' is no day"),
        ({"hours": {"mon": ["18:00", "09:00"]}}, "from and to"),
        ({"hours": {"mon": ["9", "18"]}}, "from and to"),
        ({"colour": "red"}, "'colour'"),
    ],
)
async def test_a_wrong_setting_of_a_team_is_named(store: Database, columns: dict[str, object], says: str) -> None:
    with pytest.raises(Refused) as refused:
        await teams.add(store, "Care", actor="cli", now=NOW, **columns)
    assert says in str(refused.value)
    assert await teams.everyone(store) == []


async def test_a_team_with_open_tickets_stays(store: Database) -> None:
    team = await teams.add(store, "Care", actor="cli", now=NOW)
    await staff.add(store, "Ann", team_id=team.id, actor="cli", now=NOW)
    customer = await make_customer(store)
    await store.execute(
        "INSERT INTO tickets (public_id, customer_id, team_id, opened_at) VALUES ('t', $1, $2, 1)", customer, team.id
    )
    with pytest.raises(Refused, match="open tickets"):
        await teams.remove(store, team.id, actor="cli", now=NOW)
    await store.execute("UPDATE tickets SET status = 'closed'")
    await teams.remove(store, team.id, actor="cli", now=NOW)
    assert await teams.everyone(store) == []
    assert [row.team_id for row in await staff.everybody(store)] == [None]


async def test_the_audit_is_read_newest_first_and_page_by_page(store: Database) -> None:
    for number in range(5):
        await audit.note(store, "cli", "deed", f"thing:{number}", NOW + number, {"n": number})
    page = await audit.latest(store, limit=2)
    assert [deed.subject for deed in page] == ["thing:4", "thing:3"]
    rest = await audit.latest(store, before=page[-1].at)
    assert [deed.detail for deed in rest] == ['{"n":2}', '{"n":1}', '{"n":0}']
