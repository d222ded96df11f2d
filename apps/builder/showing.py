"""Rows as JSON. What a project, a stage or a task took is read from the ledger, for all rows of a page at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing import directions, money, reports
from billing.reports import Totals
from nexus import engine

from . import words
from .deploying import seconds_of
from .models import Agent, BuildProject, BuildStage, Invocation, Job
from .states import StageStatus, progress

Json = dict[str, Any]


def projects(rows: Sequence[BuildProject]) -> list[Json]:
    """Projects with their stages' sum, for a list."""
    stages = BuildStage.objects.filter(project__in=rows).order_by("project_id", "number")
    by_project: dict[int, list[BuildStage]] = {row.pk: [] for row in rows}
    for stage in stages:
        by_project[stage.project_id].append(stage)
    costs = reports.of_orders([row.public_id for row in rows])
    runs = {row.run_id for row in rows}
    tasks = list(engine.tasks.filter(run_id__in=runs, state__in=("running", "failed", "waiting_approval")))
    return [_project(row, by_project[row.pk], tasks, costs.get(row.public_id, reports.NOTHING)) for row in rows]


def project(row: BuildProject) -> Json:
    """One of them."""
    return projects([row])[0]


def _project(row: Any, rows: Sequence[BuildStage], tasks: Sequence[engine.Task], spent: Totals) -> Json:
    mine = {task.key: task for task in tasks if task.run_id == row.run_id}
    done = [stage for stage in rows if stage.completed_at]
    wanted = [stage for stage in rows if not stage.is_skipped]
    ended = row.completed_at or (row.run.finished_at if row.run.state != "open" else None)
    return {
        "project_id": row.public_id, "project_name": row.name, "status": row.status, "requirement": row.requirement,
        "user_id": row.user_id, "user_name": row.user_name, "project": row.tenant.slug, "priority": row.priority,
        "tags": row.tags, "deployment_type": row.deployment_type, "progress": progress(len(done), len(wanted)),
        "current_stage": _current(rows), "error_info": _error(mine), "waiting_for": _waits(row, mine),
        "intent": row.intent or None, "restarts": row.restarts, "created_at": _time(row.created_at),
        "updated_at": _time(row.updated_at), "started_at": _time(row.started_at), "completed_at": _time(ended),
        "metrics": {
            "input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens,
            "cost_usd": money.text(spent.cost_usd), "completed_stages": len(done), "total_stages": len(wanted),
            "tool_calls": sum(stage.tool_calls for stage in rows),
        },
    }  # fmt: skip


def _current(rows: Sequence[BuildStage]) -> str | None:
    return next((stage.name for stage in rows if not stage.completed_at and not stage.is_skipped), None)


def _error(tasks: Mapping[str, engine.Task]) -> Json | None:
    dead = next((task for task in tasks.values() if task.state == "failed"), None)
    return None if dead is None else {"stage": dead.key, **(dead.error or {})}


def _waits(row: Any, tasks: Mapping[str, engine.Task]) -> str | None:
    parked = next((task for task in tasks.values() if task.state == "waiting_approval"), None)
    return None if parked is None else engine.why(parked, run=row.run, parents=[])


def stages(row: BuildProject) -> list[Json]:
    """The stages of a project, in their order."""
    rows = list(row.stages.all())
    tasks = {task.key: task for task in engine.tasks.of(row.run_id)}
    spent = reports.of_tasks([stage.task_id for stage in rows if stage.task_id and not stage.completed_at])
    retries = _retries([task.pk for task in tasks.values()])
    return [_stage(stage, tasks.get(stage.name), spent, retries) for stage in rows]


def _retries(task_ids: Sequence[int]) -> dict[int, list[Json]]:
    """What went wrong in attempts that were not the last, by task."""
    found: dict[int, list[Json]] = {}
    went_wrong = engine.Attempt.objects.filter(task_id__in=task_ids, error__isnull=False).order_by("id")
    for task_id, error, at in went_wrong.values_list("task_id", "error", "finished_at"):
        found.setdefault(task_id, []).append({"at": _time(at), "level": "error", "message": error["message"]})
    return found


