"""Bring the tables up to the program, all pending migrations in one transaction.

Rule: migrations and the record of them commit together, under PostgreSQL's advisory lock or SQLite's one writer, so
that two processes that start at once, or a crash in the middle, leave either the old tables or the new ones. Tortoise's
own `migrate` records each migration after its commit, and without a lock.
"""

from __future__ import annotations

from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.migrations.executor import MigrationExecutor

from storage.errors import NotMigrated

APP: Final = "motline"
MODELS: Final = ("storage.models", "storage.models_house")
# Any number that no other program on the same database uses: "MOTLINE1" in ASCII.
_ADVISORY_LOCK: Final = 0x4D4F544C494E4531


def app_config(connection_name: str) -> dict[str, dict[str, Any]]:
    """Motline's models and migrations, as Tortoise is told of them."""
    return {
        APP: {"models": list(MODELS), "migrations": "storage.migrations", "default_connection": connection_name},
    }


async def migrate(transaction: TransactionalDBClient) -> list[str]:
    """Apply what is pending inside the open transaction; returns the names, in order. Raises NotMigrated."""
    if transaction.capabilities.dialect == "postgres":
        await transaction.execute_query(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    executor = _executor(transaction)
    # The record's table comes first: asking a table that does not exist would break the transaction on PostgreSQL.
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    names = await _names_of_pending(executor)
    if names:
        await executor.migrate()
    return names


async def pending(client: BaseDBAsyncClient) -> list[str]:
    """The names of the migrations that are not applied, in order. Raises NotMigrated when the tables are newer."""
    return await _names_of_pending(_executor(client))


def _executor(client: BaseDBAsyncClient) -> MigrationExecutor:
    return MigrationExecutor(client, app_config(client.connection_name))


async def _names_of_pending(executor: MigrationExecutor) -> list[str]:
    plan = await executor.plan()
    known = {key.name for key in executor.loader.disk_migrations}
    newer = [key.name for key in executor.loader.applied_migrations if key.name not in known]
    if newer:
        raise NotMigrated(
            f"the database has tables of a newer Motline ({min(newer)}); install that version or restore a backup"
        )
    return [step.migration.name for step in plan]
