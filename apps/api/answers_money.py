"""What goes out about money and is asked for in two places."""

from __future__ import annotations

from rest_framework import serializers as s

from billing import budgets, outlook

from .answers import Shape


class BudgetStatus(Shape):
    """How a budget stands and where it is heading."""

    kind = s.ChoiceField(list(budgets.KINDS))
    key = s.CharField()
    total = s.CharField(allow_null=True, help_text="null: no limit.")
    used = s.CharField()
    reserved = s.CharField()
    remaining = s.CharField(allow_null=True, help_text="Below zero where the limit was set below what was spent.")
    usage_percent = s.FloatField(allow_null=True)
    predicted_total = s.CharField(help_text="What was used, over the part of the work that is done.")
    predicted_overrun = s.CharField()
    status = s.ChoiceField(list(outlook.LABELS))
