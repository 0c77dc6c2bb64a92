"""PostgreSQL for Tortoise: its asyncpg pool, made safe against cancellation and spared a round trip.

Rule: a connection that was taken from the pool goes back to it, whatever happens. No code of Motline leaves anything
behind in a session (only transaction-level advisory locks, no LISTEN on pooled connections, no SET outside a
transaction), so the reset that asyncpg sends at each release is left out.
"""

from __future__ import annotations

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class PlainConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is not reset when it goes back to the pool; an open transaction is still rolled back."""

    def get_reset_query(self) -> str:
        """Nothing to send."""
        return ""


class PooledClient(AsyncpgDBClient):
    """Tortoise's asyncpg client."""

    connection_class = PlainConnection

    def _in_transaction(self) -> TransactionContext:
        return PooledTransaction(TransactionWrapper(self), self._pool_init_lock)


class PooledTransaction(TransactionContextPooled):
    """BEGIN on a connection of the pool, which is given back even when the task is cancelled during BEGIN."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        connection = await pool.acquire()
        try:
            self.client._connection = connection
            await self.client.begin()
        except BaseException:
            await pool.release(connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


client_class = PooledClient
