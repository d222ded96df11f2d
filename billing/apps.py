"""Billing, for Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Prices, budgets and the ledger."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Check the thresholds."""
        from billing.conf import thresholds

        thresholds()
