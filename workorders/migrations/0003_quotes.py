"""What an order was expected to cost, and whether it may cost no more."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Two columns, and an index of orders that are alike."""

    dependencies = [("workorders", "0002_words_for_people")]
    operations = [
        migrations.AddField(
            model_name="workorder",
            name="cap_at_quote",
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddField(
            model_name="workorder",
            name="quote",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="workorder",
            index=models.Index(
                condition=Q(("owner_role", ""), _negated=True),
                fields=["owner_role", "difficulty", "-id"],
                name="orders_that_are_alike",
            ),
        ),
    ]
