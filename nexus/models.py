"""Index of the engine's tables, for Django."""

from __future__ import annotations

from nexus.canvas.models import Canvas
from nexus.deadletters.models import DeadLetter
from nexus.dispatch.models import Dispatcher
from nexus.effects.models import Effect
from nexus.events.models import Event
from nexus.gates.models import Approval, DeclaredGate, Vote
from nexus.leases.models import Lease
from nexus.tasks.models import Attempt, Dependency, Run, Task

__all__ = [
    "Approval", "Attempt", "Canvas", "DeadLetter", "DeclaredGate", "Dependency", "Dispatcher", "Effect", "Event",
    "Lease", "Run", "Task", "Vote",
]  # fmt: skip