def _stage(
    row: BuildStage, task: engine.Task | None, spent: Mapping[int, Totals], retries: Mapping[int, list[Json]]
) -> Json:
    live = spent.get(row.task_id or 0)
    status = status_of(row, task)
    logs = sorted([*row.logs, *(retries.get(task.pk, []) if task else [])], key=lambda line: line["at"] or "")
    failed = task is not None and status == StageStatus.FAILED
    return {
        "stage_name": row.name, "stage_number": row.number,
        "display_name": str(words.STAGES.get(row.name, row.display_name)),
        "status": status.value, "agent_name": row.agent_name, "started_at": _time(row.started_at),
        "completed_at": _time(row.completed_at), "duration_seconds": seconds_of(row),
        "input_tokens": live.input_tokens if live else row.input_tokens,
        "output_tokens": live.output_tokens if live else row.output_tokens,
        "cost_usd": money.text(live.cost_usd if live else Decimal(row.cost_usd)), "tool_calls": row.tool_calls,
        "output_data": row.output_data, "artifact_paths": row.artifacts,
        "error_message": (task.error or {}).get("message") if failed and task else None, "logs": logs,
    }  # fmt: skip


def status_of(row: BuildStage, task: engine.Task | None) -> StageStatus:
    """Where a stage stands: what it made is its own row's to say, everything else its task's."""
    if row.is_skipped:
        return StageStatus.SKIPPED
    if row.completed_at:
        return StageStatus.COMPLETED
    if task is None:
        return StageStatus.PENDING
    return {"running": StageStatus.RUNNING, "failed": StageStatus.FAILED}.get(task.state, StageStatus.PENDING)


def dashboard(row: BuildProject) -> Json:
    """Everything about a build on one page."""
    about, parts = project(row), stages(row)
    total = sum(part["duration_seconds"] or 0 for part in parts)
    done = [part for part in parts if part["status"] == StageStatus.COMPLETED]
    shown = [
        {
            "name": part["stage_name"], "display_name": part["display_name"], "order": part["stage_number"],
            "status": part["status"], "started_at": part["started_at"], "completed_at": part["completed_at"],
            "duration_seconds": part["duration_seconds"], "error": part["error_message"],
            "input_tokens": part["input_tokens"], "output_tokens": part["output_tokens"],
            "tool_calls": part["tool_calls"], "cost_usd": part["cost_usd"],
            "doc_path": next((path for path in part["artifact_paths"] if path.endswith(".json")), None),
            "artifact_paths": part["artifact_paths"], "efficiency_rating": _rating(part, parts),
        }
        for part in parts
    ]  # fmt: skip
    return {
        "project_id": row.public_id, "project_name": row.name, "status": about["status"],
        "progress": about["progress"], "requirement": row.requirement, "stages": shown, "total_stages": len(parts),
        "completed_stages": len(done), "updated_at": about["updated_at"],
        "metrics": _metrics(row, parts, round(total, 3)), "error_info": about["error_info"],
    }  # fmt: skip


def _metrics(row: BuildProject, parts: Sequence[Json], seconds: float) -> Json:
    costs = directions.of_order(row.public_id)
    return {
        "total_duration_seconds": seconds, "input_tokens": sum(part["input_tokens"] for part in parts),
        "output_tokens": sum(part["output_tokens"] for part in parts),
        "tool_calls": sum(part["tool_calls"] for part in parts),
        "total_tools": sum(len(agent.tools) for agent in row.agents.filter(deleted_at__isnull=True)),
        "cost_input_usd": money.text(costs.input_usd), "cost_output_usd": money.text(costs.output_usd),
        "cost_total_usd": money.text(costs.total_usd), "pricing_model": ", ".join(costs.models),
        "successful_stages": sum(part["status"] == StageStatus.COMPLETED for part in parts),
        "failed_stages": sum(part["status"] == StageStatus.FAILED for part in parts),
    }  # fmt: skip


