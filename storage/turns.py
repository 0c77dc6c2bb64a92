"""The one writer of a conversation: what came in, the new state, answers, outgoing messages and timers, in one commit.

Rule: many turns, one transaction. A batch holds the locks of all its customers; a decision that raises fails alone; a
batch that the store refuses is redone one by one, so that a poisoned message fails alone and is kept as `failed`.
A database that is gone fails the whole batch, and nothing of it was written.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage import turns_postgres, turns_sqlite
from storage.database import Database
from storage.turn_batch import ScriptNeeded
from storage.turn_rows import Booked, Decide, Item

Settled = Sequence[tuple[int, int]]


class Turns:
    """Books turns in batches on the store it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, items: Sequence[Item], decide: Decide, settled: Settled = ()) -> list[Booked]:
        """Book items in their order, all in one commit where possible; one `Booked` for each.

        `settled` are inline replies (row id, ms) whose response was written, at first or upon a redelivery: they
        become `sent`. Raises ScriptNeeded (load it and come again; nothing was written) and what `Database.gone` names.
        """
        try:
            return await self._run(items, decide, settled)
        except ScriptNeeded:
            raise
        except self._database.gone:
            raise
        except Exception:
            if settled:
                await self._run((), decide, settled)
            return [await self._alone(item, decide) for item in items]

    async def send_late(self, replies: Sequence[int]) -> None:
        """Replies (row ids) that can no longer travel in a response: they are sent as any other message is."""
        for row in replies:
            await self._database.execute(
                "UPDATE outbox SET status = 'due', via = 'api' WHERE id = $1 AND status = 'inline'", row
            )

    async def _alone(self, item: Item, decide: Decide) -> Booked:
        try:
            return (await self._run([item], decide, ()))[0]
        except ScriptNeeded:
            raise
        except self._database.gone:
            raise
        except Exception as error:
            return await self._failed(item, f"{type(error).__name__}: {error}")

    async def _run(self, items: Sequence[Item], decide: Decide, settled: Settled) -> list[Booked]:
        if self._database.kind == "sqlite":
            return await self._ahead(items, decide, settled) or await self._locked(items, decide, settled)
        async with self._database.acquire() as connection:
            for _attempt in range(3):
                async with connection.transaction():
                    booked = await turns_postgres.run(connection, items, decide, settled)
                if booked is not None:
                    return booked
                await turns_postgres.admit(connection, [i.arrival for i in items if i.arrival is not None])
        raise LookupError("an address that was admitted could not be found again")

    async def _ahead(self, items: Sequence[Item], decide: Decide, settled: Settled) -> list[Booked] | None:
        """Decide while another batch is being committed; None where it could not be, or was overtaken."""
        begun = turns_sqlite.Begun(items, settled)
        if not items or not await self._database.on_reader(begun.look):
            return None
        booked = begun.decide(decide)
        try:
            await self._database.on_writer(begun.confirm)
        except turns_sqlite.Changed:
            return None
        return booked

    async def _locked(self, items: Sequence[Item], decide: Decide, settled: Settled) -> list[Booked]:
        begun = turns_sqlite.Begun(items, settled)
        return await self._database.in_steps(begun.load, lambda: begun.decide(decide), begun.write)

    async def _failed(self, item: Item, reason: str) -> Booked:
        if item.arrival is None:
            await self._fail_job(item, reason)
            return Booked(item, "failed", customer_id=item.customer_id, reason=reason)
        if self._database.kind == "sqlite":
            begun = turns_sqlite.Begun([item], ())
            return await self._database.in_steps(begun.load, lambda: begun.keep_failed(reason), begun.write)
        async with self._database.acquire() as connection:
            await turns_postgres.admit(connection, [item.arrival])
            async with connection.transaction():
                booked = await turns_postgres.run_failed(connection, item, reason)
        assert booked is not None
        return booked

    async def _fail_job(self, item: Item, reason: str) -> None:
        if item.job is not None:
            await self._database.execute(
                "UPDATE jobs SET status = 'failed', error = $1 WHERE id = $2 AND attempts = $3 AND status = 'due'",
                reason[:2000],
                item.job.id,
                item.job.attempts,
            )
