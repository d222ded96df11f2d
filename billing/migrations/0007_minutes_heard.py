"""A recording is paid by the minute, and a line counts how long it was: until now a second stood in a token's place."""

from __future__ import annotations

from decimal import Decimal

from django.db import migrations, models

from billing.statements import HOT
from nexus.statements import source

# What listens was priced by a million seconds, as if they were tokens.
BY_THE_MINUTE = """
UPDATE billing_price
   SET minute = input * 60 / 1000000, input = 0, cache_write_5m = 0, cache_write_1h = 0, cache_read = 0
 WHERE model LIKE 'whisper%' AND output = 0 AND minute = 0
"""
BY_THE_SECOND = """
UPDATE billing_price
   SET input = minute * 1000000 / 60, cache_write_5m = minute * 1250000 / 60, cache_write_1h = minute * 2000000 / 60,
       cache_read = minute * 100000 / 60, minute = 0
 WHERE model LIKE 'whisper%' AND minute > 0
"""


class Migration(migrations.Migration):
    """Two columns, the prices of models that listen, and the function that writes a line."""

    dependencies = [("billing", "0006_statements")]
    operations = [
        migrations.RemoveConstraint(model_name="price", name="a_price_is_never_negative"),
        migrations.AddField(
            model_name="ledgerentry",
            name="heard_ms",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="Milliseconds of a recording it is paid for."
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="minute",
            field=models.DecimalField(
                db_default=Decimal(0), decimal_places=6, default=Decimal(0), max_digits=12,
                help_text="A minute of a recording that it listens to.",
            ),  # fmt: skip
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    input__gte=0, output__gte=0, cache_write_5m__gte=0, cache_write_1h__gte=0, cache_read__gte=0,
                    minute__gte=0,
                ),
                name="a_price_is_never_negative",
            ),  # fmt: skip
        ),
        migrations.RunSQL(BY_THE_MINUTE, BY_THE_SECOND),
        migrations.RunSQL(source(HOT), migrations.RunSQL.noop),
    ]
