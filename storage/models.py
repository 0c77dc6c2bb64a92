"""The tables. One picture of everything that Motline remembers.

Rules: every time is a BIGINT of milliseconds since the epoch, UTC. `id` is a 64-bit sequence and stays inside; what
leaves the house is `public_id`, 128 random bits as 32 hex digits. Every default is a `db_default`, so that a column
added later has one for the rows that stand. A state is one status column, never a set of flags. PostgreSQL does not
index foreign keys by itself: each is named in `indexes` or in the second migration, which also holds the partial
indexes that Tortoise cannot express.

The tables that a turn writes (inbound, outbox, answers, jobs) refer to customers and conversations without a foreign
key constraint: their rows are written under the customer's lock by `turns.py` alone, and nine constraint checks a reply
would cost PostgreSQL more than the reply itself.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


def _text(length: int = 0, default: str = "") -> Any:
    return fields.CharField(max_length=length, db_default=default) if length else fields.TextField(db_default=default)


def _public() -> Any:
    return fields.CharField(max_length=32, unique=True)


def _link(model: str, name: str) -> Any:
    return fields.ForeignKeyField(f"motline.{model}", related_name=name, on_delete=fields.RESTRICT)


def _maybe(model: str, name: str) -> Any:
    return fields.ForeignKeyField(f"motline.{model}", related_name=name, null=True, on_delete=fields.SET_NULL)


class Customer(Model):
    """Somebody who is asked. `status`: known | anonymous | merged (into `merged_into_id`) | erased.

    `language` is stated by the customer, `platform_language` told by a platform, or where none does by their first
    words. `attributes` and `tags` are JSON.
    """

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    external_id = fields.CharField(max_length=128, null=True, unique=True)
    name = _text(200)
    language = _text(16)
    platform_language = _text(16)
    timezone = _text(64)
    attributes = _text(default="{}")
    tags = _text(default="[]")
    status = _text(12, "known")
    merged_into_id = fields.BigIntField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "customers"


class Team(Model):
    """A team of staff; `hours` as JSON: {"mon": ["09:00", "18:00"], …}, empty for always. Its group is an address."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    language = _text(16)
    timezone = _text(64)
    hours = _text(default="{}")
    created_at = fields.BigIntField()

    class Meta:
        table = "teams"


class Staff(Model):
    """Somebody who settles tickets. `role`: agent | admin. `status`: active | left."""

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    name = fields.CharField(max_length=200)
    role = _text(12, "agent")
    team = _maybe("Team", "staff")
    language = _text(16)
    status = _text(12, "active")
    created_at = fields.BigIntField()

    class Meta:
        table = "staff"
        indexes = (("team_id",),)


class Address(Model):
    """Where somebody is reached; found only by `lookup`, the keyed HMAC of channel and id; `sealed` is encrypted.

    One address may be a customer's, a member of staff's, a team's group, or several of these. `status`: open | closed
    (the provider says it is gone or blocked) | stopped (the customer said stop to everything here). `window_at` and
    `window_left`: until when, and how many messages, the platform still lets us write (0 and -1: no limit known).
    `free_until`: until when none is counted at all, because they paid. `greeted_at`: when the first message to it was
    decided, kept where that one says how to stop (0: none yet).
    """

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    channel = fields.CharField(max_length=16)
    lookup = fields.CharField(max_length=32)
    sealed = fields.BinaryField()
    customer = _maybe("Customer", "addresses")
    staff = _maybe("Staff", "addresses")
    team = _maybe("Team", "addresses")
    status = _text(12, "open")
    reason = _text(200)
    thread = _text(64)
    last_inbound_at = fields.BigIntField(db_default=0)
    window_at = fields.BigIntField(db_default=0)
    window_left = fields.IntField(db_default=-1)
    created_at = fields.BigIntField()
    greeted_at = fields.BigIntField(db_default=0)
    free_until = fields.BigIntField(db_default=0)

    class Meta:
        table = "addresses"
        unique_together = (("channel", "lookup"),)
        indexes = (("customer_id",),)


class Consent(Model):
    """What a customer allows, per purpose (service | marketing | research). `status`: granted | withdrawn."""

    id = fields.BigIntField(primary_key=True)
    customer = _link("Customer", "consents")
    purpose = fields.CharField(max_length=32)
    status = _text(12, "granted")
    source = _text(200)
    at = fields.BigIntField()

    class Meta:
        table = "consents"
        unique_together = (("customer_id", "purpose"),)


