"""What the audit log takes from the feed, told apart in the trigger's function and no longer in its condition."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "audit" / "sql"


class Migration(migrations.Migration):
    """Make the trigger, or make it anew."""

    dependencies = [("workorders", "0009_conversations")]

    operations = [migrations.RunSQL((SQL / "event.sql").read_text(), migrations.RunSQL.noop)]
