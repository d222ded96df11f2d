"""What it cost: ledger and budgets."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import Budget, BudgetChange, LedgerEntry

from . import words
from .readonly import Shown, among
from .spending import WithCosts, WithWaiting


@admin.register(LedgerEntry)
class Ledger(WithCosts):
    """One line per physical request."""

    heading = _("Ledger")
    list_display = (
        "order",
        "task_key",
        "shown_amount",
        "quality",
        "role",
        "model",
        "input_tokens",
        "output_tokens",
        "at",
    )
    list_filter = (among("quality", LedgerEntry.Quality.values), among("kind", LedgerEntry.Kind.values))
    search_fields = ("=order", "=request_id")
    ordering = ("-id",)

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, entry: LedgerEntry) -> str:
        """In dollars."""
        return words.dollars(entry.amount)


@admin.register(Budget)
class Budgets(WithWaiting):
    """What each scope may spend, has spent and has reserved."""

    heading = _("Budgets")
    list_display = ("kind", "key", "period", "shown_limit", "shown_spent", "shown_reserved", "shown_use")
    list_filter = (among("kind", ("project", "order", "role", "day")),)
    search_fields = ("key",)
    ordering = ("kind", "key")

    @display(description=_("Limit"), ordering="limit")
    def shown_limit(self, budget: Budget) -> Any:
        """In dollars, or none."""
        return words.dollars(budget.limit) if budget.limit is not None else _("no limit")

    @display(description=_("Spent"), ordering="spent")
    def shown_spent(self, budget: Budget) -> str:
        """In dollars."""
        return words.dollars(budget.spent)

    @display(description=_("Reserved"), ordering="reserved")
    def shown_reserved(self, budget: Budget) -> str:
        """In dollars."""
        return words.dollars(budget.reserved)

    @display(description=_("Used"))
    def shown_use(self, budget: Budget) -> str:
        """Spent and reserved, as a share of the limit."""
        return f"{(budget.spent + budget.reserved) / budget.limit:.0%}" if budget.limit else "–"


@admin.register(BudgetChange)
class BudgetChanges(Shown):
    """Who set which limit, from what to what, and why."""

    heading = _("Budget changes")
    list_display = ("kind", "key", "shown_before", "shown_after", "actor", "reason", "at")
    list_filter = (among("kind", ("project", "order", "role", "day")),)
    search_fields = ("key", "actor")
    ordering = ("-id",)

    @display(description=_("Before"), ordering="before")
    def shown_before(self, change: BudgetChange) -> Any:
        """In dollars, or none."""
        return words.dollars(change.before) if change.before is not None else _("no limit")

    @display(description=_("After"), ordering="after")
    def shown_after(self, change: BudgetChange) -> Any:
        """In dollars, or none."""
        return words.dollars(change.after) if change.after is not None else _("no limit")
