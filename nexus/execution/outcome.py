"""What a handler may answer: a small closed set of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus.gates.rules import Ask
from nexus.tasks.graph import TaskSpec


@dataclass(frozen=True, kw_only=True)
class Done:
    """The work is done. `then` are new tasks, written in this task's own settle."""

    output: dict[str, Any] = field(default_factory=dict)
    then: Sequence[TaskSpec] = ()


@dataclass(frozen=True, kw_only=True)
class Retry:
    """It failed and may work next time: an attempt is spent. `after` in seconds; backoff where None."""

    code: str
    message: str
    after: float | None = None


@dataclass(frozen=True, kw_only=True)
class GiveBack:
    """It could not be tried: no attempt is spent, and it is due again `after` seconds."""

    code: str
    message: str
    after: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Park:
    """A person is needed. `detail` is JSON that surfaces show."""

    code: str
    message: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """It will never work as it is: no retry, a dead letter."""

    code: str
    message: str


Outcome = Done | Retry | GiveBack | Park | Ask | Refused
