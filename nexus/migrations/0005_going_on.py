"""A worker goes on through its queue: new forms of the hot functions, and the indexes they look by."""

from __future__ import annotations

from django.db import migrations
from django.db.models import F, Index, Q

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """Indexes by queue and by run; then every function again."""

    dependencies = [("nexus", "0004_approvals")]
    operations = [
        migrations.RemoveIndex(model_name="task", name="task_due_to_ring"),
        migrations.AddIndex(
            model_name="task",
            index=Index(
                fields=["queue", "ring_at"], condition=Q(state="ready", ring_at__isnull=False), name="task_due_to_ring"
            ),
        ),
        migrations.RemoveIndex(model_name="task", name="task_next_of_queue"),
        migrations.AddIndex(
            model_name="task",
            index=Index(
                F("queue"),
                F("priority").desc(),
                F("id"),
                condition=Q(state="ready", priority__gte=0),
                name="task_next_of_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=Index(fields=["run"], condition=Q(state="ready", run__gt=0), name="task_ready_of_its_run"),
        ),
        migrations.RunSQL(source(), migrations.RunSQL.noop),
    ]
