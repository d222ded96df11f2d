"""What is stored of who may."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import ApiKeyQuerySet, MembershipQuerySet

ORDERS_READ = "orders:read"
ORDERS_WRITE = "orders:write"
ACCESS_WRITE = "access:write"
"""Give and take keys and memberships."""
SCOPES = (ORDERS_READ, ORDERS_WRITE, ACCESS_WRITE)


def all_scopes() -> list[str]:
    """The default of a new key."""
    return list(SCOPES)


class User(AbstractUser):
    """A person, or a program with keys of its own."""


class Role(models.TextChoices):
    """What a member of a project may do."""

    OWNER = "owner", _("Owner")
    """Everything in the project."""
    EDITOR = "editor", _("Editor")
    """File, pause, resume and cancel work orders."""
    VIEWER = "viewer", _("Viewer")
    """Read."""


class Membership(models.Model):
    """`user` belongs to `project`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    project = models.ForeignKey(
        "workorders.Project", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("project")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VIEWER)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("user", "project"), name="membership_is_one_per_project"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.user_id} {self.role} {self.project_id}"


class ApiKey(models.Model):
    """A key as the server knows it: enough to recognise, not enough to use."""

    public_id = models.CharField(_("key"), max_length=32, unique=True)
    digest = models.CharField(max_length=64, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("user"))
    project = models.ForeignKey(
        "workorders.Project",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("project"),
    )
    """The only project it opens; none means all of its user's."""
    made_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="made", verbose_name=_("made with")
    )
    """The key that it was made with; it ends with that one."""
    name = models.CharField(_("name"), max_length=100)
    scopes: models.JSONField[Any, Any] = models.JSONField(_("scopes"), default=all_scopes)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        """For the admin: the part that may be shown."""
        return f"nx_{self.public_id}_…"
