"""Which role's model a role works with near the end of a budget, and which calls did."""

from __future__ import annotations

from django.db import migrations, models

SHIPPED = {"ceo": "director", "director": "intern"}


def allow_shipped(apps, schema_editor):
    """Roles that are as they were shipped step down as those that are shipped from now on."""
    roles = apps.get_model("agents", "Role")
    for name, lower in SHIPPED.items():
        roles.objects.filter(name=name, version=1).update(steps_down_to=lower)


class Migration(migrations.Migration):
    """Two columns."""

    dependencies = [("agents", "0003_tools")]
    operations = [
        migrations.AddField(
            model_name="role",
            name="steps_down_to",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The role whose model it works with near the end of a budget.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="modelrequest",
            name="stepped_from",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The role's own model, where a budget was nearly used.",
                max_length=128,
            ),
        ),
        migrations.RunPython(allow_shipped, migrations.RunPython.noop),
    ]
