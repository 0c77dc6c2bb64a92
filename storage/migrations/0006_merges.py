# ruff: noqa: RUF012
"""Merges of customers, with what stood before, so that they can be taken back."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("motline", "0005_payments")]

    operations = [
        ops.CreateModel(
            name="Merge",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("keep_id", fields.BigIntField()),
                ("gone_id", fields.BigIntField()),
                ("actor", fields.CharField(max_length=100)),
                ("before", fields.TextField()),
                ("at", fields.BigIntField()),
                ("undone_at", fields.BigIntField(null=True)),
            ],
            options={"table": "merges", "indexes": [Index(fields=["keep_id"]), Index(fields=["gone_id"])]},
        ),
    ]
