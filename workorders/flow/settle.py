"""Settle: the accepted draft becomes the deliverable; the order's totals are drawn."""

from __future__ import annotations

import hashlib
from typing import Any

from billing import reports
from nexus import engine
from nexus.transactions import opens_transaction
from workorders import document, rules
from workorders.models import Deliverable, WorkOrder


def close(context: engine.Context) -> engine.Outcome:
    """Store the deliverable, once, and end with the order's totals. The run completes by itself."""
    order = WorkOrder.objects.of_run(context.run_id)
    outputs = context.outputs()
    text = outputs[context.input["draft"]]["text"]
    facts = _store(context, order, document.file_name(rules.title_of(order.message)), text)
    totals = reports.of_order(order.public_id)
    return engine.Done(
        output={
            **facts,
            "cost_usd": str(totals.cost_usd),
            "tokens": {"input": totals.input_tokens, "output": totals.output_tokens},
        }
    )


@opens_transaction
def _store(context: engine.Context, order: WorkOrder, name: str, text: str) -> dict[str, Any]:
    body = text.encode()
    facts: dict[str, Any] = {
        "deliverable": name,
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
    }
    # A worker may die after this commit and before the task's end; whoever comes next finds the row.
    if Deliverable.objects.filter(order=order, name=name).exists():
        return facts
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.delivered", data=facts)
    context.hold()
    Deliverable.objects.create(order=order, name=name, body=text, sha256=facts["sha256"])
    return facts
