"""The door to the store: transactions, the writer, plain SQL, and what it says when something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions

from storage import migrating
from storage.database import Database
from storage.database_url import read_url
from storage.errors import BadAddress, Busy, CannotConnect, FileGone, InUse, NotMigrated
from storage.models import Customer
from storage.sqlite_client import ImmediateClient
from tests.postgres import PostgresForTests


async def insert(store: Database, name: str) -> None:
    await store.execute("INSERT INTO customers (public_id, name, created_at) VALUES ($1, $1, $2)", name, 1)


async def names(store: Database) -> list[str]:
    return [row["name"] for row in await store.fetch("SELECT name FROM customers ORDER BY id")]


async def test_sql_with_numbered_placeholders_reads_the_same_on_both_databases(store: Database) -> None:
    await insert(store, "an")
    assert await names(store) == ["an"]
    assert await store.execute("UPDATE customers SET name = $2 WHERE name = $1", "an", "bo") == 1
    assert await store.execute("UPDATE customers SET name = $1 WHERE name = $2", "an", "nobody") == 0
    assert await store.fetch_one("SELECT name FROM customers WHERE name = $1", "nobody") is None


async def test_returning_rows_of_a_write_works_outside_a_transaction(store: Database) -> None:
    await insert(store, "an")
    rows = await store.fetch("UPDATE customers SET name = $1 RETURNING name", "bo")
    assert rows == [{"name": "bo"}]
    assert await names(store) == ["bo"]


async def test_a_transaction_that_raises_leaves_nothing(store: Database) -> None:
    async def both_then_fail() -> None:
        async with store.transaction():
            await insert(store, "an")
            await Customer.create(public_id="0" * 32, name="bo", created_at=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await both_then_fail()
    assert await names(store) == []


async def test_the_orm_and_plain_sql_share_the_open_transaction(store: Database) -> None:
    async with store.transaction():
        await Customer.create(public_id="0" * 32, name="an", created_at=1)
        assert await names(store) == ["an"]
        await insert(store, "bo")
        assert await Customer.all().count() == 2
    assert await names(store) == ["an", "bo"]


async def test_a_savepoint_that_fails_spares_the_transaction_around_it(store: Database) -> None:
    async def fail_inside() -> None:
        async with store.transaction():
            await insert(store, "bo")
            raise ZeroDivisionError

    async with store.transaction():
        await insert(store, "an")
        with pytest.raises(ZeroDivisionError):
            await fail_inside()
    assert await names(store) == ["an"]


async def test_a_cancelled_transaction_gives_its_lock_back(store: Database) -> None:
    async def write(step: int) -> None:
        async with store.transaction():
            await insert(store, f"c{step}")
            await asyncio.sleep(30)

    for step in range(20):
        task = asyncio.create_task(write(step))
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with store.transaction():
        await insert(store, "after")
    assert await names(store) == ["after"]


async def test_rows_of_many_are_all_written_or_none(store: Database) -> None:
    sql = "INSERT INTO customers (public_id, name, created_at) VALUES ($1, $2, 1)"
    await store.execute_many(sql, [("a", "an"), ("b", "bo")])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.execute_many(sql, [("c", "cy"), ("a", "an again")])
    assert await names(store) == ["an", "bo"]


async def test_the_database_clock_is_in_milliseconds(store: Database) -> None:
    before = time.time() * 1000
    rows = await store.fetch(f"SELECT {store.now_sql} AS now")
    assert abs(rows[0]["now"] - before) < 60_000
    assert abs(await store.now_ms() - before) < 60_000


async def test_migrating_twice_does_nothing_the_second_time(store: Database) -> None:
    assert await store.migrate() == []
    assert await store.pending() == []


@pytest.fixture
async def empty_urls(tmp_path: Path, postgres: Callable[[], PostgresForTests]) -> AsyncIterator[list[str]]:
    server = postgres()
    name = await server.create(template="template0")
    yield [f"sqlite://{tmp_path}/new/motline.db", server.url(name)]
    await server.drop(name)


async def test_migrating_from_two_processes_at_once_applies_each_migration_once(empty_urls: list[str]) -> None:
    for url in empty_urls:
        one = await Database.connect(url, serving=False)
        two = await Database.connect(url, serving=False)
        assert "0001_initial" in await one.pending()
        applied = await asyncio.gather(one.migrate(), two.migrate())
        assert sorted(map(len, applied))[0] == 0
        assert await one.pending() == []
        await one.close()
        await two.close()


async def test_an_action_that_waited_through_an_upgrade_is_run(store: Database) -> None:
    await store.execute("DELETE FROM tortoise_migrations WHERE name = '0007_actions'")
    before = '{"action":"look_up","step":2,"slots":{},"text":"7 }","validates":"","value":null}'
    for number, body in enumerate((before, "{}")):
        await store.execute(
            """INSERT INTO jobs (kind, subject_id, sequence, body, run_at, created_at)
 VALUES ('action', $1, 5, $2, 1, 1)""",
            number,
            body,
        )
    assert await store.migrate() == ["0007_actions"]
    rows = await store.fetch("SELECT body FROM jobs ORDER BY subject_id")
    assert orjson.loads(rows[0]["body"]) == [{**orjson.loads(before), "sequence": 5}]
    assert rows[1]["body"] == "{}"


async def test_tables_of_a_newer_motline_are_refused(store: Database) -> None:
    now = "2030-01-01 00:00:00+00:00"
    await store.execute(
        f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('motline', '9999_later', '{now}')"
    )
    with pytest.raises(NotMigrated, match="9999_later"):
        await store.pending()
    await store.execute("DELETE FROM tortoise_migrations WHERE name = '9999_later'")


async def test_the_models_and_the_migrations_agree(store: Database) -> None:
    apps = store._context.apps
    assert apps is not None
    changes = await MigrationAutodetector(apps, migrating.app_config(store.kind)).changes()
    operations = [operation for writer in changes for operation in writer.operations]
    # Tortoise sees docstrings as descriptions of tables; those are left out of the migrations on purpose.
    assert [o.describe() for o in operations if not isinstance(o, AlterModelOptions)] == []


async def test_every_foreign_key_has_an_index_on_postgresql(postgres_url: str) -> None:
    database = await Database.connect(postgres_url, serving=False)
    rows = await database.fetch(
        """SELECT c.conrelid::regclass::text AS t, a.attname AS a FROM pg_constraint c
 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'
 AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])"""
    )
    await database.close()
    assert rows == []


async def test_on_writer_commits_what_it_did_and_rolls_back_what_raised(sqlite_url: str) -> None:
    store = await Database.connect(sqlite_url, serving=True)

    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO customers (public_id, name, created_at) VALUES ('a', 'an', 1)")
        return str(connection.execute("SELECT name FROM customers").fetchone()["name"])

    def broken(connection: sqlite3.Connection) -> None:
        work(connection)

    assert await store.on_writer(work) == "an"
    with pytest.raises(sqlite3.IntegrityError):
        await store.on_writer(broken)
    assert await names(store) == ["an"]
    await store.close()


async def test_on_writer_waits_for_a_transaction_of_the_orm(sqlite_url: str) -> None:
    store = await Database.connect(sqlite_url, serving=True)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with store.transaction():
            await insert(store, "slow")
            entered.set()
            await leave.wait()

    task = asyncio.create_task(slow())
    await entered.wait()
    quick = asyncio.create_task(store.on_writer(lambda c: c.execute("SELECT count(*) FROM customers").fetchone()[0]))
    await asyncio.sleep(0.02)
    assert not quick.done()
    assert await names(store) == []
    leave.set()
    assert await quick == 1
    await task
    await store.close()


async def test_two_processes_that_read_then_write_both_succeed(sqlite_url: str) -> None:
    one = await Database.connect(sqlite_url, serving=True)
    two = await Database.connect(sqlite_url, serving=False)
    await insert(one, "0")

    async def count_up(store: Database) -> None:
        for _ in range(30):
            async with store.transaction():
                row = await store.fetch_one("SELECT name FROM customers")
                assert row is not None
                await store.execute("UPDATE customers SET name = $1", str(int(row["name"]) + 1))

    await asyncio.gather(count_up(one), count_up(two))
    assert await names(one) == ["60"]
    await one.close()
    await two.close()


async def test_a_file_that_stays_locked_is_reported_as_busy(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_MS", 20)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite://"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = await Database.connect(sqlite_url, serving=True)
    assert isinstance(store.client, ImmediateClient)
    with pytest.raises(Busy, match="PostgreSQL"):
        await store.on_writer(lambda c: None)
    with pytest.raises(Busy):
        async with store.transaction():
            pass
    other.execute("COMMIT")
    async with store.transaction():
        await insert(store, "an")
    assert await names(store) == ["an"]
    await store.close()
    other.close()


async def test_sqlite_is_durable_at_each_commit_unless_told_otherwise(sqlite_url: str) -> None:
    for asked, level in (("FULL", 2), ("NORMAL", 1)):
        store = await Database.connect(sqlite_url, serving=True, synchronous=asked)  # type: ignore[arg-type]
        found = await store.on_writer(
            lambda c: [
                c.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode", "foreign_keys")
            ]
        )
        assert found == [level, "wal", 1]
        await store.close()


async def test_a_second_serving_process_on_one_file_is_refused(sqlite_url: str) -> None:
    first = await Database.connect(sqlite_url, serving=True)
    with pytest.raises(InUse, match="PostgreSQL"):
        await Database.connect(sqlite_url, serving=True)
    command = await Database.connect(sqlite_url, serving=False)
    await insert(command, "an")
    await command.close()
    await first.close()
    again = await Database.connect(sqlite_url, serving=True)
    assert await names(again) == ["an"]
    await again.close()


def test_a_process_that_forgot_to_close_the_store_still_ends(sqlite_url: str) -> None:
    code = (
        "import asyncio; from storage.database import Database\n"
        f"asyncio.run(Database.connect({sqlite_url!r}, serving=True))\nprint('end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "end\n"


async def test_plain_sqlite_does_not_load_the_postgresql_driver(sqlite_url: str) -> None:
    code = (
        "import asyncio, sys; from storage.database import Database\n"
        f"async def go():\n    d = await Database.connect({sqlite_url!r}, serving=True)\n    await d.close()\n"
        "asyncio.run(go())\nprint('asyncpg' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("motline.db", "is not an address"),
        ("mysql://me:hidden@host/motline", "no 'mysql'"),
        ("postgresql://me:hidden@host", "names no database"),
        ("postgresql://me:hidden@host:many/motline", "Port"),
        ("postgresql://me:hidden@host/motline?color=red", "'color'"),
        ("sqlite://:memory:", "in a file"),
        ("sqlite:///tmp", "is a folder"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_with_its_fix(url: str, says: str) -> None:
    with pytest.raises(BadAddress, match=r"database\.url") as refused:
        read_url(url)
    assert says in str(refused.value)
    assert "hidden" not in str(refused.value)


async def test_a_database_that_is_gone_at_start_is_named_without_its_password() -> None:
    with pytest.raises(CannotConnect, match=r"database\.url") as refused:
        await Database.connect("postgresql://me:hidden@127.0.0.1:1/motline", serving=True)
    assert "hidden" not in str(refused.value)
    assert "check that PostgreSQL runs" in str(refused.value)


async def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "motline.db").write_text("not a database, but long enough to look like one" * 40)
    with pytest.raises(CannotConnect, match="not a database"):
        await Database.connect(f"sqlite://{tmp_path}/motline.db", serving=True)


async def test_a_postgresql_that_restarts_is_reached_again(
    postgres_url: str, postgres: Callable[[], PostgresForTests]
) -> None:
    store = await Database.connect(postgres_url, serving=True)
    await insert(store, "an")
    await postgres()._admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'motline%'")
    with contextlib.suppress(*store.gone):
        await names(store)
    assert await names(store) == ["an"]
    await store.close()


@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_written_to_a_file_that_was_removed_or_replaced(tmp_path: Path, *, replaced: bool) -> None:
    file = tmp_path / "motline.db"
    store = await Database.connect(f"sqlite://{file}", serving=True)
    await store.migrate()
    await store.stand()
    file.unlink()
    if replaced:
        file.write_bytes(b"")
    with pytest.raises(FileGone, match=r"motline\.db was removed or replaced .* start Motline again"):
        await store.stand()
    with pytest.raises(store.gone):
        await insert(store, "an")
    with pytest.raises(store.gone):
        async with store.transaction():
            await insert(store, "an")
    await store.close()
