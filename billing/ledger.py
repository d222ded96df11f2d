"""The ledger: the only place that writes entries. A request is charged once; what it held is let go with it.

Not fenced by any lease: a worker that lost its task has still spent the money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Max, Sum

from billing import money
from billing.models import LedgerEntry
from billing.prices import Usage
from billing.reservations import turn_into_spending
from billing.statements import APPEND
from nexus.transactions import requires_transaction

COPIED = ("price_id", "provider", "model", "role", "project", "order", "run_id", "task_id", "task_key")
"""What an adjustment has in common with its charge."""
TOKENS = ("input_tokens", "output_tokens", "cache_write_5m", "cache_write_1h", "cache_read")


@requires_transaction
def charge(
    *,
    request_id: UUID,
    amount: Decimal,
    quality: str,
    price_id: int,
    provider: str,
    model: str,
    role: str,
    project: str,
    order: str,
    run_id: int,
    task_id: int,
    task_key: str,
    usage: Usage,
) -> bool:
    """Book what a request cost and settle what it held. False, and nothing done, when it was charged before."""
    facts = {"price_id": price_id, "provider": provider, "model": model, "role": role, "project": project}
    facts |= {"order": order, "run_id": run_id, "task_id": task_id, "task_key": task_key}
    line = {"request_id": request_id, "kind": LedgerEntry.Kind.CHARGE, "n": 0, "quality": quality}
    return _append({**line, **facts, **asdict(usage)}, money.usd(amount))


@requires_transaction
def adjust(*, request_id: UUID, amount: Decimal, quality: str, usage: Usage) -> bool:
    """Correct a charge to `amount` and `usage` by a line with the difference. False when there is none."""
    lines = LedgerEntry.objects.filter(request_id=request_id)
    first = lines.get(kind=LedgerEntry.Kind.CHARGE)
    booked = lines.aggregate(Sum("amount"), Max("n"), **{name: Sum(name) for name in TOKENS})
    apart = {name: getattr(usage, name) - booked[name] for name in TOKENS}
    difference = money.usd(amount) - booked["amount__sum"]
    if not difference and not any(apart.values()):
        return False
    # Two corrections at once compute the same number: the second one's line is a conflict, and is dropped.
    line = {"request_id": request_id, "kind": LedgerEntry.Kind.ADJUST, "n": booked["n__max"] + 1, "quality": quality}
    return _append({**line, **{name: getattr(first, name) for name in COPIED}, **apart}, difference)


def _append(line: Mapping[str, Any], amount: Decimal) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(APPEND, {**line, "amount": amount, "time_zone": settings.TIME_ZONE})
        appended = cursor.fetchone() is not None
    if appended:
        turn_into_spending(request_id=line["request_id"], spent=amount)
    return appended
