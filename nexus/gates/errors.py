"""What is refused of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexus.errors import NexusError

if TYPE_CHECKING:
    from .rules import Ask


class PeopleAsked(NexusError):
    """People decide first."""

    # Raised from the depth of a handler, it ends the execution as if the handler had answered `ask`.
    code = "people_asked"

    def __init__(self, ask: Ask) -> None:
        """Keep what is asked."""
        super().__init__(ask.gate.message)
        self.ask = ask


class AlreadyDecided(NexusError):
    """Somebody has decided this already."""

    code = "already_decided"


class Superseded(NexusError):
    """What is to be decided has changed; look at it again."""

    code = "superseded"


class AlreadyVoted(NexusError):
    """You have approved this; others have to as well."""

    code = "already_voted"


class NotAnApprover(NexusError):
    """Others were named to decide this."""

    code = "not_an_approver"


class FourEyes(NexusError):
    """Who asked for it may not decide it."""

    code = "four_eyes"


class NotAllowedHere(NexusError):
    """This gate does not take this decision."""

    code = "decision_not_allowed"


class DecisionInvalid(NexusError):
    """A decision cannot be taken like this."""

    code = "decision_invalid"
