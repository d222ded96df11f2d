"""One short check a table, and no key or index that nobody asks for: what every order paid for."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from nexus.tasks.statements import source


class Migration(migrations.Migration):
    """The functions first: the checks call them. No row is written."""

    dependencies = [
        ('nexus', '0015_rung_when_filed'),
    ]

    operations = [
        migrations.RunSQL(source(), migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_counts_no_less_than_no_open_task',
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_is_closed_when_finished',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_waits_for_no_less_than_no_parent',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_attempts_are_not_negative',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_starts_after_its_parents',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_is_final_when_finished',
        ),
        migrations.AlterField(
            model_name='canvas',
            name='run',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='canvases', to='nexus.run'),
        ),
        migrations.AlterField(
            model_name='lease',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='task',
            name='canvas',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='nexus.canvas'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Func('state', 'open_tasks', 'finished_at', function='nexus_run_is_sound', output_field=models.BooleanField()), name='run_is_sound'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Func('state', 'deps_left', 'attempt', 'finished_at', function='nexus_task_is_sound', output_field=models.BooleanField()), name='task_is_sound'),
        ),
    ]
