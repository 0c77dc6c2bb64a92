# ruff: noqa: RUF012
"""The actions of a turn are one job, as a list: those that still wait in the form of one alone are put into one.

Each call names its own sequence, which was the job's.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

_LISTED = """UPDATE jobs SET body = '[' || substr(body, 1, length(body) - 1) || ',"sequence":' || sequence || '}]'
 WHERE kind = 'action' AND status = 'due' AND body LIKE '{"action"%'"""


class Migration(migrations.Migration):
    dependencies = [("motline", "0006_merges")]

    operations = [ops.RunSQL(sql=_LISTED, reverse_sql=ops.RunSQL.noop)]
