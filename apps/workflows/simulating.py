"""What a workflow would do: its graph, its prompts, what it would cost. No model is asked, and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from agents import prompts, roles, tokens
from agents.models import Role
from billing import money, pricebook, prices
from billing.models import LedgerEntry
from billing.prices import Usage

from . import contract, graph, knowledge, slots, tooling
from .errors import StageToolNotFound
from .models import Execution, KnowledgeSnapshot, WorkflowDefinition
from .opening import BLANK
from .performing import ASKED
from .shapes import END
from .slots import Moment

ENOUGH = 10
LATEST = 200
ANSWER = 300
"""Tokens of an answer that is not bounded."""
Json = dict[str, Any]


def simulated(row: WorkflowDefinition, stages: Mapping[str, Json], *, text: str) -> Json:
    """Everything that can be said before it is carried out."""
    found = KnowledgeSnapshot.objects.filter(project=row.project, workflow=row.key).first()
    payload = found.payload if found else {}
    routes = graph.routes_of(row.body)
    told = [_told(row, stages, step["stage"], text=text, payload=payload) for step in row.body["stages"]]
    lacking = [need for need in row.body["knowledge"] if not knowledge.has(payload, need)]
    return {
        "workflow": row.key, "version": row.version,
        "graph": [{"stage": stage, "routes": leads} for stage, leads in routes.items()],
        "prompts": told, "quote": _quote(row, routes, {one["stage"]: one for one in told}),
        "knowledge": {
            "checksum": found.checksum if found else None, "missing": [*(found.missing if found else []), *lacking],
        },
    }  # fmt: skip


def _told(row: WorkflowDefinition, stages: Mapping[str, Json], name: str, *, text: str, payload: Json) -> Json:
    body = stages[name]
    said = slots.normalized(text)
    steps = graph.allowed(graph.routes_of(row.body), name)
    moment = Moment(
        user_prompt=said, entries=[], state=dict(BLANK), directive={"stage": name, "next_steps": steps},
        knowledge=payload, outputs={}, request_id="", workflow=row.key,
    )  # fmt: skip
    personas = [
        slots.filled(stages[step["stage"]]["prompt"], moment)
        for step in row.body["stages"]
        if not stages[step["stage"]]["calls_model"]
    ]
    filled = slots.filled(body["prompt"], moment)
    asks = body["calls_model"]
    prompt = prompts.compose("stage", instruction=f"{filled}\n\n{ASKED}") if asks else filled
    system = "\n\n".join(personas) if asks else ""
    asked = contract.of_moment(
        body["contract"], body["rules"], fixed={}, steps=steps, known=knowledge.names(payload)
    ) if asks else None  # fmt: skip
    return {
        "stage": name, "role": body["role"] if asks else None, "system": system, "prompt": prompt, "contract": asked,
        "tokens": tokens.likely(system, prompt), "tools": body["tools"],
        "missing_tools": _missing(row.project_id, body["tools"]), "max_tokens": body["max_tokens"],
    }  # fmt: skip


def _missing(project: int, tools: list[str]) -> list[str]:
    missing = []
    for tool in tools:
        try:
            tooling.named(project, [tool])
        except StageToolNotFound:
            missing.append(tool)
    return missing


def _quote(row: WorkflowDefinition, routes: graph.Routes, told: Mapping[str, Json]) -> Json:
    """From what it has cost here, at least ten times; else by the list, for its cheapest and its dearest way."""
    orders = Execution.objects.filter(project=row.project, workflow=row.key, order__run__state="completed")
    latest = list(orders.order_by("-id").values_list("order__public_id", flat=True)[:LATEST])
    if len(latest) >= ENOUGH:
        lines = LedgerEntry.objects.filter(order__in=latest).values("order").annotate(cost=Sum("amount"))
        costs = sorted(line["cost"] for line in lines) or [money.ZERO]
        usual, most = costs[len(costs) // 2], costs[min(len(costs) - 1, len(costs) * 9 // 10)]
        return _told_quote(usual, most, "history", len(latest))
    costs_of = {stage: _cost(one) for stage, one in told.items()}
    first = row.body["stages"][0]["stage"]
    usual, most = _ways(first, routes, costs_of)
    return _told_quote(usual, most, "list_price", 0)


def _told_quote(usual: Decimal, most: Decimal, basis: str, samples: int) -> Json:
    return {"usual_usd": money.text(usual), "most_usd": money.text(most), "basis": basis, "samples": samples}


def _ways(stage: str, routes: graph.Routes, costs: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """What the cheapest and the dearest way from here to the end cost. Each stage is looked at once."""
    known: dict[str, tuple[Decimal, Decimal]] = {END: (money.ZERO, money.ZERO)}

    def ways(name: str) -> tuple[Decimal, Decimal]:
        if name not in known:
            onward = [ways(following) for following in graph.allowed(routes, name)]
            known[name] = (costs[name] + min(low for low, _ in onward), costs[name] + max(high for _, high in onward))
        return known[name]

    return ways(stage)


def _cost(one: Json) -> Decimal:
    if one["role"] is None:
        return money.ZERO
    role: Role = roles.get(one["role"])
    price = pricebook.price_of(role.provider, role.model, timezone.now(), one["tokens"])
    said = min(one["max_tokens"] or ANSWER, ANSWER)
    turns = 2 if one["tools"] else 1
    return turns * prices.cost(price, Usage(input_tokens=one["tokens"], output_tokens=said))
