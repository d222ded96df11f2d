"""Install the SQL functions of billing/sql/hot. A change of one of them comes with a migration like this."""

from __future__ import annotations

from django.db import migrations

from billing.statements import HOT
from nexus.statements import source


class Migration(migrations.Migration):
    """CREATE OR REPLACE every function."""

    dependencies = [("billing", "0005_alarms")]
    operations = [migrations.RunSQL(source(HOT), migrations.RunSQL.noop)]
