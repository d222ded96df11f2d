"""The task of a stage: what it builds on is read, its model is asked, what came of it is kept under the fence.

A worker may die between any two lines. An answer that was bought is replayed, files are written again as they are, and
the stage's row is written once, in the transaction that also tells the feed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from billing import reports
from nexus import engine
from nexus.errors import Stopped
from nexus.transactions import opens_transaction

from . import artefacts, asking, contracts
from .errors import Superseded
from .makers import MAKERS, Bench
from .models import BuildProject, BuildStage
from .stages import BY_NAME, INTENT

STARTED, COMPLETED = "build.stage_started", "build.stage_completed"
LOGS_KEPT = 100
Json = dict[str, Any]


def build(context: engine.Context) -> engine.Outcome:
    """Do one stage of a project."""
    project = project_of(context)
    rest_if_paused(context, project)
    if context.key == INTENT:
        return _intent(context, project)
    stage = BY_NAME[context.key]
    begun(context, project, stage.name)
    bench = Bench(context=context, project=project, stage=stage, before=outputs(project))
    made = MAKERS[stage.name](bench)
    context.check()  # what was stopped meanwhile leaves nothing behind
    artefacts.write(project, bench.files)
    kept(context, project, stage.name, made, files=sorted(bench.files), tool_calls=bench.tool_calls, logs=bench.logs)
    return engine.Done(output={"stage": stage.name, "files": sorted(bench.files)})


def project_of(context: engine.Context) -> BuildProject:
    """The project that this run builds; raise Superseded where another one does by now."""
    found: BuildProject | None = BuildProject.objects.filter(run_id=context.run_id).first()
    if found is None:
        raise Superseded
    return found


def rest_if_paused(context: engine.Context, project: BuildProject) -> None:
    """Where somebody wants a pause: hold the run at this boundary between two stages, and raise Stopped.

    Whoever resumes meanwhile takes the wish back first: then what was held here is let go at once.
    """
    if project.pause_requested_at is None:
        return
    with contextlib.suppress(engine.IllegalMove):
        engine.pause(run_id=context.run_id, reason="paused at the end of a stage")
    if not BuildProject.objects.filter(pk=project.pk, pause_requested_at__isnull=False).exists():
        with contextlib.suppress(engine.IllegalMove):
            engine.resume(run_id=context.run_id)
    raise Stopped("The project is paused", retry_after=0)


def outputs(project: BuildProject) -> dict[str, Json]:
    """What the completed stages made, by name."""
    done = project.stages.filter(completed_at__isnull=False)
    return dict(done.values_list("name", "output_data"))


def _intent(context: engine.Context, project: BuildProject) -> engine.Outcome:
    if not project.intent:
        found = asking.ask(
            context, project=project, role="intern", kind=INTENT, step=1, schema=contracts.INTENT
        )  # fmt: skip
        named = found["mentioned_project_name"] or ""
        others = BuildProject.objects.filter(tenant_id=project.tenant_id, name__iexact=named).exclude(pk=project.pk)
        found["project_exists"] = bool(named) and others.exists()
        _keep_intent(context, project, found)
        return engine.Done(output=found)
    return engine.Done(output=project.intent)


@opens_transaction
def _keep_intent(context: engine.Context, project: BuildProject, found: Json) -> None:
    context.hold()
    ours(context, project).update(intent=found, started_at=Now(), updated_at=Now())


def ours(context: engine.Context, project: BuildProject) -> Any:
    """The project's row, locked, for as long as this run builds it; raise Superseded."""
    # Whoever restarts it takes the row first and gives it another run: then nothing of ours is written.
    rows = BuildProject.objects.filter(pk=project.pk, run_id=context.run_id)
    if not rows.select_for_update(no_key=True).values_list("pk", flat=True).first():
        raise Superseded
    return rows


@opens_transaction
def begun(context: engine.Context, project: BuildProject, stage: str) -> None:
    """Say that a stage has begun; an attempt after the first says so too, and does not begin its time again."""
    engine.tell(
        run_id=context.run_id, task_id=context.task_id, kind=STARTED, data={"stage": stage, "attempt": context.attempt}
    )
    context.hold()
    project_row = ours(context, project)
    row = BuildStage.objects.get(project_id=project.pk, name=stage)
    row.started_at = row.started_at or timezone.now()
    row.task_id = context.task_id
    row.logs = [*row.logs, said(f"Attempt {context.attempt} begins")][-LOGS_KEPT:]
    row.save(update_fields=["started_at", "task_id", "logs"])
    project_row.update(updated_at=Now(), started_at=_first(project.started_at))


def _first(at: datetime | None) -> Any:
    return F("started_at") if at is not None else Now()


@opens_transaction
def kept(
    context: engine.Context, project: BuildProject, stage: str, made: Json, *, files: Sequence[str], tool_calls: int,
    logs: Sequence[str] = (),
) -> None:  # fmt: skip
    """Keep what a stage made, with what it took as the ledger has it."""
    spent = reports.of_tasks([context.task_id]).get(context.task_id, reports.NOTHING)
    facts = {
        "stage": stage, "files": list(files), "input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens,
        "cost_usd": str(spent.cost_usd), "tool_calls": tool_calls,
    }  # fmt: skip
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind=COMPLETED, data=facts)
    context.hold()
    project_row = ours(context, project)
    row = BuildStage.objects.get(project_id=project.pk, name=stage)
    row.completed_at, row.output_data, row.artifacts = timezone.now(), made, list(files)
    row.input_tokens, row.output_tokens, row.cost_usd = spent.input_tokens, spent.output_tokens, spent.cost_usd
    row.tool_calls = tool_calls
    row.logs = [*row.logs, *(said(line, "warning") for line in logs), said(f"Completed: {len(files)} files")][
        -LOGS_KEPT:
    ]
    row.save()
    project_row.update(updated_at=Now())


def said(message: str, level: str = "info") -> Json:
    """A line of a stage's log."""
    return {"at": timezone.now().isoformat(), "level": level, "message": message[:1_000]}
