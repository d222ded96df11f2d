"""Budgets as people name them: an order by its id, a project by its slug, a role by its name, a day by its date."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from agents import roles
from billing import budgets, costs, money, outlook, progress
from billing.conf import thresholds
from billing.costs import Summary
from billing.models import Budget
from billing.outlook import Status
from nexus import engine
from nexus.errors import NotThere
from nexus.transactions import opens_transaction, requires_transaction

from .models import Project, WorkOrder


class Scoped(Protocol):
    """What is of one scope: a budget, or what waits for one."""

    @property
    def kind(self) -> str:
        """One of budgets.KINDS."""

    @property
    def key(self) -> str:
        """As it is stored."""


@opens_transaction
def change(*, kind: str, key: str, limit: Decimal | None, actor: str, reason: str = "") -> Budget:
    """Let the scope spend `limit` in all, or as much as it likes when None; return its budget as it is then.

    What waits for it goes on by itself when it was raised, as much as fits: billing/parked.py.

    Raises NotThere for a scope that does not exist, and IllegalMove for an order that has ended.
    """
    if kind == "order":
        change_of_order(key, limit=limit, actor=actor, reason=reason)
    else:
        budgets.change_limit(kind=kind, key=stored(kind, key), limit=limit, actor=actor, reason=reason)
    return Budget.objects.get(kind=kind, key=stored(kind, key), period=budgets.WHOLE_LIFE)


@requires_transaction
def change_of_order(public_id: str, *, limit: Decimal | None, actor: str, reason: str) -> None:
    """Set the limit of an order and tell it in the order's feed."""
    order = WorkOrder.objects.named(public_id).first()
    if order is None:
        raise _unknown("order", public_id)
    # The run's row first, as everywhere: from here on the order cannot end, and two who set its limit take turns.
    if engine.runs.select_for_update(no_key=True).get(pk=order.run_id).state != engine.RunState.OPEN:
        raise engine.IllegalMove("The order has ended; nothing more is spent on it")
    done = budgets.change_limit(kind="order", key=public_id, limit=limit, actor=actor, reason=reason)
    WorkOrder.objects.filter(pk=order.pk).update(budget_usd=limit)
    said = {"limit_usd": _text(done.after), "before_usd": _text(done.before), "actor": actor, "reason": reason}
    engine.tell(run_id=order.run_id, kind="order.budget_set", data=said)


def standing(*, kind: str, key: str) -> Status:
    """How the budget of a scope stands and where it is heading; raise NotThere for a scope that does not exist."""
    run_id = None
    if kind == "order":
        run_id = WorkOrder.objects.named(key).values_list("run_id", flat=True).first()
        if run_id is None:
            raise _unknown(kind, key)
    found = stored(kind, key)
    budget = Budget.objects.filter(kind=kind, key=found, period=budgets.WHOLE_LIFE).first() or Budget()
    done = progress.done_of(kind, found, run_id=run_id)
    return outlook.status(
        total=budget.limit, used=budget.spent, reserved=budget.reserved, done=done, at=thresholds()
    )  # fmt: skip


def stored(kind: str, key: str) -> str:
    """The key under which the budget is kept; raise NotThere for a scope that does not exist."""
    if kind == "project":
        project = Project.objects.filter(slug=key).values_list("pk", flat=True).first()
        if project is None:
            raise _unknown(kind, key)
        return str(project)
    if kind == "role":
        return roles.get(key).name
    if kind == "day" and not _is_day(key):
        raise _unknown(kind, key)
    return key


def shown(kind: str, key: str, slugs: dict[str, str]) -> str:
    """The key as people write it; `slugs` are those of the projects, by their number."""
    return slugs.get(key, key) if kind == "project" else key


def slugs_of(found: Iterable[Scoped]) -> dict[str, str]:
    """Number -> slug, for the projects among these budgets."""
    numbers = [budget.key for budget in found if budget.kind == "project" and budget.key.isdigit()]
    return {str(pk): slug for pk, slug in Project.objects.filter(pk__in=numbers).values_list("pk", "slug")}


def by_slug(found: Summary) -> Summary:
    """Costs by project, under the projects' slugs."""
    numbers = [row.key for row in found.rows if row.key.isdigit()]
    slugs = Project.objects.filter(pk__in=numbers).values_list("pk", "slug")
    return costs.renamed(found, {str(pk): slug for pk, slug in slugs})


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else money.text(amount)


def _is_day(key: str) -> bool:
    try:
        return datetime.date.fromisoformat(key).isoformat() == key
    except ValueError:
        return False


def _unknown(kind: str, key: str) -> NotThere:
    return NotThere(f"There is no {kind} {key[:64]!r}", kind=kind)