class Script(Model):
    """An immutable version of a dialog. `status`: draft | proved | published | retired; one published a name."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    version = fields.IntField()
    status = _text(12, "draft")
    source = fields.TextField()
    path = _text(200)
    source_hash = fields.CharField(max_length=64)
    moment = _text(64)
    purpose = _text(32, "service")
    created_at = fields.BigIntField()

    class Meta:
        table = "scripts"
        unique_together = (("name", "version"),)


class Moment(Model):
    """Something happened to a customer. Once per `public_id`. `outcome`: pending | started | not_sent | waiting."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=128, unique=True)
    name = fields.CharField(max_length=64)
    customer = _link("Customer", "moments")
    at = fields.BigIntField()
    data = _text(default="{}")
    outcome = _text(12, "pending")
    reason = _text(200)
    conversation_id = fields.BigIntField(null=True)
    run_at = fields.BigIntField(db_default=0)
    created_at = fields.BigIntField()

    class Meta:
        table = "moments"
        indexes = (("customer_id",),)


class Conversation(Model):
    """One customer in one version of a script; at most one with `status` open or paused per customer.

    `status`: open | paused | finished | expired | stopped | undelivered | broken. `state` is the engine's own JSON,
    `revision` counts the turns and is an assertion, not a lock. `address_id` is where the dialog goes on.
    """

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    customer = _link("Customer", "conversations")
    script = _link("Script", "conversations")
    address_id = fields.BigIntField()
    moment_id = fields.BigIntField(null=True)
    status = _text(12, "open")
    state = fields.TextField()
    revision = fields.IntField(db_default=0)
    opened_at = fields.BigIntField()
    closed_at = fields.BigIntField(null=True)

    class Meta:
        table = "conversations"
        indexes = (("customer_id",), ("script_id",))


class ConversationEvent(Model):
    """The log of a conversation: what the engine was given at `revision`, as JSON, but for replies.

    A reply's event is kept in its inbound row (`conversation_id`, `revision`), not twice; `turns.log` joins them.
    """

    id = fields.BigIntField(primary_key=True)
    conversation_id = fields.BigIntField()
    revision = fields.IntField()
    kind = fields.CharField(max_length=20)
    body = fields.TextField()
    at = fields.BigIntField()

    class Meta:
        table = "conversation_events"
        indexes = (("conversation_id", "revision"),)


class Inbound(Model):
    """A message that came in, under its unique `dedup` (a keyed hash of channel, account, kind and id; null: none).

    `status`: read (a turn was made of it) | held (arrived while a validation ran) | desk (went to staff) | noted (kept,
    no turn) | failed (with `reason`; shown to staff). `event` is the engine's event as JSON where one was made, `mood`
    the reading of the text. `raw_sealed` is the payload, encrypted, wiped after `[retention] raw`.
    """

    id = fields.BigIntField(primary_key=True)
    dedup = fields.CharField(max_length=32, null=True, unique=True)
    address_id = fields.BigIntField()
    customer_id = fields.BigIntField(null=True)
    conversation_id = fields.BigIntField(null=True)
    revision = fields.IntField(null=True)
    ticket_id = fields.BigIntField(null=True)
    kind = fields.CharField(max_length=12)
    text = fields.TextField()
    event = fields.TextField(null=True)
    mood = fields.TextField(null=True)
    raw_sealed = fields.BinaryField(null=True)
    external = _text(200)
    status = _text(8, "read")
    reason = _text(400)
    at = fields.BigIntField()
    created_at = fields.BigIntField()

    class Meta:
        table = "inbound"


