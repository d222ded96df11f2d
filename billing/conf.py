"""What an operator may set about budgets, checked at start."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from billing.outlook import Thresholds


def thresholds() -> Thresholds:
    """The shares at which budgets say something; a name in settings.BUDGETS that is none of them is an error."""
    said = getattr(settings, "BUDGETS", {})
    return Thresholds(**{name.lower(): Decimal(str(share)) for name, share in said.items()})
