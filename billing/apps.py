"""Billing, for Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Prices, budgets and the ledger."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Check what an operator has set."""
        from billing.conf import call_limit, thresholds

        thresholds()
        call_limit()
