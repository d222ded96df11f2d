"""The one way to find a project, an agent or a task for a caller. Unknown and somebody else's are the same 404."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.access import caller_of, readable, writable
from apps.api.errors import ReadOnlyMember

from .models import Agent, BuildProject, Invocation, Job


def seen(request: Request) -> list[int]:
    """The tenants that the caller may read."""
    return list(readable(caller_of(request)).values_list("pk", flat=True))


def projects(request: Request) -> Any:
    """The projects that the caller may see, newest first."""
    rows = BuildProject.objects.in_projects(seen(request)).with_status().select_related("tenant", "run")
    return rows.order_by("-created_at", "-id")


def project(request: Request, public_id: str) -> Any:
    """One of them."""
    return _found(projects(request).filter(public_id=public_id).first(), "project")


def project_to_change(request: Request, public_id: str) -> Any:
    """One of them that the caller may change: 404 when they may not see it, 403 when they only may."""
    return _writable(request, project(request, public_id))


def agents(request: Request) -> Any:
    """The agents that the caller may see, newest first."""
    rows = Agent.objects.in_projects(seen(request)).select_related("tenant", "project")
    return rows.order_by("-created_at", "-id")


def agent(request: Request, public_id: str) -> Agent:
    """One of them."""
    found: Agent = _found(agents(request).filter(public_id=public_id).first(), "agent")
    return found


def agent_to_change(request: Request, public_id: str) -> Agent:
    """One of them that the caller may change, or ask something."""
    found: Agent = _writable(request, agent(request, public_id))
    return found


def invocations(request: Request) -> Any:
    """The invocations that the caller may see, newest first."""
    return Invocation.objects.in_projects(seen(request)).select_related("agent").order_by("-created_at", "-id")


def jobs(request: Request) -> Any:
    """The tasks that the caller may see, newest first."""
    rows = Job.objects.in_projects(seen(request)).with_status().select_related("project", "agent", "run")
    return rows.order_by("-created_at", "-id")


def job(request: Request, public_id: str) -> Any:
    """One of them."""
    return _found(jobs(request).filter(public_id=public_id).first(), "task")


def _found(row: Any, what: str) -> Any:
    if row is None:
        raise NotFound(f"There is no such {what}.")
    return row


def _writable(request: Request, row: Any) -> Any:
    if not writable(caller_of(request)).filter(pk=row.tenant_id).exists():
        raise ReadOnlyMember
    return row
