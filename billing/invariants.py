"""What must always hold of money. A reservation is counted again from its holds; what was spent is for a person."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.db.models import Sum

from billing import money
from billing.models import Budget, Hold
from nexus import engine

log = logging.getLogger("nexus.billing")

# Budgets of roles and days are born when their limit is set, with what the ledger knew then: held or not, it is spent.
SPENT = """
SELECT count(*) FROM billing_budget b CROSS JOIN LATERAL
    (SELECT coalesce(sum(l.amount), 0) AS lines FROM billing_hold h JOIN billing_ledgerentry l USING (request_id)
      WHERE h.budget_id = b.id) held
 WHERE CASE WHEN b.kind IN ('order', 'project') THEN b.spent <> held.lines ELSE b.spent < held.lines END
"""
WRONG_RESERVED = """
SELECT b.id FROM billing_budget b WHERE b.reserved <> coalesce(
    (SELECT sum(h.amount) FROM billing_hold h WHERE h.budget_id = b.id AND h.open), 0)
"""


@engine.invariant("budgets_spent", what="budgets whose spent differs from the ledger lines of their requests")
def budgets_spent() -> int:
    """Every line counts in each budget that its request held."""
    return _count(SPENT)


def recount_reserved() -> int:
    """Write what is reserved as the sum of what is held; return how many budgets were wrong."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG_RESERVED)
        wrong = [budget_id for (budget_id,) in cursor.fetchall()]
    return sum(_recount_reserved(budget_id) for budget_id in sorted(wrong))


@transaction.atomic
def _recount_reserved(budget_id: int) -> bool:
    # Who reserves changes the budget before it writes its hold, so nobody's hold is on its way while we have the row.
    # Who lets go closes the hold first and waits here: we still count it, and it is taken off after us.
    budget = Budget.objects.select_for_update(no_key=True).get(pk=budget_id)
    held = Hold.objects.filter(budget=budget, open=True).aggregate(held=Sum("amount"))["held"] or money.ZERO
    if budget.reserved == held:
        return False
    log.warning("repaired budgets_reserved %s: %s -> %s", budget, budget.reserved, held)
    return bool(Budget.objects.filter(pk=budget_id).update(reserved=held))


@engine.invariant(
    "budgets_reserved", what="budgets whose reserved differs from their open holds", repair=recount_reserved
)
def budgets_reserved() -> int:
    """What is reserved is what is held."""
    return _count(f"SELECT count(*) FROM ({WRONG_RESERVED}) wrong")  # noqa: S608 - ours, above


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
