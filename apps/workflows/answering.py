"""What is answered for an order of a workflow: its reply, its stages, what they took; or what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from billing import money, reports
from nexus import engine
from workorders import queries
from workorders.models import WorkOrder

from . import telemetry
from .errors import RedisUnavailable, StageInvalid, StageToolNotFound
from .models import Execution

RETRY_AFTER = 10
OURS = {StageInvalid.code: 500, StageToolNotFound.code: 500, "knowledge_missing": 422, "model_refused": 422}
AWAY = ("provider_", "stream_", "model_", "answer_overspent", "missing_key", "key_unreadable", "timeout")
"""Beginnings of codes that say: a model did not answer, ask again."""
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it stands."""

    status: int
    body: Json
    failure: str = ""
    """Its code, where it is told as a problem."""
    detail: str = ""
    retry_after: int | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_problem(self) -> bool:
        """Whether it is told as one."""
        return bool(self.failure)


def outcome(execution: Execution) -> Outcome:
    """How the order stands now: 200 at its end, 202 before, a problem where it failed or Redis is away."""
    order: Any = WorkOrder.objects.with_status().select_related("run").get(pk=execution.order_id)
    body = view(execution, order)
    if body["error"] is not None:
        return _failed(body)
    if order.run.state != engine.RunState.OPEN:
        return Outcome(status=200, body=body)
    waits = engine.tasks.of(order.run_id).filter(wait__code=RedisUnavailable.code).exclude(state="completed").first()
    if waits is not None:
        return Outcome(
            status=503, body=body, failure=RedisUnavailable.code, detail=waits.wait["message"], retry_after=5
        )
    return Outcome(status=202, body=body)


def view(execution: Execution, order: Any) -> Json:
    """The JSON of a workflow's order."""
    tasks = {task.key: task for task in engine.tasks.of(order.run_id)}
    events = telemetry.found([order.run_id])
    ended = {event.data["stage_id"]: event.data for event in events if event.kind == telemetry.STAGE_END}
    totals = reports.of_order(order.public_id)
    close = tasks.get("close")
    view = queries.view(order)
    return {
        "order": order.public_id, "status": order.status, "workflow": execution.workflow, "version": execution.version,
        "conversation": execution.chat_id.partition(":")[2], "request_id": execution.request_id,
        "session_id": execution.session_id,
        "assistantReply": close.output["reply"] if close is not None and close.output else None,
        "stages": [
            _stage(task, ended.get(name, {})) for name, task in tasks.items() if task.type == "workflow.stage"
        ],
        "usage": {
            "input_tokens": totals.input_tokens, "output_tokens": totals.output_tokens,
            "cost_usd": money.text(totals.cost_usd),
        },
        "sandbox": view["sandbox"], "waiting_for": view["waiting_for"], "error": _error(order, tasks, ended),
        "url": f"/api/v2/work-orders/{order.public_id}", "look": f"/api/workflows/runs/{order.public_id}",
        "telemetry_url": f"/api/workflows/telemetry?order={order.public_id}",
    }  # fmt: skip


def _stage(task: engine.Task, told: Json) -> Json:
    result, performance, cost = (told.get(name, {}) for name in ("result", "performance", "cost"))
    return {
        "stage": task.key, "state": task.state, "schema_valid": result.get("schema_valid"),
        "next": (task.output or {}).get("next"), "model": cost.get("model") or None,
        "tokens": {"input": performance.get("token_in", 0), "output": performance.get("token_out", 0)},
        "cost_usd": cost.get("pricing_usd", money.text(money.ZERO)), "latency_ms": performance.get("latency_ms_total"),
        "annotations": result.get("annotations", []), "error": told.get("error"),
    }  # fmt: skip


def _error(order: Any, tasks: Mapping[str, engine.Task], ended: Mapping[str, Json]) -> Json | None:
    """What stopped it for good; None where nothing did, or somebody may still drive it on."""
    if order.run.state != engine.RunState.FAILED:
        return None
    dead = next((task for task in tasks.values() if task.state == "failed"), None)
    error = (dead.error if dead is not None else None) or {"code": "refused", "message": "The order has failed"}
    told = ended.get(dead.key, {}) if dead is not None else {}
    known = ("validation_error_path", "missing_tool_id", "retry_after")
    facts = {name: told[name] for name in known if told.get(name) is not None}
    return {**facts, "code": error["code"], "message": error["message"], "stage": dead.key if dead else None}


def _failed(body: Json) -> Outcome:
    error = body["error"]
    code = error["code"]
    is_away = code.startswith(AWAY)
    status = OURS.get(code, 503 if is_away else 500)
    facts = {name: value for name, value in error.items() if name not in ("code", "message")}
    return Outcome(
        status=status, body=body, failure=code, detail=error["message"], more={**facts, "order": body["order"]},
        retry_after=max(1, round(float(error.get("retry_after") or RETRY_AFTER))) if status == 503 else None,
    )  # fmt: skip
