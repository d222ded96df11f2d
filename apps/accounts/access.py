"""Which projects a caller may read and write. Every surface asks here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.db.models import QuerySet
from rest_framework.request import Request

from agents.attachments.models import Attachment
from agents.sessions.models import Session
from workorders.models import Project, WorkOrder
from workorders.querysets import WorkOrderQuerySet

from .models import ACCESS_WRITE, ORDERS_READ, ORDERS_WRITE, ApiKey, Membership, User


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: a user, and the key they came with if it was not a session."""

    user: User
    key: ApiKey | None = None

    def has(self, scope: str) -> bool:
        """May the caller do what `scope` names? A session may do all that its user may."""
        return self.key is None or scope in self.key.scopes


def caller_of(request: Request) -> Caller:
    """Return who DRF has authenticated."""
    return Caller(user=cast(User, request.user), key=request.auth if isinstance(request.auth, ApiKey) else None)


def readable(caller: Caller) -> QuerySet[Project]:
    """The projects whose work orders the caller may see."""
    if not caller.has(ORDERS_READ) and not caller.has(ORDERS_WRITE):
        return Project.objects.none()
    return _bound(caller, Membership.objects.filter(user=caller.user).values_list("project", flat=True))


def writable(caller: Caller) -> QuerySet[Project]:
    """The projects in which the caller may file, pause, resume and cancel."""
    if not caller.has(ORDERS_WRITE):
        return Project.objects.none()
    return _bound(caller, Membership.objects.that_write().filter(user=caller.user).values_list("project", flat=True))


def owned(caller: Caller) -> QuerySet[Project]:
    """The projects in which the caller may say who else may."""
    if not caller.has(ACCESS_WRITE):
        return Project.objects.none()
    return _bound(caller, Membership.objects.that_own().filter(user=caller.user).values_list("project", flat=True))


def orders(caller: Caller) -> WorkOrderQuerySet:
    """The work orders the caller may see."""
    return WorkOrder.objects.in_projects(readable(caller).values_list("pk", flat=True))


def sessions(caller: Caller) -> QuerySet[Session]:
    """The conversations the caller may see."""
    return Session.objects.filter(project__in=_numbers(caller))


def attachments(caller: Caller) -> QuerySet[Attachment]:
    """The files the caller may see."""
    return Attachment.objects.filter(project__in=_numbers(caller))


def _numbers(caller: Caller) -> list[str]:
    """The projects as agents name them."""
    return [str(pk) for pk in readable(caller).values_list("pk", flat=True)]


def _bound(caller: Caller, memberships: QuerySet[Membership, int]) -> QuerySet[Project]:
    projects = Project.objects.all() if caller.user.is_superuser else Project.objects.filter(pk__in=memberships)
    if caller.key is not None and caller.key.project_id is not None:
        projects = projects.filter(pk=caller.key.project_id)
    return projects
