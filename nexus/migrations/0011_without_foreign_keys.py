"""No foreign keys where rows are written by who holds their run, and shorter checks: what every order paid for."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.lookups
import nexus.tasks.states
from django.db import migrations, models


class Migration(migrations.Migration):
    """Constraints are dropped and added; no row is written."""

    dependencies = [
        ('nexus', '0010_exclusive'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='run',
            name='run_is_closed_when_finished',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_is_final_when_finished',
        ),
        migrations.AlterField(
            model_name='attempt',
            name='task',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='nexus.task'),
        ),
        migrations.AlterField(
            model_name='dependency',
            name='child',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='dependencies', to='nexus.task'),
        ),
        migrations.AlterField(
            model_name='dependency',
            name='parent',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='nexus.task'),
        ),
        migrations.AlterField(
            model_name='event',
            name='run',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='nexus.run'),
        ),
        migrations.AlterField(
            model_name='lease',
            name='task',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lease', serialize=False, to='nexus.task'),
        ),
        migrations.AlterField(
            model_name='task',
            name='run',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='nexus.run'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.lookups.IsNull(models.F('finished_at'), True), models.Q(('state', nexus.tasks.states.RunState['OPEN']))), name='run_is_closed_when_finished'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.lookups.IsNull(models.F('finished_at'), False), models.Q(('state__in', [nexus.tasks.states.TaskState['CANCELLED'], nexus.tasks.states.TaskState['COMPLETED']]))), name='task_is_final_when_finished'),
        ),
    ]
