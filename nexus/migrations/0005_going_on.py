"""A worker goes on through its queue: new forms of the hot functions, and the indexes they look by."""

from __future__ import annotations

import django.db.models
from django.db import migrations

from nexus.tasks.statements import source

READY = django.db.models.Q(state="ready")


class Migration(migrations.Migration):
    """Indexes by queue and by run; then every function again."""

    dependencies = [("nexus", "0004_approvals")]
    operations = [
        migrations.RemoveIndex(model_name="task", name="task_due_to_ring"),
        migrations.AddIndex(
            model_name="task",
            index=django.db.models.Index(fields=["queue", "ring_at"], condition=READY, name="task_due_to_ring"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=django.db.models.Index(fields=["run"], condition=READY, name="task_ready_of_its_run"),
        ),
        migrations.RunSQL(source(), migrations.RunSQL.noop),
    ]
