"""What a budget has told people, and whether it lets go on what waited for it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns, and an index of the few budgets that are going on."""

    dependencies = [("billing", "0004_budget_changes")]
    operations = [
        migrations.AddField(
            model_name="budget",
            name="going_on_at",
            field=models.DateTimeField(
                help_text="While it lets go on what waited for it: when it was raised, or last let something go on.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="budget",
            name="warned_at",
            field=models.DateTimeField(help_text="When people were told that it is nearly used.", null=True),
        ),
        migrations.AddField(
            model_name="budget",
            name="critical_at",
            field=models.DateTimeField(help_text="When people were told that it will not be enough.", null=True),
        ),
        migrations.AddIndex(
            model_name="budget",
            index=models.Index(
                condition=models.Q(("going_on_at__isnull", False)), fields=["id"], name="budgets_that_go_on"
            ),
        ),
    ]
