"""A project as people name it, and as everything below knows it."""

from __future__ import annotations

from collections.abc import Mapping

from nexus.errors import NotThere
from workorders.models import Project


def tenant_of(slug: str) -> str:
    """What the engine and the agents know a project by; empty for no project. Raise NotThere."""
    if not slug:
        return ""
    found = Project.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise NotThere(f"There is no project {slug!r}")
    return str(found)


def slugs() -> Mapping[str, str]:
    """The other way round."""
    return {str(pk): slug for pk, slug in Project.objects.values_list("pk", "slug")}
