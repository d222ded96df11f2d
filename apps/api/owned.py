"""A project's row, for a caller: what they may not see does not exist for them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.access import caller_of, readable, writable

from .errors import ReadOnlyMember

Row = TypeVar("Row", bound=Model)


def seen_by(request: Request, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of the caller's projects; of one of them where the query names its slug as `project`."""
    seen: Any = rows.filter(project__in=readable(caller_of(request)).values_list("pk", flat=True))
    if (slug := request.query_params.get("project")) is not None:
        seen = seen.filter(project__slug=slug[:64])
    found: QuerySet[Row] = seen.select_related("project")
    return found


def find(request: Request, rows: QuerySet[Row], public_id: str, *, what: str) -> Row:
    """Return the row of that id if the caller may see it, or raise NotFound for `what` it would be."""
    found = seen_by(request, rows).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no such {what}.")
    return found


def find_to_change(request: Request, rows: QuerySet[Row], public_id: str, *, what: str) -> Row:
    """Return it if the caller may change it: 404 when they may not see it, 403 when they only may."""
    found: Any = find(request, rows, public_id, what=what)
    if not writable(caller_of(request)).filter(pk=found.project_id).exists():
        raise ReadOnlyMember
    row: Row = found
    return row
