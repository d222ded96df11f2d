"""The dispatcher is told in one statement whether somebody is at work, and what to ring if not."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0013_beside")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
