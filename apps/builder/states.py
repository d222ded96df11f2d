"""What a build project, a stage, an agent and a task can be, and what may be told to a project. Pure.

queued -> building -> completed
   |         |------> failed      a stage is in the dead letters, until it is driven again, or the project restarted
   |         |------> paused      at the end of a stage; resumes there
   +---------+------> cancelled   after the model call that is under way
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ProjectStatus(StrEnum):
    """Where a project stands."""

    PENDING = "pending"
    """Written down, and nothing is asked of anybody yet."""
    QUEUED = "queued"
    BUILDING = "building"
    COMPLETED = "completed"
    FAILED = "failed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class StageStatus(StrEnum):
    """Where a stage stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not wanted in this project."""


class AgentStatus(StrEnum):
    """Whether an agent can be invoked."""

    RUNNING = "running"
    OFFLINE = "offline"
    ERROR = "error"


class JobStatus(StrEnum):
    """Where a task of a project stands, as its run says."""

    PENDING = "pending"
    """Waits for other stages."""
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


P = ProjectStatus
FROM: Mapping[str, frozenset[ProjectStatus]] = {
    "pause": frozenset({P.BUILDING, P.QUEUED}),
    "resume": frozenset({P.PAUSED}),
    "stop": frozenset({P.BUILDING, P.QUEUED, P.PAUSED}),
    "cancel": frozenset({P.BUILDING, P.QUEUED, P.PAUSED}),
    "restart": frozenset({P.COMPLETED, P.FAILED, P.CANCELLED, P.PAUSED}),
}
"""What may be told to a project, and where it has to stand for that."""


def may(action: str, status: str) -> bool:
    """May a project that stands there be told this?"""
    return status in FROM[action]


def progress(completed: int, total: int) -> float:
    """Per cent of the stages that are completed."""
    return round(100 * completed / total, 1) if total else 0.0
