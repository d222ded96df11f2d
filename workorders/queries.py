"""An order as surfaces show it: its tasks, attempts, cost and feed, read in a fixed number of statements.

However many tasks an order has, `view` asks the database the same dozen questions, and `report` two more; all
are answered as of one moment, so that the parts agree while workers go on.
What each field means stands in docs/reference/run-json.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from agents import summaries
from agents.contracts import CallSummary
from billing import money, reports
from nexus import engine
from nexus.transactions import one_snapshot

from .bounds import WORKFLOWS
from .flow.intake import TRIAGE
from .models import Deliverable, WorkOrder
from .states import FINAL, OrderState

Json = dict[str, Any]
NEEDS_A_PERSON = ("waiting_approval", "failed")


@one_snapshot()
def view(order: WorkOrder) -> Json:
    """The JSON of GET /api/v2/work-orders/{id}, as it stands now."""
    fresh: Any = WorkOrder.objects.with_status().select_related("project", "run").get(pk=order.pk)
    tasks = list(engine.tasks.of(fresh.run_id).defer("output"))
    rows = _tasks(fresh, tasks)
    totals, deliverable = reports.of_order(fresh.public_id), _deliverable(fresh)
    sandbox = summaries.sandboxed(fresh.run_id)
    return _shown(fresh, fresh.status, rows, totals=totals, sandbox=sandbox, deliverable=deliverable)


def view_of_new(order: WorkOrder) -> Json:
    """What `view` says of an order that was just accepted, from what was written: no statement.

    Of one that an application carries out in its own way only its rows tell.
    """
    if order.workflow not in WORKFLOWS:
        return view(order)
    rows = [_first_task(order.priority)]
    return _shown(order, OrderState.QUEUED, rows, totals=reports.NOTHING, sandbox=False, deliverable=None)


@lru_cache(maxsize=11)
def _first_task(priority: int) -> Json:
    """The triage task of a new order: the same for all of them. Nobody changes what comes from here."""
    spec = engine.resolved([TRIAGE])[0]
    task = engine.Task(
        key=spec.key, type=spec.type, title=spec.title, queue=spec.queue or "", input=spec.input,
        priority=priority, state=engine.TaskState.READY.value,
    )  # fmt: skip
    return _task(task, engine.Run())


def _shown(
    order: WorkOrder,
    status: str,
    rows: Sequence[Json],
    *,
    totals: reports.Totals,
    sandbox: bool,
    deliverable: Json | None,
) -> Json:
    return {
        "id": order.public_id,
        "status": status,
        "message": order.message,
        "attachments": list(order.attachments),
        "project": order.project.slug,
        "brief": order.brief,
        "intent": order.intent,
        "difficulty": order.difficulty,
        "owner_role": order.owner_role,
        "created_at": _time(order.created_at),
        "finished_at": _time(order.run.finished_at),
        "sandbox": sandbox,
        "cost_usd": money.text(totals.cost_usd),
        "tokens": {"input": totals.input_tokens, "output": totals.output_tokens},
        "budget_usd": None if order.budget_usd is None else money.text(order.budget_usd),
        "quote": order.quote,
        "deliverable": deliverable,
        "question": order.question or None,
        "review": _review(order),
        "waiting_for": _waits_for(status, rows),
        "last_seq": order.run.last_seq,
        "tasks": rows,
    }


@one_snapshot()
def report(order: WorkOrder) -> Json:
    """Everything about an order: the view, its whole feed and its ledger. The JSON of `bin/nexus run --json`."""
    return {
        **view(order),
        "events": [event(row) for row in engine.events.of(order.run_id)],
        "ledger": [line.wire() for line in reports.lines(order.public_id)],
    }


def event(row: engine.Event) -> Json:
    """An event of the feed on the wire."""
    key = row.task.key if row.task is not None else None
    return happened(engine.Happened(row.seq, row.kind, key, row.data, row.at))


def happened(one: engine.Happened) -> Json:
    """The same, of one that was read for who follows."""
    return {"seq": one.seq, "kind": one.kind, "task": one.task_key, "data": one.data, "at": _time(one.at)}


def _tasks(order: Any, tasks: Sequence[engine.Task]) -> list[Json]:
    parents = _parents(order.run_id)
    attempts = _attempts(order.run_id)
    calls = summaries.of_tasks([task.pk for task in tasks])
    progress = _progress(order.run_id, tasks)
    by_id = {task.pk: task for task in tasks}
    return [
        _task(
            task,
            order.run,
            parents=[by_id[parent] for parent in parents[task.pk]],
            attempts=attempts[task.pk],
            done=calls.get(task.pk),
            progress=progress.get(task.pk),
        )
        for task in tasks
    ]


def _task(
    task: engine.Task,
    run: engine.Run,
    *,
    parents: Sequence[engine.Task] = (),
    attempts: Sequence[Json] = (),
    done: CallSummary | None = None,
    progress: Json | None = None,
) -> Json:
    return {
        "key": task.key,
        "title": task.title,
        "type": task.type,
        "queue": task.queue,
        **_work(task, done),
        "state": task.state,
        "depends_on": [parent.key for parent in parents],
        "priority": task.priority,
        "attempts": list(attempts),
        "waiting_for": engine.why(task, run=run, parents=_unfinished(parents)),
        "progress": progress,
    }


def _work(task: engine.Task, done: CallSummary | None) -> Json:
    """Who works on it, with which model, and what it took so far."""
    if done is None:
        nothing = {"tokens": {"input": 0, "output": 0}, "cost_usd": money.text(money.ZERO)}
        return {"role": task.input.get("role"), "model": None, **nothing}
    return {
        "role": done.role,
        "model": done.model,
        "tokens": {"input": done.input_tokens, "output": done.output_tokens},
        "cost_usd": money.text(done.cost_usd),
    }


def _parents(run_id: int) -> Mapping[int, list[int]]:
    edges = engine.Dependency.objects.filter(child__run_id=run_id).order_by("parent_id")
    parents: dict[int, list[int]] = defaultdict(list)
    for child, parent in edges.values_list("child_id", "parent_id"):
        parents[child].append(parent)
    return parents


def _attempts(run_id: int) -> Mapping[int, list[Json]]:
    attempts: dict[int, list[Json]] = defaultdict(list)
    for row in engine.Attempt.objects.filter(task__run_id=run_id).order_by("id").defer("traceback"):
        attempts[row.task_id].append(
            {
                "number": row.number,
                "worker": row.worker,
                "outcome": row.outcome,
                "started_at": _time(row.started_at),
                "finished_at": _time(row.finished_at),
                "error": row.error,
            }
        )
    return attempts


def _progress(run_id: int, tasks: Sequence[engine.Task]) -> Mapping[int, Json]:
    """How far each running task says it is; the last word of each."""
    running = [task.pk for task in tasks if task.state == "running"]
    said = engine.events.filter(run_id=run_id, kind="task.progress", task_id__in=running)
    last = said.order_by("task_id", "-seq").distinct("task_id").values_list("task_id", "data")
    return {task: {"fraction": data["fraction"], "note": data["note"]} for task, data in last}


def _unfinished(parents: Iterable[engine.Task]) -> list[str]:
    return [parent.key for parent in parents if parent.state != "completed"]


def _deliverable(order: WorkOrder) -> Json | None:
    found: Deliverable | None = order.deliverables.order_by("-id").first()
    if found is None:
        return None
    return {
        "name": found.name,
        "content_type": found.content_type,
        "text": found.body,
        "sha256": found.sha256,
        "url": f"/api/v2/work-orders/{order.public_id}/deliverable",
    }


def _review(order: WorkOrder) -> Json | None:
    """What review came to so far, and how many drafts it has seen."""
    return {"outcome": order.review_outcome, "drafts": order.drafts} if order.drafts else None


def _waits_for(status: str, rows: Sequence[Json]) -> str | None:
    """Why the order does not move, in one sentence: people first; nothing while something runs."""
    if status in FINAL:
        return None
    if status == OrderState.PAUSED:
        return "The order is paused"
    for states in (NEEDS_A_PERSON, ("running",), ("ready", "pending")):
        if found := [row["waiting_for"] for row in rows if row["state"] in states]:
            return next((str(reason) for reason in found if reason), None)
    return None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
