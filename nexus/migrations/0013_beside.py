"""A doorbell whose task was taken in turn goes to what was rung beside it."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0012_cc")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
