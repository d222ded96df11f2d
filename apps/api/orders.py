"""From a request to an order: the one way to find, to file and to list for a caller."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Caller, caller_of, readable, writable
from billing import money, reports
from workorders import bounds, queries
from workorders.flow import intake
from workorders.models import Project, WorkOrder
from workorders.states import OrderState

from . import pages, parameters
from .errors import ReadOnlyMember, UnknownProject, UnknownWorkflow
from .idempotency import Answer

FIRST_OF_MESSAGE = 200


def find(request: Request, public_id: str) -> WorkOrder:
    """Return the order if the caller may see it. Unknown and somebody else's are the same 404."""
    order = access.orders(caller_of(request)).select_related("run", "project").named(public_id).first()
    if order is None:
        raise NotFound("There is no such work order.")
    return order


def find_to_change(request: Request, public_id: str) -> WorkOrder:
    """Return the order if the caller may change it: 404 when they may not see it, 403 when they only may."""
    order = find(request, public_id)
    if not writable(caller_of(request)).filter(pk=order.project_id).exists():
        raise ReadOnlyMember
    return order


def file(asked: dict[str, Any], caller: Caller, *, channel: str = "api") -> WorkOrder:
    """Take in an order for `caller`, inside the caller's transaction."""
    wanted = dict(asked)
    if wanted.get("workflow", "") not in bounds.WORKFLOWS:
        raise UnknownWorkflow(pointer="#/workflow")
    project = _project(caller, wanted.pop("project", None))
    return intake.accept(**wanted, project=project, channel=channel, requester=caller.user.get_username())


def filed(order: WorkOrder) -> Answer:
    """What is answered for a new order."""
    return Answer(201, queries.view(order), f"/api/v2/work-orders/{order.public_id}")


def page_of(request: Request) -> Response:
    """List what the caller may see, newest first, with what each has cost."""
    query = request.query_params
    parameters.only(query, ("cursor", "page_size", "status", "project"))
    status = parameters.one_of(query, "status", [state.value for state in OrderState])
    seen = readable(caller_of(request))
    if (slug := query.get("project")) is not None:
        seen = seen.filter(slug=slug[:64])
    rows = WorkOrder.objects.in_projects(seen.values_list("pk", flat=True)).with_status()
    rows = rows.in_status(OrderState(status)) if status else rows
    page = pages.cut(rows.select_related("run", "project"), request, of="work-orders")
    costs = reports.of_orders([order.public_id for order in page.rows])
    lines = [_line(order, costs.get(order.public_id, reports.NOTHING)) for order in page.rows]
    return Response({"results": lines, "next": page.next, "previous": page.previous})


def _line(order: Any, spent: reports.Totals) -> dict[str, Any]:
    done = order.run.finished_at
    return {
        "id": order.public_id,
        "status": order.status,
        "message": order.message[:FIRST_OF_MESSAGE],
        "project": order.project.slug,
        "intent": order.intent,
        "difficulty": order.difficulty,
        "owner_role": order.owner_role,
        "priority": order.priority,
        "created_at": order.created_at.isoformat(),
        "finished_at": done.isoformat() if done else None,
        "cost_usd": money.text(spent.cost_usd),
        "tokens": {"input": spent.input_tokens, "output": spent.output_tokens},
    }


def _project(caller: Caller, slug: str | None) -> Project:
    """The project to file in: the named one, or the only one, or `default`."""
    seen = {project.slug: project for project in readable(caller).order_by("pk")[:500]}
    if slug is None:
        slug = next(iter(seen)) if len(seen) == 1 else "default"
    project = seen.get(slug)
    if project is None:
        raise UnknownProject(pointer="#/project")
    if not writable(caller).filter(pk=project.pk).exists():
        raise ReadOnlyMember(pointer="#/project")
    return project
