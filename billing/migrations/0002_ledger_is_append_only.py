"""Have the database refuse any change of a ledger line."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Install the trigger."""

    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (SQL / "ledger_append_only.sql").read_text(), (SQL / "ledger_append_only_reverse.sql").read_text()
        )
    ]
