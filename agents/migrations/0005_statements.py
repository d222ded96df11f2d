"""Install the SQL functions of agents/sql/hot. A change of one of them comes with a migration like this."""

from __future__ import annotations

from django.db import migrations

from agents.statements import HOT
from nexus.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("agents", "0004_steps_down"), ("billing", "0006_statements"), ("nexus", "0009_keep")]
    operations = [migrations.RunSQL(source(HOT), migrations.RunSQL.noop)]
