"""Where runs are born and expanded. What is written here commits with its caller, or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from nexus.conf import dials
from nexus.events import catalog as kinds
from nexus.events.hint import hint_on_commit
from nexus.transactions import requires_transaction

from . import statements
from .graph import TaskSpec, validate
from .models import Run, Task
from .states import RunState
from .waking import wake

SUBMIT = "SELECT id, seq, created_at, bell, NULL, NULL FROM nexus_submit(%s::jsonb, %s::jsonb, %s::jsonb, %s::float8)"
BESIDE = (
    "SELECT id, seq, created_at, bell, subject, told FROM {}(%s::jsonb, %s::jsonb, %s::jsonb, %s::float8, %s::jsonb)"
)
ADD = "SELECT (nexus_add(ARRAY[%s]::bigint[], %s::jsonb, %s::jsonb))[1]"

_COLUMNS: Final = [field.attname for field in Run._meta.concrete_fields]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A run to be. `tenant` and `subject` are opaque here: whose it is, and the id its domain knows it by."""

    tenant: str
    subject: str
    tasks: Sequence[TaskSpec]
    priority: int = 5
    on_failure: Literal["block", "fail"] = "block"
    """block: a dead task waits for a person. fail: it ends the run."""


@dataclass(frozen=True)
class Beside:
    """Rows of the caller's own about the runs, written by the statement that writes these.

    `function` is an SQL function. It is called where nexus_submit would be, with the same arguments and `about` behind
    them, calls that itself, and returns its columns and two more of each run: the subject that it was given, or NULL
    for the one it came with, and what the caller is told of it, as JSON. A constant of the source: it is not quoted.
    """

    function: str
    about: Any
    """Anything that JSON can say."""


@dataclass(frozen=True)
class Born:
    """What was written."""

    runs: Sequence[Run]
    told: Sequence[Any]
    """What `Beside.function` told of each; None of a run that was written alone."""
    bell: dict[str, Any] | None
    """A doorbell that the caller rings after the commit: {task, key, queue, id}."""


def begin(
    submissions: Sequence[Submission], *, carried: Sequence[str] | None = None, beside: Beside | None = None
) -> Born:
    """Write runs with their tasks in one statement; a dispatcher is woken when it is committed.

    In the caller's transaction, or by itself where there is none. The specs are validated and resolved: they name
    queue, timeout and attempts.

    Where the caller can ring, for a single run: `carried` are the keys that the doorbell of the only task to start with
    brings along.
    If everybody is idle, the answer names that doorbell: the caller rings it after the commit, and no dispatcher
    is woken.
    """
    runs = [
        {
            "tenant": one.tenant, "subject": one.subject, "priority": one.priority, "on_failure": one.on_failure,
            "data": {"subject": one.subject, "tasks": [spec.key for spec in one.tasks]},
        }
        for one in submissions
    ]  # fmt: skip
    tasks: list[dict[str, Any]] = []
    for place, one in enumerate(submissions, start=1):
        tasks += _told(one.tasks, run=place, behind=len(tasks), priority=one.priority)
    asked = None if carried is None else json.dumps(carried)
    given = [json.dumps(runs), json.dumps(tasks), asked, dials().ring_again_after]
    if beside is None:
        rows = statements.hot(SUBMIT, given)
    else:
        about = json.dumps(beside.about, ensure_ascii=False)
        rows = statements.hot(BESIDE.format(beside.function), [*given, about])
    bell = rows[0][3] if asked else None
    if bell is None:
        wake()
    # No hint: until the commit nobody knows the run's id, and whoever asks for it afterwards reads the table first.
    return Born(
        runs=[_run(row, one) for row, one in zip(rows, submissions, strict=True)],
        told=[None if row[5] is None else json.loads(row[5]) for row in rows],
        bell=None if bell is None else json.loads(bell),
    )


def _run(row: tuple[Any, ...], submission: Submission) -> Run:
    """The run as it was written, without reading it again."""
    run_id, seq, created_at, _bell, subject, _told = row
    written = {
        "id": run_id,
        "tenant": submission.tenant,
        "subject": submission.subject if subject is None else subject,
        "state": RunState.OPEN,
        "priority": submission.priority,
        "on_failure": submission.on_failure,
        "open_tasks": len(submission.tasks),
        "failed_tasks": 0,
        "last_seq": seq,
        "created_at": created_at,
    }
    return Run.from_db("default", _COLUMNS, [written.get(name) for name in _COLUMNS])


@requires_transaction
def expand(run: Run, specs: Sequence[TaskSpec], *, by: int | None) -> None:
    """Add tasks to a run that its caller has locked; `by` is the task that draws them, if one does.

    Raises GraphInvalid. Children of tasks that are still running, `by` itself among them, wait for
    their settle: it comes later in this transaction, or after this lock.
    """
    known = Task.objects.of(run.pk).values_list("key", flat=True)
    validate(specs, types={spec.type for spec in specs}, known=set(known))
    said = {"kind": kinds.RUN_EXPANDED, "task": by, "data": {"tasks": [spec.key for spec in specs]}}
    tasks = _told(specs, run=1, behind=0, priority=run.priority)
    (last,) = statements.one(ADD, [run.pk, json.dumps(tasks), json.dumps([said])])
    hint_on_commit(run.pk, last)
    wake()


def _told(specs: Sequence[TaskSpec], *, run: int, behind: int, priority: int) -> list[dict[str, Any]]:
    """The tasks of one run as nexus_add reads them; `run` is its place, from 1, `behind` how many were told before."""
    places = {spec.key: place for place, spec in enumerate(specs, start=behind + 1)}
    return [_told_one(spec, run, priority, places) for spec in specs]


def _told_one(spec: TaskSpec, run: int, priority: int, places: Mapping[str, int]) -> dict[str, Any]:
    if spec.queue is None or spec.timeout is None or spec.max_attempts is None:
        raise ValueError(f"{spec.key!r} has no queue, timeout or attempts: resolve it by its handler first")
    told = {
        "n": run,
        "key": spec.key,
        "type": spec.type,
        "title": spec.title or spec.key,
        "queue": spec.queue,
        "priority": priority if spec.priority is None else spec.priority,
        "max_attempts": spec.max_attempts,
        "timeout": spec.timeout,
        "not_before": None if spec.not_before is None else spec.not_before.isoformat(),
        "input": spec.input,
        "parents": [places[key] for key in spec.after if key in places],
    }
    if there := [key for key in spec.after if key not in places]:
        told["after"] = there
    return told if spec.exclusive is None else told | {"exclusive": spec.exclusive}
