"""What must always hold of money. No repair is offered: which of two sums is wrong is for a person to find out."""

from __future__ import annotations

from django.db import connection

from nexus import engine

SPENT = """
SELECT count(*) FROM billing_budget b WHERE b.spent <> coalesce(
    (SELECT sum(l.amount) FROM billing_hold h JOIN billing_ledgerentry l USING (request_id)
      WHERE h.budget_id = b.id), 0)
"""
RESERVED = """
SELECT count(*) FROM billing_budget b WHERE b.reserved <> coalesce(
    (SELECT sum(h.amount) FROM billing_hold h WHERE h.budget_id = b.id AND h.open), 0)
"""


@engine.invariant("budgets_spent", what="budgets whose spent differs from the ledger lines of their requests")
def budgets_spent() -> int:
    """Every line counts in each budget that its request held."""
    return _count(SPENT)


@engine.invariant("budgets_reserved", what="budgets whose reserved differs from their open holds")
def budgets_reserved() -> int:
    """What is reserved is what is held."""
    return _count(RESERVED)


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
