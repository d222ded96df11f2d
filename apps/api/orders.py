"""From a request to an order: the one way to find, to file and to list for a caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Caller, caller_of, readable, writable
from billing import money, reports
from workorders import bounds, offers, queries
from workorders.errors import OrderInvalid
from workorders.flow import intake
from workorders.models import Project, WorkOrder
from workorders.states import OrderState

from . import pages, parameters
from .errors import ReadOnlyMember, UnknownProject, UnknownWorkflow
from .idempotency import Answer

FIRST_OF_MESSAGE = 200
MOST_PROJECTS = 500
"""Whoever sees more of them names one that is among the first."""


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


@dataclass(frozen=True)
class Reach:
    """Where a caller may file: the projects they see, by slug, and those of them that they may change."""

    seen: Mapping[str, Project]
    writable: Collection[int]


def reach_of(caller: Caller) -> Reach:
    """Ask the database, in two statements."""
    seen = {project.slug: project for project in readable(caller).order_by("pk")[:MOST_PROJECTS]}
    ids = [project.pk for project in seen.values()]
    return Reach(seen, frozenset(writable(caller).filter(pk__in=ids).values_list("pk", flat=True)))


def asked(given: Mapping[str, Any], *, caller: Caller, reach: Reach, channel: str = "api") -> intake.Asked:
    """What `caller` asks for with `given`, the validated fields; raise what is to be said of it instead."""
    wanted = dict(given)
    if wanted.get("workflow", "") not in bounds.WORKFLOWS:
        raise UnknownWorkflow(pointer="#/workflow")
    project = project_of(reach, wanted.pop("project", None))
    return intake.Asked(**wanted, project=project, channel=channel, requester=caller.user.get_username())


def file(given: Mapping[str, Any], caller: Caller, *, channel: str = "api") -> WorkOrder:
    """Take in an order for `caller`, in the caller's transaction; an application does where it offers the workflow."""
    if given.get("workflow", "") not in bounds.WORKFLOWS:
        return _offered(given, caller, channel=channel)
    return intake.accept_many([asked(given, caller=caller, reach=reach_of(caller), channel=channel)])[0]


def _offered(given: Mapping[str, Any], caller: Caller, *, channel: str) -> WorkOrder:
    project = project_of(reach_of(caller), given.get("project"))
    if given["workflow"] not in offers.names(project):
        raise UnknownWorkflow(pointer="#/workflow")
    for name in ("files", "attachments", "acceptance", "tools", "cap_at_quote"):
        if given.get(name):
            raise OrderInvalid("What this workflow is asked is a message alone", pointer=f"/{name}")
    return offers.file(
        project=project, name=given["workflow"], text=given["message"], requester=caller.user.get_username(),
        channel=channel, budget_usd=given.get("budget_usd"), priority=given.get("priority", 5),
    )  # fmt: skip


def filed(order: WorkOrder) -> Answer:
    """What is answered for a new order."""
    return Answer(201, queries.view_of_new(order), f"/api/v2/work-orders/{order.public_id}")


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


def project_of(reach: Reach, slug: str | None) -> Project:
    """The project to file in: the named one, or the only one, or `default`."""
    if slug is None:
        slug = next(iter(reach.seen)) if len(reach.seen) == 1 else "default"
    project = reach.seen.get(slug)
    if project is None:
        raise UnknownProject(pointer="#/project")
    if project.pk not in reach.writable:
        raise ReadOnlyMember(pointer="#/project")
    return project
