"""How long a recording may be that a request is reserved for."""

from __future__ import annotations

from django.db import migrations, models

from agents.statements import HOT
from nexus.statements import source


class Migration(migrations.Migration):
    """A column, and the function that writes a request."""

    dependencies = [("agents", "0012_ways_of_messages"), ("billing", "0007_minutes_heard")]
    operations = [
        migrations.AddField(
            model_name="modelrequest", name="max_heard_ms", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.RunSQL(source(HOT), migrations.RunSQL.noop),
    ]
