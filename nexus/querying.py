"""The one spelling of "lock the next few"."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class ClaimableQuerySet(models.QuerySet[M]):
    """Rows that several workers take from at once."""

    def claim(self, limit: int) -> list[Any]:
        """Lock up to `limit` rows for this transaction; leave rows that others hold.

        The list is built here on purpose: as a lazy subquery of an UPDATE the planner may
        touch more than `limit` rows. Two plain statements in one transaction cannot.
        """
        return list(self.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
