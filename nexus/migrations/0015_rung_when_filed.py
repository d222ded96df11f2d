"""Whoever files a run may ring its first doorbell: it is told in the same statement whether to."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0014_bells_unless_at_work")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
