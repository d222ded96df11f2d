"""Keys of providers, encrypted."""

from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table."""

    dependencies = [("agents", "0006_chains_and_versions")]
    operations = [
        migrations.CreateModel(
            name="ProviderKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=32, unique=True)),
                ("locked", models.TextField()),
                ("prefix", models.CharField(max_length=8)),
                ("set_by", models.CharField(max_length=200)),
                ("set_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "provider key",
                "verbose_name_plural": "provider keys",
                "ordering": ("provider",),
            },
        ),
    ]
