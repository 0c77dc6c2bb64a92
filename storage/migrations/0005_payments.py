# ruff: noqa: RUF012
"""Until when a platform counts none of our messages to an address: the customer has just paid there (WeChat)."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("motline", "0004_greeted")]

    operations = [
        ops.AddField(model_name="Address", name="free_until", field=fields.BigIntField(db_default=0)),
    ]
