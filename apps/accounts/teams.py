"""Who belongs to a project. A project always has an owner: the last one can neither leave nor become less."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from nexus import engine
from nexus.errors import NexusError, NotThere
from nexus.transactions import requires_transaction
from workorders import audit
from workorders.models import Project

from .models import Membership, Role, User


class UnknownUser(NexusError):
    """There is no such user."""

    code = "unknown_user"


class AlreadyMember(NexusError):
    """This user belongs to the project already."""

    code = "already_member"


class LastOwner(NexusError):
    """A project keeps an owner: make somebody else one first."""

    code = "last_owner"


def members(project: Project) -> QuerySet[Membership]:
    """Everybody who belongs to it."""
    return Membership.objects.filter(project=project).select_related("user")


@requires_transaction
def join(project: Project, *, username: str, role: str, actor: str = "") -> Membership:
    """Let a user belong to it. Raise UnknownUser, AlreadyMember."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownUser(pointer="/username")
    # Two who let the same user in at once: one row, and the second is told.
    membership, new = Membership.objects.get_or_create(user=user, project=project, defaults={"role": role})
    if not new:
        raise AlreadyMember(pointer="/username")
    _remember("member.joined", project, actor, user=username, role=role)
    return membership


@requires_transaction
def promote(project: Project, *, username: str, role: str, actor: str = "") -> Membership:
    """Give a member another role. Raise NotThere, LastOwner."""
    membership = _held(project, username)
    if membership.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(project, membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)
    membership.role = role
    _remember("member.promoted", project, actor, user=username, role=role)
    return membership


@requires_transaction
def leave(project: Project, *, username: str, actor: str = "") -> None:
    """Let a member belong to it no more; their keys open it no more from the commit on. Raise NotThere, LastOwner."""
    membership = _held(project, username)
    if membership.role == Role.OWNER:
        _keep_an_owner(project, membership)
    membership.delete()
    _remember("member.left", project, actor, user=username)


def _remember(action: str, project: Project, actor: str, **facts: Any) -> None:
    audit.record(action=action, actor=actor, channel=engine.door(), project=project.pk, **facts)


def _held(project: Project, username: str) -> Membership:
    """The membership, while the project is held: of two owners who leave at once, the second finds the first gone."""
    Project.objects.select_for_update().get(pk=project.pk)
    found = members(project).filter(user__username=username).first()
    if found is None:
        raise NotThere("There is no such member.")
    return found


def _keep_an_owner(project: Project, leaving: Membership) -> None:
    others = Membership.objects.that_own().filter(project=project, user__is_active=True).exclude(pk=leaving.pk)
    if not others.exists():
        raise LastOwner
