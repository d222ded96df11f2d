"""A request becomes a project with its stages and its run; a project begins again from a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from agents.sessions import ulid
from nexus import engine
from nexus.transactions import requires_transaction
from workorders.models import Project

from . import names, stages
from .models import BuildProject, BuildStage, Job
from .stages import DEPLOYER, INTENT, NOTICE

BUILD, DEPLOY, TELL = "builder.stage", "builder.deploy", "builder.notice"
ENGINE_PRIORITY = {1: 2, 2: 4, 3: 5, 4: 7, 5: 9}
"""A build's priority, 1 to 5, as the engine's, 0 to 10: higher goes first in both."""


def new_id(kind: str) -> str:
    """An id that sorts by time: `proj-…`, `agent-…`, `inv-…`, `task-…`."""
    return f"{kind}-{ulid.after().lower()}"


@requires_transaction
def begin_project(*, tenant: Project, given: Mapping[str, Any], user_id: str, user_name: str) -> BuildProject:
    """Write a project, its stages, its run and its tasks' names with the caller's transaction."""
    order = stages.checked(settings.NEXUS_BUILD_STAGES or stages.DEFAULT_ORDER)
    public_id, priority = new_id("proj"), given.get("priority", 3)
    skipped = () if given.get("deploy", True) else (DEPLOYER,)
    project = BuildProject(
        public_id=public_id, tenant=tenant, requirement=given["requirement"], user_id=user_id, user_name=user_name,
        name=given.get("project_name") or names.title_of(given["requirement"]), priority=priority,
        tags=list(given.get("tags", ())), deployment_type=given.get("deployment_type", "local"), order=list(order),
        run=_submitted(tenant.pk, public_id, [INTENT, *(name for name in order if name not in skipped)], priority),
    )  # fmt: skip
    project.save(force_insert=True)
    project.refresh_from_db(fields=("created_at", "updated_at"))
    BuildStage.objects.bulk_create(
        [
            BuildStage(
                project=project, name=stage.name, number=number, display_name=stage.display_name,
                agent_name=stage.role, is_skipped=stage.name in skipped,
            )
            for number, stage in enumerate(map(stages.named, order), start=1)
        ]
    )  # fmt: skip
    _write_jobs(project, skipped=skipped)
    return project


@requires_transaction
def begin_again(project: BuildProject, *, stage: str) -> None:
    """Give the project a new run from `stage` on: that stage and all later ones are as if they had never been.

    The caller holds the project's row, and has ended its run.
    """
    rest = project.order[project.order.index(stage) :]
    of_rest = project.stages.filter(name__in=rest)
    wanted = [name for name in rest if name not in set(of_rest.filter(is_skipped=True).values_list("name", flat=True))]
    of_rest.update(
        task_id=None, started_at=None, completed_at=None, input_tokens=0, output_tokens=0, cost_usd=0, tool_calls=0,
        output_data={}, artifacts=[], logs=[],
    )  # fmt: skip
    if rest[0] == project.order[0]:
        project.intent = {}
    keys = wanted if project.intent else [INTENT, *wanted]
    project.run = _submitted(project.tenant_id, project.public_id, keys, project.priority)
    project.pause_requested_at, project.completed_at = None, None
    project.restarts += 1
    project.save(update_fields=["run", "intent", "pause_requested_at", "completed_at", "restarts"])
    BuildProject.objects.filter(pk=project.pk).update(updated_at=Now())
    _write_jobs(project, skipped=() if DEPLOYER in wanted else (DEPLOYER,))


def _submitted(tenant: int, subject: str, keys: Sequence[str], priority: int) -> engine.Run:
    """One task per stage, each behind the one before it, and the notice at the end."""
    specs = [_spec(key, keys[place - 1] if place else None) for place, key in enumerate(keys)]
    specs.append(_spec(NOTICE, keys[-1]))
    return engine.submit(tenant=str(tenant), subject=subject, tasks=specs, priority=ENGINE_PRIORITY[priority])


def _spec(key: str, after: str | None) -> engine.TaskSpec:
    kind = {DEPLOYER: DEPLOY, NOTICE: TELL}.get(key, BUILD)
    title = {INTENT: "Intent analysis", NOTICE: "Notice"}.get(key) or stages.named(key).display_name
    role = "intern" if key == INTENT else stages.BY_NAME[key].role if key in stages.BY_NAME else ""
    given = {"stage": key} | ({"role": role} if role else {})
    return engine.TaskSpec(key=key, type=kind, input=given, after=() if after is None else (after,), title=title)


def _write_jobs(project: BuildProject, *, skipped: Sequence[str]) -> None:
    told = {
        "project_id": project.public_id, "requirement": project.requirement, "user_id": project.user_id,
        "priority": project.priority,
    }  # fmt: skip
    to_deploy = {"project_id": project.public_id, "deployment_config": {"type": project.deployment_type}}
    jobs = [_job(project, Job.Kind.BUILD, "", told)]
    if DEPLOYER not in skipped:
        jobs.append(_job(project, Job.Kind.DEPLOY, DEPLOYER, to_deploy))
    Job.objects.bulk_create(jobs)


def _job(project: BuildProject, kind: str, key: str, payload: Mapping[str, Any]) -> Job:
    public_id = new_id("task")
    return Job(
        public_id=public_id, kind=kind, tenant_id=project.tenant_id, project=project, run=project.run, task_key=key,
        priority=project.priority, payload={"task_id": public_id, **payload},
    )  # fmt: skip
