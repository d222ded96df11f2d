"""What can be asked of keys and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from .models import ApiKey, Membership  # noqa: F401


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Questions about membership."""

    def that_write(self) -> Self:
        """Those whose role may change things."""
        return self.filter(role__in=("owner", "editor"))

    def that_own(self) -> Self:
        """Those whose role may say who else belongs."""
        return self.filter(role="owner")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Questions about keys."""

    def usable(self) -> Self:
        """Neither revoked nor expired, and its user is active. The database's clock decides."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), revoked_at__isnull=True, user__is_active=True
        )

    def with_owner(self) -> Self:
        """Each with its user and its project, in the same query."""
        return self.select_related("user", "project")
