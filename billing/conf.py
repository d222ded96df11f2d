"""What an operator may set about budgets and calls, checked at start."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.conf import settings

from billing.outlook import Thresholds


def thresholds() -> Thresholds:
    """The shares at which budgets say something; a name in settings.BUDGETS that is none of them is an error."""
    said = getattr(settings, "BUDGETS", {})
    return Thresholds(**{name.lower(): Decimal(str(share)) for name, share in said.items()})


def call_limit() -> Decimal | None:
    """The most that a single call may cost; None: whatever its budgets allow. ValueError for what is no amount."""
    said = settings.NEXUS_CALL_LIMIT_USD
    if not said:
        return None
    try:
        amount = Decimal(said)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"NEXUS_CALL_LIMIT_USD={said} is no amount of dollars")
    return amount
