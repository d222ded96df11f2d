"""A settle says whether it has ended the run, so that whoever waits for the end looks once."""

from __future__ import annotations

from django.db import migrations

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """Every function again."""

    dependencies = [("nexus", "0007_parked_by_reason")]
    operations = [migrations.RunSQL(source(), migrations.RunSQL.noop)]
