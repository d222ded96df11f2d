"""The root of every anticipated error: the docstring is the message, the code is for machines."""

from __future__ import annotations

import inspect
from typing import ClassVar, Literal

Disposition = Literal["refuse", "retry", "give_back", "park"]


class NexusError(Exception):
    """Nexus refuses this."""

    code: ClassVar[str] = "refused"
    disposition: ClassVar[Disposition] = "refuse"
    """What the engine does when a handler raises it: bury, retry, give back unspent, or ask a person."""

    def __init__(self, message: str | None = None, *, retry_after: float | None = None, **facts: object) -> None:
        """Keep the facts beside the message; `retry_after` is in seconds."""
        self.facts = facts
        self.retry_after = retry_after
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or "").partition("\n")[0])


class IllegalMove(NexusError):
    """This cannot be done in the present state."""

    code = "illegal_move"


class NotThere(NexusError):
    """There is no such row."""

    code = "not_found"


class GraphInvalid(NexusError):
    """The task graph cannot be run as drawn."""

    code = "graph_invalid"


class LeaseLost(NexusError):
    """Another worker holds this task now; what this one did is dropped."""

    code = "lease_lost"


class Stopped(NexusError):
    """The work was told to stop: cancelled, paused or draining."""

    code = "stopped"
    disposition = "give_back"


class TimedOut(NexusError):
    """The task ran longer than its timeout."""

    code = "timeout"
    disposition = "retry"


class Unavailable(NexusError):
    """A service that is needed does not answer."""

    code = "unavailable"
    disposition = "give_back"
