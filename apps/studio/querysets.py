"""What can be asked of films."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models

from workorders.errors import OrderGone

if TYPE_CHECKING:
    from .models import Film


class FilmQuerySet(models.QuerySet["Film"]):
    """Chainable questions."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of these projects: what a caller may see."""
        return self.filter(project_id__in=projects)

    def named(self, name: str) -> Self:
        """Those of this name: one in each project, at most."""
        return self.filter(name=name)

    def of_run(self, run_id: int) -> Film:
        """The film that this run makes; raise OrderGone."""
        film = self.filter(order__run_id=run_id).select_related("order", "project").first()
        if film is None:
            raise OrderGone(run_id=run_id)
        return film
