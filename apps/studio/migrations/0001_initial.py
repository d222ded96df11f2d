"""Films, their shots and events, and the mappings that people add."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
import workorders.triggers.mapping
from django.db import migrations, models


class Migration(migrations.Migration):
    """Four tables."""

    initial = True

    dependencies = [
        ('workorders', '0007_audit'),
    ]

    operations = [
        migrations.CreateModel(
            name='Film',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50)),
                ('title', models.CharField(max_length=200)),
                ('brief', models.TextField(blank=True, default='')),
                ('duration_seconds', models.PositiveSmallIntegerField(default=6)),
                ('shots_wanted', models.PositiveSmallIntegerField(default=2)),
                ('quality', models.CharField(choices=[('high', 'high'), ('balanced', 'balanced'), ('fast', 'fast')], default='balanced', max_length=8)),
                ('strategy', models.CharField(choices=[('high', 'high'), ('balanced', 'balanced'), ('fast', 'fast')], default='balanced', max_length=8)),
                ('user_options', models.JSONField(blank=True, default=dict)),
                ('script', models.TextField(blank=True, default='')),
                ('prompts', models.JSONField(blank=True, default=dict)),
                ('dna_bank', models.JSONField(blank=True, default=dict)),
                ('finalized_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='film', to='workorders.workorder')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='films', to='workorders.project')),
            ],
            options={
                'verbose_name': 'film',
                'verbose_name_plural': 'films',
            },
        ),
        migrations.CreateModel(
            name='FilmEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=64)),
                ('type', models.CharField(max_length=64)),
                ('actor', models.CharField(max_length=200)),
                ('causation_id', models.CharField(blank=True, default='', max_length=64)),
                ('happened_at', models.DateTimeField()),
                ('payload', models.JSONField(default=dict)),
                ('blackboard_pointer', models.CharField(blank=True, default='', max_length=200)),
                ('metadata', models.JSONField(default=dict)),
                ('fingerprint', models.CharField(blank=True, default='', max_length=64)),
                ('task_id', models.BigIntegerField(null=True)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('tasks', models.JSONField(default=list)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('film', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='studio.film')),
            ],
            options={
                'verbose_name': 'film event',
                'verbose_name_plural': 'film events',
            },
        ),
        migrations.CreateModel(
            name='Shot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shot_id', models.CharField(max_length=32)),
                ('place', models.PositiveSmallIntegerField()),
                ('spec', models.JSONField(default=dict)),
                ('keyframe', models.CharField(blank=True, default='', max_length=200)),
                ('preview', models.CharField(blank=True, default='', max_length=200)),
                ('final', models.CharField(blank=True, default='', max_length=200)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('film', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shots', to='studio.film')),
            ],
            options={
                'verbose_name': 'shot',
                'verbose_name_plural': 'shots',
                'ordering': ('place', 'id'),
            },
        ),
        migrations.CreateModel(
            name='EventMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_type', models.CharField(max_length=64, verbose_name='event')),
                ('task_type', models.CharField(choices=[('WRITE_SCRIPT', 'WRITE_SCRIPT'), ('REWRITE_SCRIPT', 'REWRITE_SCRIPT'), ('REVISE_SCRIPT', 'REVISE_SCRIPT'), ('PLAN_SHOTS', 'PLAN_SHOTS'), ('REVISE_SHOTS', 'REVISE_SHOTS'), ('ADJUST_PROMPTS', 'ADJUST_PROMPTS'), ('OPTIMIZE_PROMPTS', 'OPTIMIZE_PROMPTS'), ('PROMPT_TUNING', 'PROMPT_TUNING'), ('GENERATE_KEYFRAME', 'GENERATE_KEYFRAME'), ('GENERATE_KEYFRAME_START', 'GENERATE_KEYFRAME_START'), ('GENERATE_KEYFRAME_MID', 'GENERATE_KEYFRAME_MID'), ('GENERATE_KEYFRAME_END', 'GENERATE_KEYFRAME_END'), ('EDIT_IMAGE', 'EDIT_IMAGE'), ('INPAINT_IMAGE', 'INPAINT_IMAGE'), ('UPSCALE_KEYFRAME', 'UPSCALE_KEYFRAME'), ('GENERATE_PREVIEW_VIDEO', 'GENERATE_PREVIEW_VIDEO'), ('GENERATE_FINAL_VIDEO', 'GENERATE_FINAL_VIDEO'), ('MODEL_SWAP_RETRY', 'MODEL_SWAP_RETRY'), ('ASSEMBLE_FINAL', 'ASSEMBLE_FINAL'), ('ADD_EFFECTS', 'ADD_EFFECTS'), ('COMPOSE_MUSIC', 'COMPOSE_MUSIC'), ('GENERATE_MUSIC', 'GENERATE_MUSIC'), ('RENDER_VOICE', 'RENDER_VOICE'), ('GENERATE_VOICE', 'GENERATE_VOICE'), ('EXTRACT_FEATURES', 'EXTRACT_FEATURES'), ('UPDATE_DNA_BANK', 'UPDATE_DNA_BANK'), ('RUN_VISUAL_QA', 'RUN_VISUAL_QA'), ('RUN_VIDEO_QA', 'RUN_VIDEO_QA'), ('RUN_AUDIO_QA', 'RUN_AUDIO_QA'), ('RUN_CROSS_MODAL_QA', 'RUN_CROSS_MODAL_QA'), ('CHECK_CONSISTENCY', 'CHECK_CONSISTENCY'), ('REQUEST_APPROVAL', 'REQUEST_APPROVAL'), ('HANDLE_REVISION', 'HANDLE_REVISION'), ('HUMAN_REVIEW_REQUIRED', 'HUMAN_REVIEW_REQUIRED')], max_length=32, verbose_name='task')),
                ('agent', models.CharField(blank=True, default='', max_length=100, verbose_name='agent')),
                ('priority', models.PositiveSmallIntegerField(choices=[(10, 'CRITICAL'), (8, 'HIGH'), (5, 'NORMAL'), (3, 'LOW'), (1, 'BACKGROUND')], default=workorders.triggers.mapping.Priority['NORMAL'], verbose_name='priority')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('created_by', models.CharField(blank=True, default='', editable=False, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workorders.project', verbose_name='project')),
            ],
            options={
                'verbose_name': 'event mapping',
                'verbose_name_plural': 'event mappings',
                'constraints': [models.UniqueConstraint(fields=('project', 'event_type', 'task_type'), name='a_mapping_is_written_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('priority__lte', 10)), name='a_mappings_priority_is_0_to_10')],
            },
        ),
        migrations.AddConstraint(
            model_name='film',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='a_project_has_a_film_name_once'),
        ),
        migrations.AddIndex(
            model_name='filmevent',
            index=models.Index(fields=['film', 'type', '-id'], name='film_events_by_type'),
        ),
        migrations.AddConstraint(
            model_name='filmevent',
            constraint=models.UniqueConstraint(fields=('film', 'event_id'), name='a_film_has_an_event_once'),
        ),
        migrations.AddConstraint(
            model_name='filmevent',
            constraint=models.UniqueConstraint(condition=models.Q(('task_id__isnull', False)), fields=('task_id', 'number'), name='a_task_publishes_each_event_once'),
        ),
        migrations.AddConstraint(
            model_name='shot',
            constraint=models.UniqueConstraint(fields=('film', 'shot_id'), name='a_film_has_a_shot_once'),
        ),
    ]
