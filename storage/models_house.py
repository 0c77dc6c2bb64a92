"""The tables of the house itself: who may sign in, what keys exist, provider tokens, progress, the audit.

The rules of `models.py` hold here too. Secrets are kept as hashes (keys, sessions, links) or encrypted (tokens).
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from storage.models import _link, _maybe, _public, _text


class ApiKey(Model):
    """A key of another program. `scope`: moments | rest | all. `name`: the integration that REST senders belong to."""

    id = fields.BigIntField(primary_key=True)
    public_id = _public()
    name = fields.CharField(max_length=64, unique=True)
    scope = _text(12, "moments")
    key_hash = fields.CharField(max_length=64, unique=True)
    status = _text(10, "active")
    last_used_at = fields.BigIntField(db_default=0)
    created_at = fields.BigIntField()

    class Meta:
        table = "api_keys"


class SignInLink(Model):
    """A link that signs somebody in: single use, 15 minutes."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = _link("Staff", "sign_in_links")
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)

    class Meta:
        table = "sign_in_links"
        indexes = (("staff_id",),)


class Session(Model):
    """A signed-in browser: 12 hours, revocable."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = _link("Staff", "sessions")
    expires_at = fields.BigIntField()
    revoked_at = fields.BigIntField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "sessions"
        indexes = (("staff_id",),)


class DeepLink(Model):
    """A link or QR that ties a chat to a known customer: single use, expiring. Its token has at most 64 characters."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    customer = _link("Customer", "deep_links")
    channel = _text(16)
    script = _text(64)
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "deep_links"
        indexes = (("customer_id",),)


class ProviderToken(Model):
    """An access token shared by all processes, encrypted; `lease_at`: until when one process is fetching a new one."""

    name = fields.CharField(max_length=100, primary_key=True)
    sealed = fields.BinaryField(null=True)
    expires_at = fields.BigIntField(db_default=0)
    lease_at = fields.BigIntField(db_default=0)

    class Meta:
        table = "provider_tokens"


class Progress(Model):
    """How far a mailbox or an update queue was read."""

    name = fields.CharField(max_length=200, primary_key=True)
    value = fields.TextField()
    at = fields.BigIntField()

    class Meta:
        table = "progress"


class Fact(Model):
    """A setting kept in the store: the active mood reader, the schema's own marks, a rate's shared clock."""

    name = fields.CharField(max_length=100, primary_key=True)
    value = fields.TextField()
    data = fields.BinaryField(null=True)
    at = fields.BigIntField()

    class Meta:
        table = "facts"


class Correction(Model):
    """Staff's word against a reading: `unhappy` 0 ("not unhappy") or 1 ("missed one"); a labelled row to learn from."""

    id = fields.BigIntField(primary_key=True)
    inbound_id = fields.BigIntField(null=True)
    staff = _maybe("Staff", "corrections")
    text = fields.TextField()
    language = _text(16)
    unhappy = fields.IntField()
    topics = _text(default="[]")
    at = fields.BigIntField()

    class Meta:
        table = "corrections"
        indexes = (("staff_id",),)


class Merge(Model):
    """Two customers that became one: `gone_id` was merged into `keep_id`. `undone_at`: when it was taken back.

    `before` is JSON: profiles, consents, and the rows that came over; "{}" when it can no longer be taken back.
    """

    id = fields.BigIntField(primary_key=True)
    keep_id = fields.BigIntField()
    gone_id = fields.BigIntField()
    actor = fields.CharField(max_length=100)
    before = fields.TextField()
    at = fields.BigIntField()
    undone_at = fields.BigIntField(null=True)

    class Meta:
        table = "merges"
        indexes = (("keep_id",), ("gone_id",))


class Audit(Model):
    """Who did what to whom: sign-ins, exports, erasures, merges, consents, publishing. No text, address or secret."""

    id = fields.BigIntField(primary_key=True)
    actor = fields.CharField(max_length=100)
    action = fields.CharField(max_length=40)
    subject = _text(100)
    detail = _text(default="{}")
    at = fields.BigIntField()

    class Meta:
        table = "audit"
        indexes = (("at",),)
