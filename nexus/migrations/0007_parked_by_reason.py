"""Find what is parked for one reason without going through all tasks."""

from __future__ import annotations

from django.db import migrations
from django.db.models import F, Index, Q


class Migration(migrations.Migration):
    """One small index: of parked tasks alone."""

    dependencies = [("nexus", "0006_effects")]
    operations = [
        migrations.AddIndex(
            model_name="task",
            index=Index(F("wait__code"), F("id"), condition=Q(state="waiting_approval"), name="task_parked_by_reason"),
        ),
    ]
