"""What stands under one work order: state and cost, tasks, attempts, deliverables, canvases, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from nexus import engine
from workorders import audit, chain, queries
from workorders.models import WorkOrder
from workorders.states import OrderState

from . import words
from .acts import orders as acts
from .acts.known import buttons

LATEST_EVENTS = 200
LATEST_AUDIT = 20
Table = dict[str, Any]


def of(request: HttpRequest, order: WorkOrder) -> dict[str, Any]:
    """The context of board/order.html."""
    view = queries.view(order)
    tasks = view["tasks"]
    return {
        "order_buttons": _buttons(request, view),
        "order_chain": _chain(chain.chain(order.run_id, owner=order.owner_role)),
        "order_audit": _audit(request, order),
        "order_facts": _facts(view),
        "order_tasks": _tasks(tasks),
        "order_attempts": _attempts(tasks),
        "order_deliverable": view["deliverable"],
        "order_canvases": _canvases(engine.canvases(order.run_id)),
        "order_events": _events(engine.events.of(order.run_id).order_by("-seq")[:LATEST_EVENTS]),
        "order_sandbox": view["sandbox"],
    }


def _buttons(request: HttpRequest, view: Mapping[str, Any]) -> list[dict[str, object]]:
    """What may be done to it now, by this person."""
    states = {task["state"] for task in view["tasks"]}
    asks = bool(view["question"]) and view["status"] == OrderState.BLOCKED
    names = acts.open_to(view["status"], states, asks=asks)
    raising = buttons(request, "budget", f"order/{view['id']}", ["raise"]) if names else []
    return [*buttons(request, "order", view["id"], names), *raising]


def _chain(steps: Iterable[chain.Step]) -> Table:
    rows = [
        [words.WORDS.get(step.role, step.role) or "–", step.attempt or "–", words.WORDS.get(step.said, step.said),
         step.by or "–", _cut(step.why) or "–", _when(step.at)]
        for step in steps
    ]  # fmt: skip
    return {"headers": [_("Role"), _("Draft"), _("What came of it"), _("By"), _("Why"), _("At")], "rows": rows}


def _audit(request: HttpRequest, order: WorkOrder) -> Table | None:
    if not request.user.has_perm("workorders.view_auditentry"):
        return None
    rows = [
        [_when(one.at), one.actor, one.channel or "–", words.WORDS.get(one.status, one.status), audit.said(one)]
        for one in audit.recent(LATEST_AUDIT, order=order.public_id)
    ]
    return {"headers": [_("At"), _("Who"), _("Door"), _("Status"), _("What")], "rows": rows}


def _facts(view: Mapping[str, Any]) -> list[tuple[str, Any]]:
    facts = [
        (_("Status"), words.WORDS.get(view["status"], view["status"])),
        (_("Cost"), words.dollars(Decimal(view["cost_usd"]))),
        (_("Budget"), words.dollars(Decimal(view["budget_usd"])) if view["budget_usd"] else _("no limit")),
        (_("Quote"), _quote(view["quote"])),
        (_("Tokens in"), view["tokens"]["input"]),
        (_("Tokens out"), view["tokens"]["output"]),
        (_("Waits for"), view["waiting_for"]),
        (_("Question"), view["question"]),
        (_("Finished"), _when(view["finished_at"])),
    ]
    return [(name, fact) for name, fact in facts if fact not in (None, "")]


def _quote(quote: Mapping[str, Any] | None) -> str:
    """What it was expected to cost, usually and at most."""
    return " – ".join(words.dollars(Decimal(quote[name])) for name in ("p50_usd", "p90_usd")) if quote else ""


def _tasks(tasks: Iterable[Mapping[str, Any]]) -> Table:
    headers = [_("Task"), _("State"), _("Role"), _("Model"), _("Queue"), _("After"), _("Cost"), _("Waits for")]
    rows = [
        [
            task["title"] or task["key"],
            words.said(task["state"])[1],
            task["role"] or "–",
            task["model"] or "–",
            task["queue"],
            ", ".join(task["depends_on"]) or "–",
            words.dollars(Decimal(task["cost_usd"])),
            task["waiting_for"] or "–",
        ]
        for task in tasks
    ]
    return {"headers": headers, "rows": rows}


def _attempts(tasks: Iterable[Mapping[str, Any]]) -> Table:
    headers = [_("Task"), _("Attempt"), _("Worker"), _("Outcome"), _("Started"), _("Finished"), _("Error")]
    rows = [
        [
            task["key"],
            attempt["number"],
            attempt["worker"],
            words.said(attempt["outcome"])[1],
            _when(attempt["started_at"]),
            _when(attempt["finished_at"]),
            _error(attempt["error"]),
        ]
        for task in tasks
        for attempt in task["attempts"]
    ]
    return {"headers": headers, "rows": rows}


def _canvases(canvases: Iterable[Any]) -> Table:
    rows = [[canvas.kind, ", ".join(_keys(canvas.shape)), _when(canvas.rung_at)] for canvas in canvases]
    return {"headers": [_("Canvas"), _("Carries"), _("Rung")], "rows": rows}


def _keys(shape: Mapping[str, Any]) -> list[str]:
    carried = [str(key) for key in shape.get("carries", ())]
    return carried or [str(ring.get("key", "")) for ring in shape.get("rings", ())]


def _events(events: Iterable[Any]) -> Table:
    rows = [
        [event.seq, event.kind, event.task.key if event.task else "–", _short(event.data), _when(event.at)]
        for event in events
    ]
    return {"headers": ["#", _("Event"), _("Task"), _("Data"), _("At")], "rows": rows}


def _short(data: Any) -> str:
    return _cut(", ".join(f"{name}: {value}" for name, value in data.items()) if isinstance(data, dict) else str(data))


def _cut(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"


def _error(error: Any) -> str:
    return str(error.get("message") or error.get("code") or "") if isinstance(error, dict) else str(error or "–")


def _when(moment: Any) -> str:
    moment = parse_datetime(moment) if isinstance(moment, str) else moment
    return date_format(localtime(moment), "Y-m-d H:i:s") if moment else ""
