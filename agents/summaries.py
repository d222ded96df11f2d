"""Who did what for how much, for surfaces."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db.models import Count

from agents.contracts import CallSummary
from agents.models import ModelRequest
from billing import reports


def of_tasks(task_ids: Collection[int]) -> dict[int, CallSummary]:
    """Who worked on each of these tasks, and what it took. Tasks that asked no model are left out. Three statements.

    Role and model are those of the latest request, so that they show while it is still running.
    """
    asked = ModelRequest.objects.filter(call__task_id__in=task_ids)
    counts = dict(asked.order_by().values_list("call__task_id").annotate(Count("id")))
    latest = asked.order_by("call__task_id", "-created_at", "-id").distinct("call__task_id").select_related("call")
    spent = reports.of_tasks(task_ids)
    return {
        row.call.task_id: _with(_who(row, counts.get(row.call.task_id, 1)), spent.get(row.call.task_id))
        for row in latest
    }


def sandboxed(run_id: int) -> bool:
    """Whether the sandbox, and not a real provider, was asked anything in this run."""
    return ModelRequest.objects.filter(call__run_id=run_id, sandbox=True).exists()


def _who(row: ModelRequest, requests: int) -> CallSummary:
    return CallSummary(role=row.role, model=row.model, provider=row.provider, sandbox=row.sandbox, requests=requests)


def _with(summary: CallSummary, spent: reports.Totals | None) -> CallSummary:
    if spent is None:
        return summary
    return replace(
        summary,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.cost_usd,
    )
