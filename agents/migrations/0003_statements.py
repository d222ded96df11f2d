"""Install the SQL functions of agents/sql/hot. A change of one of them comes with a migration like this."""

from __future__ import annotations

from django.db import migrations

from agents.statements import HOT
from nexus.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("agents", "0002_words_for_people"), ("billing", "0005_statements"), ("nexus", "0006_keep")]
    operations = [migrations.RunSQL(source(HOT), migrations.RunSQL.noop)]
