# ruff: noqa: RUF012
"""The tables of `models_house.py`, as Tortoise wrote them."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("motline", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ApiKey",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("public_id", fields.CharField(unique=True, max_length=32)),
                ("name", fields.CharField(unique=True, max_length=64)),
                ("scope", fields.CharField(db_default="moments", max_length=12)),
                ("key_hash", fields.CharField(unique=True, max_length=64)),
                ("status", fields.CharField(db_default="active", max_length=10)),
                ("last_used_at", fields.BigIntField(db_default=0)),
                ("created_at", fields.BigIntField()),
            ],
            options={"table": "api_keys"},
        ),
        ops.CreateModel(
            name="Audit",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("actor", fields.CharField(max_length=100)),
                ("action", fields.CharField(max_length=40)),
                ("subject", fields.CharField(db_default="", max_length=100)),
                ("detail", fields.TextField(db_default="{}")),
                ("at", fields.BigIntField()),
            ],
            options={"table": "audit", "indexes": [Index(fields=["at"])]},
        ),
        ops.CreateModel(
            name="DeepLink",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "motline.Customer",
                        source_field="customer_id",
                        related_name="deep_links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(db_default="", max_length=16)),
                ("script", fields.CharField(db_default="", max_length=64)),
                ("expires_at", fields.BigIntField()),
                ("used_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
            ],
            options={"table": "deep_links", "indexes": [Index(fields=["customer_id"])]},
        ),
        ops.CreateModel(
            name="Fact",
            fields=[
                ("name", fields.CharField(primary_key=True, max_length=100)),
                ("value", fields.TextField()),
                ("data", fields.BinaryField(null=True)),
                ("at", fields.BigIntField()),
            ],
            options={"table": "facts", "pk_attr": "name"},
        ),
        ops.CreateModel(
            name="Progress",
            fields=[
                ("name", fields.CharField(primary_key=True, max_length=200)),
                ("value", fields.TextField()),
                ("at", fields.BigIntField()),
            ],
            options={"table": "progress", "pk_attr": "name"},
        ),
        ops.CreateModel(
            name="ProviderToken",
            fields=[
                ("name", fields.CharField(primary_key=True, max_length=100)),
                ("sealed", fields.BinaryField(null=True)),
                ("expires_at", fields.BigIntField(db_default=0)),
                ("lease_at", fields.BigIntField(db_default=0)),
            ],
            options={"table": "provider_tokens", "pk_attr": "name"},
        ),
        ops.CreateModel(
            name="Correction",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("inbound_id", fields.BigIntField(null=True)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "motline.Staff",
                        source_field="staff_id",
                        null=True,
                        related_name="corrections",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("text", fields.TextField()),
                ("language", fields.CharField(db_default="", max_length=16)),
                ("unhappy", fields.IntField()),
                ("topics", fields.TextField(db_default="[]")),
                ("at", fields.BigIntField()),
            ],
            options={"table": "corrections", "indexes": [Index(fields=["staff_id"])]},
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "motline.Staff", source_field="staff_id", related_name="sessions", on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("expires_at", fields.BigIntField()),
                ("revoked_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
            ],
            options={"table": "sessions", "indexes": [Index(fields=["staff_id"])]},
        ),
        ops.CreateModel(
            name="SignInLink",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "motline.Staff",
                        source_field="staff_id",
                        related_name="sign_in_links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("expires_at", fields.BigIntField()),
                ("used_at", fields.BigIntField(null=True)),
            ],
            options={"table": "sign_in_links", "indexes": [Index(fields=["staff_id"])]},
        ),
    ]
