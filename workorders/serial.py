"""Public ids of orders: WO-YYYYMMDD-NNNN, counted per day in the database."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import connection

from nexus.transactions import requires_transaction

# The day is the database's, in the zone that people here live in; workers' clocks have no say.
# now() is the start of the transaction, as created_at is: an order's id and its date agree.
_NEXT = """
INSERT INTO workorders_dailyserial AS serial (day, last)
VALUES ((now() AT TIME ZONE %(zone)s)::date, %(count)s)
ON CONFLICT (day) DO UPDATE SET last = serial.last + %(count)s
RETURNING day, last
"""


@requires_transaction
def next_id() -> str:
    """Take the next id of today, e.g. "WO-20260217-0001"."""
    return next_ids(1)[0]


@requires_transaction
def next_ids(count: int) -> list[str]:
    """Take the next ids of today, in order.

    Never the same twice: the number lives in a row, not in a process. It takes effect with the
    caller's transaction, so a refused order leaves no hole.

    Two intakes at once: the second waits at the day's row until the first commits or rolls back,
    then counts on from what it finds. So call this as late as the transaction allows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"zone": settings.TIME_ZONE, "count": count})
        day, last = cursor.fetchone()
    return [spell(day, number) for number in range(last - count + 1, last + 1)]


def spell(day: datetime.date, number: int) -> str:
    """Write the id of the `number`th order of `day`; after 9999 the number grows a digit."""
    return f"WO-{day:%Y%m%d}-{number:04d}"
