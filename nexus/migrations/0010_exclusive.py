"""A task may have an exclusive key; doorbells are answered in turn."""

from __future__ import annotations

from django.db import migrations, models

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """A column that is empty for nearly every task, its two partial indexes, and every function again."""

    dependencies = [("nexus", "0009_keep")]
    operations = [
        migrations.AddField(model_name="task", name="exclusive", field=models.TextField(null=True)),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                fields=["exclusive"],
                condition=models.Q(state="ready", exclusive__isnull=False),
                name="task_waits_for_its_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                fields=("exclusive",),
                condition=models.Q(state="running", exclusive__isnull=False),
                name="task_runs_alone_with_its_key",
            ),
        ),
        migrations.RunSQL(source(), migrations.RunSQL.noop),
    ]
