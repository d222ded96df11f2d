"""What billing refuses."""

from __future__ import annotations

from nexus.errors import NexusError


class BudgetExceeded(NexusError):
    """The budget cannot cover this call; a person can raise it."""

    code = "budget_exceeded"
    disposition = "park"


class UnknownPrice(NexusError):
    """The price book has no price for this model, so it is not called."""

    code = "unknown_price"
