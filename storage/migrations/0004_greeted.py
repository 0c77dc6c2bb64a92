# ruff: noqa: RUF012
"""When the first message to an address was decided: the first one to a telephone number says how to stop."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("motline", "0003_indexes")]

    operations = [
        ops.AddField(model_name="Address", name="greeted_at", field=fields.BigIntField(db_default=0)),
    ]
