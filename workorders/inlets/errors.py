"""What inlets refuse."""

from __future__ import annotations

from nexus.errors import NexusError


class InletInvalid(NexusError):
    """This inlet cannot be kept as it is."""

    code = "inlet_invalid"


class NotProved(NexusError):
    """The message does not show that it comes from who holds the secret."""

    code = "not_proved"


class NoDeliveryId(NexusError):
    """The message has no id of its own, by which a second one like it could be told from it sent twice."""

    code = "no_delivery_id"
