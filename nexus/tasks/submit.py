"""Where runs are born and expanded. What is written here commits with its caller, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.transactions import requires_transaction

from .graph import TaskSpec, validate
from .models import Dependency, Run, Task
from .states import TaskState


@requires_transaction
def begin(
    *, tenant: str, subject: str, specs: Sequence[TaskSpec], priority: int, on_failure: Literal["block", "fail"]
) -> Run:
    """Write a run with its tasks and wake a dispatcher when the caller commits. `specs` are validated."""
    run = Run.objects.create(tenant=tenant, subject=subject, priority=priority, on_failure=on_failure)
    tasks = _write(run, specs, known={})
    append(
        run.pk,
        Said(kind=kinds.RUN_SUBMITTED, data={"subject": subject, "tasks": [task.key for task in tasks]}),
        *_readied(tasks),
    )
    _wake_for(tasks)
    return run


@requires_transaction
def expand(run: Run, specs: Sequence[TaskSpec], *, by: int) -> None:
    """Add tasks to a run that its caller has locked; `by` is the task that draws them.

    Raises GraphInvalid. Children of tasks that are still running, `by` itself among them, wait for
    their settle: it comes later in this transaction, or after this lock.
    """
    known = {task.key: task for task in Task.objects.of(run.pk)}
    validate(specs, types={spec.type for spec in specs}, known=known)
    tasks = _write(run, specs, known=known)
    append(
        run.pk,
        Said(kind=kinds.RUN_EXPANDED, task_id=by, data={"tasks": [task.key for task in tasks]}),
        *_readied(tasks),
    )
    _wake_for(tasks)


def _write(run: Run, specs: Sequence[TaskSpec], *, known: dict[str, Task]) -> list[Task]:
    fresh = {spec.key for spec in specs}
    unfinished = {key for key, task in known.items() if task.state != TaskState.COMPLETED} | fresh
    tasks = Task.objects.bulk_create([_row(run, spec, len(unfinished.intersection(spec.after))) for spec in specs])
    # bulk_create with db defaults: READY tasks ring at the database's now, not at this machine's.
    Task.objects.filter(pk__in=[task.pk for task in tasks], state=TaskState.READY).update(ring_at=Now())
    everyone = known | {task.key: task for task in tasks}
    Dependency.objects.bulk_create(
        Dependency(parent=everyone[parent], child=everyone[spec.key]) for spec in specs for parent in spec.after
    )
    Run.objects.filter(pk=run.pk).update(open_tasks=F("open_tasks") + len(tasks))
    return tasks


def _row(run: Run, spec: TaskSpec, deps_left: int) -> Task:
    if spec.queue is None or spec.timeout is None or spec.max_attempts is None:
        raise ValueError(f"{spec.key!r} has no queue, timeout or attempts: resolve it by its handler first")
    delayed = spec.not_before is not None and spec.not_before > datetime.now(spec.not_before.tzinfo)
    return Task(
        run=run,
        key=spec.key,
        type=spec.type,
        title=spec.title or spec.key,
        queue=spec.queue,
        priority=run.priority if spec.priority is None else spec.priority,
        state=TaskState.PENDING if deps_left or delayed else TaskState.READY,
        deps_left=deps_left,
        max_attempts=spec.max_attempts,
        not_before=spec.not_before,
        input=spec.input,
        timeout=spec.timeout,
    )


def _readied(tasks: Sequence[Task]) -> list[Said]:
    return [Said(kind=kinds.TASK_READY, task_id=task.pk) for task in tasks if task.state == TaskState.READY]


def _wake_for(tasks: Sequence[Task]) -> None:
    if any(task.state == TaskState.READY for task in tasks):
        wake()


@requires_transaction
def wake() -> None:
    """Wake a dispatcher when the caller's transaction commits; without one listening, its poll finds the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('nexus_ring', '')")
