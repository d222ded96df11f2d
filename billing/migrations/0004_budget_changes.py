"""Who set which limit, from what to what, and why; the database refuses to change a line."""

from __future__ import annotations

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """The table and its trigger."""

    dependencies = [("billing", "0003_words_for_people")]
    operations = [
        migrations.CreateModel(
            name="BudgetChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=128)),
                ("period", models.CharField(default="all", max_length=16)),
                (
                    "before",
                    models.DecimalField(decimal_places=9, help_text="Empty: no limit.", max_digits=18, null=True),
                ),
                ("after", models.DecimalField(decimal_places=9, help_text="Empty: no limit.", max_digits=18, null=True)),
                ("actor", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "budget change",
                "verbose_name_plural": "budget changes",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["kind", "key", "id"], name="budget_changes_by_scope")],
            },
        ),
        migrations.RunSQL(
            (SQL / "budget_changes_append_only.sql").read_text(),
            (SQL / "budget_changes_append_only_reverse.sql").read_text(),
        ),
    ]
