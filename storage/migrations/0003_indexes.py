# ruff: noqa: RUF012
"""The indexes that Tortoise cannot express: the unique rules of the house, and partial ones for sparse columns.

Partial on purpose: an index over a mostly empty column misleads SQLite once `ANALYZE` has run (a claim then takes
seconds), and a finished row has no place in the index of what is still to be done. Few on purpose: each is a page more
that a turn dirties. The messages of a conversation are found by its customer, `customer_id` AND `conversation_id`.
"""

from __future__ import annotations

from tortoise import migrations
from tortoise.migrations import operations as ops

_UNFINISHED = "status IN ('due', 'claimed', 'sending', 'retry', 'inline')"

_INDEXES = (
    # One of each, at most.
    "CREATE UNIQUE INDEX one_open_conversation ON conversations (customer_id) WHERE status IN ('open', 'paused')",
    "CREATE UNIQUE INDEX one_open_ticket ON tickets (customer_id) WHERE status <> 'closed'",
    "CREATE UNIQUE INDEX one_due_job ON jobs (kind, subject_id) WHERE status = 'due'",
    "CREATE UNIQUE INDEX one_published_script ON scripts (name) WHERE status = 'published'",
    # What waits.
    f"CREATE INDEX outbox_unfinished ON outbox (address_id, id) WHERE {_UNFINISHED}",
    "CREATE INDEX outbox_claimable ON outbox (channel, run_at, id) WHERE status IN ('due', 'retry')",
    "CREATE INDEX outbox_leased ON outbox (status, lease_at) WHERE status IN ('claimed', 'sending', 'inline')",
    "CREATE INDEX jobs_due ON jobs (run_at) WHERE status = 'due'",
    "CREATE INDEX moments_waiting ON moments (run_at) WHERE outcome IN ('pending', 'waiting')",
    # Whose it is.
    "CREATE INDEX outbox_external ON outbox (channel, external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX outbox_customer ON outbox (customer_id) WHERE customer_id IS NOT NULL",
    "CREATE INDEX outbox_ticket ON outbox (ticket_id) WHERE ticket_id IS NOT NULL",
    "CREATE INDEX outbox_inbound ON outbox (inbound_id) WHERE inbound_id IS NOT NULL",
    "CREATE INDEX inbound_customer ON inbound (customer_id) WHERE customer_id IS NOT NULL",
    "CREATE INDEX inbound_ticket ON inbound (ticket_id) WHERE ticket_id IS NOT NULL",
    "CREATE INDEX inbound_raw ON inbound (created_at) WHERE raw_sealed IS NOT NULL",
    # Foreign keys that are mostly empty.
    "CREATE INDEX addresses_staff ON addresses (staff_id) WHERE staff_id IS NOT NULL",
    "CREATE INDEX addresses_team ON addresses (team_id) WHERE team_id IS NOT NULL",
)


class Migration(migrations.Migration):
    dependencies = [("motline", "0002_house")]

    operations = [ops.RunSQL(sql=list(_INDEXES), reverse_sql=ops.RunSQL.noop)]
