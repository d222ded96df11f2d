"""Orders are written with their runs, by one statement."""

from __future__ import annotations

from django.db import migrations

from nexus.statements import source
from workorders.writing import FUNCTIONS


class Migration(migrations.Migration):
    """The functions that write orders. The engine's own are there: they call one of them."""

    dependencies = [("workorders", "0010_audit_of_events"), ("nexus", "0016_what_every_order_pays")]

    operations = [migrations.RunSQL(source(FUNCTIONS), migrations.RunSQL.noop)]