def _rating(part: Json, parts: Sequence[Json]) -> str | None:
    """How its tokens per second of work compare with those of the whole build."""
    took = part["duration_seconds"]
    if part["status"] != StageStatus.COMPLETED or not took or not part["output_tokens"]:
        return None
    whole = sum(one["output_tokens"] for one in parts) / (sum(one["duration_seconds"] or 0 for one in parts) or 1)
    share = part["output_tokens"] / took / (whole or 1)
    return "high" if share >= 1.25 else "low" if share <= 0.75 else "normal"


def agents(rows: Sequence[Agent]) -> list[Json]:
    """Agents, for a list."""
    return [agent(row) for row in rows]


def agent(row: Agent) -> Json:
    """An agent."""
    return {
        "agent_id": row.public_id, "project_id": row.project.public_id if row.project else None,
        "agent_name": row.name, "display_name": row.display_name, "project": row.tenant.slug,
        "description": row.description, "category": row.category, "version": row.version, "status": row.status,
        "deployment_type": row.deployment_type, "agentcore_config": row.agentcore_config,
        "capabilities": row.capabilities, "tools": row.tools, "tags": row.tags, "prompt_path": row.prompt_path,
        "code_path": row.code_path, "created_at": _time(row.created_at), "updated_at": _time(row.updated_at),
        "deployed_at": _time(row.deployed_at),
    }  # fmt: skip


def agent_whole(row: Agent) -> Json:
    """An agent, with what it is made of."""
    prompt, code = row.spec.get("system_prompt", ""), row.spec.get("code", "")
    return {**agent(row), "system_prompt": prompt, "code": code, "role": row.spec.get("like", "")}


def invocation(row: Invocation) -> Json:
    """An invocation."""
    return {
        "invocation_id": row.public_id, "agent_id": row.agent.public_id, "session_id": row.session_id or None,
        "user_id": row.user_id, "input": row.input_text, "output": row.output_text, "status": row.status,
        "duration_ms": row.duration_ms, "input_tokens": row.input_tokens, "output_tokens": row.output_tokens,
        "cost_usd": money.text(Decimal(row.cost_usd)), "error_message": row.error_message or None,
        "metadata": row.metadata, "created_at": _time(row.created_at),
    }  # fmt: skip


def jobs(rows: Sequence[Job]) -> list[Json]:
    """Tasks of workers, for a list: where they stand, who did them, and what came of them."""
    runs = {row.run_id for row in rows}
    tasks = list(engine.tasks.filter(run_id__in=runs).order_by("id"))
    attempts = list(engine.Attempt.objects.filter(task__run_id__in=runs).order_by("id"))
    return [_job(row, [task for task in tasks if _is_of(task, row)], attempts) for row in rows]


def _is_of(task: engine.Task, row: Job) -> bool:
    return task.run_id == row.run_id and row.task_key in ("", task.key)


def _job(row: Any, tasks: Sequence[engine.Task], attempts: Sequence[engine.Attempt]) -> Json:
    numbers = {task.pk for task in tasks}
    tried = [attempt for attempt in attempts if attempt.task_id in numbers]
    starts = [task.started_at for task in tasks if task.started_at]
    ends = [task.finished_at for task in tasks]
    over = row.status in ("completed", "failed", "cancelled")
    dead = next((task for task in tasks if task.state == "failed" and task.error), None)
    return {
        "task_id": row.public_id, "task_type": row.kind,
        "project_id": row.project.public_id if row.project else None,
        "agent_id": row.agent.public_id if row.agent else None, "status": row.status, "priority": row.priority,
        "payload": row.payload, "result": _result(row, tasks) if row.status == "completed" else None,
        "error_message": (dead.error or {}).get("message") if dead else None,
        "retry_count": max(0, len(tried) - len({attempt.task_id for attempt in tried})),
        "created_at": _time(row.created_at), "started_at": _time(min(starts, default=None)),
        "completed_at": _time(max((end for end in ends if end), default=None)) if over else None,
        "worker_id": tried[-1].worker if tried else None,
    }  # fmt: skip


def _result(row: Job, tasks: Sequence[engine.Task]) -> Json:
    if row.kind == Job.Kind.INVOKE:
        found = Invocation.objects.filter(run_id=row.run_id).values_list("public_id", flat=True).first()
        return {"invocation_id": found}
    return next((task.output or {} for task in tasks if task.key == "agent_deployer"), {})


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
