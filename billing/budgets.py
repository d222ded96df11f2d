"""Limits: who may spend how much. A scope without a budget, and a budget without a limit, is not limited."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from billing import money
from billing.models import Budget, BudgetChange
from nexus.transactions import requires_transaction

Kind = Literal["project", "order", "role", "day"]
"""Projects and orders have a budget from their first call on, so that a limit set later already knows the past."""
Scope = tuple[str, str]
"""A kind and a key: ("order", "WO-20261122-0001")."""

KINDS: tuple[str, ...] = get_args(Kind)
WHOLE_LIFE = "all"
"""The only period so far: a day is a scope of its own."""

_BORN = """
INSERT INTO billing_budget (kind, key, period, limit_usd, spent, reserved)
SELECT %(kind)s, %(key)s, %(period)s, %(limit)s, coalesce(sum(amount), 0), 0
  FROM billing_ledgerentry
 WHERE CASE %(kind)s WHEN 'project' THEN project WHEN 'order' THEN order_ref WHEN 'role' THEN role
       ELSE to_char(day, 'YYYY-MM-DD') END = %(key)s
ON CONFLICT (kind, key, period) DO
"""
# What it told people was about the limit it had.
_SET_LIMIT = (
    _BORN
    + """UPDATE SET limit_usd = excluded.limit_usd, warned_at = NULL, critical_at = NULL,
           going_on_at = CASE WHEN billing_budget.limit_usd IS NOT NULL
                              AND coalesce(excluded.limit_usd > billing_budget.limit_usd, true) THEN now() END"""
)
_OPEN = _BORN + "NOTHING"


def set_limit(*, kind: str, key: str, limit: Decimal | None) -> None:
    """Let the scope spend `limit` in all, or as much as it likes when None. What it has spent stays counted.

    A limit below what is spent or reserved is allowed: calls that have left are paid, no new one leaves. A higher one
    lets go on what waits for it: see parked.py.
    """
    amount = _checked(kind, limit)
    # One statement, so that a reservation sees either the old limit or the new one. A budget of a role or a day is
    # born here and starts with what the ledger knows; a call that is in flight at that moment held nothing of it.
    with connection.cursor() as cursor:
        cursor.execute(_SET_LIMIT, {"kind": kind, "key": key, "period": WHOLE_LIFE, "limit": amount})


@requires_transaction
def change_limit(*, kind: str, key: str, limit: Decimal | None, actor: str, reason: str = "") -> BudgetChange:
    """As `set_limit`, for a person: write down who changed it, from what to what, and why."""
    amount = _checked(kind, limit)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"kind": kind, "key": key, "period": WHOLE_LIFE, "limit": None})
    budget = Budget.objects.filter(kind=kind, key=key, period=WHOLE_LIFE)
    # Two people may set it at once: the second waits here, and reads as "before" what the first has set.
    before = budget.select_for_update(no_key=True).values_list("limit", flat=True).get()
    going_on_at = Now() if _is_raised(before, amount) else None
    budget.update(limit=amount, going_on_at=going_on_at, warned_at=None, critical_at=None)
    return BudgetChange.objects.create(
        kind=kind, key=key, period=WHOLE_LIFE, before=before, after=amount, actor=actor[:200], reason=reason[:500]
    )


def _is_raised(before: Decimal | None, after: Decimal | None) -> bool:
    return before is not None and (after is None or after > before)


def _checked(kind: str, limit: Decimal | None) -> Decimal | None:
    if kind not in KINDS:
        raise ValueError(f"a budget is of one of {', '.join(KINDS)}, not of {kind!r}")
    amount = None if limit is None else money.usd(limit)
    if amount is not None and amount < 0:
        raise ValueError("a limit is not negative")
    return amount


def today() -> str:
    """The key of today's budget, in the installation's time zone."""
    return timezone.localdate(timezone=timezone.get_default_timezone()).isoformat()
