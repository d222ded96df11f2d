"""What work orders refuse."""

from __future__ import annotations

from nexus.errors import NexusError


class OrderInvalid(NexusError):
    """This order cannot be accepted as it is."""

    code = "order_invalid"


class NotWaiting(NexusError):
    """This order is not waiting for an answer."""

    code = "not_waiting"


class OrderGone(NexusError):
    """The work order of this task does not exist."""

    code = "order_gone"


class PlanInvalid(NexusError):
    """The plan cannot be carried out as drawn."""

    code = "plan_invalid"


class NotOffered(NexusError):
    """Nothing is offered under this name."""

    code = "not_offered"
