"""New orders -> rows, in one statement however many. Every other change of an order is an update of a few columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from django.conf import settings

from nexus import engine
from nexus.transactions import requires_transaction

from .models import Project, WorkOrder

FUNCTIONS: Final = Path(__file__).parent / "sql"
"""What orders are written by: the migrations install it."""
_COLUMNS: Final = tuple(field.attname for field in WorkOrder._meta.concrete_fields)
_EMPTY: Final = {field.attname: field.get_default for field in WorkOrder._meta.concrete_fields}
"""How a column begins that no request fills."""


@dataclass(frozen=True, kw_only=True)
class New:
    """An order to be."""

    project: Project
    columns: Mapping[str, Any]
    """Those that a request fills."""
    tasks: Sequence[engine.TaskSpec]
    """What its run begins with."""
    on_failure: Literal["block", "fail"] = "block"


@requires_transaction
def write(orders: Sequence[New]) -> list[WorkOrder]:
    """Write orders, their runs and their first tasks; each is given its ids and its time by the database.

    From here to the commit the day's counter is locked: whatever can be asked before is asked before.
    """
    about = {"zone": settings.TIME_ZONE, "orders": [_wire(one) for one in orders]}
    written = engine.submit_with(
        [
            engine.Submission(
                tenant=str(one.project.pk),
                subject="",  # its order's id, which the statement gives it
                tasks=one.tasks,
                priority=one.columns["priority"],
                on_failure=one.on_failure,
            )
            for one in orders
        ],
        engine.Beside(function="workorders_file", about=about),
    )
    return [_order(one, run, told) for one, (run, told) in zip(orders, written, strict=True)]


def _wire(new: New) -> dict[str, Any]:
    budget = new.columns["budget_usd"]
    return {**new.columns, "project_id": new.project.pk, "budget_usd": None if budget is None else str(budget)}


def _order(new: New, run: engine.Run, told: Mapping[str, Any]) -> WorkOrder:
    """The order as it was written, without reading it again."""
    written = {
        **new.columns,
        "id": told["id"],
        "public_id": run.subject,
        "project_id": new.project.pk,
        "run_id": run.pk,
        "created_at": datetime.fromisoformat(told["created_at"]),
    }
    values = [written[name] if name in written else _EMPTY[name]() for name in _COLUMNS]
    order = WorkOrder.from_db("default", _COLUMNS, values)
    order.project, order.run = new.project, run
    return order
