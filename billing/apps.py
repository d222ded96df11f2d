"""Billing, for Django."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Prices, budgets and the ledger."""

    name = "billing"
    verbose_name = "Billing"
