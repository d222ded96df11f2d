"""The ledger: the only place that writes entries. A request is charged once; what it held is let go with it.

Not fenced by any lease: a worker that lost its task has still spent the money.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Sum

from billing import money
from billing.models import LedgerEntry
from billing.prices import Usage
from billing.statements import APPEND
from nexus.statements import one
from nexus.transactions import requires_transaction

COPIED = ("price_id", "provider", "model", "role", "project", "order", "run_id", "task_id", "task_key")
"""What an adjustment has in common with its charge."""
COUNTS = ("input_tokens", "output_tokens", "cache_write_5m", "cache_write_1h", "cache_read", "heard_ms")
"""What a line counts, beside its money."""


@requires_transaction
def charge(**facts: Any) -> bool:
    """Book what a request cost and settle what it held. False, and nothing done, when it was charged before.

    The facts are those of `line`.
    """
    (appended,) = one(APPEND, [line(**facts), settings.TIME_ZONE])
    return bool(appended)


def line(
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
) -> str:
    """The line of a charge, as the statements that append it take it."""
    columns = {"price_id": price_id, "provider": provider, "model": model, "role": role, "project": project}
    columns |= {"order": order, "run_id": run_id, "task_id": task_id, "task_key": task_key}
    charged = {"request_id": request_id, "kind": LedgerEntry.Kind.CHARGE, "n": 0, "quality": quality}
    return _written(charged | columns | asdict(usage), money.usd(amount))


@requires_transaction
def adjust(*, request_id: UUID, amount: Decimal, quality: str, usage: Usage) -> bool:
    """Correct a charge to `amount` and `usage` by a line with the difference. False when there is none."""
    lines = LedgerEntry.objects.filter(request_id=request_id)
    first = lines.get(kind=LedgerEntry.Kind.CHARGE)
    booked = lines.aggregate(Sum("amount"), Max("n"), **{name: Sum(name) for name in COUNTS})
    apart = {name: getattr(usage, name) - booked[name] for name in COUNTS}
    difference = money.usd(amount) - booked["amount__sum"]
    if not difference and not any(apart.values()):
        return False
    # Two corrections at once compute the same number: the second one's line is a conflict, and is dropped.
    said = {"request_id": request_id, "kind": LedgerEntry.Kind.ADJUST, "n": booked["n__max"] + 1, "quality": quality}
    written = _written(said | {name: getattr(first, name) for name in COPIED} | apart, difference)
    (appended,) = one(APPEND, [written, settings.TIME_ZONE])
    return bool(appended)


def _written(columns: Mapping[str, Any], amount: Decimal) -> str:
    named = {"order_ref" if name == "order" else name: value for name, value in columns.items()}
    return json.dumps(named | {"request_id": str(columns["request_id"]), "amount": money.text(amount)})
