"""Install nexus_keep: whether an execution may go on, for statements of other packages."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0008_ended")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
