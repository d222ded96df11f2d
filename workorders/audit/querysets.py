"""What can be asked of the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from .models import AuditEntry  # noqa: F401


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Chainable questions."""

    def in_projects(self, projects: Iterable[int | str]) -> Self:
        """Those of these projects, by number: what a member may see. What is of no project is not among them."""
        return self.filter(project__in=[str(project) for project in projects])

    def of_order(self, public_id: str) -> Self:
        """Those about one order."""
        return self.filter(order=public_id)

    def newest(self) -> Self:
        """Newest first."""
        return self.order_by("-id")
