"""A worker takes short siblings along with the task that it goes on with, and settles them by one commit."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("nexus", "0016_what_every_order_pays")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
