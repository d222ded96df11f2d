"""Install the SQL functions of nexus/tasks/sql. A change of one of them comes with a migration like this."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0001_initial")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
