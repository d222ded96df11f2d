"""With whom a conversation is: an agent, which works in a role."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column; the conversations that are there are with a role as it is."""

    dependencies = [("agents", "0010_built_agents")]
    operations = [
        migrations.AddField(
            model_name="session",
            name="agent",
            field=models.CharField(blank=True, db_default="", default="", help_text="Who answers.", max_length=64),
        ),
        migrations.AlterField(
            model_name="session",
            name="role",
            field=models.CharField(help_text="The role that they work in.", max_length=32),
        ),
    ]
