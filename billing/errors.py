"""What billing refuses."""

from __future__ import annotations

from nexus.errors import NexusError


class BudgetExceeded(NexusError):
    """The budget cannot cover this call; a person can raise it."""

    code = "budget_exceeded"
    disposition = "park"


class CallTooDear(NexusError):
    """This call may cost more than any single call should; a person looks at its price first."""

    code = "call_too_dear"
    disposition = "park"


class UnknownPrice(NexusError):
    """The price book has no price for this model, so it is not called."""

    code = "unknown_price"
