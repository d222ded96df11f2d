"""Whose definitions a caller may see and change: the named project's, the only one's, or those of `default`."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.access import caller_of
from apps.api import orders
from apps.api.errors import BadHeader, UnknownProject
from workorders.models import Project

from .changing import Kind
from .models import Definition, PipelineNode


def seen(request: Request) -> list[Project]:
    """The projects whose definitions the caller may read; the named one alone where one is named."""
    projects = orders.reach_of(caller_of(request)).seen
    slug = request.query_params.get("project")
    if slug is None:
        return list(projects.values())
    if slug not in projects:
        raise UnknownProject(pointer="?project")
    return [projects[slug]]


def to_change(request: Request, slug: str | None = None) -> Project:
    """The project that the caller changes; raise UnknownProject, ReadOnlyMember."""
    return orders.project_of(orders.reach_of(caller_of(request)), slug or request.query_params.get("project"))


def one(kind: Kind, request: Request, ref: str, *, change: bool = False) -> Any:
    """The definition of that name. Unknown and somebody else's are the same 404; ReadOnlyMember where it is to change.

    Where several projects of the caller have it, it is that of the project that would be written to.
    """
    projects = seen(request)
    field = "public_id" if kind.model is PipelineNode else "key"
    model: Any = kind.model
    rows: list[Definition] = list(
        model.objects.select_related("project").filter(**{field: ref}, project__in=projects)[:100]
    )
    if not rows:
        raise NotFound(f"There is no such {kind.name}.")
    found = rows[0] if len(rows) == 1 else next((row for row in rows if row.project.slug == "default"), rows[0])
    if change:
        orders.project_of(orders.reach_of(caller_of(request)), found.project.slug)
    return found


def version_seen(request: Request) -> int | None:
    """The version that the caller has read, by If-Match; None where they do not say."""
    said = request.headers.get("If-Match")
    if said is None or said.strip() == "*":
        return None
    tag = said.strip().removeprefix("W/").strip('"')
    if not (tag.isascii() and tag.isdigit() and len(tag) <= 9):
        raise BadHeader("If-Match is the ETag of a version, as '\"3\"'.", "bad_header", "header:If-Match")
    return int(tag)
