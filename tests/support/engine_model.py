"""What the engine promises, in memory: the measure that every step of the state machine is held to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from nexus.tasks.claims import Claim, Holder
from nexus.tasks.states import TaskState as S

FINAL = {S.COMPLETED, S.CANCELLED}
STOPPED_AT_ONCE = {S.PENDING, S.READY, S.WAITING_APPROVAL}


@dataclass(kw_only=True, eq=False)
class ModelTask:
    """A task as it should be."""

    key: str
    queue: str
    priority: int
    max_attempts: int
    parents: frozenset[str]
    state: S = S.PENDING
    later: bool = False
    """It waits for a time that has not come."""
    attempt: int = 0
    fence: int = 0
    stopped: bool = False
    """It was given back because its run was paused."""
    id: int = 0
    expired: bool = False
    """The lease of its execution ran out."""
    asked: bool = False
    """It waits for a decision, and for nothing else."""


@dataclass(kw_only=True, eq=False)
class ModelRun:
    """A run as it should be."""

    id: int
    fails_fast: bool
    tasks: dict[str, ModelTask] = field(default_factory=dict)
    state: str = "open"
    paused: bool = False
    stopping: bool = False
    failing: bool = False
    letters: int = 0

    @property
    def moving(self) -> bool:
        """May its tasks be claimed?"""
        return self.state == "open" and not self.paused and not self.stopping

    @property
    def open_tasks(self) -> int:
        """Tasks that still keep it open: a dead one of a run that fails fast does not."""
        closed = FINAL | ({S.FAILED} if self.failing else set())
        return sum(task.state not in closed for task in self.tasks.values())

    @property
    def failed_tasks(self) -> int:
        """Dead tasks."""
        return sum(task.state == S.FAILED for task in self.tasks.values())

    def parents_left(self, task: ModelTask) -> int:
        """How many parents of `task` are not completed."""
        return sum(self.tasks[parent].state != S.COMPLETED for parent in task.parents)

    def add(self, tasks: Sequence[ModelTask]) -> None:
        """Write new tasks; those that wait for nothing are READY."""
        self.tasks |= {task.key: task for task in tasks}
        for task in tasks:
            if not task.later and not self.parents_left(task):
                task.state = S.READY

    def start(self, task: ModelTask) -> None:
        """READY -> RUNNING."""
        task.state, task.expired = S.RUNNING, False
        task.attempt += 1
        task.fence += 1

    def settle(self, task: ModelTask, move: str, *, then: Sequence[ModelTask] = (), stopped: bool = False) -> set[str]:
        """End the execution of `task`; return the keys of the children that this has made READY."""
        freed: set[str] = set()
        if self.stopping:
            task.state = S.CANCELLED
        elif move == "completed":
            self.add(then)
            task.state = S.COMPLETED
            freed = self._free(task)
        elif move == "failed":
            self._bury(task)
        elif move == "parked":
            task.state = S.WAITING_APPROVAL
        else:
            task.state, task.later, task.stopped = S.PENDING, True, stopped
        if move in ("parked", "given_back"):
            task.attempt -= 1
        self._close()
        return freed

    def _free(self, parent: ModelTask) -> set[str]:
        waiting = [child for child in self.tasks.values() if parent.key in child.parents and child.state == S.PENDING]
        freed = [child for child in waiting if not child.later and not self.parents_left(child)]
        for child in freed:
            child.state = S.READY
        return {child.key for child in freed}

    def _bury(self, task: ModelTask) -> None:
        task.state = S.FAILED
        self.letters += 1
        if self.fails_fast:
            self.stopping = self.failing = True
            self._stop(STOPPED_AT_ONCE)

    def _stop(self, states: set[S]) -> None:
        for task in self.tasks.values():
            if task.state in states:
                task.state = S.CANCELLED

    def _close(self) -> None:
        if self.state == "open" and not self.open_tasks:
            self.state = "failed" if self.failing else "cancelled" if self.stopping else "completed"

    def cancel(self) -> bool:
        """End what is not running; False when that is not allowed now."""
        if self.state != "open" or self.stopping:
            return False
        self.stopping, self.paused = True, False
        self._stop(STOPPED_AT_ONCE | {S.FAILED})
        self._close()
        return True

    def pause(self) -> bool:
        """Hold it; False when that is not allowed now."""
        allowed = self.moving
        self.paused = self.paused or allowed
        return allowed

    def resume(self) -> bool:
        """Let it move; False when that is not allowed now. What gave itself back for the pause is due."""
        if self.state != "open" or not self.paused:
            return False
        self.paused = False
        for task in self.tasks.values():
            if task.state == S.PENDING and task.stopped and not self.parents_left(task):
                task.later = False
        return True

    def unpark(self, task: ModelTask) -> bool:
        """Release a parked task; False when it is not parked."""
        if task.state != S.WAITING_APPROVAL or task.asked:
            return False
        task.state = S.READY
        return True

    def redrive(self, task: ModelTask) -> bool:
        """Drive a dead task again; False when it is not dead, or its run is ending."""
        if task.state != S.FAILED or self.state != "open" or self.stopping:
            return False
        task.state, task.attempt, task.later, task.stopped = S.PENDING, 0, False, False
        return True

    def due(self) -> Iterator[ModelTask]:
        """What only the clock kept from being READY."""
        for task in self.tasks.values():
            if task.state == S.PENDING and not task.later and not self.parents_left(task):
                yield task


def next_for(settled: ModelRun, queue: str, runs: Sequence[ModelRun]) -> tuple[ModelRun, ModelTask] | None:
    """What the worker that settled a task of `queue` goes on with: the best of its run, unless a better one waits."""
    free = [
        (run, task)
        for run in runs
        if run.moving
        for task in run.tasks.values()
        if (task.state, task.queue) == (S.READY, queue)
    ]
    if not free:
        return None
    return min(free, key=lambda one: (-one[1].priority, one[0] is not settled, one[1].id))


def along_for(settled: ModelRun, following: tuple[ModelRun, ModelTask], freed: Collection[str]) -> list[ModelTask]:
    """What the worker takes along with `following`, if that is short: its equals, from where it comes itself."""
    run, best = following
    if run is not settled or best.attempt:
        return []
    equals = [
        task
        for task in run.tasks.values()
        if (task.state, task.queue, task.priority, task.attempt) == (S.READY, best.queue, best.priority, 0)
    ]
    same_way = [task for task in equals if task is not best and (task.key in freed) == (best.key in freed)]
    return sorted(same_way, key=lambda task: task.id)


@dataclass(frozen=True)
class Execution:
    """What a worker believes to hold."""

    run: ModelRun
    task: ModelTask
    held: Claim
    holder: Holder

    @property
    def stands(self) -> bool:
        """Whether the engine should still listen to it."""
        return self.task.state == S.RUNNING and self.task.fence == self.held.fence