class Outgoing(Model):
    """A message to send, with its life: due → claimed → sending → sent → delivered → read; or retry, dead, unknown,
    cancelled, inline. See `outbox.py`, the only file besides `turns.py` that writes it.

    `sequence` is that of the engine's Say (0: not a dialog's). `body` is JSON: choices, language, reply_to, thread,
    edit_of, subject and the like, as `bot/outgoing_shape.py` writes and reads it. `inbound_id` is the message that this
    one answers (a redelivered webhook gets the same reply). `via`: "api", or "response" for one that travelled in a
    webhook's own response. `run_at`: not before; `lease_at`: claimed until.
    """

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    address_id = fields.BigIntField()
    customer_id = fields.BigIntField(null=True)
    conversation_id = fields.BigIntField(null=True)
    ticket_id = fields.BigIntField(null=True)
    inbound_id = fields.BigIntField(null=True)
    channel = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=12)
    sequence = fields.IntField(db_default=0)
    text = fields.TextField()
    body = _text(default="{}")
    status = _text(10, "due")
    via = _text(8, "api")
    run_at = fields.BigIntField()
    lease_at = fields.BigIntField(db_default=0)
    attempts = fields.IntField(db_default=0)
    external_id = fields.CharField(max_length=200, null=True)
    error = _text(400)
    created_at = fields.BigIntField()
    sent_at = fields.BigIntField(null=True)
    finished_at = fields.BigIntField(null=True)

    class Meta:
        table = "outbox"


class Answer(Model):
    """A filled slot of a conversation. `value` is JSON, `number` the value where it is one, `said` what was written."""

    id = fields.BigIntField(primary_key=True)
    conversation_id = fields.BigIntField()
    customer_id = fields.BigIntField()
    script_id = fields.BigIntField()
    slot = fields.CharField(max_length=64)
    type = fields.CharField(max_length=16)
    value = fields.TextField(null=True)
    number = fields.FloatField(null=True)
    said = fields.TextField()
    how = fields.CharField(max_length=12)
    unhappy = fields.FloatField(null=True)
    contradiction = fields.IntField(db_default=0)
    corrections = fields.IntField(db_default=0)
    inbound_id = fields.BigIntField(null=True)
    at = fields.BigIntField()

    class Meta:
        table = "answers"
        unique_together = (("conversation_id", "slot"),)


class Job(Model):
    """Work that waits: reminders, expiries, actions, recoveries, SLA clocks, retention. Claimed under a lease.

    `status`: due | done | cancelled | failed. `kind` and `subject_id` (a conversation's or ticket's id, 0 for the
    house's own) name what it is for; at most one due row of each pair. `sequence` fences a late ring. `run_at` is on
    the house's clock; a claim sets `lease_at` on the database's and adds one to `attempts`, which is the fencing token.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    subject_id = fields.BigIntField(db_default=0)
    sequence = fields.IntField(db_default=0)
    body = _text(default="{}")
    status = _text(10, "due")
    run_at = fields.BigIntField()
    lease_at = fields.BigIntField(db_default=0)
    attempts = fields.IntField(db_default=0)
    error = _text(2000)
    created_at = fields.BigIntField()

    class Meta:
        table = "jobs"


class Ticket(Model):
    """An unhappy customer in the hands of staff; at most one not closed each. `status`: open | claimed | closed.

    `severity`: normal | high | urgent. `outcome` when closed: resolved | not_unhappy | no_answer. `engaged_at`: the
    first word of staff to the customer (the dialog is paused from then on). `body` is JSON: why, topics, score,
    contradiction. `thread` is the forum topic of the team's group that was opened for it.
    """

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    customer = _link("Customer", "tickets")
    conversation_id = fields.BigIntField(null=True)
    team = _maybe("Team", "tickets")
    staff = _maybe("Staff", "tickets")
    status = _text(10, "open")
    severity = _text(10, "normal")
    reason = _text(20)
    text = _text()
    body = _text(default="{}")
    outcome = _text(20)
    thread = _text(64)
    address_id = fields.BigIntField(null=True)
    opened_at = fields.BigIntField()
    claimed_at = fields.BigIntField(null=True)
    engaged_at = fields.BigIntField(null=True)
    closed_at = fields.BigIntField(null=True)

    class Meta:
        table = "tickets"
        indexes = (("customer_id",), ("team_id",), ("staff_id",), ("status", "opened_at"))


class TicketEvent(Model):
    """What happened to a ticket: opened, joined, claimed, released, said, closed, corrected, overdue (nobody claimed
    it in time), asked (whether it was put right, `text`: the conversation's public id), not_asked (`text`: why),
    lost (words of staff did not surely reach the customer, `text`: why).
    """

    id = fields.BigIntField(primary_key=True)
    ticket = _link("Ticket", "events")
    kind = fields.CharField(max_length=16)
    staff = _maybe("Staff", "ticket_events")
    text = _text()
    at = fields.BigIntField()

    class Meta:
        table = "ticket_events"
        indexes = (("ticket_id",), ("staff_id",))
