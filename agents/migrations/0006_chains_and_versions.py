"""Who a role asks next, and what each role was: versions that the database refuses to change."""

from __future__ import annotations

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

from agents.statements import HOT
from nexus.statements import source

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """The column, the table and its trigger; then every function again: an answer may be booked without being kept."""

    dependencies = [("agents", "0005_statements")]
    operations = [
        migrations.AddField(
            model_name="role",
            name="chain",
            field=models.JSONField(
                blank=True, default=list, help_text='Who is asked next, in order: [{"provider": …, "model": …}].'
            ),
        ),
        migrations.CreateModel(
            name="RoleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=32)),
                ("version", models.PositiveIntegerField()),
                ("provider", models.CharField(max_length=32)),
                ("model", models.CharField(max_length=128)),
                ("chain", models.JSONField(default=list)),
                ("effort", models.CharField(blank=True, default="", max_length=8)),
                ("max_output_tokens", models.PositiveIntegerField()),
                ("system_prompt", models.TextField(blank=True, default="")),
                ("steps_down_to", models.CharField(blank=True, default="", max_length=32)),
                ("actor", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "role version",
                "verbose_name_plural": "role versions",
                "ordering": ("role", "version"),
                "constraints": [
                    models.UniqueConstraint(fields=("role", "version"), name="a_role_has_each_version_once")
                ],
            },
        ),
        migrations.RunSQL(
            (SQL / "role_versions_append_only.sql").read_text(),
            (SQL / "role_versions_append_only_reverse.sql").read_text(),
        ),
        migrations.RunSQL(source(HOT), migrations.RunSQL.noop),
    ]
